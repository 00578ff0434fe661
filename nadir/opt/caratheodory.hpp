#pragma once
// Fewer terms with the same sum and no larger cost: step 3 of the meta-algorithm of Haeffele and Vidal (2017), which is
// Carathéodory's argument (Bach 2017; theorem 2.2 of Berthier 2018).
#include "nadir/base/matrix.hpp"

namespace nadir {

/// Factors cᵢ ≥ 0 for columns φᵢ of Φ with costs θᵢ > 0, such that Φ c = Φ 1 and θᵀc ≤ θᵀ1, both up to rounding, and
/// the columns with cᵢ > 0 are linearly independent (up to a part of 1e-11). So at most as many are left as the rank of
/// Φ. Columns that are nothing beside the largest are left out; where none is too many, the others have cᵢ = 1. One
/// factorization of Φ (N × r), and r q² operations where q columns are too many.
Vector independent_factors(const Eigen::MatrixXd& columns, const Vector& costs);

}  // namespace nadir
