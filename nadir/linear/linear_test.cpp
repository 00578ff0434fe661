// Optimum, gradients, reduction: against formulas and data that share nothing with the code.
#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "nadir/base/error.hpp"
#include "nadir/linear/descent.hpp"
#include "nadir/linear/optimum.hpp"
#include "nadir/linear/residual.hpp"
#include "nadir/linear/test_util.hpp"
#include "nadir/linear/verdict.hpp"

namespace nadir::linear {
namespace {

using test::plain_loss;
using test::plant;
using test::random_basis;

/// L* by the eigenvalues of Y Xᵀ (X Xᵀ)⁻¹ X Yᵀ: reduced-rank regression as textbooks have it, for X of full rank.
double textbook_optimum(const Matrix& X, const Matrix& Y, Index k) {
  const Dense A = X.transpose() * X, C = X.transpose() * Y;
  const Dense M = C.transpose() * A.ldlt().solve(C);
  const Vector lambda = Eigen::SelfAdjointEigenSolver<Dense>(M).eigenvalues();  // rising
  return (Y.squaredNorm() - lambda.tail(std::min(k, lambda.size())).sum()) / 2;
}

LinearChain random_chain(const std::vector<Index>& widths, Random& random) {
  LinearChain chain;
  for (std::size_t i = 1; i < widths.size(); ++i)
    chain.weights.push_back(normal_matrix(widths[i], widths[i - 1], random));
  return chain;
}

TEST(Linear, TheReducedLossIsTheLoss) {
  Random random(1);
  for (const Index n : {3, 30, 700, 2500}) {
    const Matrix X = normal_matrix(n, 5, random), Y = normal_matrix(n, 3, random);
    const Problem problem = reduce(X, Y);
    const LinearChain chain = random_chain({5, 4, 3}, random);
    const double expected = plain_loss(chain, X, Y);
    EXPECT_NEAR(loss(problem, product_of(chain)), expected, 1e-13 * expected) << n;
    EXPECT_NEAR(problem.loss_at_zero, Y.squaredNorm() / 2, 1e-13 * Y.squaredNorm()) << n;
    EXPECT_EQ(problem.rank(), std::min<Index>(n, 5));
    EXPECT_FALSE(problem.rank_hangs);
  }
}

TEST(Linear, ThreadsChangeNothing) {
  Random random(2);
  const Matrix X = normal_matrix(3000, 7, random), Y = normal_matrix(3000, 2, random);
  const Problem one = reduce(X, Y, 1), three = reduce(X, Y, 3);
  EXPECT_EQ(one.S, three.S);
  EXPECT_EQ(one.T, three.T);
  EXPECT_EQ(one.unexplained, three.unexplained);
}

TEST(Linear, RefusesDataThatDoNotFit) {
  EXPECT_THROW(reduce(Matrix::Ones(3, 2), Matrix::Ones(4, 1)), InputError);
  EXPECT_THROW(reduce(Matrix(0, 2), Matrix(0, 1)), InputError);
  EXPECT_THROW(reduce(Matrix::Constant(3, 2, std::nan("")), Matrix::Ones(3, 1)), InputError);
  const Problem problem = reduce(Matrix::Ones(3, 2), Matrix::Ones(3, 1));
  EXPECT_THROW(optimum(problem, {3, 1}), UsageError);
  EXPECT_THROW(optimum(problem, {2, 0, 1}), UsageError);
  EXPECT_THROW(optimum(reduce(Matrix::Ones(3, 1), Matrix::Ones(3, 1)), {1}), UsageError);
  LinearChain chain;
  chain.weights.push_back(Matrix::Ones(1, 3));
  EXPECT_THROW(judge(problem, chain), InputError);
}

TEST(Linear, OptimumIsThatOfReducedRankRegression) {
  Random random(3);
  const Matrix X = normal_matrix(40, 5, random), Y = normal_matrix(40, 4, random);
  const Problem problem = reduce(X, Y);
  for (Index k = 1; k <= 6; ++k) {
    const double expected = textbook_optimum(X, Y, std::min<Index>(k, 4));
    EXPECT_NEAR(optimum(problem, {5, k, 7, 4}).value, expected, 1e-12 * expected) << k;
  }
}

TEST(Linear, OptimumOfDataOfAnyRankAndWithTies) {
  Random random(4);
  const auto check = [](const test::Planted& data, Index k) {
    const Optimum best = optimum(reduce(data.features, data.targets), {data.features.cols(), k, data.targets.cols()});
    EXPECT_NEAR(best.value, data.optimum(k), 1e-12 * (1 + data.optimum(0)));
    EXPECT_NEAR(best.gain, data.optimum(0) - data.optimum(k), 1e-12 * (1 + data.optimum(0)));
  };
  check(plant(30, 6, 4, Vector{{5, 4, 2}}, Vector{{3, 2, 1}}, random), 2);             // X of rank 3
  check(plant(3, 6, 4, Vector{{5, 4, 2}}, Vector{{3, 2, 1}}, random), 2);              // fewer samples than features
  check(plant(30, 4, 4, Vector{{5, 4, 2, 1}}, Vector{{3, 2, 2, 1}}, random), 2);       // a tie
  check(plant(30, 4, 4, Vector{{5, 4, 2, 1}}, Vector{{3, 2, 0, 0}}, random), 3);       // T of rank 2
  check(plant(30, 4, 4, Vector{{100, 1, 1, 0.01}}, Vector{{3, 2, 2, 1}}, random), 3);  // of condition 1e4
}

TEST(Linear, TheRankOfTheFeaturesIsAWidth) {
  Random random(12);
  const auto data = plant(30, 6, 5, Vector{{5, 4, 2}}, Vector{{3, 2, 1}}, random);
  const Optimum best = optimum(reduce(data.features, data.targets), {6, 4, 5});
  EXPECT_EQ(best.k, 3);
  EXPECT_EQ(best.narrowest, 0);
}

TEST(Linear, ASmallOptimumIsNotADifferenceOfLargeNumbers) {
  Random random(5);
  test::Planted data = plant(300, 4, 3, Vector{{1e3, 10, 1, 1e-3}}, Vector{{1e6, 1e5, 1e-3}}, random);
  const Optimum best = optimum(reduce(data.features, data.targets), {4, 2, 3});
  EXPECT_NEAR(best.excess, 0.5e-6, 1e-9);  // ½‖Ŷ‖² is 5e11
}

TEST(Linear, TheTrainerReachesTheOptimum) {
  Random random(6);
  const auto check = [](const test::Planted& data, const std::vector<Index>& hidden) {
    const Problem problem = reduce(data.features, data.targets);
    const LinearChain chain = balanced_minimizer(problem, hidden);
    Index k = data.sizes.size();
    for (const Index width : hidden) k = std::min(k, width);
    EXPECT_NEAR(plain_loss(chain, data.features, data.targets), data.optimum(k), 1e-11 * data.optimum(0));
    const Judgement judgement = judge(problem, chain);
    EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason;
    for (std::size_t i = 1; i < chain.weights.size(); ++i)  // balanced: W_{i+1}ᵀ W_{i+1} = W_i W_iᵀ
      EXPECT_LT(
          (chain.weights[i].transpose() * chain.weights[i] - chain.weights[i - 1] * chain.weights[i - 1].transpose())
              .norm(),
          1e-12 * data.optimum(0));
  };
  const auto usual = plant(30, 5, 4, Vector{{5, 4, 3, 2, 1}}, Vector{{4, 3, 2, 1}}, random);
  check(usual, {});
  check(usual, {2});
  check(usual, {7, 3, 9});
  check(usual, {1, 1, 1, 1, 1});
  check(plant(3, 6, 4, Vector{{5, 4, 2}}, Vector{{3, 2, 1}}, random), {4, 5});
  check(plant(20, 6, 4, Vector{{5, 4, 2}}, Vector{{3, 0, 0}}, random), {2, 5});
  check(plant(20, 6, 4, Vector{{5, 4, 2}}, Vector{{3, 3, 3}}, random), {2});
}

TEST(Linear, GradientsAreDifferencesOfTheLoss) {
  Random random(7);
  const Matrix X = normal_matrix(20, 4, random), Y = normal_matrix(20, 3, random);
  const Problem problem = reduce(X, Y);
  LinearChain chain = random_chain({4, 3, 2, 3}, random);
  const std::vector<Matrix> G = gradients(problem, partial_products(problem, chain));
  ASSERT_EQ(G.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i)
    for (Index j = 0; j < chain.weights[i].size(); ++j) {
      const double kept = chain.weights[i].data()[j], h = 1e-5;
      chain.weights[i].data()[j] = kept + h;
      const double above = plain_loss(chain, X, Y);
      chain.weights[i].data()[j] = kept - h;
      const double below = plain_loss(chain, X, Y);
      chain.weights[i].data()[j] = kept;
      EXPECT_NEAR(G[i].data()[j], (above - below) / (2 * h), 1e-6 * G[i].norm());
    }
}

TEST(Linear, RatiosDoNotDependOnScales) {
  Random random(8);
  const Matrix X = normal_matrix(20, 4, random), Y = normal_matrix(20, 3, random);
  const LinearChain chain = random_chain({4, 3, 3}, random);
  LinearChain scaled = chain;
  scaled.weights[0] *= 1e-4, scaled.weights[1] *= 1e3;
  const Problem one = reduce(X, Y), other = reduce(1e4 * X, 1e3 * Y);
  const auto ratios = criticality(one, partial_products(one, chain));
  const auto again = criticality(other, partial_products(other, scaled));
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(ratios.layers[i].ratio, again.layers[i].ratio, 1e-10);
  EXPECT_GT(ratios.largest_ratio, 0.01);
  EXPECT_LE(ratios.largest_ratio, 1);
}

TEST(Linear, DescentComesToGlobalMinima) {
  Random random(9);
  const auto data = plant(30, 5, 4, Vector{{2, 2, 1.5, 1, 1}}, Vector{{4, 3, 2, 1}}, random);
  const Problem problem = reduce(data.features, data.targets);
  const LinearChain start = random_chain({5, 3, 4}, random);
  const DescentResult steps = gradient_descent(problem, start), quasi = lbfgs_descent(problem, start);
  for (const DescentResult& found : {steps, quasi}) {
    EXPECT_NEAR(found.loss, data.optimum(3), 1e-10 * data.optimum(3));
    const Judgement judgement = judge(problem, found.chain);
    EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason << ' ' << found.iterations;
  }
  EXPECT_EQ(steps.ending, Ending::gap_reached);
  DescentOptions few;
  few.max_iterations = 3;
  EXPECT_EQ(gradient_descent(problem, start, few).ending, Ending::iteration_limit);
  EXPECT_LT(gradient_descent(problem, start, few).loss, plain_loss(start, data.features, data.targets));
}

TEST(Linear, DescentOnABalancedLineEndsInASaddle) {
  // W_1 = W_2ᵀ = s v₂ᵀ with only the second singular direction of T: descent never leaves that line.
  Random random(10);
  const auto data = plant(30, 3, 3, Vector{{1, 1, 1}}, Vector{{3, 2, 1}}, random);
  const Problem problem = reduce(data.features, data.targets);
  LinearChain start = test::weave(data, 1, {{0, 2, 1}}, random);
  for (Matrix& W : start.weights) W *= 0.5;
  DescentOptions options;
  options.max_iterations = 200, options.gradient = 1e-8;
  const DescentResult found = gradient_descent(problem, start, options);
  const Judgement judgement = judge(problem, found.chain);
  EXPECT_EQ(judgement.verdict, Verdict::saddle) << judgement.reason;
  EXPECT_NEAR(judgement.gap, (9 - 4) / 2.0, 1e-9);
}

TEST(Linear, ResidualNetworksNearTheIdentity) {
  Random random(11);
  const Matrix X = normal_matrix(40, 4, random);
  const Matrix Y =
      X * (Matrix::Identity(4, 4) + 0.1 * normal_matrix(4, 4, random)) + 0.1 * normal_matrix(40, 4, random);
  const Problem problem = reduce(X, Y);
  std::vector<Matrix> weights(3, Matrix::Zero(4, 4));
  const ResidualJudgement at_start = judge_residual(problem, weights);
  EXPECT_TRUE(at_start.in_region);
  EXPECT_EQ(at_start.margin, 1);
  EXPECT_EQ(at_start.whole.verdict, Verdict::not_critical);
  EXPECT_GE(at_start.gap_bound, at_start.whole.gap);
  EXPECT_LT(at_start.gap_bound, 2 * at_start.whole.gap);

  LinearChain chain;  // descent on the weights is descent on I + W
  for (const Matrix& W : weights) chain.weights.emplace_back(Matrix::Identity(4, 4) + W);
  chain = gradient_descent(problem, chain).chain;
  for (std::size_t i = 0; i < 3; ++i) weights[i] = chain.weights[i] - Matrix::Identity(4, 4);
  const ResidualJudgement at_end = judge_residual(problem, weights);
  EXPECT_TRUE(at_end.in_region);
  EXPECT_LT(at_end.gap_bound, 1e-12);
  EXPECT_EQ(at_end.whole.verdict, Verdict::global_minimum) << at_end.whole.reason;

  weights[1] = -Matrix::Identity(4, 4);  // I + W_2 = 0: on the boundary, and the corollary says nothing
  const ResidualJudgement outside = judge_residual(problem, weights);
  EXPECT_FALSE(outside.in_region);
  EXPECT_TRUE(std::isinf(outside.gap_bound));
  EXPECT_THROW(judge_residual(problem, {Matrix::Zero(4, 3)}), InputError);
}

}  // namespace
}  // namespace nadir::linear
