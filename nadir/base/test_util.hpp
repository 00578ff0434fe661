#pragma once
// Random matrices, and rows that are made, for the tests.
#include <utility>

#include "nadir/base/random.hpp"
#include "nadir/base/sample_rows.hpp"

namespace nadir {

/// Entries are standard normal, rows first.
inline Matrix normal_matrix(Index rows, Index columns, Random& random) {
  return Matrix::NullaryExpr(rows, columns, [&] { return random.normal(); });
}
inline Vector normal_vector(Index size, Random& random) { return normal_matrix(size, 1, random).col(0); }

/// Rows of a matrix as if they were made.
class MadeRows : public RowMaker {
 public:
  explicit MadeRows(Matrix rows) : rows_(std::move(rows)) {}
  Index rows() const override { return rows_.rows(); }
  Index cols() const override { return rows_.cols(); }
  void make(Index first, Index count, MatrixView out) const override { out = rows_.middleRows(first, count); }

 private:
  Matrix rows_;
};

}  // namespace nadir
