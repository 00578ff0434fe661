#pragma once
// Problems for the tests: random, planted and degenerate.
#include "nadir/base/test_util.hpp"
#include "nadir/polar/relu_polar.hpp"

namespace nadir::polar {

using nadir::normal_matrix;

inline Vector random_direction(Index d, Random& random) { return normal_matrix(d, 1, random).col(0).normalized(); }

/// Normal rows and weights.
inline ReluPolar random_problem(Index n, Index d, Random& random) {
  Matrix X = normal_matrix(n, d, random);
  return {std::move(X), normal_matrix(n, 1, random).col(0) / static_cast<double>(n)};
}

/// Minus the gradient of the mean logistic loss at zero for labels that a unit decides, `flipped` of them wrongly.
inline ReluPolar logistic_problem(Index n, Index d, double flipped, Random& random) {
  ReluPolar problem = random_problem(n, d, random);
  const Vector z = product(problem.features, random_direction(d, random));
  for (Index i = 0; i < n; ++i)
    problem.weights[i] = ((z[i] > 0) != (random.uniform() < flipped) ? 0.5 : -0.5) / static_cast<double>(n);
  return problem;
}

/// Duplicated, opposite, parallel and zero rows, zero weights, rows on a plane.
inline ReluPolar degenerate_problem(Index d, Random& random) {
  ReluPolar problem = random_problem(14, d, random);
  Matrix X = problem.features.whole();
  X.row(1) = X.row(0);
  X.row(2) = -X.row(0);
  X.row(3) = 3 * X.row(4);
  X.row(5).setZero();
  X.row(6).setZero();
  X(7, 0) = X(8, 0) = X(9, 0) = 0;
  X.row(10) = X.row(11);
  problem.features = std::move(X);
  problem.weights[10] = -problem.weights[11];
  problem.weights[12] = 0;
  return problem;
}

}  // namespace nadir::polar
