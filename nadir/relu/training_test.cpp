#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <numbers>

#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/relu/bounds.hpp"
#include "nadir/relu/column_generation.hpp"
#include "nadir/relu/master.hpp"
#include "nadir/relu/slide.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

/// F by its definition, a sample and a unit at a time.
double objective_of(const Problem& problem, const Units& units) {
  Matrix f = Matrix::Zero(problem.samples(), problem.outputs());
  double norms = 0;
  for (Index j = 0; j < units.count(); ++j) {
    norms += std::fabs(units.weights[j]) * units.directions.row(j).norm();
    for (Index i = 0; i < problem.samples(); ++i)
      f(i, units.outputs[static_cast<std::size_t>(j)]) +=
          units.weights[j] * std::max(0.0, problem.features.whole().row(i).dot(units.directions.row(j)));
  }
  return problem.loss.value(f) + problem.lambda * norms;
}

/// The exact polar over both signs and all outputs, for two or three inputs.
double exact_polar(const Problem& problem, const Matrix& G) {
  double most = 0;
  for (Index k = 0; k < G.cols(); ++k)
    for (const int sign : {1, -1}) most = std::max(most, polar::exact_polar({problem.features, sign * G.col(k)}).value);
  return most;
}

std::vector<Case> cases(Index n, Index d, Random& random) {
  std::vector<Case> all;
  const auto features = [&] {
    Matrix X = normal_matrix(n, d, random);
    X.col(d - 1).setOnes();
    return X;
  };
  Matrix X = features();
  all.push_back({X, {LossKind::squared, planted_targets(X, 4, 0.1, random)}});
  all.push_back({X, {LossKind::huber, planted_targets(X, 4, 0.1, random), 0.5}});
  all.push_back({features(), {LossKind::logistic, random_labels(n, 2, random), 2}});
  all.push_back({features(), {LossKind::squared_hinge, random_labels(n, 2, random), 2}});
  all.push_back({features(), {LossKind::softmax, random_labels(n, 3, random), 3}});
  Random labels(static_cast<std::uint64_t>(d));
  all.push_back({X, {LossKind::squared, random_labels(n, 3, labels), 3}});
  return all;
}

TEST(Units, TheObjectiveIsItsDefinition) {
  Random random(1);
  for (const Case& one : cases(20, 3, random)) {
    const Problem problem{one.X, one.loss, 0.03};
    Iterate at;
    at.units = random_units(7, 3, problem.outputs(), random);
    evaluate(problem, at);
    EXPECT_NEAR(at.objective, objective_of(problem, at.units), 1e-12 * (1 + at.objective));
    at.units.keep({true, false, true, false, false, true, true});
    EXPECT_EQ(at.units.count(), 4);
    evaluate(problem, at);
    EXPECT_NEAR(at.objective, objective_of(problem, at.units), 1e-12 * (1 + at.objective));
  }
}

TEST(Master, EndsWhereNoWeightCanBeMoved) {
  Random random(2);
  for (const Case& one : cases(60, 3, random)) {
    const Problem problem{one.X, one.loss, 0.02};
    Iterate at;
    at.units = random_units(25, 3, problem.outputs(), random);
    const Units all = at.units;
    std::vector<int> signs;
    for (Index j = 0; j < all.count(); ++j) signs.push_back(all.weights[j] < 0 ? -1 : 1);
    evaluate(problem, at);
    const double before = at.objective;
    solve_master(problem, at, signs);
    EXPECT_LE(at.objective, before);
    EXPECT_LT(at.units.count(), all.count());
    const auto slope = [&](const Vector& u, Index output) {
      return product(problem.features, u).cwiseMax(0).dot(at.dual.col(output));
    };
    for (Index j = 0; j < at.units.count(); ++j) {
      const double sign = at.units.weights[j] < 0 ? -1 : 1;
      EXPECT_NEAR(sign * slope(at.units.directions.row(j).transpose(), at.units.outputs[static_cast<std::size_t>(j)]),
                  problem.lambda, 1e-4 * problem.lambda);
    }
    for (Index j = 0; j < all.count(); ++j) {
      const auto place = static_cast<std::size_t>(j);
      EXPECT_LE(signs[place] * slope(all.directions.row(j).transpose(), all.outputs[place]),
                problem.lambda * (1 + 1e-4));
    }
  }
}

TEST(Master, MovesWhereTheLossHasNoCurvature) {
  Random random(8);
  const Matrix X = normal_matrix(20, 3, random);
  const Vector far = Vector::Constant(20, 100);  // every residual is beyond delta
  const TrainingLoss loss(LossKind::huber, far, 0.5);
  const Problem problem{X, loss, 0.01};
  Iterate at;
  at.units = random_units(4, 3, 1, random);
  at.units.weights.setZero();
  evaluate(problem, at);
  solve_master(problem, at, {1, 1, 1, 1});
  EXPECT_LT(at.objective, 0.9 * loss.value_at_zero());
}

TEST(Slide, LowersTheObjectiveAndKeepsUnitsOnTheirPlanes) {
  Random random(3);
  const Matrix X = normal_matrix(40, 4, random);
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 3, 0.2, random));
  const Problem problem{X, loss, 0.02};
  Iterate at;
  at.units = random_units(5, 4, 1, random);
  evaluate(problem, at);
  const double before = at.objective;
  EXPECT_GT(slide(problem, at, 0, {}), 0);
  EXPECT_LT(at.objective, before);
  // A unit near the plane of a sample whose activity costs: after the slide it is on it.
  Index i = -1;
  for (Index k = 0; k < 40 && i < 0; ++k)
    if (at.units.weights[0] * at.dual(k, 0) < 0) i = k;
  ASSERT_GE(i, 0);
  const Vector x = X.row(i).transpose();
  Vector u = at.units.directions.row(0).transpose();
  u -= (u.dot(x) / x.squaredNorm() - 1e-6) * x;
  at.units.directions.row(0) = u.normalized().transpose();
  evaluate(problem, at);
  ASSERT_LT(at.units.weights[0] * at.dual(i, 0), 0);
  const double near_plane = at.objective;
  slide(problem, at, 1e-3, {});
  EXPECT_LT(at.objective, near_plane);
  EXPECT_LT(std::fabs(X.row(i).dot(at.units.directions.row(0))), 1e-12);
}

TEST(ColumnGenerationLong, EndsAtTheOptimumOfEveryWidth) {
  Random random(4);
  for (const Index d : {2, 3})
    for (const Case& one : cases(30, d, random))
      for (const double ratio : {0.3, 0.05}) {
        const double largest = largest_lambda(one.X, one.loss, 1);
        const Problem problem{one.X, one.loss, ratio * largest};
        const Found found = train(problem, {}, {});
        const double polar = relu::exact_polar(problem, found.at.dual);
        EXPECT_LE(polar, problem.lambda * (1 + 1e-4)) << to_string(one.loss.kind()) << ' ' << d << ' ' << ratio;
        const double bound = one.loss.dual_value(found.at.dual, std::min(1.0, problem.lambda / polar));
        const double at_zero = one.loss.value_at_zero();
        EXPECT_LE((found.at.objective - bound) / (at_zero - bound), 1e-4);
        EXPECT_NEAR(found.at.objective, objective_of(problem, found.at.units), 1e-12);
      }
}

/// Without units the linear part alone is ridge regression.
TEST(Master, OfALinearPartAloneIsRidgeRegression) {
  Random random(8);
  const Matrix X = normal_matrix(40, 4, random);
  const Vector y = planted_targets(X, 3, 0.3, random);
  const TrainingLoss loss(LossKind::squared, y);
  Problem problem{X, loss, 100};
  problem.skip_weight = 0.2;
  const Found found = train(problem, {}, {});
  EXPECT_EQ(found.at.units.count(), 0);
  const Eigen::MatrixXd A = X.transpose() * X / 40 + 0.2 * Eigen::MatrixXd::Identity(4, 4);
  const Vector ridge = A.llt().solve(X.transpose() * y / 40);
  EXPECT_LE((found.at.skip - ridge).norm(), 1e-8 * ridge.norm());
}

/// Linear parts of a problem whose bound is exact: the claims of section 10 of two-layer.md.
TEST(ColumnGenerationLong, WithALinearPartEndsAtTheOptimumOfEveryWidth) {
  Random random(9);
  double rest = 0;
  for (const Index d : {2, 3})
    for (const Case& one : cases(30, d, random)) {
      SCOPED_TRACE(to_string(one.loss.kind()));
      Problem problem{one.X, one.loss, 0.05 * largest_lambda(one.X, one.loss, 1)};
      const Found without = train(problem, {}, {});
      problem.skip_weight = problem.lambda;
      const Found found = train(problem, {}, {});
      EXPECT_LE(found.at.objective, without.at.objective + 1e-12);  // V = 0 is allowed
      const Matrix answer = problem.features.whole().transpose() * found.at.dual / problem.skip_weight;
      EXPECT_LE((found.at.skip - answer).norm(), 1e-4 * (1 + answer.norm()));
      rest += answer.norm();
      const double polar = relu::exact_polar(problem, found.at.dual), tau = std::min(1.0, problem.lambda / polar);
      const double taken = (one.X.transpose() * found.at.dual).squaredNorm() / (2 * problem.skip_weight);
      const double bound = one.loss.dual_value(found.at.dual, tau) - tau * tau * taken;
      EXPECT_NEAR(bound, lower_bound(problem, found.at.dual, polar), 1e-12);
      const double at_zero = one.loss.value_at_zero();
      EXPECT_LE((found.at.objective - bound) / (at_zero - bound), 1e-4);
      Matrix f = outputs(balanced_network(problem, found.at), one.X);
      EXPECT_NEAR(found.at.objective,
                  one.loss.value(f) + problem.lambda * found.at.units.weights.lpNorm<1>() +
                      problem.skip_weight / 2 * found.at.skip.squaredNorm(),
                  1e-12);
    }
  EXPECT_GT(rest, 1);  // parts that count
}

TEST(ColumnGeneration, IsNeverAboveAFineGridOfUnits) {
  Random random(5);
  const Matrix X = normal_matrix(25, 2, random);
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 3, 0.3, random));
  const Problem problem{X, loss, 0.02};
  Iterate grid;
  grid.units.directions.resize(0, 2);
  std::vector<int> signs;
  for (int k = 0; k < 360; ++k)
    for (const int sign : {1, -1}) {
      const double angle = k * std::numbers::pi / 180;
      grid.units.add(Eigen::Vector2d(std::cos(angle), std::sin(angle)), 0, 0);
      signs.push_back(sign);
    }
  evaluate(problem, grid);
  solve_master(problem, grid, signs);
  const Found found = train(problem, {}, {});
  EXPECT_LE(found.at.objective, grid.objective);
  EXPECT_NEAR(found.at.objective, grid.objective, 1e-3 * grid.objective);
}

TEST(ColumnGeneration, AtTheLargestLambdaThereIsNoUnit) {
  Random random(6);
  const Matrix X = normal_matrix(30, 3, random);
  const TrainingLoss loss(LossKind::logistic, random_labels(30, 2, random), 2);
  const double largest = largest_lambda(X, loss, 1);
  const Problem problem{X, loss, largest * 1.0001};
  const Found none = train(problem, {}, {});
  EXPECT_EQ(none.at.units.count(), 0);
  EXPECT_EQ(train(problem, {}, none.at.units).at.objective, loss.value_at_zero());
  EXPECT_GT(train({X, loss, largest * 0.99}, {}, {}).at.units.count(), 0);
}

TEST(ColumnGeneration, StopsWhenToldToAndKeepsWhatItHas) {
  Random random(7);
  const Matrix X = normal_matrix(60, 5, random);
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 5, 0.3, random));
  const Problem problem{X, loss, 0.01 * largest_lambda(X, loss, 1)};
  const Found found = train(problem, {}, {}, [](const Progress& now) { return now.iteration < 2; });
  EXPECT_EQ(found.stop, Stop::told_to);
  EXPECT_EQ(found.rounds, 2);
  EXPECT_LT(found.at.objective, loss.value_at_zero());
  EXPECT_NEAR(found.at.objective, objective_of(problem, found.at.units), 1e-12);
}

/// A search from many starts that comes upon a unit where the one before had found none is no reason to end.
TEST(RoundEnd, ComesOnlyAfterTheUnitsOfAHardSearchAreIn) {
  const SearchOptions options;
  RoundEnd end{options};
  Found found;
  found.trace.emplace_back();
  const auto after = [&](double gap) {
    found.estimated_gap = gap;
    return end.after(found, false, {});
  };
  found.at.objective = 1;
  EXPECT_EQ(end.effort().starts, options.effort.starts);
  EXPECT_EQ(after(options.gap / 2), std::nullopt);
  EXPECT_EQ(end.effort().starts, options.last_effort->starts);
  EXPECT_EQ(after(1e-2), std::nullopt);  // F as before: nothing had been taken in between
  EXPECT_EQ(after(1e-2), Stop::no_progress);
  found.at.objective = 0.5;
  EXPECT_EQ(after(1e-2), std::nullopt);
  EXPECT_EQ(end.effort().starts, options.effort.starts);
}

TEST(RoundEnd, ComesWhenRoundsTogetherLowerTheObjectiveByLittle) {
  SearchOptions options;
  options.gap = 1e-2, options.patience = 2, options.last_effort.reset();
  RoundEnd end{options};
  Found found;
  const auto after = [&](double objective) {
    found.at.objective = objective;
    found.trace.emplace_back().objective = objective;
    return end.after(found, false, {});
  };
  EXPECT_EQ(after(1), std::nullopt);
  EXPECT_EQ(after(0.992), std::nullopt);  // by less than a hundredth, but in one round
  EXPECT_EQ(after(0.984), std::nullopt);
  EXPECT_EQ(after(0.98), std::nullopt);
  EXPECT_EQ(after(0.976), Stop::no_progress);
  options.last_effort = Effort{};
  options.last_effort->starts = 99;
  EXPECT_EQ(after(0.972), std::nullopt);  // not before a hard search's units are in
  EXPECT_EQ(end.effort().starts, 99);
  EXPECT_EQ(after(0.968), std::nullopt);
  EXPECT_EQ(after(0.964), Stop::no_progress);
}

}  // namespace
}  // namespace nadir::relu
