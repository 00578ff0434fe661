#include "nadir/claim/claim.hpp"

#include <algorithm>
#include <limits>

namespace nadir {

std::string_view to_string(Stop stop) {
  switch (stop) {
    case Stop::gap_reached:
      return "gap_reached";
    case Stop::iteration_limit:
      return "iteration_limit";
    case Stop::time_limit:
      return "time_limit";
    case Stop::told_to:
      return "told_to";
    case Stop::no_progress:
      return "no_progress";
    case Stop::numerical_failure:
      return "numerical_failure";
  }
  return "?";
}

std::string_view to_string(Claim claim) {
  switch (claim) {
    case Claim::certified:
      return "certified";
    case Claim::bounded:
      return "bounded";
    case Claim::undecided:
      return "undecided";
    case Claim::not_applicable:
      return "not_applicable";
  }
  return "?";
}

double relative_gap(double objective, double lower_bound, double objective_at_zero) {
  return (objective - lower_bound) / std::max(objective_at_zero - lower_bound, std::numeric_limits<double>::min());
}

}  // namespace nadir
