#pragma once
// Dense types and the two matrix products that everything else is built on.
#include <Eigen/Core>

namespace nadir {

/// Row-major: a sample is a row, and its features are contiguous.
template <class Scalar>
using MatrixOf = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Matrix = MatrixOf<double>;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

/// Views of contiguous row-major memory: blocks of rows of a matrix without a copy.
template <class Scalar>
using ViewOf = Eigen::Map<MatrixOf<Scalar>>;
template <class Scalar>
using ConstViewOf = Eigen::Map<const MatrixOf<Scalar>>;
using MatrixView = ViewOf<double>;
using ConstMatrixView = ConstViewOf<double>;

/// Rows [first, first + count) of a matrix, as a view.
template <class Scalar>
ConstViewOf<Scalar> rows_of(const MatrixOf<Scalar>& matrix, Index first, Index count) {
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
