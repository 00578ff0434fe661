#pragma once
// ReLU networks, of any power, whose units are given (sections 5.2 and 6.10 of docs/certificate-format.md):
//   F(W) = sum_i s_i l(f(x_i), y_i) + lambda m / 2 ||W||_F^2,   m the number of units,
// and its lower bound over W by a dual point.
#include "nadir/verify/relu.hpp"

namespace nadir::verify {
/// F at the network, enclosed.
Interval given_units_objective(const Document& document, const Dataset& dataset, const ReluNetwork& network);
/// `dual` is the dual point as read_dual_point gives it.
DualBound given_units_bound(const Document& document, const Dataset& dataset, const ReluNetwork& network,
                            const Matrix& dual);
}  // namespace nadir::verify
