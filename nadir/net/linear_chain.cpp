#include "nadir/net/linear_chain.hpp"

#include <algorithm>
#include <string>

#include "nadir/base/error.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/base/threads.hpp"

namespace nadir {

void require_chain(const LinearChain& chain) {
  if (chain.weights.empty()) throw InputError("linear network: has no layer");
  for (std::size_t i = 0; i < chain.weights.size(); ++i) {
    const Matrix& W = chain.weights[i];
    const std::string layer = "linear network: layer " + std::to_string(i + 1);
    if (W.size() == 0) throw InputError(layer + " is empty");
    if (!W.allFinite()) throw InputError(layer + " has a weight that is not finite");
    if (i > 0 && W.cols() != chain.weights[i - 1].rows())
      throw InputError(layer + " takes " + std::to_string(W.cols()) + " inputs, but the layer before it has " +
                       std::to_string(chain.weights[i - 1].rows()) + " outputs");
  }
}

std::vector<Index> widths_of(const LinearChain& chain) {
  std::vector<Index> widths{chain.inputs()};
  for (const Matrix& W : chain.weights) widths.push_back(W.rows());
  return widths;
}

Matrix product_of(const LinearChain& chain) {
  Matrix R = chain.weights.front();
  for (std::size_t i = 1; i < chain.weights.size(); ++i) R = chain.weights[i] * R;
  return R;
}

Matrix outputs(const LinearChain& chain, const Matrix& features, int threads) {
  constexpr Index rows = 1024;
  const Index n = features.rows();
  Matrix f(n, chain.outputs());
  for_each_task(static_cast<int>((n + rows - 1) / rows), threads, [&](int task) {
    const Index first = task * rows, count = std::min(rows, n - first);
    Matrix at = features.middleRows(first, count) * chain.weights.front().transpose();
    for (std::size_t i = 1; i < chain.weights.size(); ++i) at = at * chain.weights[i].transpose();
    f.middleRows(first, count) = at;
  });
  return f;
}

bool BiasedChain::has_biases() const {
  return std::any_of(biases.begin(), biases.end(), [](const Vector& bias) { return bias.size() > 0; });
}

Vector BiasedChain::offset() const {
  Vector sum = Vector::Zero(chain.inputs());
  for (std::size_t i = 0; i < chain.weights.size(); ++i) {
    sum = (chain.weights[i] * sum).eval();
    if (i < biases.size() && biases[i].size() > 0) sum += biases[i];
  }
  return sum;
}

Matrix outputs(const BiasedChain& network, const Matrix& features, int threads) {
  Matrix f = outputs(network.chain, features, threads);
  if (network.has_biases()) f.rowwise() += network.offset().transpose();
  return f;
}

std::string weights_sha256(const BiasedChain& network) {
  Sha256 hash;
  hash.add("nadir-weights 4\n");
  for (const Matrix& weights : network.chain.weights) hash.add(weights);
  for (const Vector& bias : network.biases) hash.add(Matrix(bias));
  return hash.finish();
}

}  // namespace nadir
