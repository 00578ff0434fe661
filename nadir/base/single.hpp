#pragma once
// Single-precision matrices and the products that inexact steps are made of: half the bytes, twice the operations a
// cycle. Nothing that is claimed rests on them.
#include "nadir/base/matrix.hpp"

namespace nadir {

using SingleMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using SingleView = Eigen::Map<SingleMatrix>;
using ConstSingleView = Eigen::Map<const SingleMatrix>;

/// Rows [first, first + count) of a matrix, as a view.
inline ConstSingleView rows_of(const SingleMatrix& matrix, Index first, Index count) {
  return {matrix.data() + first * matrix.cols(), count, matrix.cols()};
}

/// As the functions of matrix.hpp.
void multiply_transposed(const ConstSingleView& a, const ConstSingleView& b, SingleView out);
void add_multiply(const ConstSingleView& a, const ConstSingleView& b, SingleView out);

}  // namespace nadir
