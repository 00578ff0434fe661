#pragma once
// A safeguarded, accelerated fixed-point iteration.
//
//   minimize F(z) where a map G is given such that z* = G(z*) at the minimizer, and G(z) − z is a direction of descent
//   everywhere else.
//
// The plain iteration z ← G(z) may cycle even where the minimizer is unique (docs/math/spectral.md, section 5), so a
// step is taken along a direction of descent until F falls by Armijo's rule. The direction is that of limited-memory
// BFGS (Nocedal and Wright 2006, algorithm 7.4) whose initial inverse Hessian is a multiple of the inverse of the
// problem's own metric; without memory it is G(z) − z. Returns why it ended, never what is true: that is for a proven
// bound to say.
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/base/watch.hpp"
#include "nadir/opt/termination.hpp"

namespace nadir {

/// The problem as the loop sees it.
class FixedPointProblem {
 public:
  struct Point {
    Vector position;         ///< z
    Vector image;            ///< G(z)
    Vector gradient;         ///< of F along the feasible set
    Vector metric;           ///< positive weights: the Hessian of F is about diag(metric) near z*
    double objective = 0;    ///< F(z)
    double lower_bound = 0;  ///< what F(z) and its gradient tell about min F; −∞ if nothing
    double rounding = 0;     ///< rounding error to expect in `objective`
  };

  virtual ~FixedPointProblem() = default;
  /// Fills everything in `point` from point.position.
  virtual void evaluate(Point& point) = 0;
  /// Moves a position back onto the feasible set; must not raise F.
  virtual void restore(Vector& position) const = 0;
};

struct FixedPointOptions {
  Criteria criteria;
  int memory = 20;          ///< steps that the direction looks back on; 0: the plain iteration, safeguarded
  double longest_step = 5;  ///< no coordinate moves by more in one step
};

struct FixedPointResult {
  FixedPointProblem::Point best;  ///< the point whose own bound is nearest to its objective; without bounds, the lowest
  Ending ending = Ending::no_progress;
  Progress progress;
  std::vector<Progress> trace;  ///< one entry per iteration
};

FixedPointResult minimize_by_fixed_point(FixedPointProblem& problem, Vector start, const FixedPointOptions& options,
                                         const Watch& watch);

}  // namespace nadir
