#pragma once
// Problems for the tests: planted networks and random targets, by seed.
#include <cmath>
#include <numbers>

#include "nadir/base/random.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

inline double normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log1p(-random.uniform()));  // drawn first, whatever the compiler
  return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

inline Matrix normal_matrix(Index rows, Index cols, Random& random) {
  return Matrix::NullaryExpr(rows, cols, [&] { return normal(random); });
}

/// `count` units of random directions and signs, outputs in turn.
inline Units random_units(Index count, Index d, Index outputs, Random& random) {
  Units units;
  units.directions.resize(0, d);
  for (Index j = 0; j < count; ++j)
    units.add(normal_matrix(d, 1, random).col(0).normalized(), normal(random), j % outputs);
  return units;
}

/// What a few random units answer, and some noise.
inline Vector planted_targets(const Matrix& X, Index count, double noise, Random& random) {
  const Units units = random_units(count, X.cols(), 1, random);
  Vector y = Vector::Zero(X.rows());
  for (Index j = 0; j < count; ++j) y += units.weights[j] * (X * units.directions.row(j).transpose()).cwiseMax(0);
  for (Index i = 0; i < y.size(); ++i) y[i] += noise * normal(random);
  return y;
}

inline std::vector<int> random_labels(Index n, int classes, Random& random) {
  std::vector<int> labels;
  for (Index i = 0; i < n; ++i) labels.push_back(random.integer(0, classes - 1));
  return labels;
}

}  // namespace nadir::relu
