#include "nadir/kernel/random_features.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/base/random.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/net/relu.hpp"

namespace nadir::kernel {

Matrix draw_units(Index count, Index d, std::uint64_t seed) {
  Random random(seed);
  Matrix units(count, d);
  for (double& entry : units.reshaped<Eigen::RowMajor>()) entry = random.normal();
  units.rowwise().normalize();
  return units;
}

Matrix random_features(const Matrix& x, const Matrix& units, int power, int threads) {
  constexpr Index rows = 1024;
  const Index n = x.rows();
  const double scale = 1 / std::sqrt(static_cast<double>(units.rows()));
  Matrix features(n, units.rows());
  for_each_task(static_cast<int>((n + rows - 1) / rows), threads, [&](int task) {
    const Index first = task * rows, count = std::min(rows, n - first);
    features.middleRows(first, count) = scale * activations(units, power, x.middleRows(first, count));
  });
  return features;
}

}  // namespace nadir::kernel
