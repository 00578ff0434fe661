#include "nadir/convex/accelerated.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/loss/loss.hpp"

namespace nadir::convex {
namespace {

/// Groups that are not 0, with their weights: what a forward product needs.
void collect_active(const Iterate& at, std::vector<Group>& groups, Matrix& weights) {
  groups.clear();
  std::vector<Index> places;
  for (Index g = 0; g < at.weights.rows(); ++g)
    if (!at.weights.row(g).isZero(0)) places.push_back(g);
  weights.resize(static_cast<Index>(places.size()), at.weights.cols());
  for (std::size_t a = 0; a < places.size(); ++a) {
    groups.push_back(at.groups[static_cast<std::size_t>(places[a])]);
    weights.row(static_cast<Index>(a)) = at.weights.row(places[a]);
  }
}

/// Notation of Beck and Teboulle: x the iterate, y the extrapolated point, t the momentum, C the curvature.
class Fista {
 public:
  Fista(const GroupProblem& problem, const AcceleratedOptions& options, AcceleratedState& state, Iterate& at,
        Matrix& correlations)
      : problem_(problem),
        options_(options),
        C_(state.curvature),
        dual_(state.dual),
        x_(at),
        T_(correlations),
        best_(at) {
    y_ = x_.weights, fy_ = x_.outputs, dual_ = G_ = x_.dual;
    if (!(C_ > 0)) C_ = first_curvature();
  }
  Fista(const Fista&) = delete;
  Fista& operator=(const Fista&) = delete;

  bool run(const GoOn& go_on, int& steps) {
    const Iterate start = best_;
    double earlier = infinity;
    bool reached = false;
    for (int k = 0; k < options_.most && go_on(); ++k, ++steps) {
      // G = −∇L(f_y) is a dual point like any other: its bound, and T = Aᵀ G, are there already.
      const double bound = problem_.loss.dual_bound(G_, problem_.lambda, polar());
      if (bound > bound_) bound_ = bound, dual_ = G_;
      const double gap = best_.objective - bound_;
      reached = gap <= std::max(options_.objective_gap, 1e-15 * std::fabs(best_.objective));  // or all that there is
      if (reached || !std::isfinite(gap)) break;
      if (k % options_.patience == 0) {
        if (k > 0 && gap > 0.5 * earlier) break;
        earlier = gap;
      }
      step();
    }
    settle();
    if (!(x_.objective <= start.objective)) x_ = start;
    return reached;
  }
  double curvature() const { return C_; }

 private:
  /// The best iterate, with outputs computed in full.
  void settle() {
    x_ = std::move(best_);
    if (options_.precision == Precision::full) return;
    collect_active(x_, active_, values_);
    problem_.products.forward(active_, values_, problem_.outputs(), x_.outputs);
    evaluate(problem_, x_);
  }

  /// ‖A d‖² L″ / ‖d‖² along the first step's direction: an underestimate that backtracking raises.
  double first_curvature() {
    std::vector<Group> groups = x_.groups;
    Matrix f, weighted;
    problem_.products.forward(groups, T_, problem_.outputs(), f, options_.precision);
    problem_.loss.curvature(x_.outputs).apply(f, weighted);
    return std::max(f.cwiseProduct(weighted).sum() / T_.squaredNorm(), 1e-300);
  }

  double polar() const { return polar_of(problem_.penalty, x_.groups, T_); }

  void step() {
    const double at_y = problem_.loss.value(fy_);
    Iterate next{x_.groups, {}, {}, {}, 0};
    double loss = 0;
    for (;; C_ *= 1.5) {  // until the quadratic with curvature C lies above L at the new point
      next.weights = y_ + T_ / C_;
      shrink(problem_.penalty, next.groups, next.weights, problem_.lambda / C_);
      collect_active(next, active_, values_);
      problem_.products.forward(active_, values_, problem_.outputs(), next.outputs, options_.precision);
      loss = problem_.loss.value(next.outputs);
      const double model =
          at_y - G_.cwiseProduct(next.outputs - fy_).sum() + C_ / 2 * (next.weights - y_).squaredNorm();
      if (!(loss > model + 1e-14 * std::fabs(at_y))) break;
    }
    next.objective = loss + problem_.lambda * norm_of(problem_.penalty, active_, values_);
    // Restart where the step goes against the momentum.
    const bool against = (y_ - next.weights).cwiseProduct(next.weights - x_.weights).sum() > 0;
    if (against) t_ = 1;
    const double following = (1 + std::sqrt(1 + 4 * t_ * t_)) / 2, beta = against ? 0 : (t_ - 1) / following;
    y_ = next.weights + beta * (next.weights - x_.weights);
    fy_ = next.outputs + beta * (next.outputs - x_.outputs);
    t_ = following;
    problem_.loss.gradient(fy_, G_);
    G_ = -G_;
    problem_.products.adjoint(x_.groups, G_, T_, options_.precision);
    if (next.objective <= best_.objective) {
      best_.weights = next.weights, best_.outputs = next.outputs, best_.objective = next.objective;
      problem_.loss.gradient(best_.outputs, best_.dual);
      best_.dual = -best_.dual;
    }
    x_.weights = std::move(next.weights), x_.outputs = std::move(next.outputs);
    C_ *= 0.98;
  }

  const GroupProblem& problem_;
  const AcceleratedOptions& options_;
  double C_, t_ = 1, bound_ = -infinity;
  Matrix& dual_;
  Iterate& x_;
  Matrix& T_;
  Iterate best_;
  Matrix y_, fy_, G_;
  std::vector<Group> active_;
  Matrix values_;
};

}  // namespace

bool accelerate(const GroupProblem& problem, const AcceleratedOptions& options, AcceleratedState& state, Iterate& at,
                Matrix& correlations, const GoOn& go_on, int& steps) {
  Fista method(problem, options, state, at, correlations);
  const bool reached = method.run(go_on, steps);
  state.curvature = method.curvature();
  return reached;
}

}  // namespace nadir::convex
