#pragma once
// Linear residual networks, f(x) = (I + W_{H+1}) ··· (I + W_1) x, all widths d (Yun, Sra and Jadbabaie 2018, corollary
// 2.3; Hardt and Ma 2017, theorem 2.2): where σ_max(W_i) < 1 for all i, every critical point is a global minimum. The
// paper has the expected loss over Gaussian noise; for given data the proof needs less (docs/math/linear.md, section
// 7): I + W_2, .., I + W_{H+1} invertible is enough, and a gradient that is not 0 bounds the gap besides,
//   L(W) − L* ≤ ½ ( ‖A_1 (R S − T)‖_F / ∏_{i≥2} (1 − σ_max(W_i)) )²,  A_1 = ((I + W_{H+1}) ··· (I + W_2))ᵀ.
#include "nadir/linear/verdict.hpp"

namespace nadir::linear {

struct ResidualJudgement {
  Vector largest_singular_values;  ///< σ_max(W_i), i = 1, .., H+1
  double margin = 0;               ///< 1 − the largest of them
  bool in_region = false;          ///< margin > 0 beyond rounding: the corollary applies
  double gap_bound = 0;            ///< of L(W) − L*, by the gradient; infinite outside the region. As computed
  Judgement whole;                 ///< of the chain I + W_i, without the corollary
};

/// Throws InputError unless all W_i are d × d and the data have d features and d targets.
ResidualJudgement judge_residual(const Problem& problem, const std::vector<Matrix>& weights,
                                 const VerdictOptions& options = {});

}  // namespace nadir::linear
