#pragma once
// Kernel machines (sections 4.5, 5.2 and 6.7 of docs/certificate-format.md):
//   f_k(x) = sum over j of a_jk k(z_j, x),   F(f) = sum_i s_i l(f(x_i), y_i) + (lambda/2) sum_k ||f_k||^2,
// k an arc-cosine kernel. Its n^2 values are computed in plain doubles, off by what docs/math/kernel.md, section 6,
// says.
#include "nadir/verify/gated.hpp"

namespace nadir::verify {
/// The coefficients. Refuses what section 4.5 refuses: the samples are the features of the training rows.
Matrix read_coefficients(const Container& container, const Document& document, const Dataset& dataset);

struct KernelValues {
  Outputs outputs;              // f at the training rows
  std::vector<Interval> norms;  // ||f_k||^2
  double own = 0;               // the root of the sum of these is off by this, where a row's own class is that sum
};
KernelValues kernel_values(const Document& document, const Dataset& dataset, const Matrix& coefficients);
/// F at the network, enclosed.
Interval kernel_objective(const Document& document, const Dataset& dataset, const KernelValues& values);
/// lambda times the coefficients is refused as a dual point unless it is proven to fit.
void require_dual_coefficients(const Document& document, const Dataset& dataset, const Matrix& coefficients);
/// Section 6.7, rounded down.
double kernel_bound(const Document& document, const Dataset& dataset, const Matrix& coefficients,
                    const KernelValues& values);
}  // namespace nadir::verify
