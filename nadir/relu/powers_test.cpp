// Networks of units of power 0 and 2: planted optima, the penalized and the constrained form against one another.
#include <gtest/gtest.h>

#include <numbers>

#include "nadir/polar/power_polar.hpp"
#include "nadir/relu/bounds.hpp"
#include "nadir/relu/column_generation.hpp"
#include "nadir/relu/conditional_gradient.hpp"
#include "nadir/relu/master.hpp"
#include "nadir/relu/proof.hpp"
#include "nadir/relu/slide.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

Problem problem_of(const Case& at, double lambda, int power) {
  Problem problem{at.X, at.loss, lambda};
  problem.power = power;
  return problem;
}

/// Targets that a few units of that power answer, and noise; or their signs.
Case power_case(Index n, Index d, int power, bool classes, std::uint64_t seed) {
  Random random(seed);
  const Matrix X = normal_matrix(n, d, random);
  const Units units = random_units(3, d, 1, random);
  Vector y = Vector::Zero(n);
  for (Index j = 0; j < 3; ++j) {
    y += units.weights[j] * polar::power_of(X * units.directions.row(j).transpose(), power);
  }
  for (Index i = 0; i < n; ++i) y[i] += 0.1 * random.normal();
  if (!classes) return {X, TrainingLoss(LossKind::squared, y)};
  std::vector<int> labels;
  for (Index i = 0; i < n; ++i) labels.push_back(y[i] > y.mean() ? 1 : 0);
  return {X, TrainingLoss(LossKind::logistic, labels, 2)};
}

/// d = 2: a unit in every arc of the arrangement, for either sign: of steps, all that there are.
Iterate all_steps(const Problem& problem, std::vector<int>& signs) {
  const ConstMatrixView X = problem.features.whole();
  std::vector<double> angles;
  for (Index i = 0; i < problem.samples(); ++i)
    for (const double side : {-0.5, 0.5})
      angles.push_back(std::remainder(std::atan2(X(i, 1), X(i, 0)) + side * std::numbers::pi, 2 * std::numbers::pi));
  std::sort(angles.begin(), angles.end());
  angles.push_back(angles.front() + 2 * std::numbers::pi);
  Iterate all;
  all.units.directions.resize(0, 2);
  for (std::size_t a = 0; a + 1 < angles.size(); ++a)
    for (const int sign : {1, -1}) {
      const double middle = (angles[a] + angles[a + 1]) / 2;
      all.units.add(Vector{{std::cos(middle), std::sin(middle)}}, 0, 0);
      signs.push_back(sign);
    }
  evaluate(problem, all);
  solve_master(problem, all, signs);
  return all;
}

TEST(Powers, StepsInThePlaneReachTheOptimumOverAllOfThem) {
  for (const bool classes : {false, true})
    for (const bool ball : {false, true}) {
      SCOPED_TRACE(std::to_string(classes) + std::to_string(ball));
      const Case at = power_case(30, 2, 0, classes, 5);
      Problem problem = problem_of(at, ball ? 0 : 0.1 * largest_lambda(at.X, at.loss, 1, 0), 0);
      if (ball) problem.radius = 1;
      std::vector<int> signs;
      const Iterate best = all_steps(problem, signs);
      SearchOptions options;
      options.gap = 1e-9;
      const Found found =
          ball ? train_in_ball(problem, {StepRule::corrective, options}, {}) : train(problem, options, {});
      EXPECT_NEAR(found.at.objective, best.objective, 1e-7 * best.objective);
      EXPECT_LE(found.at.units.weights.cwiseAbs().sum(), ball ? 1 + 1e-12 : 100);
    }
}

TEST(Powers, TheBoundMeetsTheObjective) {
  for (const int power : {0, 2})
    for (const bool classes : {false, true})
      for (const Index d : {2, 3}) {
        SCOPED_TRACE(std::to_string(power) + ", d " + std::to_string(d));
        const Case at = power_case(40, d, power, classes, 6);
        const Problem problem = problem_of(at, 0.1 * largest_lambda(at.X, at.loss, 1, power), power);
        const Found found = train(problem, {}, {});
        BoundOptions options;
        options.gap = 1e-3, options.max_nodes = 20000;
        const WidthBound bound = bound_over_widths(problem, found.at, options);
        const double at_zero = at.loss.value_at_zero();
        EXPECT_GE(bound.polar, problem.lambda * (1 - 1e-6));
        EXPECT_LE(bound.lower_bound, found.at.objective);
        EXPECT_LT(found.at.objective, 0.95 * at_zero);
        EXPECT_LE(relative_gap(found.at.objective, bound.lower_bound, at_zero), 1e-3);
      }
}

/// Units at right angles to one another do not see one another's samples: each is a problem in one number, in closed
/// form.
TEST(Powers, PlantedSquaresOnAxes) {
  Matrix X(6, 3);
  X << 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 3, 0, 0, 0, 1, 0, 0, -2;
  const Vector y{{2, 8, -1, -9, 0, 0}};  // 2 (x₁)₊² − (x₂)₊²
  const Case at{X, TrainingLoss(LossKind::squared, y)};
  const double lambda = 0.5;
  const Found found = train(problem_of(at, lambda, 2), {}, {});
  // min over a of ((a − a₀)² S)/(2n) + λ a, with S = Σ x⁴: a = a₀ − nλ/S.
  double best = 0;
  for (const auto& [a0, S] : {std::pair{2.0, 17.0}, {1.0, 82.0}}) {
    const double a = a0 - 6 * lambda / S;
    best += (a - a0) * (a - a0) * S / 12 + lambda * a;
  }
  EXPECT_NEAR(found.at.objective, best, 1e-7);
  ASSERT_EQ(found.at.units.count(), 2);
  for (Index j = 0; j < 2; ++j) {
    const bool first = found.at.units.weights[j] > 0;
    EXPECT_NEAR(found.at.units.weights[j], first ? 2 - 3.0 / 17 : -(1 - 3.0 / 82), 1e-4);
    EXPECT_NEAR(found.at.units.directions(j, first ? 0 : 1), 1, 1e-4);
  }
}

TEST(Powers, TheBallOfThePenalizedNormHasThePenalizedOptimum) {
  for (const int power : {0, 2}) {
    SCOPED_TRACE(power);
    const Case at = power_case(40, 3, power, false, 8);
    const Problem penalized = problem_of(at, 0.1 * largest_lambda(at.X, at.loss, 1, power), power);
    const Found found = train(penalized, {}, {});
    Problem ball = problem_of(at, 0, power);
    ball.radius = found.at.units.weights.cwiseAbs().sum();
    const double best = at.loss.value(found.at.outputs);
    ConditionalGradientOptions options;
    options.search.gap = 1e-6;
    for (const auto& [rule, share] :
         {std::pair{StepRule::corrective, 1e-5}, {StepRule::line_search, 0.05}, {StepRule::classic, 0.1}}) {
      options.rule = rule, options.search.max_rounds = rule == StepRule::corrective ? 200 : 40;
      const Found inside = train_in_ball(ball, options, {});
      EXPECT_NEAR(inside.at.objective, best, share * at.loss.value_at_zero());
      EXPECT_LE(inside.at.units.weights.cwiseAbs().sum(), ball.radius * (1 + 1e-12));
      EXPECT_GE(inside.at.objective, best - 1e-4 * at.loss.value_at_zero());
    }
  }
}

TEST(Powers, SlidingSquaresNeverEndsAboveItsStart) {
  const Case at = power_case(50, 4, 2, true, 9);
  const Problem problem = problem_of(at, 0.02, 2);
  Random random(1);
  Iterate moved;
  moved.units = random_units(6, 4, 1, random);
  evaluate(problem, moved);
  const double before = moved.objective;
  EXPECT_GT(slide_squares(problem, moved, {}), 0);
  EXPECT_LT(moved.objective, 0.9 * before);
  for (Index j = 0; j < 6; ++j) EXPECT_NEAR(moved.units.directions.row(j).norm(), 1, 1e-12);
}

/// F from the network's own numbers.
TEST(Powers, TheProvenObjectiveIsThatOfTheNetwork) {
  for (const int power : {0, 2}) {
    const Case at = power_case(30, 3, power, false, 4);
    const Problem problem = problem_of(at, 0.05, power);
    const Found found = train(problem, {}, {});
    const ReluNetwork network = to_network(problem, found.at);
    EXPECT_EQ(network.power, power);
    Matrix f = Matrix::Zero(30, 1);
    double norm = 0;
    for (Index j = 0; j < network.units.rows(); ++j) {
      for (Index i = 0; i < 30; ++i) {
        const double z = at.X.row(i).dot(network.units.row(j));
        f(i, 0) += z > 0 ? network.unit_outputs(j, 0) * std::pow(z, power) : 0;
      }
      norm += std::pow(network.units.row(j).norm(), power) * std::fabs(network.unit_outputs(j, 0));
    }
    EXPECT_LT((f - outputs(network, at.X)).cwiseAbs().maxCoeff(), 1e-12);
    const double objective = at.loss.value(f) + 0.05 * norm, proven = proven_objective(problem, network);
    EXPECT_GE(proven, objective);
    EXPECT_NEAR(proven, objective, 1e-10);
    EXPECT_NEAR(found.at.objective, objective, 1e-10);
    const Units back = units_of(network);
    EXPECT_NEAR(back.weights.cwiseAbs().sum(), norm, 1e-12);
  }
}

}  // namespace
}  // namespace nadir::relu
