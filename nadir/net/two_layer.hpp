#pragma once
// Two-layer networks as other programs write them, with biases:
//   f(x) = V σ(U x + b) + c,   σ(z) = z for z > 0, a z otherwise: ReLU, or leaky ReLU with slope a;
// and the same functions as ReLU networks without hidden biases, on features with a constant 1 at the end
// (docs/math/two-layer.md, section 8).
#include "nadir/net/relu.hpp"

namespace nadir {

struct TwoLayerNetwork {
  Matrix hidden;         ///< U, m × d
  Vector hidden_biases;  ///< b, m; empty: none
  Matrix output;         ///< V, K × m
  Vector output_biases;  ///< c, K; empty: none
  double slope = 0;      ///< a

  Index inputs() const { return hidden.cols(); }
  Index units() const { return hidden.rows(); }
  Index outputs() const { return output.rows(); }
};

/// U x + b of each sample, n × m, of features without the constant 1.
Matrix hidden_sums(const TwoLayerNetwork& network, const Matrix& features);

/// n × K, of the same features.
Matrix outputs(const TwoLayerNetwork& network, const Matrix& features);

/// The same function where the units have no biases; else, where the last of one more feature is 1. A unit of slope a ≠
/// 0 becomes two, of sizes 1 and |a|. Units without any effect are left out; in the others ‖uⱼ‖ = ‖wⱼ‖.
ReluNetwork to_relu(const TwoLayerNetwork& network);

}  // namespace nadir
