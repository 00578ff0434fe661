#pragma once
// All units moved together: L-BFGS on the non-convex objective with weight decay,
//   L((XUᵀ)₊ W + XV + 1cᵀ) + (λ/2) (‖U‖² + ‖W‖²) + (γ/2) ‖V‖² + (β/2) ‖c‖²,
// which has the same minima as F (docs/math/two-layer.md, section 6) and is smooth where a unit vanishes. Where units
// feed one output each, entries of W that are 0 stay 0.
//
// F has kinks where xᵢᵀuⱼ = 0, and minima lie on many of them, as a sample whose activity costs keeps a unit from
// crossing its plane. There L-BFGS gets stuck, unless the units stay on their planes: within these F is smooth.
#include "nadir/net/relu.hpp"
#include "nadir/opt/lbfgs.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

/// Units stay on the planes of costly samples (gᵢᵀwⱼ < 0, G = −∇L) to which they are nearer than `near`,
/// |xᵢᵀuⱼ| < near ‖xᵢ‖ ‖uⱼ‖; 0: none. Returns the iterations taken. The objective above does not rise, but for the step
/// onto the planes.
int slide(const Problem& problem, const Matrix& G, ReluNetwork& network, double near, const LbfgsOptions& options);

/// The same for units that feed one output each; never ends above its start.
int slide(const Problem& problem, Iterate& at, double near, const LbfgsOptions& options);

/// For units of power 2: L-BFGS on L(Σⱼ sⱼ (Xbⱼ)₊²) + λ ‖B‖², sⱼ = ±1 the signs of the weights: a unit has the
/// direction bⱼ/‖bⱼ‖ and the weight sⱼ‖bⱼ‖². It is once differentiable everywhere. Never ends above its start.
int slide_squares(const Problem& problem, Iterate& at, const LbfgsOptions& options);

}  // namespace nadir::relu
