#include "nadir/net/kernel_machine.hpp"

#include <algorithm>

#include "nadir/base/sha256.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/net/arc_cosine.hpp"

namespace nadir {

Matrix outputs(const KernelMachine& network, const Matrix& features, int threads) {
  constexpr Index rows = 512;  // at a time, so that no whole kernel matrix is held
  const Index n = features.rows();
  const Directions samples = directions_of(network.samples, network.power);
  Matrix f(n, network.outputs());
  for_each_task(static_cast<int>((n + rows - 1) / rows), threads, [&](int task) {
    const Index first = task * rows, count = std::min(rows, n - first);
    const Matrix part = features.middleRows(first, count);
    f.middleRows(first, count).noalias() =
        arc_cosine_kernel(directions_of(part, network.power), samples) * network.coefficients;
  });
  return f;
}

std::string weights_sha256(const KernelMachine& network) {
  Sha256 hash;
  hash.add("nadir-weights 5\n");
  hash.add(network.samples);
  hash.add(network.coefficients);
  return hash.finish();
}

}  // namespace nadir
