#pragma once
// Deep linear networks: f(x) = W_{H+1} ··· W_2 W_1 x, a chain of matrices without activations; and with biases,
// f(x) = W_{H+1} (··· (W_1 x + b_1) ···) + b_{H+1}.
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir {

struct LinearChain {
  std::vector<Matrix> weights;  ///< W_1, .., W_{H+1}; W_i is d_i × d_{i−1}

  Index inputs() const { return weights.front().cols(); }
  Index outputs() const { return weights.back().rows(); }
};

/// Throws InputError unless there is a layer, each layer takes what the one before it gives, and all is finite.
void require_chain(const LinearChain& chain);

/// d_0, .., d_{H+1}.
std::vector<Index> widths_of(const LinearChain& chain);

/// R(W) = W_{H+1} ··· W_1, outputs × inputs.
Matrix product_of(const LinearChain& chain);

/// n × outputs; the same for any number of threads.
Matrix outputs(const LinearChain& chain, const Matrix& features, int threads = 1);

struct BiasedChain {
  LinearChain chain;
  std::vector<Vector> biases;  ///< by layer, or none at all; empty: the layer has none

  bool has_biases() const;
  /// What the biases add up to at the outputs, K.
  Vector offset() const;
};

/// n × outputs; the same for any number of threads.
Matrix outputs(const BiasedChain& network, const Matrix& features, int threads = 1);

/// As docs/certificate-format.md, section 6, has it.
std::string weights_sha256(const BiasedChain& network);

}  // namespace nadir
