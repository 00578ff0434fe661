#include "nadir/homogeneous/unit_bounds.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "nadir/polar/output_cones.hpp"
#include "nadir/polar/tree_evidence.hpp"

namespace nadir::homogeneous {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// One direction v, h = Gv, and what is proven of Q(h).
struct Direction {
  Vector v, above, below;  ///< h₊ and h₋
  double scaling = 1;      ///< τ
  double found = 0;        ///< Q is not proven below this by the scaling, as far as the search sees
  double value = infinity;
  polar::BranchResult rest, of_below;
  bool finished = false;  ///< further nodes do not lower it
  long nodes = 0;         ///< that its last proof was given
};

class DirectionSearch {
 public:
  DirectionSearch(const Problem& problem, const Matrix& G, const UnitBoundOptions& options)
      : problem_(problem),
        G_(G),
        options_(options),
        deep_(problem.subnetwork.layers().size() > 2),
        nodes_left_(options.nodes),
        started_(std::chrono::steady_clock::now()) {
    search_.row_starts = search_.random_starts = 16, search_.polished = 4;
    if (G.cols() > 1 && G.cols() <= polar::OutputCones::most_outputs) cones_.emplace(G.cols());
  }

  UnitBound run() {
    if (!cones_) {
      for (Index k = 0; k < G_.cols(); ++k)
        for (const double sign : {1.0, -1.0}) take(sign * Vector::Unit(G_.cols(), k));
    } else {
      for (const Vector& v : cones_->directions()) take(v);
    }
    const long polars = (deep_ ? 2 : 1) * static_cast<long>(known_.size());
    for (Direction& one : known_) prove(one, std::max(1L, options_.nodes / (2 * polars)));
    while (nodes_left_ > 1 && seconds_left() > 0 && goes_on() && bound() > options_.level && improve()) {
    }
    return result();
  }

 private:
  static constexpr double easy = 0.8;            ///< of the level: directions proven below it do not matter
  static constexpr double coarse = 0.005;        ///< of a bound over cones: how far above what is found it may stay
  static constexpr std::size_t most_known = 64;  ///< directions of cones
  static constexpr double pays = 1e-3;           ///< of the bound, that a split of a cone promises

  bool goes_on() { return go_on_ = go_on_ && (!options_.go_on || options_.go_on()); }
  double seconds_left() const {
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - started_;
    return std::max(0.0, options_.time_limit - used.count());
  }

  double found_of(const Vector& h) const {
    const auto found = polar::local_search({problem_.features, h}, Matrix(0, problem_.features.cols()), search_);
    return found.empty() ? 0 : found.front().value;
  }

  /// A direction more, with its scaling: where a search for ρ sees both parts of Q equal, if it does.
  void take(const Vector& v) {
    Direction& one = known_.emplace_back();
    const Vector h = polar::in_direction(G_, v);
    one.v = v, one.above = h.cwiseMax(0), one.below = (-h).cwiseMax(0);
    if (!deep_) return;
    one.scaling = 0, one.found = found_of(one.above);
    const double other = one.below.isZero(0) ? infinity : found_of(one.below);
    for (double step = 1; step > 1e-3 && other < infinity; step /= 2) {
      const double next = one.scaling + step;
      if (next > 1) continue;
      const double rest = found_of(one.above - next * one.below);
      if (next * other > rest) continue;
      one.scaling = next, one.found = rest;
    }
  }

  /// What the search, not the proof, keeps from being lower.
  double level_of(const Direction& one) const {
    if (!cones_) return options_.level / std::sqrt(static_cast<double>(G_.cols()));
    return std::max(easy * options_.level * one.v.norm(), one.found * (1 + coarse));
  }

  polar::BranchResult branch(const Vector& h, double level, long nodes) {
    polar::BranchOptions branch;
    branch.level = level, branch.tolerance = cones_ ? coarse : 1e-9, branch.search = search_;
    branch.max_nodes = std::max(1L, std::min(nodes, nodes_left_)), branch.time_limit = seconds_left();
    if (options_.go_on) branch.watch = [this](const polar::BranchProgress& /*progress*/) { return goes_on(); };
    polar::BranchResult result =
        polar::bound_by_branching({problem_.features, h}, Matrix(0, problem_.features.cols()), branch);
    nodes_ += result.nodes, nodes_left_ -= result.nodes;
    return result;
  }

  /// With so many nodes for each of the two polars. What was proven before is kept where it is better.
  void prove(Direction& one, long nodes) {
    const auto ended = [](const polar::BranchResult& result) { return result.ending != Ending::iteration_limit; };
    const auto take_better = [](polar::BranchResult& kept, polar::BranchResult next) {
      if (kept.upper.evidence.empty() || next.upper.value < kept.upper.value) kept = std::move(next);
    };
    const double level = level_of(one);
    one.nodes = nodes, one.finished = true;
    if (one.rest.upper.evidence.empty() || one.rest.upper.value > level) {
      take_better(one.rest, branch(one.above - one.scaling * one.below, level, nodes));
      one.finished = ended(one.rest);
    }
    one.value = one.rest.upper.value;
    if (!deep_ || one.scaling == 0) return;
    const double rest = std::max(level, one.value);
    if (one.of_below.upper.evidence.empty() || one.scaling * one.of_below.upper.value > rest) {
      take_better(one.of_below, branch(one.below, rest / one.scaling, nodes));
      one.finished = one.finished && ended(one.of_below);
    }
    one.value = std::max(one.value, one.scaling * one.of_below.upper.value * (1 + 0x1p-50));
  }

  polar::LargestCone worst_cone() const {
    Vector bounds(static_cast<Index>(known_.size()));
    for (Index v = 0; v < bounds.size(); ++v) bounds[v] = known_[static_cast<std::size_t>(v)].value;
    if (bounds.allFinite()) return polar::largest_bound(*cones_, bounds);
    polar::LargestCone none;
    none.value = infinity;
    return none;
  }

  double bound() const {
    if (cones_) return worst_cone().value;
    double sum = 0;
    for (std::size_t v = 0; v < known_.size(); v += 2)
      sum += std::pow(std::max(known_[v].value, known_[v + 1].value), 2);
    return std::sqrt(sum) * (1 + 0x1p-50 * static_cast<double>(known_.size()));
  }

  /// Tightens the direction that matters most, or splits the cone that does; false where neither promises anything.
  bool improve() {
    if (!cones_) {
      Direction* worst = nullptr;
      for (Direction& one : known_)
        if (!one.finished && one.value > level_of(one) && (worst == nullptr || one.value > worst->value)) worst = &one;
      if (worst != nullptr) prove(*worst, 4 * worst->nodes);
      return worst != nullptr;
    }
    const polar::LargestCone worst = worst_cone();
    if (worst.leaf < 0) return false;
    const std::vector<Index>& generators = cones_->generators(worst.leaf);
    const auto at = [&](std::size_t j) -> Direction& { return known_[static_cast<std::size_t>(generators[j])]; };
    double gain = pays * worst.value * worst.value;
    Direction* tighter = nullptr;
    Index a = 0, b = 0;
    for (std::size_t j = 0; j < generators.size(); ++j) {
      const double share = worst.point.multipliers[static_cast<Index>(j)];
      if (!at(j).finished && share * (at(j).value - at(j).found) > gain)
        gain = share * (at(j).value - at(j).found), tighter = &at(j);
      for (std::size_t i = 0; i < j && known_.size() < most_known; ++i) {
        const double both = std::min(share, worst.point.multipliers[static_cast<Index>(i)]);
        if (!(both * (at(i).value + at(j).value) > gain)) continue;
        const double now = both * (at(i).value + at(j).value - found_in(at(i).v + at(j).v));
        if (now > gain) gain = now, a = static_cast<Index>(i), b = static_cast<Index>(j);
      }
    }
    if (b == 0 && tighter == nullptr) return false;
    if (b == 0) {
      prove(*tighter, 4 * tighter->nodes);
    } else if (const Index v = cones_->split(worst.leaf, a, b); static_cast<std::size_t>(v) == known_.size()) {
      const long nodes = known_.front().nodes;
      take(cones_->directions()[static_cast<std::size_t>(v)]);
      prove(known_.back(), nodes);
    }
    return true;
  }
  /// Of ρ, and of Q at least that.
  double found_in(const Vector& v) const { return found_of(polar::in_direction(G_, v)); }

  UnitBound result() {
    UnitBound made;
    made.polar = bound(), made.nodes = nodes_;
    polar::OutputCones::Listing listing;
    if (cones_) {
      listing = cones_->listing();
    } else {
      for (Index v = 0; v < static_cast<Index>(known_.size()); ++v) listing.order.push_back(v);
    }
    polar::TreeWriter writer;
    Matrix scalings(static_cast<Index>(listing.order.size()), 1);
    for (Index row = 0; row < scalings.rows(); ++row) {
      const Direction& one = known_[static_cast<std::size_t>(listing.order[static_cast<std::size_t>(row)])];
      scalings(row, 0) = one.scaling;
      writer.add(one.rest.upper.evidence);
      if (deep_ && one.scaling > 0) writer.add(one.of_below.upper.evidence);
    }
    made.evidence = writer.finish(problem_.features.rows(), problem_.features.cols());
    if (deep_) made.evidence.scalings = std::move(scalings);
    made.evidence.output_cones = std::move(listing.nodes);
    return made;
  }

  const Problem& problem_;
  const Matrix& G_;
  const UnitBoundOptions& options_;
  bool deep_, go_on_ = true;
  polar::LocalSearchOptions search_;
  std::optional<polar::OutputCones> cones_;
  std::vector<Direction> known_;  ///< by number
  long nodes_left_, nodes_ = 0;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace

long default_nodes(const Problem& problem) {
  constexpr double numbers = 1.2e7;  // of the features, seen in half a minute
  const Index K = problem.subnetwork.outputs();
  const long directions = K > 1 && K <= polar::OutputCones::most_outputs ? 1L << K : 2 * K;
  const long polars = (problem.subnetwork.layers().size() > 2 ? 2 : 1) * directions;
  const auto nodes = static_cast<long>(numbers / static_cast<double>(std::max<Index>(problem.features.size(), 1)));
  return nodes < 2 * polars ? 0 : std::min(nodes, 2000L);
}

bool has_unit_bound(const Subnetwork& subnetwork) {
  const std::vector<Layer>& layers = subnetwork.layers();
  return layers.size() > 1 && subnetwork.places() == 1 && layers.back().map == Map::linear &&
         std::all_of(layers.begin(), layers.end(), [](const Layer& layer) { return layer.pool == 1; }) &&
         std::all_of(layers.begin(), layers.end() - 1, [](const Layer& layer) { return layer.map == Map::relu; });
}

UnitBound bound_by_units(const Problem& problem, const Matrix& G, const UnitBoundOptions& options) {
  return DirectionSearch(problem, G, options).run();
}

}  // namespace nadir::homogeneous
