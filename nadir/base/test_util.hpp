#pragma once
// Random matrices, for the tests.
#include "nadir/base/matrix.hpp"
#include "nadir/base/random.hpp"

namespace nadir {

/// Entries are standard normal, rows first.
inline Matrix normal_matrix(Index rows, Index columns, Random& random) {
  return Matrix::NullaryExpr(rows, columns, [&] { return random.normal(); });
}
inline Vector normal_vector(Index size, Random& random) { return normal_matrix(size, 1, random).col(0); }

}  // namespace nadir
