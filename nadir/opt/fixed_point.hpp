#pragma once
// A safeguarded, accelerated fixed-point iteration.
//
//   minimize F(z) where a map G is given such that z* = G(z*) at the minimizer and the direction G(z) − z is one of
//   descent everywhere else.
//
// The plain iteration z ← G(z) may cycle even where the minimizer is unique (docs/math/spectral.md, section 5), so:
//   1. Anderson's extrapolation over the last few steps (Walker and Ni 2011, in the problem's own metric), taken if it
//      lowers F beyond rounding, or, where F no longer resolves, shortens the residual ‖G(z) − z‖;
//   2. otherwise z + t (G(z) − z) with t = 1, ½, ¼, .. until F falls by Armijo's rule.
// Returns why it ended, never what is true: that is for a proven bound to say.
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/base/watch.hpp"
#include "nadir/opt/termination.hpp"

namespace nadir {

/// The problem as the loop sees it.
class FixedPointProblem {
 public:
  struct Point {
    Vector position;          ///< z
    Vector image;             ///< G(z)
    Vector metric;            ///< positive weights: ½ Σ metric (z − z*)² is about F(z) − F*, near z*
    double objective = 0;     ///< F(z)
    double lower_bound = 0;   ///< what F(z) and its gradient tell about min F; −∞ if nothing
    double rounding = 0;      ///< rounding error to expect in `objective`
    double slope = 0;         ///< decrease of F per unit step along G(z) − z, ≥ 0
  };

  virtual ~FixedPointProblem() = default;
  /// Fills everything in `point` from point.position.
  virtual void evaluate(Point& point) = 0;
  /// Moves a position back onto the feasible set; must not raise F.
  virtual void restore(Vector& position) const = 0;
};

struct FixedPointOptions {
  Criteria criteria;
  int memory = 10;  ///< steps that the extrapolation looks back on; 0: plain safeguarded iteration
};

struct FixedPointResult {
  FixedPointProblem::Point best;  ///< the last point accepted, which has the lowest F
  Ending ending = Ending::no_progress;
  Progress progress;
  std::vector<Progress> trace;    ///< one entry per iteration
};

FixedPointResult minimize_by_fixed_point(FixedPointProblem& problem, Vector start, const FixedPointOptions& options,
                                         const Watch& watch);

}  // namespace nadir
