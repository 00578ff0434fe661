#pragma once
// Networks of units of the power 0 or 2 (sections 4.3 and 6.8 of docs/certificate-format.md):
//   f(x) = sum over j of w_j max(0, u_j.x)^power,   of power 0: w_j where u_j.x > 0,
// and the bound over any number of such units, by simplicial cones that cover the space.
#include "nadir/verify/relu.hpp"

namespace nadir::verify {
/// The outputs at the rows, with what they are off by.
Outputs power_outputs(const Matrix& features, const ReluNetwork& network);
/// At least rho(s g_k) for all k and s, by the tree of simplicial cones in the tensor cones, of power 1 in simplices.
double largest_by_cones(const Container& container, const Matrix& features, const Matrix& dual, int power);
/// By the tensor cones. `dual` is the dual point as read_dual_point gives it.
DualBound power_bound(const Container& container, const Document& document, const Dataset& dataset, const Matrix& dual);
}  // namespace nadir::verify
