#pragma once
// What a user of the convex two-layer methods can ask for. Defaults are at the members; ranges and help are in the
// table.
#include <limits>
#include <span>
#include <string>

#include "nadir/base/options.hpp"

namespace nadir::convex {

struct GatedOptions {
  // The problem.
  std::string loss = "auto";     ///< squared for quantities, logistic for two classes, softmax for more
  double huber_delta = 1;        ///< in units of the scaled target
  double lambda = 0;             ///< 0: chosen by cross-validation over the path
  int gates = 0;                 ///< random gates to draw; 0: a number by the rows
  std::string gates_file;        ///< .npy with the gates instead, inputs × gates
  std::string intercept = "on";  ///< a constant feature 1, penalized as every other

  // The choice of lambda.
  int path = 30;                ///< values of lambda, evenly on a logarithmic scale
  double path_ratio = 1e-3;     ///< the last one over the largest
  int selection_rows = 4000;    ///< cross-validation sees at most so many rows, drawn by class or by quantile
  int folds = 5;                ///< of the cross-validation
  std::string rule = "one-se";  ///< the largest lambda within one standard error of the best; or best

  // The loop.
  double gap = 1e-6;
  int max_iterations = 100000;
  double time_limit = std::numeric_limits<double>::infinity();

  bool operator==(const GatedOptions&) const = default;
};

std::span<const Option<GatedOptions>> option_table();

}  // namespace nadir::convex
