#pragma once
// All units moved together: L-BFGS on the non-convex objective with weight decay,
//   L(Σⱼ (Xhⱼ)₊ bⱼ) + (λ/2) Σⱼ (‖hⱼ‖² + bⱼ²),   hⱼ = √|aⱼ| uⱼ,  bⱼ = ±√|aⱼ|,
// which has the same minima as F (docs/math/two-layer.md, section 6) and is smooth where a unit vanishes.
//
// F has kinks where xᵢᵀuⱼ = 0, and minima lie on many of them, as a sample whose activity costs keeps a unit from
// crossing its plane. There L-BFGS gets stuck, unless the units stay on their planes: within these F is smooth.
#include "nadir/opt/lbfgs.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

/// Never ends above its start. Units stay on the planes of costly samples (aⱼ g_ik < 0) to which they are nearer than
/// `near`, |xᵢᵀuⱼ| < near ‖xᵢ‖; 0: none. Returns the iterations taken.
int slide(const Problem& problem, Iterate& at, double near, const LbfgsOptions& options);

}  // namespace nadir::relu
