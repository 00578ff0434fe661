#pragma once
// Upper bounds on the polar as tight as time allows, by branching on the signs of samples.
//
// A node is a cone: the directions on which some samples have given signs. It is bounded by the relaxation
// (relaxation.hpp) with the cuts that those signs allow. A node whose bound is above what is wanted is split by the
// sample for whose sake its relaxation exceeds f the most; the node with the largest bound is next. The leaves' cones
// cover the space, so the largest of their bounds is a bound on ρ, at any time, and the leaves with their majorants are
// its evidence. Every node's relaxed direction is a start for the local search.
#include <functional>
#include <limits>
#include <memory>
#include <variant>
#include <vector>

#include "nadir/opt/termination.hpp"
#include "nadir/polar/local_search.hpp"
#include "nadir/polar/relaxation.hpp"

namespace nadir::polar {

struct BranchProgress {
  long nodes = 0;
  double lower = 0;  ///< the best witness
  double upper = 0;  ///< the largest bound of a leaf
};

struct BranchOptions {
  double level = 0;         ///< a bound of so much is all that is wanted: λ(1 + ε)
  double tolerance = 1e-6;  ///< nor is one below the best witness times 1 + tolerance
  long max_nodes = 1000;
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds, for whole nodes
  RelaxationOptions relaxation;
  LocalSearchOptions search;
  std::function<bool(const BranchProgress&)> watch;  ///< once a node; answers whether to go on
};

/// One sample's sign, on one side of a split.
struct Split {
  Index sample;
  int sign;
};

/// From which a majorant follows: a point of the relaxation, or the t of a linear one, n.
using LeafEvidence = std::variant<RelaxedPoint, Vector>;

/// A cone and a majorant on it. The majorant may be an ancestor's: it reads only the first `known` splits of the path.
struct Leaf {
  std::vector<Split> path;
  std::size_t known = 0;
  std::shared_ptr<const LeafEvidence> evidence;
  double bound = 0;
};

struct BranchResult {
  ProvenUpper<std::vector<Leaf>> upper;
  std::vector<Witness> witnesses;  ///< distinct, the best first
  long nodes = 0;
  Ending ending =
      Ending::gap_reached;  ///< gap_reached: the bound is as wanted; no_progress: no sample is left to split
};

/// `given`: rows to start the local search from. Without a time limit the result is a function of the arguments.
BranchResult bound_by_branching(const ReluPolar& problem, const Matrix& given, const BranchOptions& options);

/// What leaves prove, from nothing but themselves: infinite unless their cones come from a tree of splits.
double proven_by(const ReluPolar& problem, const std::vector<Leaf>& leaves);

}  // namespace nadir::polar
