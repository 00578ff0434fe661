#pragma once
// A positive semidefinite n × n matrix K as the solver sees it.
#include <Eigen/Cholesky>

#include "nadir/base/matrix.hpp"

namespace nadir::kernel {

/// A view: the matrix, or the features Φ (n × m) whose ΦΦᵀ it is, must outlive it. With features it takes n m numbers
/// and no n × n matrix is made.
class Gram {
 public:
  Gram(const Matrix& kernel) : matrix_(kernel), of_features_(false) {}  // NOLINT: a symmetric matrix is one
  static Gram of_features(const Matrix& features) { return {features, true}; }

  /// Null for the other kind.
  const Matrix* matrix() const { return of_features_ ? nullptr : &matrix_; }
  const Matrix* features() const { return of_features_ ? &matrix_ : nullptr; }

  /// K A. The bits do not depend on `threads`.
  Matrix times(const Matrix& coefficients, int threads) const;
  /// Of λI + S^½ K S^½, n × n; of features of λI + Φᵀ S Φ, m × m, in its place (docs/math/kernel.md, (7) and (10)).
  Eigen::LLT<Eigen::MatrixXd> factor(const Vector& weights, double lambda, int threads) const;

 private:
  Gram(const Matrix& matrix, bool of_features) : matrix_(matrix), of_features_(of_features) {}

  const Matrix& matrix_;
  bool of_features_;
};

/// Φᵀ A, m × K. The bits do not depend on `threads`.
Matrix weights_of(const Matrix& features, const Matrix& coefficients, int threads);

}  // namespace nadir::kernel
