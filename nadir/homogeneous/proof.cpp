#include "nadir/homogeneous/proof.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/homogeneous/relaxed_dual.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::homogeneous {
namespace {

constexpr double rounding_unit = 0x1p-53;

/// By row, what the outputs of a verifier may be off by: e ← e|W|ᵀ and rounding, a layer at a time.
Vector output_errors(const Problem& problem, const Vector& weights) {
  const Subnetwork& subnetwork = problem.subnetwork;
  Matrix at = problem.features, error = Matrix::Zero(at.rows(), at.cols());
  for (std::size_t k = 0; k < subnetwork.layers().size(); ++k) {
    const Layer& layer = subnetwork.layers()[k];
    const ConstMatrixView W = subnetwork.weights(weights, k);
    error += rounding_unit * static_cast<double>(layer.inputs + 8) * at.cwiseAbs();
    error = (error * W.cwiseAbs().transpose()).eval();
    at = (at * W.transpose()).eval();
    const double slope = layer.map == Map::relu ? 0 : layer.map == Map::leaky_relu ? layer.parameter : 1;
    at = (at.array() > 0).select(at, slope * at).eval();
  }
  return error.rowwise().maxCoeff();
}

}  // namespace

double level_for_gap(const Problem& problem, const Iterate& at, double gap) {
  const double at_zero = problem.loss.value_at_zero();
  double low = problem.lambda, high = 2 * problem.lambda;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = low + (high - low) / 2;
    const double bound = problem.loss.dual_bound(at.dual, problem.lambda, middle);
    (nadir::relative_gap(at.objective, bound, at_zero) <= 0.99 * gap ? low : high) = middle;
  }
  return low;
}

double stated_norm(const Matrix& matrix) {
  constexpr Index most = 4096;  // beyond which nadir-verify goes by the Frobenius norm
  const double n = static_cast<double>(std::max(matrix.rows(), matrix.cols()));
  const double d = static_cast<double>(std::min(matrix.rows(), matrix.cols()));
  const double all = matrix.norm() * (1 + rounding_unit * (n * d + 16));
  if (std::min(matrix.rows(), matrix.cols()) > most) return std::max(all, 0x1p-400);
  const double value = polar::proven_singular_value(matrix), square = value * value;
  const double room = rounding_unit * ((200 + n / 64) * (square + all * all) + 4 * (d + 8) * d * square);
  return std::max(std::min(all, std::sqrt(square + 2 * room)), 0x1p-400);
}

double proven_objective(const Problem& problem, const Iterate& at) {
  Vector errors = Vector::Zero(problem.features.rows());
  for (const Vector& weights : at.weights) errors += output_errors(problem, weights);
  errors.array() += rounding_unit * static_cast<double>(4 * at.width() + 8) * at.outputs.rowwise().lpNorm<1>().array();
  Matrix gradient;
  problem.loss.gradient(at.outputs, gradient);
  const double slope = errors.dot(gradient.rowwise().lpNorm<1>()) + errors.squaredNorm();
  const double value = at.objective, n = static_cast<double>(problem.features.rows());
  const double numbers = static_cast<double>(problem.subnetwork.size() + at.width());
  return value + 2 * slope + 4 * rounding_unit * (600 + n / 128 + numbers) * (1 + std::fabs(value));
}

namespace {

/// What G proves by q ≥ Ω°(G), which a verifier may find larger by this part.
ProvenLowerBound bound_by_polar(const Problem& problem, const Matrix& G, double q, double room) {
  const double n = static_cast<double>(G.rows());
  const double most = std::min(1 - 0x1p-42, problem.lambda / q * (1 - room));
  const double least = std::min(most, problem.lambda / q * (1 - room - std::max(room, 1e-14)));
  const double down = std::min(problem.loss.dual_value(G, most), problem.loss.dual_value(G, least));
  return {down - 4 * rounding_unit * (600 + n / 128) * (1 + std::fabs(down) + problem.loss.value_at_zero())};
}

}  // namespace

ProvenLowerBound proven_bound(const Problem& problem, const Matrix& G, double polar) {
  return bound_by_polar(problem, G, polar, 1e-9);
}

ProvenLowerBound proven_bound(const Problem& problem, const Matrix& G, double features_norm, double dual_norm) {
  const double K = static_cast<double>(G.cols()), n = static_cast<double>(G.rows());
  const double g = G.cols() > 1 ? dual_norm + 2 * rounding_unit * K * (K + 2) * G.norm() : layer_norm(problem, G);
  const double q = features_norm * g * (1 + rounding_unit * (4 * n + 64));
  return bound_by_polar(problem, G, q, 0);
}

}  // namespace nadir::homogeneous
