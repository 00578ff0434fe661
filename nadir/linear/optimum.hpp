#pragma once
// min over W of L(W), in closed form, for any data and any widths (docs/math/linear.md, section 3; reduced-rank
// regression, Izenman 1975): with σ the singular values of T and k the smallest width, at most r,
//   L* = ½ ‖Y − Ŷ‖² + ½ Σ_{i>k} σᵢ²,   reached at R* = Û Ûᵀ T S⁺,  Û the first k left singular vectors of T.
// None of the paper's assumptions is needed: X of any rank, fewer samples than features, equal singular values.
#include <vector>

#include "nadir/linear/problem.hpp"
#include "nadir/net/linear_chain.hpp"

namespace nadir::linear {

struct Optimum {
  double value = 0;     ///< L*
  Index k = 0;          ///< the smallest of all widths and of r
  Index narrowest = 0;  ///< p, the last layer of this width, where d_0 counts as r: 0, .., H+1
  Svd target;           ///< of T
  double excess = 0;    ///< ½ Σ_{i>k} σᵢ²: what the bottleneck costs
  double gain = 0;      ///< ½ Σ_{i≤k} σᵢ² = L(0) − L*

  /// σᵢ, i = 1, 2, ..; 0 beyond the last.
  double sigma(Index i) const { return i <= target.s.size() ? target.s[i - 1] : 0; }
};

/// `widths`: d_0, .., d_{H+1}. Throws UsageError unless there are two at least, all positive, the first and the last
/// those of the data.
Optimum optimum(const Problem& problem, const std::vector<Index>& widths);

/// The trainer: a global minimizer, balanced: every layer has the same singular values, roots of those of R*.
/// `hidden`: d_1, .., d_H, perhaps none.
LinearChain balanced_minimizer(const Problem& problem, const std::vector<Index>& hidden);

}  // namespace nadir::linear
