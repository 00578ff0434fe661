#pragma once
// Units that feed all K outputs: from bounds in some directions of output weights to one in all
// (docs/math/two-layer.md, section 13). With ρ the polar of one output and G an n × K dual point,
//
//   q(G) = max over ‖u‖ ≤ 1 of ‖Gᵀ(Xu)₊‖ = max over ‖w‖ = 1 of ρ(Gw),
//
// and ρ(Gw) is convex and positively homogeneous in w. On the cone of generators v₁, …, v_K, given rⱼ ≥ ρ(Gvⱼ) and any
// z with vⱼᵀz ≥ rⱼ for all j, ρ(G Σcⱼvⱼ) ≤ Σcⱼrⱼ ≤ zᵀ(Σcⱼvⱼ): there no ρ(Gw) with ‖w‖ = 1 is above ‖z‖.
//
// The first cones hold the w whose entries have one order, once with the least entry ≥ 0 and once ≤ 0: generators are
// the sums of the first 1, …, K − 1 unit vectors in that order, and ±(1, …, 1). A cone is split into two at the sum of
// two of its generators. All generators are vectors of whole numbers.
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir::polar {

/// The least z with vⱼᵀz ≥ rⱼ, and its multipliers c ≥ 0, z = Σcⱼvⱼ.
struct LeastPoint {
  Vector z, multipliers;
};

/// Rows of `generators` are linearly independent, at most 4; r ≥ 0. Found by trying all sets of active generators.
LeastPoint least_point(const Matrix& generators, const Vector& bounds);

class OutputCones {
 public:
  static constexpr Index most_outputs = 4;  ///< 48 first cones; the next number would give 240

  /// The first cones; throws UsageError unless 1 ≤ outputs ≤ most_outputs.
  explicit OutputCones(Index outputs);

  const std::vector<Vector>& directions() const { return directions_; }
  /// Cones that are not split, as numbers of nodes.
  const std::vector<Index>& leaves() const { return leaves_; }
  /// Numbers of directions.
  const std::vector<Index>& generators(Index node) const { return nodes_[static_cast<std::size_t>(node)].generators; }
  /// The K generators as rows.
  Matrix generator_rows(Index node) const;

  /// At the sum of generators number a and b, a < b, of this leaf. Returns the direction's number.
  Index split(Index leaf, Index a, Index b);

  /// As in the model file: rows (a, b) of splits and (0, 0) of leaves, in preorder; and the directions in the order in
  /// which a reader of these rows meets them.
  struct Listing {
    Matrix nodes;
    std::vector<Index> order;
  };
  Listing listing() const;

 private:
  struct Node {
    std::vector<Index> generators;
    Index a = 0, b = 0;             ///< of a split
    Index first = -1, second = -1;  ///< its halves: without generator b, without a
  };
  Index number_of(const Vector& direction);
  void list(Index node, std::vector<bool>& met, std::vector<std::pair<Index, Index>>& rows, Listing& listing) const;

  Index outputs_;
  std::vector<Vector> directions_;
  std::vector<Node> nodes_;  ///< the first cones first
  std::size_t first_cones_ = 0;
  std::vector<Index> leaves_;
};

/// Gv for a direction v, as the model file's readers compute it: in the order of outputs, 0 where it is nothing but
/// rounding (docs/certificate-format.md, section 6.4).
Vector in_direction(const Matrix& G, const Vector& v);

/// A cone, and ‖z‖ of its least point.
struct LargestCone {
  Index leaf = -1;
  LeastPoint point;
  double value = -1;
};

/// The largest over the leaves; `bounds` by number of the direction.
LargestCone largest_bound(const OutputCones& cones, const Vector& bounds);

}  // namespace nadir::polar
