#pragma once
// The largest singular value and eigenvalue, from above with proof.
#include "nadir/base/matrix.hpp"

namespace nadir::polar {

/// At least ‖M‖₂, and above it by no more than a relative 1e-10 or so: s with sI − MᵀM positive semidefinite, by a
/// Cholesky factorization that succeeds with room to spare (Rump 2006, Verification of positive definiteness). Infinite
/// where M is not finite.
double proven_singular_value(const Matrix& M);

/// At least λ_max(H) of a symmetric H, and above it by no more than a relative 1e-10 or so of the largest absolute
/// eigenvalue: s with sI − H positive semidefinite, proven in the same way. Infinite where H is not finite.
double proven_largest_eigenvalue(const Matrix& H);

}  // namespace nadir::polar
