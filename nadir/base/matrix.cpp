#include "nadir/base/matrix.hpp"

#include <cblas.h>

namespace nadir {
namespace {

blasint as_blas(Index value) { return static_cast<blasint>(value); }
blasint stride(Index columns) { return as_blas(columns > 0 ? columns : 1); }

}  // namespace

void multiply_transposed(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  eigen_assert(a.cols() == b.cols() && out.rows() == a.rows() && out.cols() == b.rows());
  if (out.size() == 0) return;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, as_blas(a.rows()), as_blas(b.rows()), as_blas(a.cols()), 1.0,
              a.data(), stride(a.cols()), b.data(), stride(b.cols()), 0.0, out.data(), stride(out.cols()));
}

void multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  eigen_assert(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols());
  if (out.size() == 0) return;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, as_blas(a.rows()), as_blas(b.cols()), as_blas(a.cols()), 1.0,
              a.data(), stride(a.cols()), b.data(), stride(b.cols()), 0.0, out.data(), stride(out.cols()));
}

void add_transposed_multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  eigen_assert(a.rows() == b.rows() && out.rows() == a.cols() && out.cols() == b.cols());
  if (out.size() == 0) return;
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, as_blas(a.cols()), as_blas(b.cols()), as_blas(a.rows()), 1.0,
              a.data(), stride(a.cols()), b.data(), stride(b.cols()), 1.0, out.data(), stride(out.cols()));
}

}  // namespace nadir
