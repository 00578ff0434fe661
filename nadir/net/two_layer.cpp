#include "nadir/net/two_layer.hpp"

#include <cmath>

namespace nadir {

Matrix hidden_sums(const TwoLayerNetwork& network, const Matrix& features) {
  Matrix sums = features * network.hidden.transpose();
  if (network.hidden_biases.size() > 0) sums.rowwise() += network.hidden_biases.transpose();
  return sums;
}

Matrix outputs(const TwoLayerNetwork& network, const Matrix& features) {
  const Matrix sums = hidden_sums(network, features);
  Matrix f = (sums.array() > 0).select(sums, network.slope * sums) * network.output.transpose();
  if (network.output_biases.size() > 0) f.rowwise() += network.output_biases.transpose();
  return f;
}

ReluNetwork to_relu(const TwoLayerNetwork& network) {
  const Index d = network.inputs(), wide = d + (network.hidden_biases.size() > 0 ? 1 : 0), K = network.outputs();
  const Index most = 2 * network.units();
  ReluNetwork relu{Matrix::Zero(most, wide), Matrix::Zero(most, K), network.output_biases};
  Index count = 0;
  const auto add = [&](const Vector& u, const Vector& w) {
    const double size = u.norm(), weight = w.norm();
    if (!(size > 0 && weight > 0)) return;
    const double root = std::sqrt(weight / size);
    relu.units.row(count) = root * u.transpose();
    relu.unit_outputs.row(count++) = w.transpose() / root;
  };
  for (Index j = 0; j < network.units(); ++j) {
    Vector u = Vector::Zero(wide);
    u.head(d) = network.hidden.row(j).transpose();
    if (network.hidden_biases.size() > 0) u[d] = network.hidden_biases[j];
    const Vector w = network.output.col(j);
    add(u, w);
    add(-u, -network.slope * w);  // a z = −a (−z)₊ for z < 0
  }
  relu.units.conservativeResize(count, wide);
  relu.unit_outputs.conservativeResize(count, K);
  return relu;
}

}  // namespace nadir
