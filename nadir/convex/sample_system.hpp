#pragma once
// Newton's linear system in the space of samples (docs/math/two-layer.md, section 4): (I + M W) e = −r for one output,
// M = A S Aᵀ (n × n) known twice, as products in double precision and as a matrix in single precision.
#include <Eigen/Core>
#include <functional>

#include "nadir/base/matrix.hpp"

namespace nadir::convex {

/// M v, in double precision.
using SampleProduct = std::function<Vector(const Vector&)>;

/// e, given the weights w ≥ 0 of the samples (the diagonal of W) and r. Conjugate gradients for
///   (I + W^½ M W^½) x = W^½ r,   e = −W^-½ x,
/// preconditioned by the Cholesky factor of this matrix in single precision. `matrix`: the lower half of M, which is
/// overwritten by that factor.
Vector solve_in_samples(Eigen::MatrixXf& matrix, const SampleProduct& M, const Vector& w, const Vector& r);

}  // namespace nadir::convex
