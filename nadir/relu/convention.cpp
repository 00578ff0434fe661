#include "nadir/relu/convention.hpp"

#include <cmath>

namespace nadir::relu {
namespace {

/// Weights and biases of a network, or what belongs to them.
struct Parameters {
  Matrix hidden;  ///< m × (d + 1), the biases last
  Matrix output;  ///< K × m
  Vector output_biases;

  double squared_norm() const { return hidden.squaredNorm() + output.squaredNorm() + output_biases.squaredNorm(); }
};

Parameters parameters_of(const TwoLayerNetwork& network) {
  Parameters p{Matrix::Zero(network.units(), network.inputs() + 1), network.output, network.output_biases};
  p.hidden.leftCols(network.inputs()) = network.hidden;
  if (network.hidden_biases.size() > 0) p.hidden.rightCols(1) = network.hidden_biases;
  return p;
}

/// L at the network, and its gradient.
struct LossAt {
  double value;
  Parameters gradient;
};

LossAt evaluate_loss(const TwoLayerNetwork& network, const Matrix& features, const TrainingLoss& loss) {
  const Matrix z = hidden_sums(network, features);
  const Matrix slopes = (z.array() > 0).select(Matrix::Ones(z.rows(), z.cols()), network.slope);
  const Matrix activations = z.cwiseProduct(slopes);
  Matrix f = activations * network.output.transpose(), by_output;
  if (network.output_biases.size() > 0) f.rowwise() += network.output_biases.transpose();
  loss.gradient(f, by_output);
  const Matrix back = (by_output * network.output).cwiseProduct(slopes);
  LossAt at{loss.value(f), parameters_of(network)};
  at.gradient.hidden.leftCols(network.inputs()) = back.transpose() * features;
  if (network.hidden_biases.size() > 0) at.gradient.hidden.rightCols(1) = back.colwise().sum().transpose();
  at.gradient.output = by_output.transpose() * activations;
  if (network.output_biases.size() > 0) at.gradient.output_biases = by_output.colwise().sum().transpose();
  return at;
}

/// Σⱼ ‖(uⱼ, bⱼ)‖ ‖vⱼ‖ + ½ ‖c‖².
double norms_of(const Parameters& p) {
  return (p.hidden.rowwise().norm().transpose().array() * p.output.colwise().norm().array()).sum() +
         p.output_biases.squaredNorm() / 2;
}

/// Its gradient; 0 where a norm is 0.
Parameters gradient_of_norms(Parameters p) {
  for (Index j = 0; j < p.hidden.rows(); ++j) {
    const double u = p.hidden.row(j).norm(), v = p.output.col(j).norm();
    p.hidden.row(j) *= u > 0 ? v / u : 0;
    p.output.col(j) *= v > 0 ? u / v : 0;
  }
  return p;
}

}  // namespace

double Convention::factor(const TrainingLoss& loss) const {
  const double samples = reduction == "sum" ? static_cast<double>(loss.samples()) : 1;
  return samples * (loss.kind() == LossKind::squared && !half ? 2 : 1);
}

double Convention::our_lambda(const TrainingLoss& loss, double slope) const {
  return lambda * (penalty == "squares" ? 2 : 1) / factor(loss) / (1 + std::fabs(slope));
}

Theirs evaluate(const Convention& convention, const TwoLayerNetwork& network, const Matrix& features,
                const TrainingLoss& loss) {
  Parameters p = parameters_of(network);
  if (convention.free_output_biases) p.output_biases.setZero();  // for the penalty, which is all that it is read for
  if (convention.free_hidden_biases) p.hidden.rightCols(1).setZero();
  const bool norms = convention.penalty == "norms";
  const double factor = convention.factor(loss), half = convention.penalty == "squares" ? 1 : 0.5;
  Theirs theirs;
  theirs.penalty = convention.lambda * (norms ? norms_of(p) : half * p.squared_norm());
  const auto [value, by_loss] = evaluate_loss(network, features, loss);
  theirs.objective = factor * value + theirs.penalty;
  Parameters by_penalty = norms ? gradient_of_norms(p) : p;
  const double scale = convention.lambda * (norms ? 1 : 2 * half);
  const double size = factor * std::sqrt(by_loss.squared_norm()) + scale * std::sqrt(by_penalty.squared_norm());
  by_penalty.hidden = scale * by_penalty.hidden + factor * by_loss.hidden;
  by_penalty.output = scale * by_penalty.output + factor * by_loss.output;
  by_penalty.output_biases = scale * by_penalty.output_biases + factor * by_loss.output_biases;
  theirs.stationarity = size > 0 ? std::sqrt(by_penalty.squared_norm()) / size : 0;
  return theirs;
}

double lower_bound_of_theirs(const Convention& convention, const TrainingLoss& loss, double lower_bound) {
  const double theirs = convention.factor(loss) * lower_bound;
  return theirs - 0x1p-50 * std::fabs(theirs);  // for the rounding of λ, β, the factor and the product
}

}  // namespace nadir::relu
