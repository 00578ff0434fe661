#pragma once
// Two-layer ReLU networks: f_k(x) = c_k + V_k·x + Σⱼ w_jk max(0, uⱼ·x); and those of another power of max(0, uⱼ·x).
#include <string>

#include "nadir/base/sample_rows.hpp"

namespace nadir {

struct ReluNetwork {
  Matrix units;               ///< u, m × d
  Matrix unit_outputs;        ///< w, m × K
  Vector output_biases = {};  ///< c, K; empty: none
  Matrix skip = {};           ///< V, the linear part, d × K; empty: none
  int power = 1;              ///< α of max(0, uⱼ·x)^α, 0 to 2; of 0: 1 for uⱼ·x > 0, exactly, else 0

  Index inputs() const { return units.cols(); }
  Index outputs() const { return unit_outputs.cols(); }
};

/// max(0, uⱼ·x)^power of each row x and unit u, n × m.
Matrix activations(const Matrix& units, int power, const Matrix& features);

/// n × K; the same for any number of threads.
Matrix outputs(const ReluNetwork& network, const SampleRows& features, int threads = 1);
inline Matrix outputs(const ReluNetwork& network, const Matrix& features, int threads = 1) {
  return outputs(network, SampleRows(features), threads);
}

/// As docs/certificate-format.md, section 6, has it.
std::string weights_sha256(const ReluNetwork& network);

}  // namespace nadir
