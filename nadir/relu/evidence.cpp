#include "nadir/relu/evidence.hpp"

#include <algorithm>
#include <array>

namespace nadir::relu {
namespace {

using Leaves = std::vector<const polar::Leaf*>;

class Writer {
 public:
  /// The leaves of [begin, end), alike in their first `depth` splits, in preorder.
  void add(Leaves::iterator begin, Leaves::iterator end, std::size_t depth) {
    const polar::Leaf& first = **begin;
    if (first.path.size() == depth) return add_leaf(first);
    nodes_.push_back({0, static_cast<double>(first.path[depth].sample), 0, 0, 0});
    const auto middle = std::partition(begin, end, [&](const polar::Leaf* leaf) { return leaf->path[depth].sign > 0; });
    add(begin, middle, depth + 1);
    add(middle, end, depth + 1);
  }

  PolarEvidence finish(Index samples, Index inputs) const {
    PolarEvidence evidence;
    evidence.tree.resize(static_cast<Index>(nodes_.size()), 5);
    for (std::size_t k = 0; k < nodes_.size(); ++k)
      for (Index j = 0; j < 5; ++j) evidence.tree(static_cast<Index>(k), j) = nodes_[k][static_cast<std::size_t>(j)];
    const Index rank = points_.empty() ? 1 : points_.front()->Z.cols();
    evidence.relaxed.resize(static_cast<Index>(points_.size()) * inputs, rank);
    for (std::size_t k = 0; k < points_.size(); ++k)
      evidence.relaxed.middleRows(static_cast<Index>(k) * inputs, inputs) = points_[k]->Z;
    evidence.linear.resize(static_cast<Index>(linear_.size()), samples);
    for (std::size_t k = 0; k < linear_.size(); ++k)
      evidence.linear.row(static_cast<Index>(k)) = linear_[k]->transpose();
    return evidence;
  }

 private:
  void add_leaf(const polar::Leaf& leaf) {
    const auto known = static_cast<double>(leaf.known);
    if (const auto* const point = std::get_if<polar::RelaxedPoint>(leaf.evidence.get())) {
      nodes_.push_back({1, known, point->temperature, point->penalty, point->multiplier});
      points_.push_back(point);
    } else {
      nodes_.push_back({2, known, 0, 0, 0});
      linear_.push_back(&std::get<Vector>(*leaf.evidence));
    }
  }

  std::vector<std::array<double, 5>> nodes_;
  std::vector<const polar::RelaxedPoint*> points_;
  std::vector<const Vector*> linear_;
};

/// The trees of all polars, one below the other.
Matrix simplices_of(const WidthBound& widths) {
  Index rows = 0, row = 0;
  for (const PolarBound& one : widths.polars) rows += one.tree.rows();
  Matrix all(rows, widths.polars.front().tree.cols());
  for (const PolarBound& one : widths.polars) {
    all.middleRows(row, one.tree.rows()) = one.tree;
    row += one.tree.rows();
  }
  return all;
}

}  // namespace

PolarEvidence evidence_of(const WidthBound& widths, PatternsBound patterns, Index samples, Index inputs) {
  Writer writer;
  const bool simplices = widths.polars.front().tree.size() > 0;
  if (!simplices)
    for (const Index v : file_order(widths)) {
      Leaves leaves;
      for (const polar::Leaf& leaf : widths.polars[static_cast<std::size_t>(v)].result.upper.evidence)
        leaves.push_back(&leaf);
      writer.add(leaves.begin(), leaves.end(), 0);
    }
  PolarEvidence evidence = writer.finish(samples, inputs);
  evidence.cells = std::move(patterns.cells);
  if (widths.cones) evidence.output_cones = widths.cones->listing().nodes;
  if (simplices) evidence.simplices = simplices_of(widths);
  return evidence;
}

PolarEvidence cones_of(const WidthBound& widths) {
  PolarEvidence evidence;
  evidence.cones = simplices_of(widths);
  return evidence;
}

}  // namespace nadir::relu
