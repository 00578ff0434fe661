#pragma once
// Dense types and the two matrix products that everything else is built on.
#include <Eigen/Core>

namespace nadir {

/// Row-major: a sample is a row, and its features are contiguous.
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

/// Views of contiguous row-major memory: blocks of rows of a Matrix without a copy.
using MatrixView = Eigen::Map<Matrix>;
using ConstMatrixView = Eigen::Map<const Matrix>;

/// Rows [first, first + count) of a matrix, as a view.
inline ConstMatrixView rows_of(const Matrix& matrix, Index first, Index count) {
  return {matrix.data() + first * matrix.cols(), count, matrix.cols()};
}

/// out = a bᵀ, shapes (n × m) = (n × k)(m × k)ᵀ. Single-threaded; the bits depend on the shapes alone.
void multiply_transposed(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out);

/// out = a b, shapes (n × m) = (n × k)(k × m).
void multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out);

/// out += a b, shapes (n × m) += (n × k)(k × m).
void add_multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out);

/// out += a bᵀ, shapes (n × m) += (n × k)(m × k)ᵀ.
void add_multiply_transposed(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out);

/// out = aᵀ b, shapes (k × m) = (n × k)ᵀ(n × m).
void transposed_multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out);

}  // namespace nadir
