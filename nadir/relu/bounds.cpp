#include "nadir/relu/bounds.hpp"

#include <algorithm>
#include <chrono>
#include <numbers>
#include <numeric>

#include "nadir/claim/claim.hpp"
#include "nadir/net/patterns.hpp"
#include "nadir/opt/cone_projection.hpp"
#include "nadir/polar/simplicial_cones.hpp"
#include "nadir/relu/shared_bound.hpp"

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

/// q, from bounds in the directions of the polars.
double over_directions(const Problem& problem, const WidthBound& widths, const Vector& bounds) {
  if (!bounds.allFinite()) return std::numeric_limits<double>::infinity();
  if (widths.cones) return polar::largest_bound(*widths.cones, bounds).value;
  if (!problem.shared) return bounds.maxCoeff();
  double sum = 0;  // a pair of bounds for each output
  for (Index k = 0; k < problem.outputs(); ++k) sum += std::pow(bounds.segment(2 * k, 2).maxCoeff(), 2);
  return std::sqrt(sum);
}

double over_polars(const Problem& problem, const WidthBound& widths) {
  Vector bounds(static_cast<Index>(widths.polars.size()));
  for (Index p = 0; p < bounds.size(); ++p) bounds[p] = widths.polars[static_cast<std::size_t>(p)].result.upper.value;
  return over_directions(problem, widths, bounds);
}

/// The t ≥ 0 of the shortest Σ_{σ=1} gᵢxᵢ + Σ σᵢtᵢxᵢ: the nearest point of the cell's cone, an exact bound over it.
Vector cell_multipliers(const polar::ReluPolar& one, const polar::Signs& signs, const SampleRows& unit_rows,
                        const Vector& sizes) {
  const Vector sides =
      Eigen::Map<const Eigen::Matrix<std::int8_t, Eigen::Dynamic, 1>>(signs.data(), static_cast<Index>(signs.size()))
          .cast<double>();
  const Vector open = (sides.array() > 0).select(one.weights, 0.0);
  const ConePoint nearest = project_on_cone(unit_rows, sides, adjoint_product(one.features, open));
  Vector t = Vector::Zero(sides.size());
  for (std::size_t k = 0; k < nearest.active.size(); ++k)
    t[nearest.active[k]] = nearest.multipliers[static_cast<Index>(k)] / sizes[nearest.active[k]];
  return t;
}

bool has_output_cones(const Problem& problem) {
  return problem.shared && problem.outputs() > 1 && problem.outputs() <= polar::OutputCones::most_outputs;
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
    const double sizes = (row_norms(problem.features).transpose() * G.cwiseAbs()).sum();
    const double norm = adjoint_product(problem.features, G).norm() + error * sizes;
    taken += norm * norm / (2 * problem.skip_weight);
  }
  return taken;
}

double lower_bound(const Problem& problem, const Matrix& G, double q) {
  const double tau = best_scaling(problem, G, q);
  if (!problem.constrained()) return problem.loss.dual_value(G, tau) - tau * tau * taken_beside_units(problem, G);
  return problem.loss.dual_value(G, tau) - tau * problem.radius * q;
}

namespace {

/// One polar, from both sides, by simplicial cones.
PolarBound bound_by_simplices(const Problem& problem, const Iterate& at, Index k, int sign,
                              const polar::BranchOptions& options) {
  const Vector v = sign * Vector::Unit(problem.outputs(), k);
  polar::SimplicialResult found = polar::bound_over_cones({problem.features, sign * at.dual.col(k), problem.power},
                                                          at.units.directions_of(k, sign), options);
  return {v, {{found.upper, {}}, std::move(found.witnesses), found.nodes, found.ending}, std::move(found.tree)};
}

/// One polar, from both sides.
PolarBound bound_polar(const Problem& problem, const Iterate& at, Index k, int sign,
                       const polar::BranchOptions& options) {
  if (problem.power != 1) return bound_by_simplices(problem, at, k, sign, options);
  const polar::ReluPolar one{problem.features, sign * at.dual.col(k)};
  return {sign * Vector::Unit(problem.outputs(), k),
          polar::bound_by_branching(one, at.units.directions_of(k, sign), options)};
}

/// Of power 1 and few features: all polars by simplicial cones, which are many, but each in microseconds.
WidthBound bound_by_simplices(const Problem& problem, const Iterate& at, polar::BranchOptions branch,
                              const BoundOptions& options, double seconds) {
  constexpr long as_many = 1000, most = 1 << 20;  // for one node of a tree of signs; in the file
  const auto begin = std::chrono::steady_clock::now();
  WidthBound bound;
  const Index polars = 2 * problem.outputs();
  branch.max_nodes = std::min(as_many * options.max_nodes, most / polars);
  for (Index p = 0; p < polars; ++p) {
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
    branch.time_limit = std::max(0.0, seconds - used.count()) / static_cast<double>(polars - p);
    if (options.watch)
      branch.watch = [&](const polar::BranchProgress& now) {
        return options.watch(lower_bound(problem, at.dual, std::max(bound.polar, now.upper)), bound.nodes + now.nodes);
      };
    bound.polars.push_back(bound_by_simplices(problem, at, p / 2, p % 2 == 0 ? 1 : -1, branch));
    const polar::BranchResult& result = bound.polars.back().result;
    bound.nodes += result.nodes, bound.polar = std::max(bound.polar, result.upper.value);
    branch.level = std::max(branch.level, bound.polar);  // no more is asked of the others
  }
  bound.lower_bound = lower_bound(problem, at.dual, bound.polar);
  return bound;
}

bool has_few_features(const Problem& problem) {
  constexpr Index few = 7;
  return problem.power == 1 && (!problem.shared || problem.outputs() == 1) && problem.inputs() >= 2 &&
         problem.inputs() <= few;
}

}  // namespace

WidthBound bound_over_widths(const Problem& problem, const Iterate& at, const BoundOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  WidthBound bound;
  polar::BranchOptions branch;
  branch.level = level_for(problem, at, options.gap);
  if (has_output_cones(problem)) return bound_over_output_cones(problem, at, branch.level, options);
  if (problem.shared) branch.level /= std::sqrt(static_cast<double>(problem.outputs()));
  branch.search = search_options(problem, options.effort, options.seed);
  branch.tolerance = 1e-9;
  WidthBound simplices;
  simplices.polar = std::numeric_limits<double>::infinity();
  // A first look at all of them finds those that are easy; the others share the time that is left. Between the two, of
  // few features, come simplicial cones, whose proof is found sooner there, but longer.
  std::vector<bool> done(static_cast<std::size_t>(2 * problem.outputs()), false);
  bound.polars.resize(done.size());
  bool go_on = true;
  for (const bool first : {true, false}) {
    if (!first && go_on && bound.polar > branch.level && has_few_features(problem)) {
      const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
      constexpr double share = 0.75;  // of the time that is left
      simplices = bound_by_simplices(problem, at, branch, options, share * (options.time_limit - used.count()));
      bound.nodes = simplices.nodes += bound.nodes;
      if (simplices.polar <= branch.level) return simplices;
    }
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
      PolarBound next = bound_polar(problem, at, k, sign, branch);
      bound.nodes += next.result.nodes;
      done[p] = next.result.ending == Ending::gap_reached || next.result.ending == Ending::no_progress;
      if (first || next.result.upper.value < bound.polars[p].result.upper.value) bound.polars[p] = std::move(next);
    }
    bound.polar = over_polars(problem, bound);
  }
  bound.lower_bound = lower_bound(problem, at.dual, bound.polar);
  simplices.nodes = bound.nodes;
  return simplices.polar < bound.polar ? simplices : bound;
}

std::vector<Index> file_order(const WidthBound& widths) {
  if (widths.cones) return widths.cones->listing().order;
  std::vector<Index> order(widths.polars.size());
  std::iota(order.begin(), order.end(), Index{0});
  return order;
}

PatternsBound bound_over_patterns(const Problem& problem, const Matrix& G, const ReluNetwork& network,
                                  const WidthBound& widths) {
  const Index n = problem.samples(), m = network.units.rows();
  const Vector sizes = row_norms(problem.features);
  const RescaledRows unit_rows(problem.features, (sizes.array() > 0).select(sizes.cwiseInverse(), 0.0),
                               RescaledRows::By::factor);
  const std::vector<Index> order = file_order(widths);
  const auto fed = [&](Index j, Index v) {
    return problem.shared || network.unit_outputs.row(j).dot(widths.polars[static_cast<std::size_t>(v)].direction) != 0;
  };
  PatternsBound bound;
  Index cells = 0, cell = 0;
  for (Index j = 0; j < m; ++j) cells += std::count_if(order.begin(), order.end(), [&](Index v) { return fed(j, v); });
  bound.cells.resize(cells, n);
  const Patterns patterns(problem.features, network.units, 1);
  polar::ReluPolar one{problem.features, Vector()};
  for (Index j = 0; j < m; ++j) {
    polar::Signs signs(static_cast<std::size_t>(n));
    for (Index i = 0; i < n; ++i) signs[static_cast<std::size_t>(i)] = patterns.open(j, i) ? 1 : -1;
    Vector bounds = Vector::Zero(static_cast<Index>(order.size()));
    for (const Index v : order) {
      if (!fed(j, v)) continue;
      one.weights = polar::in_direction(G, widths.polars[static_cast<std::size_t>(v)].direction);
      const polar::Majorant linear =
          polar::linear_majorant_at(one, signs, cell_multipliers(one, signs, unit_rows.view(), sizes));
      bounds[v] = polar::prove(one, signs, linear).value;
      bound.cells.row(cell++) = linear.t.transpose();
    }
    bound.polar = std::max(bound.polar, over_directions(problem, widths, bounds));
  }
  bound.lower_bound = lower_bound(problem, G, bound.polar);
  return bound;
}

}  // namespace nadir::relu
