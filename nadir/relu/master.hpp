#pragma once
// The restricted master problem: given directions, the best weights that keep their signs,
//   minimize L(Σⱼ sⱼ cⱼ (Xuⱼ)₊) + λ Σⱼ cⱼ over c ≥ 0,
// or, in the constrained form, L alone over c ≥ 0 with Σⱼ cⱼ ≤ δ;
// by Newton steps: each is a quadratic program over these c, solved by coordinate descent, and shortened until F falls.
// A linear part V (at the further cost (γ/2) ‖V‖²) is eliminated from each program: its Schur complement is one over c.
// The multiplier of Σⱼ cⱼ ≤ δ takes the place of λ: the sum falls as it grows, and it is found by false position.
#include "nadir/relu/units.hpp"

namespace nadir::relu {

/// `signs`: sⱼ = ±1. In the constrained form the start is in the ball, and so is the end, up to rounding. Units whose
/// weight becomes 0 are taken out. Never ends above its start.
void solve_master(const Problem& problem, Iterate& at, const std::vector<int>& signs);

}  // namespace nadir::relu
