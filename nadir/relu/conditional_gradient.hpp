#pragma once
// Training in a ball of the variation norm: the conditional gradient method, also named after Frank and Wolfe (Jaggi
// 2013), for
//   minimize L(f) over Σⱼ |aⱼ| ≤ δ   (docs/math/two-layer.md, section 7).
// With G = −∇L(f), the unit (k, s, u) of the largest s g_kᵀ(Xu)₊ = q gives the point f̄ = s δ (Xu)₊ of the ball, in
// output k, that ⟨G, ·⟩ is largest at, and step t goes to f + ρ (f̄ − f):
//   - classic: ρ = 2 / (t + 1), for which F − min F ≤ 2 C / (t + 2), C a constant of L and δ;
//   - line search: the best ρ in [0, 1];
//   - corrective: the best sizes of all units in the ball (master.hpp), which are then moved together (slide.hpp).
// The gap δ q − ⟨G, f⟩ is at least F − min F for the largest q; the local search gives an estimate of it. What is
// proven is up to bounds.hpp.
#include "nadir/relu/rounds.hpp"

namespace nadir::relu {

enum class StepRule { classic, line_search, corrective };

struct ConditionalGradientOptions {
  StepRule rule = StepRule::corrective;
  /// Rounds are steps. `distinct` and `slide_iterations` are of corrective steps.
  SearchOptions search;
  int first_step = 1;  ///< t of the first step: above 1 where `start` comes from earlier steps
};

/// `problem.radius` > 0. `start`: units in the ball to begin with; may be empty. The end is in the ball, up to
/// rounding. It stops at the gap, as estimated, where no step lowers F (classic steps: only at the gap), and at the
/// limits. `continuation`: of the rounds; its clock begins anew.
Found train_in_ball(const Problem& problem, const ConditionalGradientOptions& options, const Units& start,
                    const Watch& watch = {}, const path::Continuation& continuation = {});

}  // namespace nadir::relu
