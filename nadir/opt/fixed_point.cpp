#include "nadir/opt/fixed_point.hpp"

#include <Eigen/Cholesky>
#include <chrono>
#include <cmath>
#include <deque>

namespace nadir {
namespace {

using Point = FixedPointProblem::Point;

Vector residual(const Point& point) { return point.image - point.position; }

double weighted_norm(const Point& point) {
  return std::sqrt((point.metric.array() * residual(point).array().square()).sum());
}

/// Anderson's extrapolation of type II: the combination of past steps whose residual is least in the metric.
///   γ = argmin ‖r_k − ΔR γ‖,   candidate = G(z_k) − ΔG γ
class Extrapolation {
 public:
  explicit Extrapolation(int memory) : memory_(static_cast<std::size_t>(memory)) {}

  void forget() { residual_steps_.clear(), image_steps_.clear(); }

  void remember(const Point& from, const Point& to) {
    if (memory_ == 0) return;
    residual_steps_.push_back(residual(to) - residual(from));
    image_steps_.push_back(to.image - from.image);
    if (residual_steps_.size() > memory_) residual_steps_.pop_front(), image_steps_.pop_front();
  }

  bool empty() const { return residual_steps_.empty(); }

  Vector candidate(const Point& point) const {
    const Index count = static_cast<Index>(residual_steps_.size());
    const Vector current = residual(point);
    Eigen::MatrixXd products(count, count);
    Vector right(count);
    for (Index i = 0; i < count; ++i) {
      const Vector weighted = point.metric.cwiseProduct(residual_steps_[static_cast<std::size_t>(i)]);
      right[i] = weighted.dot(current);
      for (Index j = 0; j <= i; ++j)
        products(i, j) = products(j, i) = weighted.dot(residual_steps_[static_cast<std::size_t>(j)]);
    }
    // Steps that nearly repeat one another make the products singular; a trace of the diagonal keeps them solvable.
    const Vector scale = products.diagonal().cwiseSqrt().cwiseMax(1e-300).cwiseInverse();
    products = scale.asDiagonal() * products * scale.asDiagonal();
    products.diagonal().array() += 1e-12;
    const Vector gamma = scale.cwiseProduct(products.ldlt().solve(scale.cwiseProduct(right)));
    Vector next = point.image;
    for (Index i = 0; i < count; ++i) next -= gamma[i] * image_steps_[static_cast<std::size_t>(i)];
    return next;
  }

 private:
  std::size_t memory_;
  std::deque<Vector> residual_steps_, image_steps_;
};

/// Whether `next` is nearer to the minimum than `now`: by F where F can tell, else by the residual.
bool improves(const Point& now, const Point& next) {
  const double rounding = std::max(now.rounding, next.rounding);
  if (!std::isfinite(next.objective)) return false;
  if (next.objective < now.objective - rounding) return true;
  return next.objective <= now.objective + rounding && weighted_norm(next) < weighted_norm(now);
}

/// z + t (G(z) − z) for t = 1, ½, .. until Armijo's rule, or the residual's, accepts.
bool take_safe_step(FixedPointProblem& problem, const Point& now, Point& next) {
  constexpr double armijo = 1e-4, smallest_step = 0x1p-30;
  const Vector direction = residual(now);
  for (double step = 1; step >= smallest_step; step /= 2) {
    next.position = now.position + step * direction;
    problem.restore(next.position);
    problem.evaluate(next);
    const double wanted = armijo * step * now.slope;
    if (wanted > now.rounding ? next.objective <= now.objective - wanted : improves(now, next)) return true;
  }
  return false;
}

}  // namespace

FixedPointResult minimize_by_fixed_point(FixedPointProblem& problem, Vector start, const FixedPointOptions& options,
                                         const Watch& watch) {
  const auto begin = std::chrono::steady_clock::now();
  Extrapolation extrapolation(options.memory);
  FixedPointResult result;
  Point &now = result.best, next;
  now.position = std::move(start);
  problem.restore(now.position);
  problem.evaluate(now);
  double lower_bound = -std::numeric_limits<double>::infinity(), smallest_change = lower_bound * -1;
  Standing standing;

  for (int iteration = 0;; ++iteration) {
    lower_bound = std::max(lower_bound, now.lower_bound);
    const double change = residual(now).lpNorm<Eigen::Infinity>();
    standing.steps_without_smaller_change = change < smallest_change ? 0 : standing.steps_without_smaller_change + 1;
    smallest_change = std::min(smallest_change, change);
    standing.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    standing.rounding = now.rounding;
    result.progress = {iteration, now.objective, lower_bound, change};
    result.trace.push_back(result.progress);
    standing.told_to_stop = watch && !watch(result.progress);
    if (const auto ending = why_stop(options.criteria, result.progress, standing)) {
      result.ending = *ending;
      return result;
    }

    bool moved = false;
    if (!extrapolation.empty()) {
      next.position = extrapolation.candidate(now);
      problem.restore(next.position);
      problem.evaluate(next);
      moved = improves(now, next);
      if (!moved) extrapolation.forget();
    }
    if (!moved && !take_safe_step(problem, now, next)) {
      const bool reached = relative_gap(options.criteria, result.progress) <= options.criteria.relative_gap;
      result.ending = reached ? Ending::gap_reached : Ending::no_progress;
      return result;
    }
    extrapolation.remember(now, next);
    std::swap(now, next);
  }
}

}  // namespace nadir
