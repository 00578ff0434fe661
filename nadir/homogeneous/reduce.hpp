#pragma once
// Fewer sub-networks with the same outputs and no larger cost: step 3 of the meta-algorithm of Haeffele and Vidal
// (2017), which is Carathéodory's argument (Bach 2017, theorem 2.2 in Berthier's words).
#include "nadir/base/matrix.hpp"

namespace nadir::homogeneous {

/// Factors cᵢ ≥ 0 for columns φᵢ of Φ with costs θᵢ > 0, such that Φ c = Φ 1 and θᵀc ≤ θᵀ1, both up to rounding, and
/// the columns with cᵢ > 0 are linearly independent. So at most as many are left as the rank of Φ.
Vector reduce(const Eigen::MatrixXd& columns, const Vector& costs);

}  // namespace nadir::homogeneous
