#pragma once
// The box certificate (docs/math/spectral.md, section 4): interval arithmetic through the spectral map.
//
//   X₀ = [0, ρ],   X_{k+1} = X_k ∩ Ĝ(X_k)
// where Ĝ(X) encloses G(z) for every z in X. Every minimizer of F is a fixed point of G with positive weights (ε > 0),
// so it lies in every X_k; and F falls in every weight, so F at the upper corner of X_k is a lower bound on min F.
// If the width goes to 0 the fixed point is unique and the plain iteration converges to it from everywhere.
// Asks nothing of p but p > 1; depends on the data.
#include "nadir/claim/claim.hpp"
#include "nadir/spectral/objective.hpp"

namespace nadir::spectral {

struct BoxResult {
  int steps = 0;
  double width = 0;           ///< largest log(hi/lo) over the weights after the last step; infinite at first
  Vector log_low, log_high;   ///< the last box, packed
  ProvenLowerBound bound{0};  ///< on min F
};

/// Cuts the box up to `max_steps` times, until the width is below 1e-11 or no longer shrinks. Costs about
/// 2 + classes evaluations of the objective per step, and memory for all activations of all samples.
BoxResult box_iteration(Objective& objective, int max_steps);

}  // namespace nadir::spectral
