#include "nadir/kernel/proof.hpp"

#include <algorithm>
#include <cmath>

namespace nadir::kernel {
namespace {

constexpr double unit = 0x1p-53;

/// E of (12).
double relative_error(double n, double d, int power) {
  const double slope = power == 0 ? 1.15 : power == 1 ? 0.5 : 2, rounding = power == 2 ? 40 : 12;
  const double largest = power == 2 ? 1.5 : 0.5, depth = 2 + std::min(d, 128.0) + d / 128;
  return 1.1 * unit *
         (slope * (2.02 * depth + d / 8 + 14) + rounding + largest * (2 * (41 + n / 128) + 2.1 * (1.1 * depth + 12)));
}

}  // namespace

ProvenInterval prove(const Problem& problem, const Directions& samples, const Matrix& coefficients) {
  const double n = static_cast<double>(samples.rows.rows()), lambda = problem.lambda;
  const double error = relative_error(n, static_cast<double>(samples.rows.cols()), samples.power);
  const Matrix f = problem.kernel.times(coefficients, problem.threads);
  const double norm = coefficients.cwiseProduct(f).sum();
  const double value = problem.loss.value(f) + lambda / 2 * norm;
  // By output Σ ρ |a|, and how much an error of the outputs moves the loss.
  const Eigen::RowVectorXd sizes = samples.sizes.transpose() * coefficients.cwiseAbs();
  Matrix gradient;
  problem.loss.gradient(f, gradient);
  const double slope = (samples.sizes.transpose() * gradient.cwiseAbs()).sum() * sizes.maxCoeff();
  const double of_norm = lambda / 2 * error * sizes.squaredNorm(), of_outputs = error * slope;
  const double of_sums = 2 * unit * (600 + n / 128) * (1 + std::fabs(value) + problem.loss.value_at_zero());

  const double scale = 1 - 0x1p-42;
  double down = problem.loss.dual_value(lambda * coefficients, scale) - scale * scale * lambda / 2 * norm;
  if (problem.loss.kind() == LossKind::softmax)  // that rows do not have sum 0 exactly
    down -= lambda * std::sqrt(std::max(norm, 0.0)) * 8 * static_cast<double>(coefficients.cols()) * unit * sizes.sum();
  const double objective = value + 2 * (of_norm + of_outputs) + of_sums;
  return {objective, {down - 2 * of_norm - of_sums}, 4 * (of_norm + of_outputs) / (1e-7 * (1 + std::fabs(value)))};
}

}  // namespace nadir::kernel
