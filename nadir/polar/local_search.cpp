#include "nadir/polar/local_search.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "nadir/base/random.hpp"

namespace nadir::polar {
namespace {

Vector normalized(const Vector& u) {
  const double norm = u.norm();
  return norm > 0 && std::isfinite(norm) ? Vector(u / norm) : Vector(Vector::Zero(u.size()));
}

Witness witness_at(const ReluPolar& problem, const Vector& u) {
  Witness result{normalized(u), 0};
  result.value = value(problem, result.u);
  return result;
}

/// Plain steps while they raise f.
Witness climb(const ReluPolar& problem, Witness current, int steps) {
  for (int k = 0; k < steps; ++k) {
    Witness next = witness_at(problem, gradient(problem, current.u));
    if (!(next.value > current.value)) break;
    current = std::move(next);
  }
  return current;
}

/// minimize ‖a − Σ_{g<0} |gᵢ| tᵢ xᵢ‖ over t ∈ [0, 1]ⁿ from the given t; returns the minimal vector.
Vector shortest(const ReluPolar& problem, const Vector& squares, const Vector& a, Vector& t, int sweeps) {
  constexpr double tolerance = 1e-13;
  const Matrix& X = problem.features;
  Vector v = a;
  for (Index i = 0; i < X.rows(); ++i)
    if (problem.weights[i] < 0 && t[i] != 0) v += (problem.weights[i] * t[i]) * X.row(i).transpose();
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const double before = v.squaredNorm();
    for (Index i = 0; i < X.rows(); ++i) {
      const double g = -problem.weights[i];
      if (!(g > 0) || !(squares[i] > 0)) continue;
      const double wanted = t[i] + X.row(i).dot(v) / (g * squares[i]), next = std::clamp(wanted, 0.0, 1.0);
      if (next == t[i]) continue;
      v -= (g * (next - t[i])) * X.row(i).transpose();
      t[i] = next;
    }
    if (!(before - v.squaredNorm() > tolerance * before)) break;
  }
  return v;
}

Witness polish(const ReluPolar& problem, const Vector& squares, Witness current, const LocalSearchOptions& options) {
  constexpr double tolerance = 1e-12;
  Vector t = Vector::Zero(problem.samples());
  for (int k = 0; k < options.concave_steps; ++k) {
    const Vector z = problem.features * current.u;
    const Vector open = (z.array() > 0).select(problem.weights.cwiseMax(0), 0);
    if (k == 0) t = (z.array() > 0).select(Vector::Ones(z.size()), t);
    const Vector a = problem.features.transpose() * open;
    const double before = current.value;
    Witness next = witness_at(problem, shortest(problem, squares, a, t, options.sweeps));
    if (!(next.value > current.value)) break;
    current = climb(problem, std::move(next), options.plain_steps);
    if (!(current.value - before > tolerance * current.value)) break;
  }
  return current;
}

Vector squared_norms(const ReluPolar& problem) { return problem.features.rowwise().squaredNorm(); }

/// The best `most` witnesses that differ, best first; a stable sort keeps the order of the starts among equals.
std::vector<Witness> best_distinct(std::vector<Witness> all, int most, double cosine) {
  std::stable_sort(all.begin(), all.end(), [](const Witness& a, const Witness& b) { return a.value > b.value; });
  std::vector<Witness> kept;
  for (Witness& one : all) {
    if (static_cast<int>(kept.size()) >= most) break;
    if (!(one.value > 0)) continue;
    const bool seen =
        std::any_of(kept.begin(), kept.end(), [&](const Witness& other) { return other.u.dot(one.u) > cosine; });
    if (!seen) kept.push_back(std::move(one));
  }
  return kept;
}

std::vector<Vector> starts_of(const ReluPolar& problem, const Matrix& given, const LocalSearchOptions& options) {
  const Index n = problem.samples(), d = problem.dimension();
  std::vector<Vector> starts;
  for (Index k = 0; k < given.rows(); ++k) starts.emplace_back(given.row(k).transpose());
  starts.emplace_back(problem.features.transpose() * problem.weights);
  starts.emplace_back(problem.features.transpose() * problem.weights.cwiseMax(0));
  const Vector size = problem.weights.cwiseAbs().cwiseProduct(squared_norms(problem).cwiseSqrt());
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return size[a] > size[b]; });
  for (std::size_t k = 0; k < order.size() && static_cast<int>(k) < options.row_starts; ++k)
    for (const double sign : {1.0, -1.0}) starts.emplace_back(sign * problem.features.row(order[k]).transpose());
  Random random(options.seed);
  for (int k = 0; k < options.random_starts; ++k) {
    Vector u(d);
    for (Index j = 0; j < d; ++j)  // normal, by Box and Muller
      u[j] = std::sqrt(-2 * std::log1p(-random.uniform())) * std::cos(2 * std::numbers::pi * random.uniform());
    starts.push_back(std::move(u));
  }
  return starts;
}

}  // namespace

Witness ascend(const ReluPolar& problem, const Vector& u, const LocalSearchOptions& options) {
  const Witness start = climb(problem, witness_at(problem, u), options.plain_steps);
  Witness best = polish(problem, squared_norms(problem), start, options);
  if (!(best.value > 0)) best = {Vector::Zero(problem.dimension()), 0};
  return best;
}

std::vector<Witness> local_search(const ReluPolar& problem, const Matrix& given, const LocalSearchOptions& options) {
  require_valid(problem);
  std::vector<Witness> climbed;
  for (const Vector& start : starts_of(problem, given, options))
    climbed.push_back(climb(problem, witness_at(problem, start), options.plain_steps));
  climbed = best_distinct(std::move(climbed), options.polished, options.distinct);
  const Vector squares = squared_norms(problem);
  for (Witness& one : climbed) one = polish(problem, squares, std::move(one), options);
  return best_distinct(std::move(climbed), options.witnesses, options.distinct);
}

}  // namespace nadir::polar
