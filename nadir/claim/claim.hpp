#pragma once
// Why a loop ended, and what is proved: two different things, hence two types. No mathematics here.
#include <string>
#include <string_view>

namespace nadir {

/// Why the loop ended. Says nothing about optimality.
enum class Stop {
  gap_reached,        ///< the wanted relative gap was met
  iteration_limit,    ///< the allowed number of iterations was used up
  time_limit,         ///< the allowed time was used up
  told_to,            ///< the caller, or Ctrl-C, said so
  no_progress,        ///< no step improves the objective beyond rounding
  numerical_failure,  ///< a NaN, or a bound above the objective: nothing may be concluded
};

/// What is proved about the network.
enum class Claim {
  certified,       ///< relative gap at most the target, by a proven bound
  bounded,         ///< a proven bound, but its gap is above the target
  undecided,       ///< no bound could be proven
  not_applicable,  ///< the theorem's assumptions do not hold
};

std::string_view to_string(Stop stop);
std::string_view to_string(Claim claim);

/// A number that the optimum provably does not fall below. Only this type reaches a certificate.
struct ProvenLowerBound {
  double value;
};

/// A number that the optimum is believed to be near. Never evidence.
struct EstimatedOptimum {
  double value;
};

/// (objective − lower_bound) / max(objective_at_zero − lower_bound, 2^-1022): free of the objective's scale.
double relative_gap(double objective, double lower_bound, double objective_at_zero);

}  // namespace nadir
