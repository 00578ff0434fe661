#pragma once
// What a factorization of a matrix is asked to minimize, and what proves its bound, as the model file holds it
// (docs/certificate-format.md, sections 5.5 and 6.12).
#include <array>

#include "nadir/base/matrix.hpp"

namespace nadir {

/// λ Σᵢ ‖uᵢ‖ ‖vᵢ‖; of each pair below the first is of u, the second of v.
struct FactorPenalty {
  double lambda = 0;
  std::array<bool, 2> l1 = {false, false};            ///< the norm; else l2
  std::array<bool, 2> non_negative = {false, false};  ///< no entry below 0

  /// Whether what is to be proven is about l2 norms of factors without negative entries.
  bool is_copositive() const { return !l1[0] && !l1[1] && (non_negative[0] || non_negative[1]); }
  bool operator==(const FactorPenalty&) const = default;
};

/// Of a matrix n × d. The last three are empty but where is_copositive, each for factors that are non-negative: `above`
/// for both, the others for their own.
struct FactorEvidence {
  Matrix dual;         ///< G, n × d
  Matrix above;        ///< P ≥ G, n × d
  Matrix left_added;   ///< N_u ≥ 0, n × n
  Matrix right_added;  ///< N_v ≥ 0, d × d
};

}  // namespace nadir
