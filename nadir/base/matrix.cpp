#include "nadir/base/matrix.hpp"

#include <cblas.h>

namespace nadir {
namespace {

blasint as_blas(Index value) { return static_cast<blasint>(value); }
blasint stride(const ConstMatrixView& matrix) { return as_blas(matrix.cols() > 0 ? matrix.cols() : 1); }

/// out = op(a) op(b) + keep · out, where op transposes or not and `depth` is the length of the dot products.
void product(CBLAS_TRANSPOSE op_a, CBLAS_TRANSPOSE op_b, const ConstMatrixView& a, const ConstMatrixView& b, Index depth,
             double keep, MatrixView& out) {
  if (out.size() == 0) return;
  cblas_dgemm(CblasRowMajor, op_a, op_b, as_blas(out.rows()), as_blas(out.cols()), as_blas(depth), 1.0, a.data(),
              stride(a), b.data(), stride(b), keep, out.data(), as_blas(out.cols()));
}

}  // namespace

void multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  eigen_assert(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols());
  product(CblasNoTrans, CblasNoTrans, a, b, a.cols(), 0.0, out);
}

void multiply_transposed(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  eigen_assert(a.cols() == b.cols() && out.rows() == a.rows() && out.cols() == b.rows());
  product(CblasNoTrans, CblasTrans, a, b, a.cols(), 0.0, out);
}

void transposed_multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  eigen_assert(a.rows() == b.rows() && out.rows() == a.cols() && out.cols() == b.cols());
  product(CblasTrans, CblasNoTrans, a, b, a.rows(), 0.0, out);
}

void add_multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  eigen_assert(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols());
  product(CblasNoTrans, CblasNoTrans, a, b, a.cols(), 1.0, out);
}

void add_multiply_transposed(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  eigen_assert(a.cols() == b.cols() && out.rows() == a.rows() && out.cols() == b.rows());
  product(CblasNoTrans, CblasTrans, a, b, a.cols(), 1.0, out);
}

}  // namespace nadir
