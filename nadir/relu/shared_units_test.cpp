#include "nadir/relu/shared_units.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/relu/bounds.hpp"
#include "nadir/relu/column_generation.hpp"
#include "nadir/relu/proof.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

ReluNetwork random_network(Index units, Index d, Index outputs, Random& random) {
  const Matrix U = normal_matrix(units, d, random);
  return {U, normal_matrix(units, outputs, random)};
}

/// A problem of three classes, and what a network without units answers.
struct Classes {
  Matrix X;
  TrainingLoss loss;
  Problem problem;

  explicit Classes(Index n, Index d, double share, Random& random)
      : X(normal_matrix(n, d, random)),
        loss(LossKind::softmax, random_labels(n, 3, random), 3),
        problem{X, loss, 1, 0, true} {
    problem.lambda = share * search_shared_unit(problem, dual_at_zero(), none(), {64, 50, 16}, 1).value;
  }
  Matrix dual_at_zero() const {
    Matrix gradient;
    loss.gradient(Matrix::Zero(X.rows(), 3), gradient);
    return -gradient;
  }
  ReluNetwork none() const { return {Matrix(0, X.cols()), Matrix(0, 3)}; }
};

TEST(SharedUnits, ObjectiveIsTheFormula) {
  Random random(1);
  const Classes classes(30, 4, 0.1, random);
  const ReluNetwork network = random_network(5, 4, 3, random);
  double norms = 0;
  for (Index j = 0; j < 5; ++j) norms += network.units.row(j).norm() * network.unit_outputs.row(j).norm();
  const Matrix f = outputs(network, classes.X);
  const Iterate at = iterate_of(classes.problem, network);
  EXPECT_LT((at.outputs - f).norm(), 1e-12 * f.norm());
  EXPECT_NEAR(at.objective, classes.loss.value(f) + classes.problem.lambda * norms, 1e-12);
  EXPECT_NEAR(proven_objective(classes.problem, network), at.objective, 1e-10);
  EXPECT_GT(proven_objective(classes.problem, network), at.objective);
}

TEST(SharedUnits, PartsOfOneDirectionAreOneUnit) {
  Random random(7);
  const Classes classes(30, 4, 0.1, random);
  ReluNetwork network = random_network(5, 4, 3, random);
  network.unit_outputs(1, 0) = 0, network.unit_outputs(3, 2) = 0;
  const Iterate at = iterate_of(classes.problem, network);
  EXPECT_EQ(at.units.count(), 13);
  EXPECT_EQ(end_of_unit(classes.problem, at.units, 3), 5);
  const ReluNetwork again = balanced_network(classes.problem, at);
  ASSERT_EQ(again.units.rows(), 5);
  for (Index j = 0; j < 5; ++j) {
    const Matrix map = network.unit_outputs.row(j).transpose() * network.units.row(j);
    EXPECT_LT((again.unit_outputs.row(j).transpose() * again.units.row(j) - map).norm(), 1e-14 * map.norm());
    EXPECT_NEAR(again.units.row(j).norm(), again.unit_outputs.row(j).norm(), 1e-14);
  }
  Problem separate = classes.problem;
  separate.shared = false;
  EXPECT_EQ(end_of_unit(separate, at.units, 3), 4);
  EXPECT_EQ(balanced_network(separate, at).units.rows(), 13);
  EXPECT_NEAR(sum_of_norms(separate, at.units), at.units.weights.lpNorm<1>(), 1e-12);
  EXPECT_LT(sum_of_norms(classes.problem, at.units), sum_of_norms(separate, at.units));
}

/// One column: the units 1 and −1 see the samples of one sign each, so there are two problems
/// min over v of ‖Y − x vᵀ‖² / (2n) + λ‖v‖, which are solved by v = (1 − λ/‖c‖)₊ c / s, c = Yᵀx/n, s = ‖x‖²/n.
TEST(SharedUnits, OfOneColumnTheOptimumIsABlockThreshold) {
  Random random(8);
  const Index n = 40, K = 3;
  const Matrix X = normal_matrix(n, 1, random);
  const std::vector<int> labels = random_labels(n, 3, random);
  const TrainingLoss loss(LossKind::squared, labels, 3);
  Problem problem{X, loss, 0, 0, true};
  problem.lambda = 0.3 * largest_shared_lambda(problem, 1);
  double optimum = loss.value_at_zero(), largest = 0;
  for (const int sign : {1, -1}) {
    Vector c = Vector::Zero(K);
    double s = 0;
    for (Index i = 0; i < n; ++i) {
      const double x = std::max(sign * X(i, 0), 0.0) / n;
      c[labels[static_cast<std::size_t>(i)]] += x, s += x * std::fabs(X(i, 0));
    }
    largest = std::max(largest, c.norm());
    optimum -= std::pow(std::max(c.norm() - problem.lambda, 0.0), 2) / (2 * s);
  }
  EXPECT_NEAR(problem.lambda, 0.3 * largest, 1e-12);
  SearchOptions options;
  options.gap = 1e-9;
  const Found found = train_shared(problem, options, {});
  EXPECT_NEAR(found.at.objective, optimum, 1e-9);
  EXPECT_EQ(balanced_network(problem, found.at).units.rows(), 2);
  BoundOptions bound;
  bound.gap = 1e-3;
  const double below = bound_over_widths(problem, found.at, bound).lower_bound;
  EXPECT_LE(below, optimum);
  EXPECT_GT(below, optimum - 1e-3 * loss.value_at_zero());
}

TEST(SharedUnits, UnitsThatAreHandedOverAreAppendedAtTheirBestSize) {
  Random random(9);
  const Classes classes(40, 4, 0.2, random);
  SearchOptions options;
  options.max_rounds = 1;
  Found none;
  none.at.units.directions.resize(0, 4);
  evaluate(classes.problem, none.at);
  const SharedCandidate unit = search_shared_unit(classes.problem, none.at.dual, classes.none(), {64, 50, 16}, 1);
  Units units = none.at.units;
  for (Index k = 0; k < 3; ++k) units.add(unit.u, 1e-12 * unit.w[k], k);
  const double start = none.at.objective - best_size(classes.problem, none.at.outputs, unit).decrease;
  bool asked = false;
  const Found found = train_shared_on(classes.problem, options, none, units, [&](const Progress& first) {
    asked = true;
    EXPECT_LT(first.objective, start);
    return false;
  });
  EXPECT_TRUE(asked);
  EXPECT_EQ(found.stop, Stop::told_to);
  EXPECT_LT(found.at.objective, start);
}

TEST(SharedUnits, ALinearPartBesideThemLowersTheObjective) {
  Random random(10);
  const Classes classes(25, 3, 0.2, random);
  Problem with = classes.problem;
  with.skip_weight = with.lambda;
  SearchOptions options;
  options.gap = 1e-3, options.last_effort.reset();
  const Found found = train_shared(with, options, {});
  EXPECT_LT(found.at.objective, train_shared(classes.problem, options, {}).at.objective);
  // At the best V the slope is 0: γV = XᵀG.
  EXPECT_LT((with.skip_weight * found.at.skip - classes.X.transpose() * found.at.dual).norm(),
            1e-2 * with.skip_weight * found.at.skip.norm());
  BoundOptions bound;
  bound.gap = 1e-1, bound.max_nodes = 10;
  EXPECT_LE(bound_over_widths(with, found.at, bound).lower_bound, found.at.objective);
}

/// In the plane all directions can be tried.
TEST(SharedUnits, TheSearchFindsTheBestOfAllDirectionsOfThePlane) {
  Random random(2);
  for (int trial = 0; trial < 10; ++trial) {
    const Classes classes(25, 2, 0.1, random);
    const Matrix G = normal_matrix(25, 3, random);
    double best = 0;
    for (int k = 0; k < 20000; ++k) {
      const double angle = 2 * std::numbers::pi * k / 20000;
      const Vector u = Eigen::Vector2d(std::cos(angle), std::sin(angle));
      best = std::max(best, (G.transpose() * (classes.X * u).cwiseMax(0)).norm());
    }
    const SharedCandidate found = search_shared_unit(classes.problem, G, classes.none(), {64, 50, 16}, 1);
    EXPECT_GE(found.value, best * (1 - 1e-12));
    EXPECT_LE(found.value, best * (1 + 1e-5));
    EXPECT_NEAR(found.u.norm(), 1, 1e-12);
    EXPECT_NEAR((G * found.w).dot((classes.X * found.u).cwiseMax(0)), found.value, 1e-10 * found.value);
  }
}

TEST(SharedUnits, TheBestSizeIsAMinimum) {
  Random random(3);
  const Classes classes(30, 4, 0.1, random);
  const Matrix f = Matrix::Zero(30, 3);
  const SharedCandidate unit =
      search_shared_unit(classes.problem, classes.dual_at_zero(), classes.none(), {64, 50, 16}, 1);
  const UnitStep step = best_size(classes.problem, f, unit);
  const auto value = [&](double size) {
    return classes.loss.value(size * (classes.X * unit.u).cwiseMax(0) * unit.w.transpose()) +
           classes.problem.lambda * size;
  };
  ASSERT_GT(step.size, 0);
  EXPECT_NEAR(value(0) - value(step.size), step.decrease, 1e-14);
  for (const double factor : {0.5, 0.99, 1.01, 2.0}) EXPECT_GT(value(step.size * factor), value(step.size));
  Problem heavy = classes.problem;
  heavy.lambda = 1.001 * unit.value;
  EXPECT_EQ(best_size(heavy, f, unit).size, 0);
}

/// Of one output shared units are units, so both trainings solve one problem.
TEST(SharedUnits, OfOneOutputTheTrainingAgreesWithColumnGeneration) {
  Random random(4);
  for (int trial = 0; trial < 3; ++trial) {
    const Matrix X = normal_matrix(40, 3, random);
    const TrainingLoss loss(LossKind::squared, planted_targets(X, 3, 0.3, random));
    const Problem alone{X, loss, 0.1 * largest_lambda(X, loss, 1)}, shared{X, loss, alone.lambda, 0, true};
    SearchOptions options;
    options.gap = 1e-6;
    const double a = train(alone, options, {}).at.objective;
    const Found b = train_shared(shared, options, {});
    EXPECT_NEAR(a, b.at.objective, 1e-4 * a);
    EXPECT_NEAR(iterate_of(shared, balanced_network(shared, b.at)).objective, b.at.objective, 1e-12);
  }
}

/// What all cells together say of the polar bounds F, too; in the plane they can be visited.
TEST(SharedUnitsLong, OnAHundredSmallProblemsBothTrainingsAndTheExactPolarAgree) {
  Random random(6);
  double widest = 0;
  for (int trial = 0; trial < 100; ++trial) {
    const Matrix X = normal_matrix(random.integer(5, 15), 2, random);
    const TrainingLoss loss(LossKind::squared, normal_vector(X.rows(), random));
    const double largest = largest_lambda(X, loss, 1);
    const Problem alone{X, loss, largest * std::pow(10, -2 * random.uniform())}, shared{X, loss, alone.lambda, 0, true};
    SearchOptions options;
    options.gap = 1e-6;
    const Found by_columns = train(alone, options, {}), by_meta = train_shared(shared, options, {});
    BoundOptions bound;
    bound.gap = 1e-3;
    const double a = by_columns.at.objective, b = by_meta.at.objective;
    const double below_a = bound_over_widths(alone, by_columns.at, bound).lower_bound;
    const double below_b = bound_over_widths(shared, by_meta.at, bound).lower_bound;
    double q = 0;
    for (const int sign : {1, -1}) q = std::max(q, polar::exact_polar({X, sign * by_columns.at.dual.col(0)}).value);
    const double exact_below = lower_bound(alone, by_columns.at.dual, q), exact_above = std::min(a, b);
    // Each interval holds the optimum, which is in [exact_below, exact_above].
    for (const double below : {below_a, below_b}) EXPECT_LE(below, exact_above * (1 + 1e-12));
    for (const double above : {a, b}) EXPECT_GE(above, exact_below * (1 - 1e-12));
    EXPECT_LE(std::fabs(a - b), std::max(a - below_a, b - below_b) + 1e-12);
    widest = std::max(widest, (exact_above - exact_below) / loss.value_at_zero());
  }
  EXPECT_LT(widest, 5e-3);
}

TEST(SharedUnits, TrainingNeverEndsAboveItsStartNorBelowItsBound) {
  Random random(5);
  for (int trial = 0; trial < 3; ++trial) {
    const Classes classes(40, 4, 0.2, random);
    const ReluNetwork start = random_network(3, 4, 3, random);
    SearchOptions options;
    options.gap = 1e-3, options.max_rounds = 30;
    const Found better = train_shared(classes.problem, options, iterate_of(classes.problem, start));
    const ReluNetwork network = balanced_network(classes.problem, better.at);
    EXPECT_LT(better.at.objective, iterate_of(classes.problem, start).objective);
    EXPECT_LT(better.estimated_gap, 1e-2);
    BoundOptions bound;
    bound.gap = 1e-2, bound.max_nodes = 100;
    const WidthBound widths = bound_over_widths(classes.problem, better.at, bound);
    EXPECT_LE(widths.lower_bound, better.at.objective);
    EXPECT_GE(widths.polar, better.polar * (1 - 1e-12));  // proven above what was found
    const PatternsBound patterns = bound_over_patterns(classes.problem, better.at.dual, network, widths);
    EXPECT_EQ(patterns.cells.rows(), static_cast<Index>(widths.polars.size()) * network.units.rows());
    EXPECT_LE(patterns.polar, widths.polar * (1 + 1e-9));
  }
}

}  // namespace
}  // namespace nadir::relu
