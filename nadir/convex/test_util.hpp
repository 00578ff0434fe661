#pragma once
// Small problems of every loss, for the tests.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "nadir/base/random.hpp"
#include "nadir/convex/gates.hpp"
#include "nadir/convex/proof.hpp"
#include "nadir/convex/working_set.hpp"
#include "nadir/data/recipe.hpp"

namespace nadir::convex {

inline RecipeOptions standardized() {
  RecipeOptions recipe;
  recipe.scale = "standard";
  return recipe;
}

/// All of X.
inline Matrix features_of(const GroupProblem& problem) {
  Matrix room;
  return problem.products.features().block(0, problem.products.features().rows(), room);
}

/// What is to be learned.
struct Kind {
  LossKind loss;
  int classes = 0;  ///< 0 for quantities
};

inline std::ostream& operator<<(std::ostream& out, const Kind& kind) {
  return out << to_string(kind.loss) << kind.classes;
}

/// A small problem of each kind, with an intercept.
struct Planted {
  Matrix X, gates;
  Patterns patterns;
  TrainingLoss loss;

  Planted(Kind kind, Index n, Index d, int P, std::uint64_t seed)
      : X(features(n, d, seed)),
        gates(draw_gates(X, P, true, seed, 1)),
        patterns(X, gates),
        loss(make_loss(kind, seed)) {}

  static Matrix features(Index n, Index d, std::uint64_t seed) {
    Random random(seed);
    Matrix X(n, d);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < d; ++j) X(i, j) = j + 1 < d ? random.uniform(-2, 2) * (j == 0 ? 10 : 1) : 1;
    return X;
  }
  TrainingLoss make_loss(Kind kind, std::uint64_t seed) const {
    Random random(seed + 1);
    Vector y(X.rows());
    std::vector<int> labels;
    for (Index i = 0; i < X.rows(); ++i) {
      y[i] = std::max(0.0, X(i, 1)) - 0.5 * std::max(0.0, X(i, 1) + X(i, 0) / 10) + random.uniform(-0.3, 0.3);
      labels.push_back(std::min(kind.classes - 1, static_cast<int>(std::fabs(y[i]) * kind.classes)));
    }
    if (kind.classes > 0) return {kind.loss, labels, kind.classes};
    return {kind.loss, y, 0.5};
  }
};

inline Solution solve_once(const GroupProblem& problem, const SolverOptions& options, const Solution* start = nullptr) {
  NewtonData data(problem);
  return solve(problem, data, options, start);
}

/// What is claimed lies outside of what was computed, and not by much.
inline void expect_proven_outside(const GroupProblem& problem, const Solution& solution) {
  const ProvenInterval interval = prove(problem, solution.at, solution.dual);
  EXPECT_GT(interval.objective, solution.at.objective);
  EXPECT_LT(interval.bound.value, solution.lower_bound);
  EXPECT_NEAR(interval.objective, solution.at.objective, 1e-11);
  EXPECT_NEAR(interval.bound.value, solution.lower_bound, 1e-10);
}

inline const Kind every_kind[] = {{LossKind::squared},          {LossKind::huber},      {LossKind::logistic, 2},
                                  {LossKind::squared_hinge, 2}, {LossKind::softmax, 3}, {LossKind::squared, 3}};

}  // namespace nadir::convex
