#include "nadir/kernel/gram.hpp"

#include <algorithm>
#include <functional>

#include "nadir/base/threads.hpp"

namespace nadir::kernel {
namespace {

/// Calls `part` for blocks of 0 … size − 1.
void for_each_block(Index size, Index block, int threads, const std::function<void(Index first, Index count)>& part) {
  for_each_task(static_cast<int>((size + block - 1) / block), threads, [&](int task) {
    const Index first = task * block;
    part(first, std::min(block, size - first));
  });
}

Matrix product(const Matrix& a, const Matrix& b, int threads) {
  Matrix result(a.rows(), b.cols());
  for_each_block(a.rows(), 256, threads, [&](Index first, Index count) {
    result.middleRows(first, count).noalias() = a.middleRows(first, count) * b;
  });
  return result;
}

}  // namespace

Matrix weights_of(const Matrix& features, const Matrix& coefficients, int threads) {
  Matrix weights(features.cols(), coefficients.cols());
  for_each_block(features.cols(), 64, threads, [&](Index first, Index count) {
    weights.middleRows(first, count).noalias() = features.middleCols(first, count).transpose() * coefficients;
  });
  return weights;
}

Matrix Gram::times(const Matrix& coefficients, int threads) const {
  return product(matrix_, of_features_ ? weights_of(matrix_, coefficients, threads) : coefficients, threads);
}

Eigen::LLT<Eigen::MatrixXd> Gram::factor(const Vector& weights, double lambda, int threads) const {
  const Vector roots = weights.cwiseSqrt();
  Eigen::LLT<Eigen::MatrixXd> factor;
  if (!of_features_) {  // made in its place: there is no room for a third matrix of this size
    factor.compute(Eigen::MatrixXd::NullaryExpr(roots.size(), roots.size(), [&](Index i, Index j) {
      return roots[i] * matrix_(j, i) * roots[j] + (i == j ? lambda : 0);
    }));
    return factor;
  }
  const Matrix scaled = roots.asDiagonal() * matrix_;
  const Index m = matrix_.cols();
  Eigen::MatrixXd system = lambda * Eigen::MatrixXd::Identity(m, m);
  for_each_block(m, 128, threads, [&](Index first, Index count) {  // the lower triangle is enough
    system.block(first, first, m - first, count).noalias() +=
        scaled.rightCols(m - first).transpose() * scaled.middleCols(first, count);
  });
  factor.compute(system);
  return factor;
}

}  // namespace nadir::kernel
