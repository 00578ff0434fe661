#include "nadir/polar/tree_evidence.hpp"

#include <algorithm>

namespace nadir::polar {

void TreeWriter::add(const std::vector<Leaf>& leaves) {
  Leaves all;
  for (const Leaf& leaf : leaves) all.push_back(&leaf);
  add(all.begin(), all.end(), 0);
}

/// The leaves of [begin, end), alike in their first `depth` splits, in preorder.
void TreeWriter::add(Leaves::iterator begin, Leaves::iterator end, std::size_t depth) {
  const Leaf& first = **begin;
  if (first.path.size() == depth) return add_leaf(first);
  nodes_.push_back({0, static_cast<double>(first.path[depth].sample), 0, 0, 0});
  const auto middle = std::partition(begin, end, [&](const Leaf* leaf) { return leaf->path[depth].sign > 0; });
  add(begin, middle, depth + 1);
  add(middle, end, depth + 1);
}

void TreeWriter::add_leaf(const Leaf& leaf) {
  const auto known = static_cast<double>(leaf.known);
  if (const auto* const point = std::get_if<RelaxedPoint>(leaf.evidence.get())) {
    nodes_.push_back({1, known, point->temperature, point->penalty, point->multiplier});
    points_.push_back(point);
  } else {
    nodes_.push_back({2, known, 0, 0, 0});
    linear_.push_back(&std::get<Vector>(*leaf.evidence));
  }
}

PolarEvidence TreeWriter::finish(Index samples, Index inputs) const {
  PolarEvidence evidence;
  evidence.tree.resize(static_cast<Index>(nodes_.size()), 5);
  for (std::size_t k = 0; k < nodes_.size(); ++k)
    for (Index j = 0; j < 5; ++j) evidence.tree(static_cast<Index>(k), j) = nodes_[k][static_cast<std::size_t>(j)];
  const Index rank = points_.empty() ? 1 : points_.front()->Z.cols();
  evidence.relaxed.resize(static_cast<Index>(points_.size()) * inputs, rank);
  for (std::size_t k = 0; k < points_.size(); ++k)
    evidence.relaxed.middleRows(static_cast<Index>(k) * inputs, inputs) = points_[k]->Z;
  evidence.linear.resize(static_cast<Index>(linear_.size()), samples);
  for (std::size_t k = 0; k < linear_.size(); ++k) evidence.linear.row(static_cast<Index>(k)) = linear_[k]->transpose();
  return evidence;
}

}  // namespace nadir::polar
