#include "nadir/planted/directions.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace nadir::planted {

Directions::Directions(const Matrix& A, bool preconditioned) : A_(A), preconditioned_(preconditioned) {
  const Index n = A.rows(), d = A.cols();
  Matrix gram(std::min(n, d), std::min(n, d));
  if (n > d)
    transposed_multiply(rows_of(A, 0, n), rows_of(A, 0, n), MatrixView(gram.data(), d, d));
  else
    multiply_transposed(rows_of(A, 0, n), rows_of(A, 0, n), MatrixView(gram.data(), n, n));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(gram);
  largest_ = eigen.eigenvalues().maxCoeff();
  if (!(largest_ > 0)) largest_ = 1;  // samples that are all 0 move nothing
  const double smallest = eigen.eigenvalues().minCoeff() / largest_;
  row_condition_ = n <= d && smallest > 1e-13 ? std::sqrt(smallest) : 0;
  if (!preconditioned) return;
  const Eigen::VectorXd inverse = (eigen.eigenvalues().array().max(0) + 1e-13 * largest_).inverse();
  inverse_ = eigen.eigenvectors() * inverse.asDiagonal() * eigen.eigenvectors().transpose();
}

Matrix Directions::of(const Matrix& g) const {
  if (!preconditioned_) return g.transpose() * A_ / largest_;
  if (A_.rows() > A_.cols()) return (g.transpose() * A_) * inverse_;
  return (g.transpose() * inverse_) * A_;
}

}  // namespace nadir::planted
