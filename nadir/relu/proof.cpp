#include "nadir/relu/proof.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/relu/bounds.hpp"

namespace nadir::relu {
namespace {

constexpr double unit = 0x1p-53, room = 1e-9;

ProvenLowerBound proven_constrained(const Problem& problem, const Matrix& dual, double q) {
  const double tau = best_scaling(problem, dual, q), most = tau * problem.radius * q * (1 + room);
  const double value = problem.loss.dual_value(dual, tau), n = static_cast<double>(dual.rows());
  return {value - most - 4 * unit * (600 + n / 128) * (1 + std::fabs(value) + most + problem.loss.value_at_zero())};
}

}  // namespace

double share_in_ball(const Problem& problem, const Units& units) {
  if (!problem.constrained()) return 1;
  const auto size = static_cast<double>(problem.inputs() + units.count() * problem.outputs());
  const double most = problem.radius * (1 - std::max(0x1p-40, 8 * unit * size)), norm = units.weights.cwiseAbs().sum();
  return norm > most ? most / norm : 1;
}

ReluNetwork to_network(const Problem& problem, const Iterate& at) {
  ReluNetwork network = balanced_network(problem, at);
  network.unit_outputs *= share_in_ball(problem, at.units);
  return network;
}

double proven_objective(const Problem& problem, const ReluNetwork& network) {
  const SampleRows& X = problem.features;
  const double n = static_cast<double>(X.rows()), d = static_cast<double>(X.cols());
  const double m = static_cast<double>(network.units.rows());
  double norms = 0, sizes = 0;  // with the 1-norm of a unit's outputs: what its rounding errors add up to
  for (Index j = 0; j < network.units.rows(); ++j) {
    const double size = std::pow(network.units.row(j).norm(), problem.power),
                 all = size * network.unit_outputs.row(j).lpNorm<1>();
    const double costs = problem.free_hidden ? network.units.row(j).head(X.cols() - 1).norm() : size;
    sizes += all, norms += problem.shared ? costs * network.unit_outputs.row(j).norm() : all;
  }
  const Matrix f = outputs(network, X);
  const double biases = network.output_biases.lpNorm<1>();
  sizes += network.skip.lpNorm<1>();
  const double value = problem.loss.value(f) + problem.lambda * norms +
                       problem.bias_weight / 2 * network.output_biases.squaredNorm() +
                       problem.skip_weight / 2 * network.skip.squaredNorm();
  Matrix gradient;
  problem.loss.gradient(f, gradient);
  const Vector rows = row_norms(X);
  const double slope = (rows.array().pow(problem.power).matrix().transpose() * gradient.cwiseAbs()).sum();
  return value + 4 * unit *
                     ((600 + n / 128 + d + m) * (1 + value) +
                      (300 + 2 * d + m) * (slope * sizes + gradient.lpNorm<1>() * biases));
}

ProvenLowerBound proven_bound(const Problem& problem, const Matrix& dual, double q) {
  if (problem.constrained()) return proven_constrained(problem, dual, q);
  const double n = static_cast<double>(dual.rows());
  const double most = std::min(1 - 0x1p-42, problem.lambda / q * (1 - room));
  const double least = std::min(most, problem.lambda / q * (1 - 2 * room));
  const double error = 4 * unit * (n + static_cast<double>(dual.cols()) + 300);
  const double taken = most * most * taken_beside_units(problem, dual, error) * (1 + 64 * unit);
  const double down = std::min(problem.loss.dual_value(dual, most), problem.loss.dual_value(dual, least)) - taken;
  return {down - 4 * unit * (600 + n / 128) * (1 + std::fabs(down) + problem.loss.value_at_zero())};
}

}  // namespace nadir::relu
