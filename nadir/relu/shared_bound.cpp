#include "nadir/relu/shared_bound.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace nadir::relu {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class OutputConeSearch {
 public:
  OutputConeSearch(const Problem& problem, const Iterate& at, double level, const BoundOptions& options)
      : problem_(problem),
        at_(at),
        level_(level),
        options_(options),
        search_(search_options(problem, options.effort, options.seed)),
        cones_(problem.outputs()),
        nodes_left_(2 * problem.outputs() * options.max_nodes),
        started_(std::chrono::steady_clock::now()) {}

  WidthBound run() {
    take_directions();
    for (Index v = 0; v < count(); ++v)
      prove(v, std::max({easy * level_ * norm(v), close_to(v), known(v).lower + coarse * problem_.lambda * norm(v)}));
    while (may_go_on()) {
      const polar::LargestCone worst = worst_cone();
      if (worst.value <= level_ || worst.leaf < 0 || !improve(worst)) break;
    }
    return result();
  }

 private:
  static constexpr double easy = 0.8;      ///< of the level: directions that are proven below it do not matter at first
  static constexpr double coarse = 0.02;   ///< of λ: how far above what was found a first proof may stay
  static constexpr double quarter = 0.25;  ///< of what is between both sides, that a tighter proof leaves
  static constexpr Index most_directions = 256;
  static constexpr double most_numbers = 0x1p25;  ///< of the evidence on the units' own cells

  struct Direction {
    double lower = 0;  ///< found by local search
    PolarBound proven;
    bool exhausted = false;  ///< nodes or time ended its proof
  };
  Index count() const { return static_cast<Index>(cones_.directions().size()); }
  const Vector& direction(Index v) const { return cones_.directions()[static_cast<std::size_t>(v)]; }
  double norm(Index v) const { return direction(v).norm(); }
  Direction& known(Index v) { return known_[static_cast<std::size_t>(v)]; }
  double upper(Index v) { return known(v).proven.result.upper.value; }
  /// Half of the room between λ and the level, above what was found.
  double close_to(Index v) {
    return known(v).lower + std::max(0.5 * (level_ - problem_.lambda), 1e-9 * level_) * norm(v);
  }

  Matrix starts(const Vector& v) const {
    Index k = 0;
    v.cwiseAbs().maxCoeff(&k);
    return at_.units.directions_of(k, v[k] > 0 ? 1 : -1);
  }
  polar::ReluPolar polar_in(const Vector& v) const { return {problem_.features, polar::in_direction(at_.dual, v)}; }

  /// By local search, once in each direction.
  double found_in(const Vector& v) {
    const auto before = std::find_if(found_.begin(), found_.end(), [&](const auto& one) { return one.first == v; });
    if (before != found_.end()) return before->second;
    const std::vector<polar::Witness> best = polar::local_search(polar_in(v), starts(v), search_);
    found_.emplace_back(v, best.empty() ? 0 : best.front().value);
    return found_.back().second;
  }
  /// What is found of directions that have come.
  void take_directions() {
    while (known_.size() < static_cast<std::size_t>(count())) {
      Direction next;
      next.lower = found_in(direction(static_cast<Index>(known_.size())));
      next.proven.result.upper.value = infinity;
      known_.push_back(std::move(next));
    }
  }

  double seconds_left() const {
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - started_;
    return std::max(0.0, options_.time_limit - used.count());
  }
  bool may_go_on() const { return go_on_ && nodes_left_ > 1 && seconds_left() > 0; }

  /// To that level, if nodes and time last. What was proven before is kept where it is better.
  void prove(Index v, double level) {
    constexpr double share = 0.25;  // of the time that is left
    polar::BranchOptions branch;
    branch.level = level, branch.tolerance = 1e-9, branch.search = search_;
    branch.max_nodes = std::max(1L, std::min(options_.max_nodes, nodes_left_));
    branch.time_limit = share * seconds_left();
    if (options_.watch)
      branch.watch = [&](const polar::BranchProgress& now) {
        return go_on_ = options_.watch(lower_bound(problem_, at_.dual, q_), nodes_ + now.nodes);
      };
    polar::BranchResult result = polar::bound_by_branching(polar_in(direction(v)), starts(direction(v)), branch);
    Direction& one = known(v);
    nodes_ += result.nodes, nodes_left_ -= result.nodes;
    one.exhausted = result.ending != Ending::gap_reached;
    if (!result.witnesses.empty()) one.lower = std::max(one.lower, result.witnesses.front().value);
    if (one.proven.direction.size() == 0 || result.upper.value < upper(v))
      one.proven = {direction(v), std::move(result)};
  }

  polar::LargestCone worst_cone() {
    Vector bounds(count());
    for (Index v = 0; v < count(); ++v) bounds[v] = upper(v);
    polar::LargestCone worst;
    worst.value = infinity;  // where a proof failed altogether
    if (bounds.allFinite()) worst = polar::largest_bound(cones_, bounds);
    q_ = worst.value;
    return worst;
  }
  Index generator(Index leaf, Index j) const { return cones_.generators(leaf)[static_cast<std::size_t>(j)]; }

  bool has_room() const {
    const double numbers = static_cast<double>(problem_.samples()) * static_cast<double>(at_.units.count() + 1);
    return count() < most_directions && static_cast<double>(count()) * numbers < most_numbers;
  }

  /// By how much ‖z‖² falls, to first order, is Σcⱼ times the change of rⱼ; false where nothing promises any.
  bool improve(const polar::LargestCone& worst) {
    const Index K = problem_.outputs();
    const double matters = 1e-3 * (worst.value - level_) * worst.value;
    Index tighter = -1, a = -1, b = -1;
    double gain = matters;
    for (Index j = 0; j < K; ++j) {
      const Index v = generator(worst.leaf, j);
      const double now = worst.point.multipliers[j] * (upper(v) - known(v).lower);
      if (!known(v).exhausted && upper(v) > close_to(v) && now > gain) gain = now, tighter = v;
    }
    const Matrix rows = cones_.generator_rows(worst.leaf);
    for (Index i = 0; i < K && has_room(); ++i)
      for (Index j = i + 1; j < K; ++j) {
        const double size = std::min(worst.point.multipliers[i], worst.point.multipliers[j]);
        const double most = size * (upper(generator(worst.leaf, i)) + upper(generator(worst.leaf, j)));
        if (!(most > gain)) continue;
        const double now = most - size * found_in(rows.row(i).transpose() + rows.row(j).transpose());
        if (now > gain) gain = now, a = i, b = j;
      }
    if (b >= 0) {
      const double before = upper(generator(worst.leaf, a)) + upper(generator(worst.leaf, b));
      const Index v = cones_.split(worst.leaf, a, b);
      if (static_cast<std::size_t>(v) < known_.size()) return true;
      take_directions();
      prove(v, std::max(close_to(v), known(v).lower + quarter * (before - known(v).lower)));
      return true;
    }
    if (tighter < 0) return false;
    prove(tighter,
          std::max(close_to(tighter), known(tighter).lower + quarter * (upper(tighter) - known(tighter).lower)));
    return true;
  }

  WidthBound result() {
    WidthBound bound;
    bound.polar = worst_cone().value;
    bound.lower_bound = lower_bound(problem_, at_.dual, bound.polar);
    bound.nodes = nodes_;
    for (Direction& one : known_) bound.polars.push_back(std::move(one.proven));
    bound.cones = std::move(cones_);
    return bound;
  }

  const Problem& problem_;
  const Iterate& at_;
  double level_;
  const BoundOptions& options_;
  polar::LocalSearchOptions search_;
  polar::OutputCones cones_;
  std::vector<Direction> known_;                  ///< by number of the direction
  std::vector<std::pair<Vector, double>> found_;  ///< in these directions, also of splits that were not made
  long nodes_left_, nodes_ = 0;
  std::chrono::steady_clock::time_point started_;
  bool go_on_ = true;
  double q_ = infinity;
};

}  // namespace

WidthBound bound_over_output_cones(const Problem& problem, const Iterate& at, double level,
                                   const BoundOptions& options) {
  return OutputConeSearch(problem, at, level, options).run();
}

}  // namespace nadir::relu
