#pragma once
// Is a given chain a global minimum of L, a saddle, or no critical point at all? (Yun, Sra and Jadbabaie 2018, theorems
// 2.1 and 2.2, with what the paper's assumptions leave out: docs/math/linear.md, sections 4 and 5.)
//
// Two tests that know nothing of one another:
// - by value: L(W) − L*, and L* is known in closed form. It needs no critical point;
// - by theorem: of a critical point, whether ‖Π T‖² = Σ_{i≤k} σᵢ², Π the projector on the column space of
//   W_{H+1} ··· W_{p+1} where rank R = k, and on that of R S where it is less. Where the paper's assumptions hold this
//   is its condition: rank R = k and, if k < K, that column space is the one of Û. It holds with ties and ranks below k
//   too.
// A verdict needs both. Where they differ, or where a number is so near to its threshold that a rank or an equality
// would be a guess, the verdict is undecided, with the reason.
#include <string>
#include <string_view>

#include "nadir/linear/criticality.hpp"
#include "nadir/linear/optimum.hpp"

namespace nadir::linear {

enum class Verdict {
  global_minimum,  ///< critical, and no chain of these widths has a smaller loss
  saddle,          ///< critical, not a global minimum: then chains with a smaller loss are as near as one likes
  not_critical,    ///< a gradient is not 0
  undecided,       ///< the reason says which number hangs on its threshold
};
std::string_view to_string(Verdict verdict);

/// A number near to its threshold, by this factor on either side, hangs.
inline constexpr double hanging_factor = 10;

struct VerdictOptions {
  double gradient = 1e-7;  ///< up to this ratio a gradient counts as 0
  double rank = 1e-8;      ///< up to this, relative to σ_1, a singular value counts as 0
  double value = 1e-9;     ///< up to this, relative to L(0) − L*, two values are equal
};

/// What one of the two tests says about "global minimum".
enum class Answer { yes, no, hangs };

/// Of the theorems; none is needed for the verdict here.
struct Assumptions {
  bool widths = false;                    ///< K ≤ d ≤ n
  bool full_rank_features = false;        ///< X Xᵀ is invertible
  bool full_rank_correlation = false;     ///< Y Xᵀ has rank min(K, d)
  bool distinct_singular_values = false;  ///< no two σ are equal
  bool all() const { return widths && full_rank_features && full_rank_correlation && distinct_singular_values; }
};

struct RankTest {
  Vector singular_values;  ///< of R S, falling; at a critical point each is one of T's
  double threshold = 0;
  Index rank = 0;
  double kept = 0;     ///< the least above the threshold, relative to it; infinite without one
  double dropped = 0;  ///< the largest up to it, relative to it; 0 without one
  bool hangs = false;
};

struct Judgement {
  Verdict verdict = Verdict::undecided;
  std::string reason;  ///< one sentence with the numbers compared

  double loss = 0;          ///< L(W)
  double optimum = 0;       ///< L*
  double gap = 0;           ///< L(W) − L*, not a difference of the two
  double gap_rounding = 0;  ///< to expect in it
  double relative_gap = 0;  ///< gap / (L(0) − L*), the latter at least 1e-10 L(0)
  Criticality criticality;
  Assumptions assumptions;

  Index k = 0;                 ///< smallest width, at most the rank of X
  Index narrowest = 0;         ///< p, a layer of this width
  RankTest rank;               ///< of R on the row space of X
  bool tie = false;            ///< σ_k = σ_{k+1} > 0: Û is not unique
  double principal_angle = 0;  ///< largest, of col(W_{H+1} ··· W_{p+1}) or, below rank k, col(R S) to col(Û); radians
  double shortfall = 0;        ///< (½ Σ_{i≤k} σᵢ² − ½ ‖Π T‖²) / (L(0) − L*)
  Answer by_value = Answer::hangs;
  Answer by_theorem = Answer::hangs;  ///< says something of critical points only
};

Judgement judge(const Problem& problem, const LinearChain& chain, const VerdictOptions& options = {});

}  // namespace nadir::linear
