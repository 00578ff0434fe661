#include "nadir/kernel/newton_step.hpp"

#include <utility>
#include <vector>

namespace nadir::kernel {
namespace {

constexpr int most_iterations = 1000;
constexpr double most_entries = 0x1p29;  ///< of factors that are kept at a time: 4 GB

}  // namespace

Matrix NewtonStep::solved(const Factor& factor, const Vector& weights, const Matrix& x) const {
  const Matrix* const phi = problem_.kernel.features();
  if (phi != nullptr) {
    const Matrix inside = factor.solve(Eigen::MatrixXd(weights_of(*phi, x, problem_.threads)));
    return (x - weights.asDiagonal() * (*phi * inside)) / problem_.lambda;
  }
  const Vector roots = weights.cwiseSqrt();
  const Eigen::MatrixXd inside = factor.solve(Eigen::MatrixXd(roots.asDiagonal() * times_kernel(x)));
  return (x - roots.asDiagonal() * inside) / problem_.lambda;
}

Matrix NewtonStep::direct(const Curvature& curvature, const Matrix& residual) const {
  const Vector weights = curvature.diagonal.col(0);  // of the squared loss those of all outputs
  return -solved(factor(weights), weights, residual);
}

Matrix NewtonStep::iterative(const Curvature& curvature, const Matrix& residual, double exactness) {
  const Vector weights = curvature.shares / 2;
  if (!preconditioner_) preconditioner_ = factor(weights);
  const auto preconditioned = [&](const Matrix& x) { return solved(*preconditioner_, weights, x); };
  const double lambda = problem_.lambda;
  Matrix left = -residual, z = preconditioned(left), kernel_z = times_kernel(z);
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
    kernel_z = times_kernel(z);
    const double before = std::exchange(size, inner(left, kernel_z));
    direction = z + (size / before) * direction;
    kernel_direction = kernel_z + (size / before) * kernel_direction;
  }
  curvature.apply(change, bent);
  return -(residual + bent) / lambda;
}

Matrix NewtonStep::exact(const Curvature& curvature, const Matrix& residual) const {
  const Index n = residual.rows(), outputs = residual.cols();
  if (problem_.kernel.matrix() == nullptr) return {};
  if (static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(outputs) > most_entries) return {};
  const Matrix roots = curvature.diagonal.cwiseSqrt(), kernel_residual = times_kernel(residual);
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
