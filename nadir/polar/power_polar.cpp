#include "nadir/polar/power_polar.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "nadir/base/random.hpp"
#include "nadir/opt/lbfgs.hpp"

namespace nadir::polar {
namespace {

Vector random_vector(Index d, Random& random) {
  Vector u(d);
  for (Index j = 0; j < d; ++j) u[j] = random.normal();
  return u;
}

Witness witness_of(const PowerPolar& problem, const Vector& u) {
  const double norm = u.norm();
  if (!(norm > 0) || !std::isfinite(norm)) return {Vector::Zero(u.size()), 0};
  const Vector direction = u / norm;
  return {direction, value(problem, direction)};
}

/// α = 2: L-BFGS on −f(u)/‖u‖² from u.
Witness climb_squares(const PowerPolar& problem, const Witness& start) {
  LbfgsOptions options;
  options.max_iterations = 60;
  options.least_decrease = 1e-10;
  const SmoothFunction function = [&](const Vector& u, Vector& gradient) {
    const double square = u.squaredNorm();
    const Vector z = product(problem.features, u).cwiseMax(0), gz = problem.weights.cwiseProduct(z);
    const double ratio = gz.dot(z) / square;
    gradient = -2 / square * (adjoint_product(problem.features, gz) - ratio * u);
    return -ratio;
  };
  const Witness end = witness_of(problem, minimize_by_lbfgs(function, start.u, options).position);
  return end.value > start.value ? end : start;
}

/// α = 0: the middle of the best arc of the circle through u and v, exactly.
Witness best_on_circle(const PowerPolar& problem, const Vector& u, const Vector& v) {
  constexpr double turn = 2 * std::numbers::pi;
  const Vector along = product(problem.features, u), across = product(problem.features, v);
  std::vector<std::pair<double, double>> events;  // angle, and by how much f changes there
  double f = 0;
  for (Index i = 0; i < problem.samples(); ++i) {
    if (problem.weights[i] == 0 || (along[i] == 0 && across[i] == 0)) continue;
    // x·(cos a u + sin a v) > 0 for a within a right angle of atan2(across, along).
    const double middle = std::atan2(across[i], along[i]);
    double from = middle - turn / 4, to = middle + turn / 4;
    if (from < 0) from += turn;
    if (to < 0) to += turn;
    if (from >= to) f += problem.weights[i];  // it is on at angle 0
    events.emplace_back(from, problem.weights[i]);
    events.emplace_back(to, -problem.weights[i]);
  }
  if (events.empty()) return {u, 0};
  std::sort(events.begin(), events.end());
  double best = -std::numeric_limits<double>::infinity(), angle = 0, width = 0;
  for (std::size_t e = 0; e < events.size(); ++e) {
    f += events[e].second;
    const double end = e + 1 < events.size() ? events[e + 1].first : events.front().first + turn;
    const double length = end - events[e].first;
    if (!(length > 1e-13)) continue;
    const double least = 1e-12 * (1 + std::fabs(best));
    if (f > best + least || (f > best - least && length > width))
      best = f, angle = events[e].first + length / 2, width = length;
  }
  return witness_of(problem, std::cos(angle) * u + std::sin(angle) * v);
}

/// α = 0: circles through u and further directions, until `patience` of them in turn have not helped.
Witness climb_steps(const PowerPolar& problem, Witness current, std::uint64_t seed) {
  const Index d = problem.dimension();
  const int patience = static_cast<int>(2 * d + 4);
  Random random(seed);
  for (int failed = 0; failed < patience;) {
    const Vector to = random_vector(d, random);
    const Vector across = to - to.dot(current.u) * current.u;
    const double norm = across.norm();
    Witness next = norm > 0 ? best_on_circle(problem, current.u, across / norm) : current;
    failed = next.value - current.value > 1e-12 * std::fabs(current.value) ? 0 : failed + 1;
    if (next.value >= current.value) current = std::move(next);
  }
  return current;
}

std::vector<Witness> distinct_of(std::vector<Witness> all, int most, double cosine) {
  std::stable_sort(all.begin(), all.end(), [](const Witness& a, const Witness& b) { return a.value > b.value; });
  std::vector<Witness> kept;
  for (Witness& one : all) {
    if (static_cast<int>(kept.size()) >= most || !(one.value > 0)) break;
    if (std::none_of(kept.begin(), kept.end(), [&](const Witness& other) { return other.u.dot(one.u) > cosine; }))
      kept.push_back(std::move(one));
  }
  return kept;
}

}  // namespace

Vector power_of(const Vector& z, int power) {
  if (power == 0) return (z.array() > 0).cast<double>();
  const Vector positive = z.cwiseMax(0);
  return power == 1 ? positive : positive.cwiseAbs2();
}

double value(const PowerPolar& problem, const Vector& u) {
  return problem.weights.dot(power_of(product(problem.features, u.normalized()), problem.power));
}

std::vector<Witness> local_search(const PowerPolar& problem, const Matrix& given, const LocalSearchOptions& options) {
  const Vector sizes = problem.weights.cwiseAbs().cwiseProduct(row_norms(problem.features));
  std::vector<Index> order(static_cast<std::size_t>(problem.samples()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return sizes[a] > sizes[b]; });
  std::vector<Witness> starts;
  Matrix room;
  for (std::size_t k = 0; k < order.size() && static_cast<int>(k) < options.row_starts; ++k)
    for (const double sign : {1.0, -1.0})
      starts.push_back(witness_of(problem, sign * problem.features.row(order[k], room).transpose()));
  starts.push_back(witness_of(problem, adjoint_product(problem.features, problem.weights)));
  Random random(options.seed);
  for (int k = 0; k < options.random_starts; ++k)
    starts.push_back(witness_of(problem, random_vector(problem.dimension(), random)));
  std::erase_if(starts, [](const Witness& one) { return one.u.isZero(0); });
  // The best of them are climbed from, and all that are given.
  std::stable_sort(starts.begin(), starts.end(), [](const Witness& a, const Witness& b) { return a.value > b.value; });
  if (static_cast<int>(starts.size()) > options.polished) starts.resize(static_cast<std::size_t>(options.polished));
  for (Index k = 0; k < given.rows(); ++k) starts.push_back(witness_of(problem, given.row(k).transpose()));
  std::uint64_t seed = options.seed;
  for (Witness& one : starts) {
    if (options.go_on && !options.go_on()) break;
    one = problem.power == 2 ? climb_squares(problem, one) : climb_steps(problem, std::move(one), ++seed);
  }
  return distinct_of(std::move(starts), options.witnesses, options.distinct);
}

}  // namespace nadir::polar
