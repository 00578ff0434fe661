#pragma once
// Kernel machines: f_k(x) = Σⱼ a_jk k(zⱼ, x), k an arc-cosine kernel.
#include <string>

#include "nadir/base/matrix.hpp"

namespace nadir {

struct KernelMachine {
  Matrix samples;       ///< z, n × d
  Matrix coefficients;  ///< a, n × K
  int power = 1;        ///< α of the kernel: 0, 1 or 2

  Index inputs() const { return samples.cols(); }
  Index outputs() const { return coefficients.cols(); }
};

/// n × K; the same for any number of threads.
Matrix outputs(const KernelMachine& network, const Matrix& features, int threads = 1);

/// As docs/certificate-format.md, section 6, has it.
std::string weights_sha256(const KernelMachine& network);

}  // namespace nadir
