#include "nadir/linear/biased.hpp"

#include <gtest/gtest.h>

#include "nadir/base/error.hpp"
#include "nadir/base/test_util.hpp"

namespace nadir::linear {
namespace {

double squared_loss(const BiasedChain& chain, const Matrix& features, const Matrix& targets) {
  double sum = 0;
  for (Index i = 0; i < features.rows(); ++i) {
    Vector a = features.row(i).transpose();
    for (std::size_t l = 0; l < chain.chain.weights.size(); ++l) {
      a = (chain.chain.weights[l] * a).eval();
      if (l < chain.biases.size() && chain.biases[l].size() > 0) a += chain.biases[l];
    }
    sum += (a - targets.row(i).transpose()).squaredNorm() / 2;
  }
  return sum;
}

struct Case {
  Matrix features, targets;
  BiasedChain best;

  explicit Case(Random& random) : features(normal_matrix(30, 4, random)), targets(normal_matrix(30, 3, random)) {
    features.rowwise() += Eigen::RowVectorXd::Constant(4, 2.0);
    targets.rowwise() += Eigen::RowVectorXd::Constant(3, -5.0);
    const Eigen::RowVectorXd x = features.colwise().mean(), y = targets.colwise().mean();
    best.chain = balanced_minimizer(reduce(features.rowwise() - x, targets.rowwise() - y), {2});
    best.biases = {normal_vector(2, random), Vector::Zero(3)};
    best.biases[1] = y.transpose() - product_of(best.chain) * x.transpose() - best.chain.weights[1] * best.biases[0];
  }
};

TEST(BiasedChain, TheBestOfCentredDataIsAGlobalMinimum) {
  Random random(1);
  const Case one(random);
  const BiasedJudgement told = judge(one.features, one.targets, one.best);
  EXPECT_EQ(told.verdict, Verdict::global_minimum) << told.reason;
  EXPECT_NEAR(told.loss, squared_loss(one.best, one.features, one.targets), 1e-9);
  EXPECT_NEAR(told.loss, told.optimum, 1e-9);
  // No chain that was drawn does better, nor one moved a little.
  for (int trial = 0; trial < 200; ++trial) {
    BiasedChain other = one.best;
    const double size = trial % 2 == 0 ? 1e-3 : 1;
    for (Matrix& weights : other.chain.weights) weights += size * normal_matrix(weights.rows(), weights.cols(), random);
    for (Vector& bias : other.biases) bias += size * normal_vector(bias.size(), random);
    EXPECT_GE(squared_loss(other, one.features, one.targets), told.optimum * (1 - 1e-12));
    const BiasedJudgement of_other = judge(one.features, one.targets, other);
    EXPECT_EQ(of_other.verdict, Verdict::not_critical);
    EXPECT_NEAR(of_other.loss / squared_loss(other, one.features, one.targets), 1, 1e-10);
    EXPECT_NEAR(of_other.gap, of_other.loss - of_other.optimum, 1e-8 * of_other.loss);
  }
}

TEST(BiasedChain, OnlyTheLastBiasOffIsNotCritical) {
  Random random(2);
  Case one(random);
  one.best.biases[1][0] += 0.1;
  const BiasedJudgement told = judge(one.features, one.targets, one.best);
  EXPECT_EQ(told.verdict, Verdict::not_critical);
  EXPECT_EQ(told.of_chain.verdict, Verdict::global_minimum);
  EXPECT_NE(told.reason.find("mean residual"), std::string::npos);
}

TEST(BiasedChain, ZeroWeightsWithTheRightBiasAreASaddle) {
  Random random(3);
  Case one(random);
  for (Matrix& weights : one.best.chain.weights) weights.setZero();
  one.best.biases[1] = one.targets.colwise().mean().transpose();
  const BiasedJudgement told = judge(one.features, one.targets, one.best);
  EXPECT_EQ(told.verdict, Verdict::saddle) << told.reason;
  ASSERT_TRUE(told.witness.has_value());
  for (const WitnessStep& step : told.witness->steps) {
    BiasedChain lower = one.best;
    lower.chain = moved(one.best.chain, *told.witness, step.radius);
    // The last bias goes along, as the decrease is that of the centred loss.
    lower.biases[1] =
        (one.targets.colwise().mean() - one.features.colwise().mean() * product_of(lower.chain).transpose())
            .transpose() -
        lower.chain.weights[1] * lower.biases[0];
    const double fall = told.loss - squared_loss(lower, one.features, one.targets);
    EXPECT_NEAR(fall, step.decrease, 1e-6 * step.decrease + 1e-10);
  }
}

TEST(BiasedChain, WhatCannotBeJudgedIsRefused) {
  Random random(4);
  Case one(random);
  BiasedChain hidden_only = one.best;
  hidden_only.biases[1].resize(0);
  EXPECT_THROW(judge(one.features, one.targets, hidden_only), InputError);
  EXPECT_THROW(judge(normal_matrix(30, 5, random), one.targets, one.best), InputError);
  BiasedChain none = one.best;
  none.biases = {Vector(), Vector()};
  EXPECT_FALSE(none.has_biases());
  EXPECT_EQ(judge(one.features, one.targets, none).verdict, Verdict::not_critical);
}

}  // namespace
}  // namespace nadir::linear
