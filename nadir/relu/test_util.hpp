#pragma once
// Problems for the tests: planted networks and random targets, by seed.
#include "nadir/polar/test_util.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

using polar::normal_matrix;

struct Case {
  Matrix X;
  TrainingLoss loss;
};

/// `count` units of random directions and signs, outputs in turn.
inline Units random_units(Index count, Index d, Index outputs, Random& random) {
  Units units;
  units.directions.resize(0, d);
  for (Index j = 0; j < count; ++j)
    units.add(normal_matrix(d, 1, random).col(0).normalized(), random.normal(), j % outputs);
  return units;
}

/// What a few random units answer, and some noise.
inline Vector planted_targets(const Matrix& X, Index count, double noise, Random& random) {
  const Units units = random_units(count, X.cols(), 1, random);
  Vector y = Vector::Zero(X.rows());
  for (Index j = 0; j < count; ++j) y += units.weights[j] * (X * units.directions.row(j).transpose()).cwiseMax(0);
  for (Index i = 0; i < y.size(); ++i) y[i] += noise * random.normal();
  return y;
}

inline std::vector<int> random_labels(Index n, int classes, Random& random) {
  std::vector<int> labels;
  for (Index i = 0; i < n; ++i) labels.push_back(random.integer(0, classes - 1));
  return labels;
}

}  // namespace nadir::relu
