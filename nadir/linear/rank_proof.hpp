#pragma once
// A lower bound on L over all weights (and biases) of chains of given widths, with what nadir-verify proves it by
// (docs/math/linear.md, section 8; docs/certificate-format.md, section 6.5): columns J of X that span all others, G
// with X_J G nearly orthonormal, and t and Z with C Cᵀ ⪯ t I + Z Zᵀ for C = Yᵀ X_J G, whose squares are what the
// features explain of the targets.
#include "nadir/claim/claim.hpp"
#include "nadir/claim/rank_evidence.hpp"
#include "nadir/linear/problem.hpp"
#include "nadir/net/linear_chain.hpp"

namespace nadir::linear {

struct RankProof {
  std::vector<long> columns;  ///< J, increasing
  RankEvidence evidence;
  double level = 0;  ///< t
  double omega = 1;  ///< at least ‖(X_J G)ᵀ X_J G − I‖, with what rounding may be; nothing is proved from 1 on
  bool dependent = true;     ///< the features that are not in J are exactly what `relations` says
  ProvenLowerBound bound{};  ///< on L / n; 0 where nothing better is proved
};

/// n × d and n × K, finite; widths d, .., K; `biased`: over biases of the layers, too. Of several choices of J the one
/// with the best bound. Throws ResourceError for more features than a model file can speak of.
RankProof prove_bound(const SampleRows& features, const Matrix& targets, const std::vector<Index>& widths, bool biased,
                      int threads = 1);

/// L / n at a network.
struct StatedObjective {
  double value = 0;  ///< as computed
  double upper = 0;  ///< rounded outward by the room that nadir-verify needs

  /// Whether that is as near as the format wants it: weights that cancel one another may hide it.
  bool can_be_stated() const { return upper - value <= 5e-10 * (1 + value); }
};
StatedObjective objective_at(const SampleRows& features, const Matrix& targets, const BiasedChain& network,
                             int threads = 1);

}  // namespace nadir::linear
