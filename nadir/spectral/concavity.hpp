#pragma once
// Hidden concavity: the certificate to lead with (docs/math/spectral.md, sections 1 and 2).
//
// With a = z^p entry by entry in each block, the feasible set is a product of simplices and F is convex in a whenever
// the degree of every output is at most 1. Published form for one norm per layer: 1/p_w + Σ_j D_j/p_j ≤ 1 with
// D_j = Π_{i≥j} ‖α⁽ⁱ⁾‖_∞. It depends neither on the data, nor on the width, nor on the radii.
#include "nadir/claim/claim.hpp"
#include "nadir/spectral/objective.hpp"

namespace nadir::spectral {

/// The largest degree of an output, rounded upward: hidden concavity holds if it is at most 1.
double degree(const Architecture& architecture);

/// What one block allows F to fall: (1/p)[ρ^p max_j ∇_j z_j^{1−p} − Σ_j ∇_j z_j] ≥ 0, from log(z/ρ); and its size, to
/// which its rounding error is proportional.
struct BlockGap {
  double gap = 0;
  double magnitude = 0;
};
BlockGap block_gap(const Block& block, const Eigen::Ref<const Vector>& log_shares,
                   const Eigen::Ref<const Vector>& gain);

/// Σ over the blocks: F at the point exceeds min F by at most this where the degree is at most 1 (as computed; rounding
/// is accounted for in prove()).
double duality_gap(const Packing& packing, const Vector& log_shares, const Vector& gain);

/// Objective and bound at one network, both with their rounding errors moved to the safe side.
struct ProvenInterval {
  double objective = 0;       ///< ≥ F(network)
  ProvenLowerBound bound{0};  ///< ≤ F anywhere on the feasible set; −∞ where the degree is above 1
};
ProvenInterval prove(Objective& objective, const PolynomialNetwork& network);

}  // namespace nadir::spectral
