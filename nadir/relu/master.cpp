#include "nadir/relu/master.hpp"

#include <cmath>

namespace nadir::relu {
namespace {

/// minimize ½ cᵀQc + pᵀc over c ≥ 0, from c.
void solve_quadratic(const Eigen::MatrixXd& Q, const Vector& p, Vector& c) {
  constexpr int sweeps = 200;
  constexpr double tolerance = 1e-10;
  Vector slope = Q * c + p;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    double moved = 0;
    for (Index j = 0; j < c.size(); ++j) {
      const double next = std::max(0.0, c[j] - slope[j] / Q(j, j)), step = next - c[j];
      if (step == 0) continue;
      slope += step * Q.col(j);
      c[j] = next;
      moved += std::fabs(step);
    }
    if (!(moved > tolerance * c.cwiseAbs().sum())) break;
  }
}

/// minimize ½ cᵀQc + pᵀc over c ≥ 0 with Σ c ≤ radius, from c: where the sum would be larger, with the multiplier μ of
/// that constraint added to p. The sum falls as μ grows, and is 0 at μ = max −p.
void solve_quadratic_in_ball(const Eigen::MatrixXd& Q, const Vector& p, double radius, Vector& c) {
  constexpr int most_steps = 60;
  constexpr double near = 1e-12;  // of the radius
  const auto excess_at = [&](double multiplier) {
    solve_quadratic(Q, (p.array() + multiplier).matrix(), c);
    return c.sum() - radius;
  };
  double low = 0, above = excess_at(0);
  if (above <= 0) return;
  double high = std::max(0.0, -p.minCoeff()), below = -radius;
  for (int step = 0; step < most_steps && high - low > near * high; ++step) {
    const double multiplier = low + (high - low) * above / (above - below), excess = excess_at(multiplier);
    if (std::fabs(excess) <= near * radius) break;
    // The end that stays has its value halved (the Illinois rule), lest the other one creeps.
    if (excess > 0)
      low = multiplier, above = excess, below /= 2;
    else
      high = multiplier, below = excess, above /= 2;
  }
  if (c.sum() > radius) c *= radius / c.sum();
}

}  // namespace

void solve_master(const Problem& problem, Iterate& at, const std::vector<int>& signs) {
  constexpr int newton_steps = 50;
  constexpr double negligible = 1e-12, least_damping = 1e-9;
  const Index m = at.units.count();
  if (m == 0) return evaluate(problem, at);
  const auto output = [&](Index j) { return at.units.outputs[static_cast<std::size_t>(j)]; };
  const Eigen::MatrixXd H = activations(problem, at.units);
  const Vector s = Eigen::Map<const Eigen::VectorXi>(signs.data(), m).cast<double>();
  Vector c = s.cwiseProduct(at.units.weights);
  // Curvatures are at most the shares, and may all be 0 (Huber's far from the targets).
  const double scale = H.squaredNorm() / static_cast<double>(H.size());
  Eigen::MatrixXd weighted(H.rows(), m);
  double damping = least_damping;
  for (int step = 0; step < newton_steps; ++step) {
    const Curvature curvature = problem.loss.curvature(at.outputs);
    Vector slope(m);
    for (Index j = 0; j < m; ++j) {
      slope[j] = problem.lambda - s[j] * H.col(j).dot(at.dual.col(output(j)));
      weighted.col(j) = H.col(j).cwiseProduct(curvature.diagonal.col(output(j)));
    }
    Eigen::MatrixXd Q = H.transpose() * weighted;
    for (Index j = 0; j < m; ++j)
      for (Index k = 0; k < m; ++k) Q(j, k) *= output(j) == output(k) ? s[j] * s[k] : 0;
    Q.diagonal().array() += damping * scale + 1e-200;  // moves no solution, as steps are from c
    Vector next = c;
    if (problem.constrained())
      solve_quadratic_in_ball(Q, slope - Q * c, problem.radius, next);
    else
      solve_quadratic(Q, slope - Q * c, next);
    const Vector direction = next - c;
    const double fall = -slope.dot(direction), before = at.objective;
    if (!(fall > negligible * std::fabs(before))) {
      // In the ball a program solved inexactly may not fall where shorter, better posed steps do.
      if (!problem.constrained() || damping > 1e3) break;
      damping *= 1e3;
      continue;
    }
    Iterate trial = at;
    double length = 1;
    for (; length > 1e-3; length /= 2) {
      trial.units.weights = s.cwiseProduct(c + length * direction);
      evaluate(problem, H, trial);
      if (trial.objective <= before - 1e-4 * length * fall) break;
    }
    if (!(trial.objective < before)) {
      if (damping > 1e3) break;
      damping *= 1e3;
      continue;
    }
    damping = std::max(damping / 10, least_damping);
    at = std::move(trial);
    c += length * direction;
  }
  std::vector<bool> used;
  for (Index j = 0; j < m; ++j) used.push_back(at.units.weights[j] != 0);
  at.units.keep(used);
  evaluate(problem, at);
}

}  // namespace nadir::relu
