#pragma once
// Gated networks (sections 4.2, 5.2 and 6.3 of docs/certificate-format.md):
//   f_k(x) = sum over p of 1[g_p.x >= 0] v_pk.x,   F(V) = sum_i s_i l(f(x_i), y_i) + lambda Omega(V),
// and its lower bound by a dual point. What costs n P d K multiplications is computed in plain doubles (products.hpp).
#include "nadir/verify/proof.hpp"

namespace nadir::verify {
struct GatedNetwork {
  Matrix gates;    // gates x inputs
  Matrix weights;  // row p K + k: v_pk of the active gates, which come first
};
/// Refuses what section 4.2 refuses.
GatedNetwork read_gated_network(const Container& container, const Document& document);
/// F at the network, enclosed.
Interval gated_objective(const Document& document, const Dataset& dataset, const GatedNetwork& network);
struct DualBound {
  double bound = 0, adjoint = 0, scale = 0;  // rounded down; q, rounded up; tau
};
/// Section 6.3, for all gates, the inactive ones, too.
DualBound dual_bound(const Document& document, const Dataset& dataset, const Matrix& gates, const Matrix& dual);

// What other kinds share.
/// A tensor of so many columns, no entry of which is not finite.
Matrix read_matrix(const Container& container, const std::string& name, std::size_t columns);
struct Outputs {
  Matrix values;               // n x K
  std::vector<double> errors;  // by row: each of its values is off by at most this
};
/// The data term at outputs f, enclosed; and at outputs 0.
Interval mean_loss(const Document& document, const Dataset& dataset, const Outputs& outputs);
Interval objective_at_zero(const Document& document, const Dataset& dataset);
/// G, n x K, with a row's own class filled in; refused unless it is proven to fit, scaled by kMostScale.
Matrix read_dual_point(const Container& container, const Document& document, const Dataset& dataset);
/// The mean of -l*(-scale G_i / s_i) by the shares s_i, rounded down; refused where the conditions of section 5.2 are
/// not proven to hold there.
double dual_mean(const Document& document, const Dataset& dataset, const Matrix& dual, double scale);
/// At least ||inputs^T G||^2 / (2 weight); where `off` is not empty, entry k of which is what column k of the product
/// may be off by, in its 2-norm.
double taken_by(const Matrix& inputs, const Matrix& dual, double weight, const std::vector<double>& off = {});
/// What a dual point proves where q is at most `adjoint`; `tau` is read for constrained objectives only.
DualBound bound_at(const Document& document, const Dataset& dataset, const Matrix& dual, double adjoint, double tau);

/// 1 where g_p.x_i >= 0, exactly; at place p n + i.
Flags patterns_of(const Matrix& features, const Matrix& gates);
/// The 2-norm; 0 only of zeros.
Interval norm_of(const double* vector, std::size_t size);
Outputs outputs_of(const Matrix& features, const GatedNetwork& network, std::size_t outputs);
/// At least q of section 5.2 for this penalty, over all gates; entries of `dual` are off by
/// `roundings` roundings.
double adjoint_norm(Penalty penalty, const Matrix& features, const Matrix& gates, const Matrix& dual,
                    std::size_t roundings);
}  // namespace nadir::verify
