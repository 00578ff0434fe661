#pragma once
// When a loop ends: pure functions, decided in one place. Every comparison is written so that a NaN does not pass.
#include <limits>
#include <optional>
#include <string>

#include "nadir/base/watch.hpp"

namespace nadir {

/// Why a loop ended, as the loop sees it; the claim room has the public names.
enum class Ending { gap_reached, iteration_limit, time_limit, told_to, no_progress, numerical_failure };

struct Criteria {
  double relative_gap = 1e-9;  ///< wanted: (F − bound) / max(F(zero) − bound, tiny)
  double change = 1e-11;       ///< and wanted besides: a plain step moves no log-weight by more than this
  int patience = 8;            ///< the change is no longer waited for when it has not fallen for so many steps
  int stall = 40;              ///< steps without progress that end the loop
  int max_iterations = 10000;
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
  double objective_at_zero = 0;
};

/// What the loop has seen besides the progress of this iteration.
struct Standing {
  double seconds = 0;
  double rounding = 0;  ///< rounding error to expect in the objective
  int steps_without_smaller_change = 0;
  int steps_without_progress = 0;  ///< neither the objective (beyond rounding) nor the change fell
  bool told_to_stop = false;
};

/// The gap as Criteria::relative_gap measures it.
double relative_gap(const Criteria& criteria, const Progress& progress);

/// Why to stop now, or nothing. A bound above the objective by more than rounding, or a NaN, is a numerical failure.
std::optional<Ending> why_stop(const Criteria& criteria, const Progress& progress, const Standing& standing);

/// The two numbers that were compared, for people.
std::string sentence(Ending ending, const Criteria& criteria, const Progress& progress);

}  // namespace nadir
