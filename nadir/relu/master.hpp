#pragma once
// The restricted master problem: given directions, the best weights that keep their signs,
//   minimize L(Σⱼ sⱼ cⱼ (Xuⱼ)₊) + λ Σⱼ cⱼ over c ≥ 0,
// by Newton steps: each is a quadratic program over c ≥ 0, solved by coordinate descent, and shortened until F falls.
#include "nadir/relu/units.hpp"

namespace nadir::relu {

/// `signs`: sⱼ = ±1. Units whose weight becomes 0 are taken out. Never ends above its start.
void solve_master(const Problem& problem, Iterate& at, const std::vector<int>& signs);

}  // namespace nadir::relu
