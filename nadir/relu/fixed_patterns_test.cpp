#include "nadir/relu/fixed_patterns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "nadir/base/error.hpp"
#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/relu/bounds.hpp"
#include "nadir/relu/column_generation.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

/// In the plane: a direction of every cell, between the angles at which a sample's sign changes.
Matrix gates_of_all_cells(const Matrix& X) {
  std::vector<double> angles;
  for (Index i = 0; i < X.rows(); ++i)
    for (const double side : {0.5, 1.5})
      angles.push_back(std::fmod(std::atan2(X(i, 1), X(i, 0)) + (side + 4) * std::numbers::pi, 2 * std::numbers::pi));
  std::sort(angles.begin(), angles.end());
  angles.push_back(angles.front() + 2 * std::numbers::pi);
  Matrix gates(static_cast<Index>(angles.size()) - 1, 2);
  for (Index p = 0; p < gates.rows(); ++p) {
    const double middle = (angles[static_cast<std::size_t>(p)] + angles[static_cast<std::size_t>(p) + 1]) / 2;
    gates.row(p) << std::cos(middle), std::sin(middle);
  }
  return gates;
}

TEST(FixedPatterns, OfAllCellsAreTheOptimumOverEveryWidth) {
  Random random(1);
  for (const LossKind kind : {LossKind::squared, LossKind::logistic})
    for (const double ratio : {0.5, 0.1, 0.01}) {
      const Matrix X = normal_matrix(25, 2, random);
      const TrainingLoss loss = kind == LossKind::squared ? TrainingLoss(kind, planted_targets(X, 3, 0.3, random))
                                                          : TrainingLoss(kind, random_labels(25, 2, random), 2);
      const Problem problem{X, loss, ratio * largest_lambda(X, loss, 1)};
      FixedPatternsOptions options;
      options.gap = 1e-9;
      const FixedPatterns found = train_on_patterns(problem, {X, gates_of_all_cells(X)}, options);
      EXPECT_EQ(found.stop, Stop::gap_reached);
      EXPECT_LE(found.relative_gap, 1e-8);
      // What the exact polar proves over every width is as much, and the other training comes to the same.
      double q = 0;
      for (const int sign : {1, -1}) q = std::max(q, polar::exact_polar({X, sign * found.at.dual.col(0)}).value);
      const double over_widths = lower_bound(problem, found.at.dual, q);
      EXPECT_NEAR(over_widths, found.at.objective, 1e-7 * found.at.objective);
      EXPECT_LE(found.bound.value, found.at.objective);
      EXPECT_NEAR(train(problem, {}, {}).at.objective, found.at.objective, 1e-6 * found.at.objective);
    }
}

using Pair = std::array<long double, 2>;

/// A cone in the plane between two rays, the second one counter-clockwise from the first by less than half a turn.
struct Rays {
  Pair first, second;

  Pair nearest(const Pair& z) const {
    const auto cross = [](const Pair& a, const Pair& b) { return a[0] * b[1] - a[1] * b[0]; };
    if (cross(first, z) >= 0 && cross(z, second) >= 0) return z;
    Pair best{0, 0};
    long double most = 0;
    for (const Pair& ray : {first, second}) {
      const long double along = ray[0] * z[0] + ray[1] * z[1];
      if (along > most) most = along, best = {along * ray[0], along * ray[1]};
    }
    return best;
  }
};

/// The objective's least value by accelerated proximal gradient steps (Beck and Teboulle 2009) in extended precision,
/// for the squared loss and cones between the borders next to each gate.
long double least_by_gradients(const Matrix& X, const Vector& y, const Matrix& gates, double lambda) {
  struct Vectors {
    Rays cone;
    std::vector<bool> open;
    int sign;
    Pair v{0, 0}, last{0, 0};
  };
  const Index n = X.rows();
  std::vector<Vectors> all;
  for (Index p = 0; p < gates.rows(); ++p) {
    const long double middle = std::atan2(static_cast<long double>(gates(p, 1)), static_cast<long double>(gates(p, 0)));
    const long double pi = std::numbers::pi_v<long double>;
    long double below = pi, above = pi;  // turns to the next borders
    std::vector<bool> open;
    for (Index i = 0; i < n; ++i) {
      open.push_back(X.row(i).dot(gates.row(p)) >= 0);
      for (const long double side : {0.5L, 1.5L}) {
        const long double border =
            std::atan2(static_cast<long double>(X(i, 1)), static_cast<long double>(X(i, 0))) + side * pi;
        above = std::min(above, std::fmod(border - middle + 8 * pi, 2 * pi));
        below = std::min(below, std::fmod(middle - border + 8 * pi, 2 * pi));
      }
    }
    const Rays cone{{std::cos(middle - below), std::sin(middle - below)},
                    {std::cos(middle + above), std::sin(middle + above)}};
    for (const int sign : {1, -1}) all.push_back({cone, open, sign});
  }
  const auto outputs = [&](bool current) {
    std::vector<long double> f(static_cast<std::size_t>(n), 0);
    for (const Vectors& one : all)
      for (Index i = 0; i < n; ++i)
        if (one.open[static_cast<std::size_t>(i)])
          for (Index j = 0; j < 2; ++j)
            f[static_cast<std::size_t>(i)] +=
                one.sign * X(i, j) * (current ? one.v : one.last)[static_cast<std::size_t>(j)];
    return f;
  };
  const long double step = n / (static_cast<long double>(all.size()) * static_cast<long double>(X.squaredNorm()));
  long double momentum = 1;
  for (int round = 0; round < 30000; ++round) {
    const std::vector<long double> f = outputs(true);
    const long double next = (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
    for (Vectors& one : all) {
      Pair z = one.v;
      for (Index i = 0; i < n; ++i)
        if (one.open[static_cast<std::size_t>(i)])
          for (Index j = 0; j < 2; ++j)
            z[static_cast<std::size_t>(j)] -= step * one.sign * X(i, j) * (f[static_cast<std::size_t>(i)] - y[i]) / n;
      Pair w = one.cone.nearest(z);
      const long double norm = std::hypot(w[0], w[1]), left = norm > step * lambda ? 1 - step * lambda / norm : 0;
      for (std::size_t j = 0; j < 2; ++j) {
        w[j] *= left;
        one.v[j] = w[j] + (momentum - 1) / next * (w[j] - one.last[j]);
        one.last[j] = w[j];
      }
    }
    momentum = next;
  }
  const std::vector<long double> f = outputs(false);
  long double value = 0;
  for (Index i = 0; i < n; ++i)
    value += (f[static_cast<std::size_t>(i)] - y[i]) * (f[static_cast<std::size_t>(i)] - y[i]) / (2 * n);
  for (const Vectors& one : all) value += lambda * std::hypot(one.last[0], one.last[1]);
  return value;
}

TEST(FixedPatterns, OfSomeCellsAreWhatGradientStepsComeTo) {
  Random random(2);
  for (const double ratio : {0.3, 0.05, 0.01}) {
    const Matrix X = normal_matrix(12, 2, random);
    const Vector y = planted_targets(X, 3, 0.5, random);
    const TrainingLoss loss(LossKind::squared, y);
    const Matrix all = gates_of_all_cells(X);
    Matrix some(4, 2);
    for (Index p = 0; p < 4; ++p) some.row(p) = all.row(5 * p);
    const Problem problem{X, loss, ratio * largest_lambda(X, loss, 1)};
    FixedPatternsOptions options;
    options.gap = 1e-9;
    const FixedPatterns found = train_on_patterns(problem, {X, some}, options);
    const auto least = static_cast<double>(least_by_gradients(X, y, some, problem.lambda));
    EXPECT_NEAR(found.at.objective, least, 1e-8 * least);
    EXPECT_LE(found.bound.value, least);
    // With more patterns there is less.
    EXPECT_LT(train_on_patterns(problem, {X, all}, options).at.objective, found.at.objective * (1 - 1e-6));
  }
}

Case case_of(LossKind kind, Index n, Index d, Random& random) {
  Matrix X = normal_matrix(n, d, random);
  X.col(d - 1).setOnes();
  if (kind == LossKind::squared || kind == LossKind::huber)
    return {X, TrainingLoss(kind, planted_targets(X, 4, 0.3, random), 0.5)};
  const int classes = kind == LossKind::softmax ? 3 : 2;
  return {X, TrainingLoss(kind, random_labels(n, classes, random), classes)};
}

TEST(FixedPatterns, CloseTheGapOfEveryLossWithinTheirCones) {
  Random random(3);
  for (const LossKind kind :
       {LossKind::squared, LossKind::huber, LossKind::logistic, LossKind::squared_hinge, LossKind::softmax})
    for (const double ratio : {0.3, 0.03}) {
      const Case one = case_of(kind, 80, 6, random);
      const Matrix gates = normal_matrix(30, 6, random);
      const Patterns patterns(one.X, gates);
      const Problem problem{one.X, one.loss, ratio * largest_lambda(one.X, one.loss, 1)};
      const FixedPatterns found = train_on_patterns(problem, patterns, {});
      EXPECT_EQ(found.stop, Stop::gap_reached) << to_string(kind);
      EXPECT_LE(found.relative_gap, 2e-6);
      EXPECT_LT(found.bound.value, found.at.objective);
      ASSERT_EQ(found.patterns.size(), static_cast<std::size_t>(found.at.units.count()));
      const Matrix sums = one.X * found.at.units.directions.transpose();
      for (Index j = 0; j < sums.cols(); ++j) {
        EXPECT_NEAR(found.at.units.directions.row(j).norm(), 1, 1e-14);
        for (Index i = 0; i < sums.rows(); ++i) {
          const bool open = patterns.open(found.patterns[static_cast<std::size_t>(j)], i);
          EXPECT_GE(open ? sums(i, j) : -sums(i, j), -1e-11);
        }
      }
      // The cells' own bounds, by another method, are of the gates' patterns alike.
      const ReluNetwork network{gates, Matrix::Ones(gates.rows(), one.loss.outputs())};
      BoundOptions few;
      few.max_nodes = 1;
      const WidthBound widths = bound_over_widths(problem, found.at, few);
      const PatternsBound other = bound_over_patterns(problem, found.at.dual, network, widths);
      EXPECT_LE(other.lower_bound, found.at.objective);
      EXPECT_GE(other.polar, found.polar > problem.lambda ? found.polar * (1 - 1e-9) : 0);
      EXPECT_LE(other.polar, 1.01 * std::max(found.polar, problem.lambda));
      // Whatever has these patterns is above the bound.
      Iterate worse{found.at.units, {}, {}, {}, {}, 0};
      worse.units.weights *= 0.9;
      evaluate(problem, worse);
      EXPECT_GT(worse.objective, found.bound.value);
    }
}

TEST(FixedPatterns, AreTheSameForAnyNumberOfThreads) {
  Random random(4);
  const Case one = case_of(LossKind::softmax, 90, 6, random);
  const Patterns patterns(one.X, normal_matrix(40, 6, random));
  const Problem problem{one.X, one.loss, 0.05 * largest_lambda(one.X, one.loss, 1)};
  FixedPatternsOptions options;
  const FixedPatterns alone = train_on_patterns(problem, patterns, options);
  options.threads = 3;
  const FixedPatterns together = train_on_patterns(problem, patterns, options);
  EXPECT_EQ(alone.at.units.directions, together.at.units.directions);
  EXPECT_EQ(alone.at.units.weights, together.at.units.weights);
  EXPECT_EQ(alone.bound.value, together.bound.value);
  EXPECT_EQ(alone.newton_steps, together.newton_steps);
}

TEST(FixedPatterns, OfConesThatAreOnePointGiveTheZeroNetwork) {
  Random random(5);
  const Matrix half = normal_matrix(10, 3, random);
  Matrix X(20, 3);
  X << half, -half;
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 2, 0.1, random));
  const Problem problem{X, loss, 1e-3};
  // The gate of zeros is open on each sample and its opposite.
  const FixedPatterns found = train_on_patterns(problem, {X, Matrix::Zero(1, 3)}, {});
  EXPECT_EQ(found.at.units.count(), 0);
  EXPECT_EQ(found.stop, Stop::gap_reached);
  EXPECT_EQ(found.at.objective, loss.value_at_zero());
  EXPECT_NEAR(found.bound.value, loss.value_at_zero(), 1e-9);
  EXPECT_LE(found.bound.value, loss.value_at_zero());
}

TEST(FixedPatterns, EndEarlyWithABoundStill) {
  Random random(6);
  const Case one = case_of(LossKind::squared, 100, 6, random);
  const Patterns patterns(one.X, normal_matrix(60, 6, random));
  const Problem problem{one.X, one.loss, 0.01 * largest_lambda(one.X, one.loss, 1)};
  const double least = train_on_patterns(problem, patterns, {}).at.objective;
  FixedPatternsOptions options;
  options.max_rounds = 1;
  const FixedPatterns early = train_on_patterns(problem, patterns, options);
  EXPECT_EQ(early.stop, Stop::iteration_limit);
  EXPECT_GT(early.at.objective, least * (1 + 1e-5));
  EXPECT_LT(early.bound.value, least);
  EXPECT_GT(early.bound.value, 0);
  const FixedPatterns told = train_on_patterns(problem, patterns, {}, [](const Progress&) { return false; });
  EXPECT_EQ(told.stop, Stop::told_to);
  EXPECT_EQ(told.at.objective, one.loss.value_at_zero());
}

TEST(FixedPatterns, RefuseOtherProblems) {
  Random random(7);
  const Case one = case_of(LossKind::squared, 20, 3, random);
  const Patterns patterns(one.X, normal_matrix(5, 3, random));
  Problem ball{one.X, one.loss, 0};
  ball.radius = 1;
  EXPECT_THROW(train_on_patterns(ball, patterns, {}), UsageError);
  Problem skip{one.X, one.loss, 1};
  skip.skip_weight = 1;
  EXPECT_THROW(train_on_patterns(skip, patterns, {}), UsageError);
  const Problem fine{one.X, one.loss, 100};
  EXPECT_THROW(train_on_patterns(fine, {one.X.topRows(7).eval(), normal_matrix(5, 3, random)}, {}), UsageError);
  EXPECT_EQ(train_on_patterns(fine, patterns, {}).at.units.count(), 0);  // lambda is large
}

}  // namespace
}  // namespace nadir::relu
