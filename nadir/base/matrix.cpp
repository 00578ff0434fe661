// Eigen's products, instantiated once. They were measured against OpenBLAS and BLIS on the shapes of this project and
// were the fastest (docs/dependencies.md); a call works on the caller's thread alone.
#include "nadir/base/matrix.hpp"

namespace nadir {

void multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) { out.noalias() = a * b; }

void multiply_transposed(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  out.noalias() = a * b.transpose();
}

void transposed_multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  out.noalias() = a.transpose() * b;
}

void add_multiply(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) { out.noalias() += a * b; }

void add_multiply_transposed(const ConstMatrixView& a, const ConstMatrixView& b, MatrixView out) {
  out.noalias() += a * b.transpose();
}

}  // namespace nadir
