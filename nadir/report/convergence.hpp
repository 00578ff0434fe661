#pragma once
// How the objective and its lower bound approached each other.
#include <string>

#include "nadir/base/matrix.hpp"

namespace nadir::report {

struct ConvergencePlot {
  std::string title;
  Matrix trace;                  ///< a row for each iteration: its number, the objective, the lower bound as computed
  double objective_at_zero = 0;  ///< the objective of the zero network
  double target_gap = 0;         ///< drawn as a horizontal line; 0: none
};

/// The figure as an SVG document. On a logarithmic scale against the iteration:
///   the relative gap (objective − bound) / (objective_at_zero − bound), with the best bound up to that iteration;
///   the distance to the last objective (objective − last) / (objective_at_zero − last).
/// Gaps of zero or less, which are rounding, are marked at the lower edge. What cannot be computed (a bound that is
/// infinite or NaN, a denominator that is not positive) is left out of its curve.
/// Throws InputError for a trace without rows or not of 3 columns, for a number or target that makes no sense.
std::string convergence_svg(const ConvergencePlot& plot);

}  // namespace nadir::report
