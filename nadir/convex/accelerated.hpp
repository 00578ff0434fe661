#pragma once
// Accelerated proximal gradient steps on the groups of an iterate (Beck and Teboulle 2009, with the gradient restart of
// O'Donoghue and Candès 2015 and a step size found by backtracking). Cheap while a problem is well conditioned.
#include "nadir/base/watch.hpp"
#include "nadir/convex/group_problem.hpp"

namespace nadir::convex {

struct AcceleratedOptions {
  double objective_gap = 0;  ///< ends at F − bound ≤ this, the bound being over the groups of the iterate
  int patience = 40;         ///< steps in which the gap must halve, else they are given up
  int most = 2000;
  Precision precision = Precision::full;  ///< of the steps' products; what is returned is computed in full
};

/// What lasts from call to call.
struct AcceleratedState {
  double curvature = 0;  ///< estimate of the largest eigenvalue of Aᵀ L″ A; 0: unknown
  Matrix dual;           ///< the dual point with the best bound over the groups, of the last call
};

/// Steps until the gap is small enough; the answer is false where that would take too long. The objective does not
/// increase. `correlations`: as in proximal_step.hpp; on return they are those of no point in particular.
bool accelerate(const GroupProblem& problem, const AcceleratedOptions& options, AcceleratedState& state, Iterate& at,
                Matrix& correlations, const GoOn& go_on, int& steps);

}  // namespace nadir::convex
