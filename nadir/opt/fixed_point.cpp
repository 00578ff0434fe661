#include "nadir/opt/fixed_point.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>

namespace nadir {
namespace {

using Point = FixedPointProblem::Point;

/// The last steps s and changes of the gradient y, and the inverse Hessian that they imply.
class Memory {
 public:
  explicit Memory(int length) : length_(static_cast<std::size_t>(length)) {}

  bool empty() const { return pairs_.empty(); }
  void forget() { pairs_.clear(); }

  /// Keeps the step if the curvature along it is positive beyond rounding.
  void remember(const Point& from, const Point& to) {
    if (length_ == 0) return;
    Pair pair{to.position - from.position, to.gradient - from.gradient, 0};
    const double curvature = pair.step.dot(pair.change);
    const double step_length = std::sqrt((pair.step.array().square() * to.metric.array()).sum());
    const double change_length = std::sqrt((pair.change.array().square() / to.metric.array()).sum());
    if (!(curvature > 1e-10 * step_length * change_length)) return;
    pair.curvature = curvature;
    pairs_.push_back(std::move(pair));
    if (pairs_.size() > length_) pairs_.pop_front();
  }

  /// −H gradient, by the two-loop recursion from H₀ = γ diag(1/metric).
  Vector direction(const Point& point) const {
    Vector q = point.gradient;
    std::vector<double> along(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      along[i] = pairs_[i].step.dot(q) / pairs_[i].curvature;
      q -= along[i] * pairs_[i].change;
    }
    const Pair& last = pairs_.back();
    const double gamma = last.curvature / (last.change.array().square() / point.metric.array()).sum();
    q = gamma * q.cwiseQuotient(point.metric);
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      q += (along[i] - pairs_[i].change.dot(q) / pairs_[i].curvature) * pairs_[i].step;
    return -q;
  }

 private:
  struct Pair {
    Vector step, change;
    double curvature;  // step · change
  };
  std::size_t length_;
  std::deque<Pair> pairs_;
};

/// Armijo's rule as far as F can tell: once steps gain less than rounding, any that does not lose more is taken, and
/// the loop's patience ends what leads nowhere.
bool acceptable(const Point& now, const Point& next, double wanted) {
  return std::isfinite(next.objective) && next.objective <= now.objective - wanted + now.rounding;
}

/// z + t direction, restored, for decreasing t until acceptable. False if no t is.
bool take_step(FixedPointProblem& problem, const FixedPointOptions& options, const Point& now, const Vector& direction,
               Point& next) {
  constexpr double armijo = 1e-4, smallest = 1e-9;
  const double slope = now.gradient.dot(direction);
  if (!(slope < 0)) return false;
  double t = std::min(1.0, options.longest_step / direction.lpNorm<Eigen::Infinity>());
  while (t >= smallest) {
    next.position = now.position + t * direction;
    problem.restore(next.position);
    problem.evaluate(next);
    if (acceptable(now, next, -armijo * t * slope)) return true;
    // The parabola through F(0), F'(0) and F(t), kept within [t/10, t/2].
    const double bend = next.objective - now.objective - t * slope;
    const double best = bend > 0 ? -slope * t * t / (2 * bend) : t / 2;
    t = std::isfinite(best) ? std::clamp(best, t / 10, t / 2) : t / 10;
  }
  return false;
}

/// Whose own bound is nearer to its objective; without bounds, the lower objective.
bool better(const Point& a, const Point& b) {
  const double gap_a = a.objective - a.lower_bound, gap_b = b.objective - b.lower_bound;
  if (std::isfinite(gap_a) && std::isfinite(gap_b)) return gap_a < gap_b;
  return a.objective < b.objective;
}

}  // namespace

FixedPointResult minimize_by_fixed_point(FixedPointProblem& problem, Vector start, const FixedPointOptions& options,
                                         const Watch& watch) {
  const auto begin = std::chrono::steady_clock::now();
  Memory memory(options.memory);
  FixedPointResult result;
  Point now, next;
  now.position = std::move(start);
  problem.restore(now.position);
  problem.evaluate(now);
  double lower_bound = -std::numeric_limits<double>::infinity(), smallest_change = -lower_bound;
  double lowest = -lower_bound;  // of F, by more than rounding
  Standing standing;

  for (int iteration = 0;; ++iteration) {
    lower_bound = std::max(lower_bound, now.lower_bound);
    if (iteration == 0 || better(now, result.best)) result.best = now;
    const double change = (now.image - now.position).lpNorm<Eigen::Infinity>();
    standing.steps_without_smaller_change = change < smallest_change ? 0 : standing.steps_without_smaller_change + 1;
    const bool advanced = change < smallest_change || now.objective < lowest - now.rounding;
    standing.steps_without_progress = advanced ? 0 : standing.steps_without_progress + 1;
    smallest_change = std::min(smallest_change, change);
    if (now.objective < lowest - now.rounding) lowest = now.objective;
    standing.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    standing.rounding = now.rounding;
    result.progress = {iteration, now.objective, lower_bound, change};
    result.trace.push_back(result.progress);
    standing.told_to_stop = watch && !watch(result.progress);
    if (const auto ending = why_stop(options.criteria, result.progress, standing)) {
      result.ending = *ending;
      return result;
    }

    if (2 * standing.steps_without_progress >= options.criteria.stall) memory.forget();  // plain steps may get further
    bool moved = !memory.empty() && take_step(problem, options, now, memory.direction(now), next);
    if (!moved) {
      memory.forget();
      moved = take_step(problem, options, now, now.image - now.position, next);
    }
    if (!moved) {  // nothing improves beyond rounding: what is proved so far is all there is to get
      const bool reached = relative_gap(options.criteria, result.progress) <= options.criteria.relative_gap;
      result.ending = reached ? Ending::gap_reached : Ending::no_progress;
      return result;
    }
    memory.remember(now, next);
    std::swap(now, next);
  }
}

}  // namespace nadir
