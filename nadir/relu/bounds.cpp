#include "nadir/relu/bounds.hpp"

#include <algorithm>
#include <chrono>
#include <numbers>

#include "nadir/claim/claim.hpp"
#include "nadir/net/patterns.hpp"

namespace nadir::relu {
namespace {

/// The τ in (0, 1 − 2⁻⁴²] where a function that rises, then falls is largest, by golden section.
template <class Value>
double best_tau(const Value& value) {
  constexpr int steps = 45;
  constexpr double golden = std::numbers::phi - 1, most = 1 - 0x1p-42;
  double low = 0, high = most, a = high - golden * (high - low), b = low + golden * (high - low);
  double at_a = value(a), at_b = value(b);
  for (int step = 0; step < steps; ++step) {
    if (at_a < at_b) {
      low = a, a = b, at_a = at_b, b = low + golden * (high - low), at_b = value(b);
    } else {
      high = b, b = a, at_b = at_a, a = high - golden * (high - low), at_a = value(a);
    }
  }
  return value(most) >= std::max(at_a, at_b) ? most : at_a > at_b ? a : b;
}

double gap_at(const Problem& problem, const Iterate& at, double at_zero, double q) {
  const double bound = lower_bound(problem, at.dual, q);
  return nadir::relative_gap(at.objective, bound, at_zero);
}

/// The largest q that still gives the wanted gap; at least λ, which is 0 in the constrained form.
double level_for(const Problem& problem, const Iterate& at, double gap) {
  const double at_zero = problem.loss.value_at_zero();
  if (problem.constrained()) {  // q is small enough if τδq ≤ −L*(−τG) − wanted for one τ
    const double wanted = (at.objective - gap * at_zero) / (1 - gap);
    const auto level = [&](double tau) {
      return (problem.loss.dual_value(at.dual, tau) - wanted) / (tau * problem.radius);
    };
    return std::max(0.0, level(best_tau(level)));
  }
  double low = problem.lambda, high = 2 * problem.lambda;
  if (!(gap_at(problem, at, at_zero, low) < gap)) return low;
  for (int k = 0; k < 40 && gap_at(problem, at, at_zero, high) < gap; ++k) low = high, high *= 2;
  for (int k = 0; k < 60; ++k) {
    const double middle = (low + high) / 2;
    (gap_at(problem, at, at_zero, middle) < gap ? low : high) = middle;
  }
  return low;
}

/// q, from bounds on each output.
double over_outputs(const Problem& problem, const Vector& bounds) {
  return problem.shared ? bounds.norm() : bounds.maxCoeff();
}

/// q, from bounds on each output and sign.
double over_polars(const Problem& problem, const std::vector<PolarBound>& polars) {
  Vector bounds = Vector::Zero(problem.outputs());
  for (const PolarBound& one : polars) bounds[one.output] = std::max(bounds[one.output], one.result.upper.value);
  return over_outputs(problem, bounds);
}

}  // namespace

double best_scaling(const Problem& problem, const Matrix& G, double q) {
  if (!problem.constrained()) return q > problem.lambda ? problem.lambda / q : 1.0;
  return best_tau([&](double tau) { return problem.loss.dual_value(G, tau) - tau * problem.radius * q; });
}

double taken_beside_units(const Problem& problem, const Matrix& G, double error) {
  double taken = 0;
  if (problem.bias_weight > 0)
    taken +=
        (G.colwise().sum().cwiseAbs().array() + error * G.cwiseAbs().sum()).square().sum() / (2 * problem.bias_weight);
  if (problem.skip_weight > 0) {
    const double sizes = (problem.features.rowwise().norm().transpose() * G.cwiseAbs()).sum();
    const double norm = (problem.features.transpose() * G).norm() + error * sizes;
    taken += norm * norm / (2 * problem.skip_weight);
  }
  return taken;
}

double lower_bound(const Problem& problem, const Matrix& G, double q) {
  const double tau = best_scaling(problem, G, q);
  if (!problem.constrained()) return problem.loss.dual_value(G, tau) - tau * tau * taken_beside_units(problem, G);
  return problem.loss.dual_value(G, tau) - tau * problem.radius * q;
}

WidthBound bound_over_widths(const Problem& problem, const Iterate& at, const BoundOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  WidthBound bound;
  polar::BranchOptions branch;
  branch.level = level_for(problem, at, options.gap);
  if (problem.shared) branch.level /= std::sqrt(static_cast<double>(problem.outputs()));
  branch.search = search_options(problem, {64, 50, 16}, options.seed);
  branch.tolerance = 1e-9;
  // A first look at all of them finds those that are easy; the others share the time that is left.
  std::vector<bool> done(static_cast<std::size_t>(2 * problem.outputs()), false);
  bound.polars.resize(done.size());
  bool go_on = true;
  for (const bool first : {true, false}) {
    for (std::size_t p = 0; p < done.size(); ++p) {
      if (done[p] || (!first && !go_on)) continue;
      const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
      const auto left =
          static_cast<double>(std::count(done.begin() + static_cast<std::ptrdiff_t>(p), done.end(), false));
      branch.time_limit = std::max(0.0, options.time_limit - used.count()) / left / (first ? 10 : 1);
      branch.max_nodes = first ? std::max(1L, options.max_nodes / 10) : options.max_nodes;
      const auto k = static_cast<Index>(p / 2);
      const int sign = p % 2 == 0 ? 1 : -1;
      if (options.watch)
        branch.watch = [&](const polar::BranchProgress& now) {
          return go_on = options.watch(lower_bound(problem, at.dual, std::max(bound.polar, now.upper)),
                                       bound.nodes + now.nodes);
        };
      const polar::ReluPolar one{problem.features, sign * at.dual.col(k)};
      PolarBound next{k, sign, polar::bound_by_branching(one, at.units.directions_of(k, sign), branch)};
      bound.nodes += next.result.nodes;
      done[p] = next.result.ending == Ending::gap_reached || next.result.ending == Ending::no_progress;
      if (first || next.result.upper.value < bound.polars[p].result.upper.value) bound.polars[p] = std::move(next);
    }
    bound.polar = over_polars(problem, bound.polars);
  }
  bound.lower_bound = lower_bound(problem, at.dual, bound.polar);
  return bound;
}

PatternsBound bound_over_patterns(const Problem& problem, const Matrix& G, const ReluNetwork& network) {
  constexpr int sweeps = 300;  // each with 50 over what is off its border
  const Index n = problem.samples(), m = network.units.rows(), K = problem.outputs();
  PatternsBound bound;
  const Index wired = problem.shared ? m * K : (network.unit_outputs.array() != 0).count();
  bound.cells = Matrix::Zero(2 * wired, n);
  Index row = 0;
  const Patterns patterns(problem.features, network.units, 1);
  polar::ReluPolar one{problem.features, Vector()};
  for (Index j = 0; j < m; ++j) {
    polar::Signs signs(static_cast<std::size_t>(n));
    for (Index i = 0; i < n; ++i) signs[static_cast<std::size_t>(i)] = patterns.open(j, i) ? 1 : -1;
    Vector bounds = Vector::Zero(K);
    for (Index k = 0; k < K; ++k)
      for (const int sign : {1, -1}) {
        if (!problem.shared && network.unit_outputs(j, k) == 0) continue;
        one.weights = sign * G.col(k);
        const polar::Majorant linear = polar::linear_majorant(one, signs, sweeps);
        bounds[k] = std::max(bounds[k], polar::prove(one, signs, linear).value);
        bound.cells.row(row++) = linear.t.transpose();
      }
    bound.polar = std::max(bound.polar, over_outputs(problem, bounds));
  }
  bound.lower_bound = lower_bound(problem, G, bound.polar);
  return bound;
}

}  // namespace nadir::relu
