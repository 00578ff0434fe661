#pragma once
// Leaves of branch and bound as the tensors tree, relaxed and linear of docs/certificate-format.md, section 6.4.
#include <array>

#include "nadir/claim/polar_evidence.hpp"
#include "nadir/polar/branch_and_bound.hpp"

namespace nadir::polar {

/// Of a list of trees. What is added is to live until it is written.
class TreeWriter {
 public:
  /// The next tree.
  void add(const std::vector<Leaf>& leaves);
  /// `samples`, `inputs`: of the features.
  PolarEvidence finish(Index samples, Index inputs) const;

 private:
  using Leaves = std::vector<const Leaf*>;
  void add(Leaves::iterator begin, Leaves::iterator end, std::size_t depth);
  void add_leaf(const Leaf& leaf);

  std::vector<std::array<double, 5>> nodes_;
  std::vector<const RelaxedPoint*> points_;
  std::vector<const Vector*> linear_;
};

}  // namespace nadir::polar
