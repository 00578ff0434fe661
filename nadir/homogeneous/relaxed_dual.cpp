#include "nadir/homogeneous/relaxed_dual.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace nadir::homogeneous {
namespace {

bool is_signed(const Problem& problem) {
  const std::vector<Layer>& layers = problem.subnetwork.layers();
  return layers.back().outputs == 1 && layers[layers.size() - 2].map == Map::relu;
}

/// Of fᵀf: the squares of f's singular values, and its right singular vectors.
Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> spectrum(const Matrix& f) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(f.transpose() * f);
}

/// The point that minimizes ½‖f − z‖² + step · N(f).
Matrix shrunk(const Problem& problem, const Matrix& z, double step) {
  const auto factor = [step](double norm) { return norm > step ? 1 - step / norm : 0; };
  if (is_signed(problem))
    return factor(z.cwiseMax(0).norm()) * z.cwiseMax(0) + factor(z.cwiseMin(0).norm()) * z.cwiseMin(0);
  if (z.cols() == 1) return factor(z.norm()) * z;
  const auto of_z = spectrum(z);
  const Eigen::VectorXd factors =
      of_z.eigenvalues().unaryExpr([&](double square) { return factor(std::sqrt(std::max(square, 0.0))); });
  return z * (of_z.eigenvectors() * factors.asDiagonal() * of_z.eigenvectors().transpose());
}

/// N(f).
double size_of(const Problem& problem, const Matrix& f) {
  if (is_signed(problem)) return f.cwiseMax(0).norm() + f.cwiseMin(0).norm();
  if (f.cols() == 1) return f.norm();
  return spectrum(f).eigenvalues().cwiseMax(0).cwiseSqrt().sum();
}

/// Of ℓ, at most.
double largest_curvature(LossKind kind) {
  return kind == LossKind::logistic ? 0.25 : kind == LossKind::softmax ? 0.5 : 1;
}

}  // namespace

double layer_norm(const Problem& problem, const Matrix& G) {
  if (is_signed(problem)) return std::max(G.cwiseMax(0).norm(), G.cwiseMin(0).norm());
  return G.cols() == 1 ? G.norm() : std::sqrt(std::max(0.0, spectrum(G).eigenvalues().maxCoeff()));
}

Matrix relaxed_dual(const Problem& problem, double features_norm) {
  constexpr int most = 2000;
  const double mu = problem.lambda / features_norm;
  const TrainingLoss& loss = problem.loss;
  // Rows count alike: the gradient changes by no more than 1/step times what f does.
  const double step = static_cast<double>(loss.samples()) / largest_curvature(loss.kind());
  Matrix f = Matrix::Zero(loss.samples(), loss.outputs()), ahead = f, gradient, best;
  double momentum = 1, highest = -std::numeric_limits<double>::infinity();
  for (int k = 0; k < most; ++k) {
    loss.gradient(f, gradient);
    const double bound = loss.dual_bound(-gradient, mu, layer_norm(problem, gradient));
    if (bound > highest || k == 0) highest = bound, best = -gradient;
    const double gap = loss.value(f) + mu * size_of(problem, f) - highest;
    if (!(gap > 1e-12 * (1 + std::fabs(highest)))) break;
    loss.gradient(ahead, gradient);
    const Matrix next = shrunk(problem, ahead - step * gradient, step * mu);
    const bool turned = (ahead - next).cwiseProduct(next - f).sum() > 0;
    const double further = turned ? 1 : (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
    ahead = turned ? next : Matrix(next + (momentum - 1) / further * (next - f));
    momentum = further, f = next;
  }
  return best;
}

}  // namespace nadir::homogeneous
