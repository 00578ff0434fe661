#include "nadir/kernel/random_features.hpp"

#include <cmath>

#include "nadir/base/random.hpp"

namespace nadir::kernel {

Matrix draw_units(Index count, Index d, std::uint64_t seed) {
  Random random(seed);
  Matrix units(count, d);
  for (double& entry : units.reshaped<Eigen::RowMajor>()) entry = random.normal();
  units.rowwise().normalize();
  return units;
}

Matrix random_features(const Matrix& x, const Matrix& units, int power) {
  Matrix features(x.rows(), units.rows());
  multiply_transposed(ConstMatrixView(x.data(), x.rows(), x.cols()),
                      ConstMatrixView(units.data(), units.rows(), units.cols()),
                      MatrixView(features.data(), features.rows(), features.cols()));
  for (double& entry : features.reshaped()) entry = entry > 0 ? std::pow(entry, power) : 0;
  return features / std::sqrt(static_cast<double>(units.rows()));
}

}  // namespace nadir::kernel
