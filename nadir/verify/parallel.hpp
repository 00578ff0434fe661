#pragma once
// Parallel sub-networks (sections 4.6, 5.2, 6.9 and 6.11 of docs/certificate-format.md):
//   f(x) = sum over i of W_iL s(W_i(L-1) s(... s(W_i1 x))),  s(z) = max(z, 0) + slope min(z, 0),
//   F(W) = sum_i s_i l(f(x_i), y_i) + lambda sum_i ||W_i1|| ... ||W_iL||,
// and its lower bound over any number of sub-networks of any widths, by the norms of X and G, or by
// trees of cones for the units of the first layer.
#include "nadir/verify/gated.hpp"

namespace nadir::verify {
struct ParallelNetwork {
  std::vector<std::vector<Matrix>> subnetworks;  // each by layer: units x inputs
};
/// Refuses what section 4.6 refuses.
ParallelNetwork read_parallel_network(const Container& container, const Document& document);
/// F at the network, enclosed.
Interval parallel_objective(const Document& document, const Dataset& dataset, const ParallelNetwork& network);
/// Section 6.9.
DualBound parallel_bound(const Document& document, const Dataset& dataset, const Matrix& dual);
/// Section 6.11.
DualBound parallel_units_bound(const Container& container, const Document& document, const Dataset& dataset,
                               const Matrix& dual);
/// Refuses unless the largest singular value is proven to be at most `norm`.
void require_largest_singular_value(const Matrix& matrix, double norm);
}  // namespace nadir::verify
