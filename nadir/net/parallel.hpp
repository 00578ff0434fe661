#pragma once
// Parallel sub-networks, each a chain of layers without biases:
//   f(x) = Σᵢ W_iL σ(W_i(L−1) σ(⋯ σ(W_i1 x))),  σ(z) = z for z > 0, a z otherwise: ReLU, or leaky ReLU of slope a.
// One of them is an ordinary deep network.
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir {

struct ParallelNetwork {
  std::vector<Matrix> layers;  ///< W_1k, …, W_rk one below the other: (r h_k) × h_{k−1}
  Index outputs = 1;           ///< h_L
  double slope = 0;            ///< a, from −1 to 1

  Index inputs() const { return layers.front().cols(); }
  Index count() const { return layers.back().rows() / outputs; }  ///< r
  /// W_ik, h_k × h_{k−1}; both from 0.
  ConstMatrixView weights(Index subnetwork, std::size_t layer) const;
  /// h_0, …, h_L; of no sub-network those that its layers' columns tell.
  std::vector<Index> widths() const;
};

/// Throws InputError unless there are two layers or more that fit one another, a slope from −1 to 1, and all is finite.
void require_parallel(const ParallelNetwork& network);

/// n × K; the same for any number of threads.
Matrix outputs(const ParallelNetwork& network, const Matrix& features, int threads = 1);

/// As docs/certificate-format.md, section 6, has it.
std::string weights_sha256(const ParallelNetwork& network);

}  // namespace nadir
