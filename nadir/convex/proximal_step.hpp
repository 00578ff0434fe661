#pragma once
// One step of the proximal point method on the groups of an iterate (docs/math/two-layer.md, section 4):
//   V⁺ ≈ argmin over V of Q(A V) + λ Ω(V) + ‖V − V₀‖²/(2σ),
// Q the second-order model of L at f₀ = A V₀ (exact for the squared loss). Solved in the dual, where it is one smooth
// convex function ψ of n·K numbers, by a semismooth Newton method (Li, Sun and Toh 2018 for the lasso).
#include "nadir/convex/newton_system.hpp"

namespace nadir::convex {

struct StepReport {
  int newton_steps = 0;
  bool solved = false;  ///< the model's minimizer was found as closely as asked for
};

/// For the group lasso, and where has_newton_of_entries. `correlations`: Xᵀ D_p g_k of the iterate's dual G for its
/// groups; on return those of the new iterate's dual. The objective does not increase: where the model is not the
/// function, the step is shortened.
StepReport proximal_step(const GroupProblem& problem, NewtonData& data, double sigma, Iterate& at, Matrix& correlations,
                         const GoOn& go_on, long& products);

}  // namespace nadir::convex
