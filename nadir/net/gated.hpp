#pragma once
// Gated networks as values: f_k(x) = Σ_p 1[g_p·x ≥ 0] v_pk·x over the active gates, which come first. Linear in the
// weights v, which is what makes their training convex (docs/math/two-layer.md).
#include <string>

#include "nadir/base/matrix.hpp"

namespace nadir {

struct GatedNetwork {
  Matrix gates;       ///< P × d: all that training could use; the first ones are active
  Matrix weights;     ///< (active · K) × d: row p·K + k is v_pk
  Index outputs = 1;  ///< K

  Index inputs() const { return gates.cols(); }
  Index active() const { return weights.rows() / outputs; }  ///< gates with a weight: the units of the network
};

/// Outputs f, n × K, of features n × d. The bits do not depend on `threads`.
Matrix outputs(const GatedNetwork& network, const Matrix& features, int threads = 1);

/// SHA-256 of gates and weights, as docs/certificate-format.md section 6 defines it.
std::string weights_sha256(const GatedNetwork& network);

}  // namespace nadir
