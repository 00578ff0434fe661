#pragma once
// The thin singular value decomposition, compiled once, and what is read off it.
#include "nadir/base/matrix.hpp"

namespace nadir::linear {

using Dense = Eigen::MatrixXd;  ///< the small matrices of this room; column by column, as decompositions want them

/// M = U diag(s) Vᵀ, s falling. Matrices without rows or columns have no singular values.
struct Svd {
  Dense U, V;
  Vector s;
};
Svd svd(const Dense& M);

/// ‖M‖₂; 0 for a matrix without entries.
double spectral_norm(const Dense& M);

/// How many of these, which fall, are above the threshold.
Index count_above(const Vector& values, double threshold);

/// An orthonormal basis of {x : M x = 0}, singular values up to the threshold taken for 0: columns, perhaps none.
Dense kernel_of(const Dense& M, double threshold);
/// An orthonormal basis of the span of the columns, in the same sense.
Dense range_of(const Dense& M, double threshold);

}  // namespace nadir::linear
