#pragma once
// ReLU networks (sections 4.3, 5.2, 5.3 and 6.4 of docs/certificate-format.md):
//   f_k(x) = c_k + V_k.x + sum over j of w_jk max(0, u_j.x),
//   F(U, W) = sum_i s_i l(f(x_i), y_i) + lambda sum ||u_j|| |w_jk| + (beta ||c||^2 + gamma ||V||^2) / 2,
// with lambda sum ||u_j|| ||w_j|| where units are shared by the outputs,
// or without the penalty, but with that sum at most a radius (5.3), or without either (5.4);
// and its lower bounds: over networks with any number of units, by a tree of cones; over those whose units have the
// signs of this network's, by one cone each.
#include "nadir/verify/gated.hpp"

namespace nadir::verify {
struct ReluNetwork {
  Matrix units;    // m x inputs
  Matrix outputs;  // m x K: row j is w_j
  Matrix biases;   // 1 x K: c
  Matrix skip;     // inputs x K: V
  int power = 1;   // of max(0, u_j.x): else powers.hpp
};
/// Refuses what section 4.3 refuses.
ReluNetwork read_relu_network(const Container& container, const Document& document);
/// The sum of ||u_j||^power |w_jk|, or of ||u_j|| ||w_j|| (shared), enclosed; with free_hidden without last weights.
Interval relu_norm(const ReluNetwork& network, bool shared, bool free_hidden = false);
/// F at the network, enclosed.
Interval relu_objective(const Document& document, const Dataset& dataset, const ReluNetwork& network);
/// Over any units, by the tensors tree, relaxed and linear. `dual` is the dual point as read_dual_point gives it.
DualBound relu_bound(const Container& container, const Document& document, const Dataset& dataset, const Matrix& dual);
/// The q of section 6.4, or, with a scaling for each direction, that of section 6.11.
double over_units(const Container& container, const Document& document, const Matrix& features, const Matrix& dual,
                  const std::vector<double>& scalings);
/// Over units in the cells of this network's, by the tensor cells.
DualBound patterns_bound(const Container& container, const Document& document, const Dataset& dataset,
                         const ReluNetwork& network, const Matrix& dual);
/// Over any units with output weights that are not negative (section 6.6). Refuses a negative one in this network.
void require_nonnegative(const ReluNetwork& network);
double nonnegative_bound(const Dataset& dataset);
Outputs relu_outputs(const Matrix& features, const ReluNetwork& network);
}  // namespace nadir::verify
