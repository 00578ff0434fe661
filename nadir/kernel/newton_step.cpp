#include "nadir/kernel/newton_step.hpp"

#include <utility>
#include <vector>

namespace nadir::kernel {
namespace {

constexpr int most_iterations = 1000;
constexpr double most_entries = 0x1p29;  ///< of factors that are kept at a time: 4 GB

/// (λI + SK)⁻¹ x = (x − S^½ B⁻¹ S^½ K x) / λ, for the factor of B = λI + S^½ K S^½.
template <class Factor>
Matrix solved(const Factor& factor, const Vector& roots, const Matrix& x, const Matrix& kernel_x, double lambda) {
  const Eigen::MatrixXd inside = factor.solve(Eigen::MatrixXd(roots.asDiagonal() * kernel_x));
  return (x - roots.asDiagonal() * inside) / lambda;
}

}  // namespace

NewtonStep::Factor NewtonStep::factor(const Vector& weights) const {
  const Vector roots = weights.cwiseSqrt();
  Factor factor;  // made in its place: there is no room for a third matrix of this size
  factor.compute(Eigen::MatrixXd::NullaryExpr(roots.size(), roots.size(), [&](Index i, Index j) {
    return roots[i] * problem_.kernel(j, i) * roots[j] + (i == j ? problem_.lambda : 0);
  }));
  return factor;
}

Matrix NewtonStep::direct(const Curvature& curvature, const Matrix& residual) const {
  const Vector weights = curvature.diagonal.col(0);  // of the squared loss those of all outputs
  return -solved(factor(weights), weights.cwiseSqrt(), residual, multiply_kernel(problem_, residual), problem_.lambda);
}

Matrix NewtonStep::iterative(const Curvature& curvature, const Matrix& residual, double exactness) {
  const Vector weights = curvature.shares / 2;
  if (!preconditioner_) preconditioner_ = factor(weights);
  const Vector roots = weights.cwiseSqrt();
  const auto preconditioned = [&](const Matrix& x) {
    return solved(*preconditioner_, roots, x, multiply_kernel(problem_, x), problem_.lambda);
  };
  const double lambda = problem_.lambda;
  Matrix left = -residual, z = preconditioned(left), kernel_z = multiply_kernel(problem_, z);
  Matrix direction = z, kernel_direction = kernel_z, change = Matrix::Zero(residual.rows(), residual.cols()), bent;
  double size = inner(left, kernel_z);
  const double wanted = exactness * exactness * size;
  for (int iteration = 0; iteration < most_iterations && size > wanted; ++iteration) {
    curvature.apply(kernel_direction, bent);
    const Matrix image = lambda * direction + bent;
    const double length = size / inner(image, kernel_direction);
    if (!(length > 0 && length < 1e300)) break;  // rounding is all that is left
    change += length * kernel_direction;
    left -= length * image;
    z = preconditioned(left);
    kernel_z = multiply_kernel(problem_, z);
    const double before = std::exchange(size, inner(left, kernel_z));
    direction = z + (size / before) * direction;
    kernel_direction = kernel_z + (size / before) * kernel_direction;
  }
  curvature.apply(change, bent);
  return -(residual + bent) / lambda;
}

Matrix NewtonStep::exact(const Curvature& curvature, const Matrix& residual) const {
  const Index n = residual.rows(), outputs = residual.cols();
  if (static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(outputs) > most_entries) return {};
  const Matrix roots = curvature.diagonal.cwiseSqrt(), kernel_residual = multiply_kernel(problem_, residual);
  std::vector<Factor> factors;
  const auto apply = [&](Index k, const Vector& x) -> Vector {  // E_k x / λ
    const Vector scaled = roots.col(k).cwiseProduct(x);
    return roots.col(k).cwiseProduct(factors[static_cast<std::size_t>(k)].solve(scaled));
  };
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(n, n);
  Matrix images(n, outputs);
  for (Index k = 0; k < outputs; ++k) {
    factors.push_back(factor(curvature.diagonal.col(k)));
    const Eigen::MatrixXd half = factors.back().matrixL().solve(Eigen::MatrixXd(roots.col(k).asDiagonal()));
    sum.selfadjointView<Eigen::Lower>().rankUpdate(half.transpose());
    images.col(k) = apply(k, kernel_residual.col(k));
  }
  const Vector shared = Factor(sum).solve(Vector(images.rowwise().sum()));
  for (Index k = 0; k < outputs; ++k) images.col(k) -= apply(k, shared);
  return (images - residual) / problem_.lambda;
}

Matrix NewtonStep::at(const Curvature& curvature, const Matrix& residual, double exactness) {
  return curvature.softmax ? iterative(curvature, residual, exactness) : direct(curvature, residual);
}

}  // namespace nadir::kernel
