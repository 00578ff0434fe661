#include "nadir/opt/termination.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace nadir {

double relative_gap(const Criteria& criteria, const Progress& progress) {
  const double scale = std::max(criteria.objective_at_zero - progress.lower_bound, std::numeric_limits<double>::min());
  return (progress.objective - progress.lower_bound) / scale;
}

std::optional<Ending> why_stop(const Criteria& criteria, const Progress& progress, const Standing& standing) {
  // A lower bound of minus infinity is honest: nothing is known yet.
  if (!std::isfinite(progress.objective) || !(progress.lower_bound <= progress.objective + standing.rounding))
    return Ending::numerical_failure;
  const bool settled = progress.change <= criteria.change || standing.steps_without_smaller_change >= criteria.patience;
  Progress worst = progress;  // with the rounding of F against us: a gap of 0 or less is not one of 1e-300
  worst.objective += standing.rounding;
  if (relative_gap(criteria, worst) <= criteria.relative_gap && settled) return Ending::gap_reached;
  if (standing.steps_without_progress >= criteria.stall) return Ending::no_progress;
  if (standing.told_to_stop) return Ending::told_to;
  if (progress.iteration >= criteria.max_iterations) return Ending::iteration_limit;
  if (!(standing.seconds < criteria.time_limit)) return Ending::time_limit;
  return std::nullopt;
}

std::string sentence(Ending ending, const Criteria& criteria, const Progress& progress) {
  std::array<char, 160> text{};
  const double gap = relative_gap(criteria, progress);
  const auto write = [&](const char* format, auto... values) {
    std::snprintf(text.data(), text.size(), format, values...);
    return std::string(text.data());
  };
  switch (ending) {
    case Ending::gap_reached:
      return write("relative gap %.3g <= %.3g", gap, criteria.relative_gap);
    case Ending::iteration_limit:
      return write("%d iterations used up at relative gap %.3g", progress.iteration, gap);
    case Ending::time_limit:
      return write("%.3g s used up at relative gap %.3g", criteria.time_limit, gap);
    case Ending::told_to:
      return write("told to stop at relative gap %.3g", gap);
    case Ending::no_progress:
      return write("no step improves beyond rounding; relative gap %.3g", gap);
    case Ending::numerical_failure:
      return write("objective %.17g against lower bound %.17g", progress.objective, progress.lower_bound);
  }
  return {};
}

}  // namespace nadir
