#pragma once
// Arc-cosine kernels (docs/math/kernel.md, section 1): the mean of max(0, v·x)^α max(0, v·y)^α over the unit sphere.
#include "nadir/base/matrix.hpp"

namespace nadir {

/// Rows as the kernel sees them: unit vectors, and ‖x‖^α κ_α^−½; both 0 for a row of zeros.
struct Directions {
  Matrix rows;
  Vector sizes;
  int power = 1;  ///< α: 0, 1 or 2
};

Directions directions_of(const Matrix& x, int power);

// Of rows with the same power and number of features. The bits do not depend on `threads`.

/// n × m.
Matrix arc_cosine_kernel(const Directions& x, const Directions& y, int threads = 1);
/// n × n, exactly symmetric.
Matrix arc_cosine_kernel(const Directions& x, int threads = 1);
/// k(x, x) of each row.
Vector arc_cosine_diagonal(const Directions& x);

}  // namespace nadir
