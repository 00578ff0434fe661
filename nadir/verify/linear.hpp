#pragma once
// Deep linear networks (sections 4.4, 5.4 and 6.5 of docs/certificate-format.md):
//   f(x) = W_L (... (W_1 x + b_1) ...) + b_L,   F(W, b) = (1/n) sum_i ||f(x_i) - y_i||^2 / 2,
// and its lower bound over all weights and biases of layers of these widths, by the largest eigenvalues of what the
// features explain of the targets. What costs n (r + K)^2 multiplications is computed in plain doubles (products.hpp).
#include "nadir/verify/gated.hpp"

namespace nadir::verify {
struct LinearNetwork {
  std::vector<Matrix> layers, biases;  // biases: 1 x units each, 0 where there is none
  bool biased = false;                 // any layer has one
};
/// Refuses what section 4.4 refuses.
LinearNetwork read_linear_network(const Container& container, const Document& document);
/// What the layers make of the features, each after the first taking s(z) = max(z, 0) + slope min(z, 0), |slope| <= 1,
/// of what the one before it gives: 1 where there is nothing between them. No biases: there are none.
Outputs chain_outputs(const Matrix& features, const std::vector<Matrix>& layers, const std::vector<Matrix>& biases,
                      double slope);
/// F at the network, enclosed.
Interval linear_objective(const Document& document, const Dataset& dataset, const LinearNetwork& network);
/// What the file says of the targets' spectrum.
struct Reduction {
  std::vector<std::size_t> columns;    // J
  Matrix triangle, relations, factor;  // G, H, Z
};
/// Refuses what section 6.5 refuses of shapes and entries.
Reduction read_reduction(const Container& container, const Document& document, const LinearNetwork& network);
struct RankBound {
  double bound = 0, omega = 0;  // rounded down, rounded up
  bool dependent = false;       // all columns that are not in J are
};
RankBound rank_bound(const Document& document, const Dataset& dataset, const LinearNetwork& network,
                     const Reduction& reduction);
}  // namespace nadir::verify
