#pragma once
// The general construction of a witness (docs/math/linear.md, section 6): from place b to place a of a chain, whose gap
// a − b is the least with M = (W_{H+1} ··· W_{a+1})ᵀ (R S − T) (W_b ··· W_1 S)ᵀ ≠ 0, a path of rank-one steps, of which
// no proper part changes the loss to first order.
#include <optional>

#include "nadir/linear/partial_products.hpp"

namespace nadir::linear {

/// Δ_i of the reduced layers (W_1 S comes first) with their exponents, to be verified by the caller.
struct Curve {
  std::vector<Dense> deltas;
  std::vector<int> exponents;
  int order = 0;
};

struct BridgeEnds {
  Index b = 0, a = 0;
};

/// The pairs with M ≠ 0 and a − b ≥ 2, by gap, and among the same gap by the size of M. `zero`: relative threshold.
std::vector<BridgeEnds> bridge_ends(const PartialProducts& at, double zero);

/// Nothing where the layers between have no room, that is where R has full rank.
std::optional<Curve> bridge(const PartialProducts& at, BridgeEnds ends, double zero);

}  // namespace nadir::linear
