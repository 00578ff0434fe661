#pragma once
// Gated networks as ReLU networks (Mishkin, Sahiner and Pilanci 2022, cone decompositions; docs/math/two-layer.md,
// section 12): weights v of a gate with pattern D are split into
//   v = a − b,  a, b ∈ K = {u : (2D − I) X u ≥ 0},  with a small ‖a‖ + ‖b‖.
// Then D X v = (Xa)₊ − (Xb)₊: two ReLU units with the gate's outputs on the training rows.
#include "nadir/net/gated.hpp"
#include "nadir/net/patterns.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

struct ConeDifference {
  bool found = false;  ///< false: v is not in K − K, as where K has no interior
  Vector a, b;         ///< in K up to rounding
  double norms = 0;    ///< ‖a‖ + ‖b‖, at least ‖v‖

  bool operator==(const ConeDifference&) const = default;
};

/// `open`: the samples of D, n. Alternates between the best lengths of a and b and the pair nearest to 0 for them; the
/// sum of the norms falls from step to step, and there are at most `steps` of these.
ConeDifference split_over_cone(const Matrix& features, const std::vector<bool>& open, const Vector& v, int steps = 50);

/// A ReLU network from a gated one.
struct Decomposition {
  Units units;                   ///< of all gates that could be split
  double gated_norm = 0;         ///< Σ ‖v‖ of these gates' weights
  double relu_norm = 0;          ///< Σ (‖a‖ + ‖b‖)
  std::vector<Index> not_split;  ///< gates whose cone is too thin for their weights; their outputs are missing
};

/// Every gate of the network that has a weight; the same for any number of threads.
Decomposition decompose(const Matrix& features, const GatedNetwork& network, int threads = 1);

}  // namespace nadir::relu
