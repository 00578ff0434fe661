#include "nadir/relu/conditional_gradient.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>

#include "nadir/relu/bounds.hpp"
#include "nadir/relu/column_generation.hpp"
#include "nadir/relu/master.hpp"
#include "nadir/relu/proof.hpp"
#include "nadir/relu/test_util.hpp"
#include "nadir/relu/unit_search.hpp"

namespace nadir::relu {
namespace {

double norm_of(const Units& units) { return units.weights.cwiseAbs().sum(); }

ConditionalGradientOptions options_of(StepRule rule, int max_rounds, double gap) {
  ConditionalGradientOptions options;
  options.rule = rule;
  options.search.max_rounds = max_rounds;
  options.search.gap = gap;
  return options;
}

/// Of every loss, with three inputs.
std::vector<Case> cases(Index n) {
  Random random(21);
  const Matrix X = normal_matrix(n, 3, random);
  std::vector<Case> all;
  all.push_back({X, {LossKind::squared, planted_targets(X, 3, 0.1, random)}});
  all.push_back({X, {LossKind::huber, planted_targets(X, 3, 0.1, random), 0.5}});
  all.push_back({X, {LossKind::logistic, random_labels(n, 2, random), 2}});
  all.push_back({X, {LossKind::squared_hinge, random_labels(n, 2, random), 2}});
  all.push_back({X, {LossKind::softmax, random_labels(n, 3, random), 3}});
  all.push_back({X, {LossKind::squared, random_labels(n, 3, random), 3}});
  return all;
}

TEST(ConditionalGradient, ReachesThePenalizedOptimumOfTheSameNorm) {
  for (const Case& one : cases(25)) {
    const Problem penalized{one.X, one.loss, 0.2 * largest_lambda(one.X, one.loss, 1)};
    const Found optimum = train(penalized, {}, {});
    const double radius = norm_of(optimum.at.units), value = one.loss.value(optimum.at.outputs);
    const Problem problem{one.X, one.loss, 0, radius};
    const Found found = train_in_ball(problem, options_of(StepRule::corrective, 100, 1e-6), {});
    const double scale = one.loss.value_at_zero() - value;
    EXPECT_EQ(found.stop, Stop::gap_reached) << to_string(one.loss.kind());
    EXPECT_LE(norm_of(found.at.units), radius * (1 + 1e-12));
    EXPECT_NEAR(found.at.objective, value, 1e-5 * scale) << to_string(one.loss.kind());
    // The multiplier of the ball is lambda.
    EXPECT_NEAR(found.polar, penalized.lambda, 1e-3 * penalized.lambda);
  }
}

TEST(ConditionalGradient, ClassicStepsFallAsTheTheoremSays) {
  Random random(22);
  const Matrix X = normal_matrix(20, 2, random);
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 3, 0.2, random));
  const double radius = 1.5;
  const Problem problem{X, loss, 0, radius};
  const double least = train_in_ball(problem, options_of(StepRule::corrective, 100, 1e-8), {}).at.objective;
  const Found classic = train_in_ball(problem, options_of(StepRule::classic, 60, 1e-8), {});
  ASSERT_EQ(classic.stop, Stop::iteration_limit);
  // C is at most the squared diameter of the ball in the norm of the loss: outputs f have ‖f‖² ≤ δ² λmax(XᵀX).
  const double most = Eigen::SelfAdjointEigenSolver<Matrix>(X.transpose() * X).eigenvalues().maxCoeff();
  const double C = 4 * radius * radius * most / static_cast<double>(X.rows());
  for (const Progress& now : classic.trace) {
    if (now.iteration > 0) {
      EXPECT_LE(now.objective - least, 2 * C / (now.iteration + 2)) << now.iteration;
    }
    EXPECT_LE(now.lower_bound, least * (1 + 1e-6));
  }
  EXPECT_NEAR(norm_of(classic.at.units), radius, 1e-12);
}

TEST(ConditionalGradientLong, AllStepsEndAtTheSameValue) {
  for (const Case& one : cases(20)) {
    const Problem problem{one.X, one.loss, 0, 1.0};
    const Found corrective = train_in_ball(problem, options_of(StepRule::corrective, 100, 1e-5), {});
    const double scale = one.loss.value_at_zero() - corrective.at.objective;
    EXPECT_EQ(corrective.stop, Stop::gap_reached);
    for (const StepRule rule : {StepRule::line_search, StepRule::classic}) {
      ConditionalGradientOptions options = options_of(rule, 400, 1e-3);
      options.search.last_effort.reset();
      const Found other = train_in_ball(problem, options, {});
      EXPECT_GE(other.at.objective, corrective.at.objective - 1e-5 * scale) << to_string(one.loss.kind());
      EXPECT_LE(other.at.objective, corrective.at.objective + 1e-2 * scale) << to_string(one.loss.kind());
      EXPECT_LE(norm_of(other.at.units), 1 + 1e-12);
    }
  }
}

TEST(ConditionalGradient, TheLineSearchNeverRisesAndIsTheBestStep) {
  const Case one = cases(20)[0];
  const double radius = 50;  // so large that the first step does not go all the way
  const Problem problem{one.X, one.loss, 0, radius};
  const Found found = train_in_ball(problem, options_of(StepRule::line_search, 15, 1e-9), {});
  for (std::size_t k = 1; k < found.trace.size(); ++k)
    EXPECT_LE(found.trace[k].objective, found.trace[k - 1].objective * (1 + 1e-14));
  // The first step from 0 is along one unit: no other length of it is better.
  const Found first = train_in_ball(problem, options_of(StepRule::line_search, 1, 1e-9), {});
  ASSERT_EQ(first.at.units.count(), 1);
  ASSERT_LT(norm_of(first.at.units), 0.9 * radius);
  for (const double factor : {0.9, 1.1}) {
    Iterate other = first.at;
    other.units.weights *= factor;
    evaluate(problem, other);
    EXPECT_GT(other.objective, first.at.objective);
  }
}

TEST(ConditionalGradient, ATinyBallFallsAtTheSlopeOfThePolarAndALargeOneFits) {
  for (const Case& one : cases(12)) {
    const double polar = largest_lambda(one.X, one.loss, 1), zero = one.loss.value_at_zero(), tiny = 1e-4;
    const Found small = train_in_ball({one.X, one.loss, 0, tiny}, options_of(StepRule::corrective, 50, 1e-6), {});
    EXPECT_NEAR((zero - small.at.objective) / tiny, polar, 1e-3 * polar) << to_string(one.loss.kind());
  }
  Random random(23);
  const Matrix X = normal_matrix(12, 3, random);
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 3, 0, random));  // which 3 units fit without an error
  const Found large = train_in_ball({X, loss, 0, 100}, options_of(StepRule::corrective, 100, 1e-4), {});
  EXPECT_LE(large.at.objective, 1e-4 * loss.value_at_zero());
}

TEST(ConditionalGradient, StopsWhenToldToAndGoesOnFromUnits) {
  const Case one = cases(25)[0];
  const Problem problem{one.X, one.loss, 0, 2.0};
  const auto twice = [](const Progress& now) { return now.iteration < 2; };
  const Found told = train_in_ball(problem, options_of(StepRule::classic, 50, 1e-9), {}, twice);
  EXPECT_EQ(told.stop, Stop::told_to);
  EXPECT_EQ(told.rounds, 2);
  // Two steps and three more are five.
  ConditionalGradientOptions onward = options_of(StepRule::classic, 3, 1e-9);
  onward.first_step = 3;
  onward.search.last_effort.reset();
  ConditionalGradientOptions whole = options_of(StepRule::classic, 5, 1e-9);
  whole.search.last_effort.reset();
  const Found both = train_in_ball(problem, onward, told.at.units), at_once = train_in_ball(problem, whole, {});
  EXPECT_NEAR(both.at.objective, at_once.at.objective, 1e-9);
  ConditionalGradientOptions late = options_of(StepRule::corrective, 50, 1e-9);
  late.search.time_limit = 0;
  EXPECT_EQ(train_in_ball(problem, late, {}).stop, Stop::time_limit);
}

TEST(MasterInABall, EndsWhereNoSizeCanBeMoved) {
  Random random(24);
  for (const Case& one : cases(40))
    for (const double radius : {0.1, 1.0, 1e4}) {
      const Problem problem{one.X, one.loss, 0, radius};
      Iterate at;
      at.units = random_units(12, 3, problem.outputs(), random);
      const Units all = at.units;
      at.units.weights *= std::min(radius, 1.0) / 2 / norm_of(at.units);
      evaluate(problem, at);
      solve_master(problem, at, signs_of(all));
      EXPECT_LE(norm_of(at.units), radius * (1 + 1e-12));
      // No unit that is there, at the whole radius, is better to first order than what there is.
      const double correlation = at.dual.cwiseProduct(at.outputs).sum();
      for (Index j = 0; j < all.count(); ++j) {
        const auto place = static_cast<std::size_t>(j);
        const double sign = all.weights[j] < 0 ? -1 : 1;
        const double slope =
            sign * (one.X * all.directions.row(j).transpose()).cwiseMax(0).dot(at.dual.col(all.outputs[place]));
        EXPECT_LE(std::min(radius, 10.0) * slope, correlation + 1e-4 * one.loss.value_at_zero())
            << to_string(one.loss.kind()) << ' ' << radius;
      }
    }
}

TEST(BoundsInABall, AreBelowTheOptimumForEveryScalingAndTheBestOneIsTaken) {
  for (const Case& one : cases(20)) {
    const Problem problem{one.X, one.loss, 0, 1.5};
    const Found found = train_in_ball(problem, options_of(StepRule::corrective, 100, 1e-5), {});
    BoundOptions options;
    options.gap = 2e-2;
    const WidthBound bound = bound_over_widths(problem, found.at, options);
    const double zero = one.loss.value_at_zero();
    EXPECT_LE(bound.lower_bound, found.at.objective);
    EXPECT_LE(relative_gap(found.at.objective, bound.lower_bound, zero), options.gap) << to_string(one.loss.kind());
    for (const double q : {bound.polar, 2 * bound.polar, 100 * bound.polar}) {
      const double best = lower_bound(problem, found.at.dual, q), tau = best_scaling(problem, found.at.dual, q);
      EXPECT_LE(tau, 1 - 0x1p-42);
      EXPECT_GT(tau, 0);
      for (const double other : {0.01, 0.2, 0.5, 0.9, 0.999, 1 - 0x1p-42})
        EXPECT_GE(best, one.loss.dual_value(found.at.dual, other) - other * 1.5 * q - 1e-10);
      const double proven = proven_bound(problem, found.at.dual, q).value;
      EXPECT_LT(proven, best);
      EXPECT_GE(proven, best - 1e-7 * (1 + 1.5 * q));
    }
    const ReluNetwork network = to_network(problem, found.at);
    double norm = 0;
    for (Index j = 0; j < network.units.rows(); ++j)
      norm += network.units.row(j).norm() * network.unit_outputs.row(j).cwiseAbs().sum();
    EXPECT_LE(norm, 1.5 * (1 - 0x1p-41));
    EXPECT_NEAR(proven_objective(problem, network), found.at.objective, 1e-9);
  }
}

}  // namespace
}  // namespace nadir::relu
