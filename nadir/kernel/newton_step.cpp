#include "nadir/kernel/newton_step.hpp"

#include <utility>

namespace nadir::kernel {
namespace {

constexpr int most_iterations = 1000;

double inner(const Matrix& a, const Matrix& b) { return a.cwiseProduct(b).sum(); }

/// (λI + SK)⁻¹ x = (x − S^½ B⁻¹ S^½ K x) / λ, for the factor of B = λI + S^½ K S^½.
template <class Factor>
Matrix solved(const Factor& factor, const Vector& roots, const Matrix& x, const Matrix& kernel_x, double lambda) {
  const Eigen::MatrixXd inside = factor.solve(Eigen::MatrixXd(roots.asDiagonal() * kernel_x));
  return (x - roots.asDiagonal() * inside) / lambda;
}

}  // namespace

NewtonStep::Factor NewtonStep::factor(const Vector& weights) const {
  const Vector roots = weights.cwiseSqrt();
  Eigen::MatrixXd system = roots.asDiagonal() * problem_.kernel * roots.asDiagonal();
  system.diagonal().array() += problem_.lambda;
  return Factor(std::move(system));
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

Matrix NewtonStep::at(const Curvature& curvature, const Matrix& residual, double exactness) {
  return curvature.softmax ? iterative(curvature, residual, exactness) : direct(curvature, residual);
}

}  // namespace nadir::kernel
