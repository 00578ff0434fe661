#include "nadir/net/relu.hpp"

#include <algorithm>

#include "nadir/base/sha256.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/net/patterns.hpp"

namespace nadir {

Matrix activations(const Matrix& units, int power, const Matrix& features) {
  if (power == 0) {  // u·x > 0 where −u is a gate that is not open
    const Patterns shut(features, -units);
    Matrix steps(features.rows(), units.rows());
    for (Index i = 0; i < steps.rows(); ++i)
      for (Index j = 0; j < steps.cols(); ++j) steps(i, j) = shut.open(j, i) ? 0 : 1;
    return steps;
  }
  const Matrix hidden = (features * units.transpose()).cwiseMax(0);
  return power == 2 ? hidden.cwiseAbs2() : hidden;
}

Matrix outputs(const ReluNetwork& network, const SampleRows& features, int threads) {
  constexpr Index rows = 1024;
  const Index n = features.rows();
  Matrix f(n, network.outputs());
  for_each_task(static_cast<int>((n + rows - 1) / rows), threads, [&](int task) {
    const Index first = task * rows, count = std::min(rows, n - first);
    Matrix room;
    const ConstMatrixView X = features.block(first, count, room);
    const Matrix hidden = activations(network.units, network.power, X);
    f.middleRows(first, count).noalias() = hidden * network.unit_outputs;
    if (network.output_biases.size() > 0) f.middleRows(first, count).rowwise() += network.output_biases.transpose();
    if (network.skip.size() > 0) f.middleRows(first, count).noalias() += X * network.skip;
  });
  return f;
}

std::string weights_sha256(const ReluNetwork& network) {
  Sha256 hash;
  hash.add("nadir-weights 3\n");
  hash.add(network.units);
  hash.add(network.unit_outputs);
  hash.add(Matrix(network.output_biases));
  hash.add(network.skip);
  return hash.finish();
}

}  // namespace nadir
