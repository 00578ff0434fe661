#include "nadir/polar/branch_and_bound.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace nadir::polar {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Signs signs_of(const ReluPolar& problem, const std::vector<Split>& path, std::size_t known) {
  Signs signs(static_cast<std::size_t>(problem.samples()), 0);
  for (std::size_t k = 0; k < known; ++k)
    signs[static_cast<std::size_t>(path[k].sample)] = static_cast<std::int8_t>(path[k].sign);
  return signs;
}

/// A leaf that may still be split: at `next`, from where Z stands.
struct Node {
  Leaf leaf;
  Matrix Z;
  Index next = -1;
  double penalty = 0;
};

class Search {
 public:
  Search(const ReluPolar& problem, const BranchOptions& options, std::vector<Witness> witnesses)
      : problem_(problem),
        options_(options),
        witnesses_(std::move(witnesses)),
        relaxation_(problem, reference()),
        started_(std::chrono::steady_clock::now()) {}

  BranchResult run() {
    Vector u = Vector::Unit(problem_.dimension(), 0);
    if (!witnesses_.empty()) u = witnesses_.front().u;
    Node root;
    root.leaf.bound = infinity, root.penalty = options_.relaxation.penalty;
    if (!(root.penalty > 0)) root.penalty = default_penalty(problem_.dimension());
    root.Z = relaxation_.start_at(u, options_.relaxation);
    examine(root);
    keep(std::move(root));
    Ending ending = Ending::gap_reached;
    while (!open_.empty()) {
      if (const std::optional<Ending> why = why_stop()) {
        ending = *why;
        break;
      }
      split();
    }
    if (ending == Ending::gap_reached && closed_bound_ > wanted()) ending = Ending::no_progress;
    return result(ending);
  }

 private:
  double lower() const { return witnesses_.empty() ? 0 : witnesses_.front().value; }
  double wanted() const { return std::max(options_.level, lower() * (1 + options_.tolerance)); }
  double upper() const { return std::max(closed_bound_, open_.empty() ? 0 : open_.front().leaf.bound); }
  double reference() const {
    const double size = problem_.weights.cwiseAbs().dot(row_norms(problem_.features));
    return std::max({options_.level, lower(), 1e-6 * size, 0x1p-500});
  }

  std::optional<Ending> why_stop() const {
    if (nodes_ + 2 > options_.max_nodes) return Ending::iteration_limit;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started_;
    if (!(seconds.count() < options_.time_limit)) return Ending::time_limit;
    if (options_.watch && !options_.watch({nodes_, lower(), upper()})) return Ending::told_to;
    return std::nullopt;
  }

  /// Bounds a node that stands at its parent's Z, and finds where to split it. Where violated cuts matter more than
  /// ambiguous samples, splitting would not help: it is solved again with a larger penalty.
  void examine(Node& node) {
    constexpr int attempts = 5;
    constexpr int sweeps = 2000;
    constexpr double negligible = 1e-9;
    ++nodes_;
    const Signs signs = signs_of(problem_, node.leaf.path, node.leaf.path.size());
    if (is_linear(signs)) {
      const Majorant linear = linear_majorant(problem_, signs, sweeps);
      improve(node, prove(problem_, signs, linear).value, linear.t);
    }
    for (int attempt = 0; attempt < attempts && node.leaf.bound > wanted(); ++attempt) {
      RelaxationOptions options = options_.relaxation;
      options.penalty = node.penalty;
      Relaxed solved = relaxation_.solve(signs, node.Z, wanted(), options);
      if (attempt == 0) remember(ascend(problem_, solved.Z.col(0), options_.search));
      node.Z = std::move(solved.Z);
      improve(node, solved.upper.value, std::move(solved.upper.evidence));
      Index worst = -1;
      const double most = solved.ambiguity.maxCoeff(&worst), total = solved.ambiguity.sum();
      node.next = most > negligible * lower() ? worst : -1;
      if (node.leaf.bound <= wanted() || (node.next >= 0 && !(solved.violation > total))) return;
      node.penalty *= 4;
    }
    if (node.next < 0) node.next = first_free(signs);
  }

  /// Whether no free sample has a positive weight: linear majorants serve, and cost little.
  bool is_linear(const Signs& signs) const {
    for (std::size_t i = 0; i < signs.size(); ++i)
      if (signs[i] == 0 && problem_.weights[static_cast<Index>(i)] > 0) return false;
    return true;
  }

  static void improve(Node& node, double bound, LeafEvidence evidence) {
    if (node.leaf.evidence && !(bound < node.leaf.bound)) return;
    node.leaf.bound = bound;
    node.leaf.evidence = std::make_shared<const LeafEvidence>(std::move(evidence));
    node.leaf.known = node.leaf.path.size();
  }

  static Index first_free(const Signs& signs) {
    const auto found = std::find(signs.begin(), signs.end(), 0);
    return found == signs.end() ? -1 : static_cast<Index>(found - signs.begin());
  }

  /// A better start for pruning, if it is one.
  void remember(Witness witness) {
    if (!(witness.value > 0)) return;
    const double distinct = options_.search.distinct;
    const auto same = std::find_if(witnesses_.begin(), witnesses_.end(),
                                   [&](const Witness& other) { return other.u.dot(witness.u) > distinct; });
    if (same == witnesses_.end())
      witnesses_.push_back(std::move(witness));
    else if (witness.value > same->value)
      *same = std::move(witness);
    std::stable_sort(witnesses_.begin(), witnesses_.end(),
                     [](const Witness& a, const Witness& b) { return a.value > b.value; });
    if (static_cast<int>(witnesses_.size()) > options_.search.witnesses) witnesses_.pop_back();
  }

  static bool is_lower(const Node& a, const Node& b) { return a.leaf.bound < b.leaf.bound; }

  void keep(Node node) {
    if (node.leaf.bound <= wanted() || node.next < 0) return close(std::move(node));
    open_.push_back(std::move(node));
    std::push_heap(open_.begin(), open_.end(), is_lower);
  }

  void close(Node node) {
    closed_bound_ = std::max(closed_bound_, node.leaf.bound);
    closed_.push_back(std::move(node.leaf));
  }

  void split() {
    std::pop_heap(open_.begin(), open_.end(), is_lower);
    Node parent = std::move(open_.back());
    open_.pop_back();
    if (parent.leaf.bound <= wanted()) return close(std::move(parent));
    const Vector direction = parent.Z.col(0);
    parent.Z += 0.02 * relaxation_.start_at(direction, options_.relaxation);  // not to stay where it cannot leave
    for (const int sign : {1, -1}) {
      Node child = parent;
      child.leaf.path.push_back({parent.next, sign});
      examine(child);
      keep(std::move(child));
    }
  }

  BranchResult result(Ending ending) {
    BranchResult result{{upper(), std::move(closed_)}, witnesses_, nodes_, ending};
    for (Node& node : open_) result.upper.evidence.push_back(std::move(node.leaf));
    return result;
  }

  const ReluPolar& problem_;
  const BranchOptions& options_;
  std::vector<Witness> witnesses_;
  Relaxation relaxation_;
  std::chrono::steady_clock::time_point started_;
  std::vector<Node> open_;    ///< a heap by bound
  std::vector<Leaf> closed_;  ///< as wanted, or with nothing left to split
  double closed_bound_ = 0;
  long nodes_ = 0;
};

/// Whether the leaves of [begin, end), alike in their first `depth` splits, cover the cone of those splits.
bool covers(std::vector<const Leaf*>::iterator begin, std::vector<const Leaf*>::iterator end, std::size_t depth) {
  if (begin == end) return false;
  const bool ends = std::any_of(begin, end, [&](const Leaf* leaf) { return leaf->path.size() <= depth; });
  if (ends) return true;
  const Index sample = (*begin)->path[depth].sample;
  const auto is_here = [&](const Leaf* leaf) {
    const Split& split = leaf->path[depth];
    return split.sample == sample && (split.sign == 1 || split.sign == -1);
  };
  if (!std::all_of(begin, end, is_here)) return false;
  const auto middle = std::partition(begin, end, [&](const Leaf* leaf) { return leaf->path[depth].sign > 0; });
  return covers(begin, middle, depth + 1) && covers(middle, end, depth + 1);
}

}  // namespace

BranchResult bound_by_branching(const ReluPolar& problem, const Matrix& given, const BranchOptions& options) {
  return Search(problem, options, local_search(problem, given, options.search)).run();
}

double proven_by(const ReluPolar& problem, const std::vector<Leaf>& leaves) {
  std::vector<const Leaf*> all;
  for (const Leaf& leaf : leaves) all.push_back(&leaf);
  if (!covers(all.begin(), all.end(), 0)) return infinity;
  const Relaxation relaxation(problem, 1);
  double bound = 0;
  for (const Leaf& leaf : leaves) {
    if (!leaf.evidence || leaf.known > leaf.path.size()) return infinity;
    const Signs signs = signs_of(problem, leaf.path, leaf.known);
    const auto* const point = std::get_if<RelaxedPoint>(leaf.evidence.get());
    const Majorant majorant = point != nullptr ? relaxation.majorant_at(signs, *point)
                                               : linear_majorant_at(problem, signs, std::get<Vector>(*leaf.evidence));
    bound = std::max(bound, prove(problem, signs, majorant).value);
  }
  return bound;
}

}  // namespace nadir::polar
