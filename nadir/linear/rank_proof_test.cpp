#include "nadir/linear/rank_proof.hpp"

#include <gtest/gtest.h>

#include "nadir/base/error.hpp"
#include "nadir/base/test_util.hpp"
#include "nadir/linear/optimum.hpp"
#include "nadir/linear/test_util.hpp"

namespace nadir::linear {
namespace {

/// min L / n over chains of these widths, by the closed form, on centred data where there are biases.
double least(Matrix features, Matrix targets, const std::vector<Index>& widths, bool biased) {
  if (biased) {
    features.rowwise() -= Eigen::RowVectorXd(features.colwise().mean());
    targets.rowwise() -= Eigen::RowVectorXd(targets.colwise().mean());
  }
  return optimum(reduce(features, targets), widths).value / static_cast<double>(features.rows());
}

TEST(RankProof, IsBelowTheOptimumByRoundingOnly) {
  Random random(3);
  for (int trial = 0; trial < 300; ++trial) {
    const Index n = random.integer(2, 60), d = random.integer(1, 8), K = random.integer(1, 6);
    const bool biased = trial % 2 == 0;
    std::vector<Index> widths{d};
    for (int layer = random.integer(0, 2); layer > 0; --layer) widths.push_back(random.integer(1, 6));
    widths.push_back(K);
    Matrix X = normal_matrix(n, d, random);
    if (trial % 5 == 0) X.col(d - 1) = X.col(0);
    if (trial % 7 == 0) X.col(0).setConstant(4);
    const Matrix Y = X * normal_matrix(d, K, random) + normal_matrix(n, K, random);
    const RankProof proof = prove_bound(X, Y, widths, biased);
    const double best = least(X, Y, widths, biased), zero = Y.squaredNorm() / (2.0 * static_cast<double>(n));
    ASSERT_LT(proof.omega, 1e-6);
    EXPECT_LE(proof.bound.value, best + 1e-15 * zero) << trial;
    EXPECT_GE(proof.bound.value, best - 1e-7 * zero) << trial;
  }
}

TEST(RankProof, MeansAndSizesCostLittle) {
  Random random(4);
  Matrix X = normal_matrix(500, 4, random), Y = normal_matrix(500, 3, random);
  X.col(1) *= 1e9, X.col(2) *= 1e-9;
  Y.rowwise() += Eigen::RowVectorXd::Constant(3, 1e4);
  X.col(3).array() += 1e6;
  const RankProof proof = prove_bound(X, Y, {4, 2, 3}, true);
  // sizes of 1e9 and 1e-9 are beyond what the closed form takes for independent: what counts is their directions
  X.col(1) /= 1e9, X.col(2) /= 1e-9;
  EXPECT_NEAR(proof.bound.value / least(X, Y, {4, 2, 3}, true), 1, 1e-6);
}

TEST(RankProof, TheObjectiveIsRoundedOutward) {
  Random random(5);
  for (int trial = 0; trial < 100; ++trial) {
    const Matrix X = normal_matrix(20, 3, random), Y = normal_matrix(20, 2, random);
    const BiasedChain network{{{normal_matrix(4, 3, random), normal_matrix(2, 4, random)}},
                              {Vector(), normal_vector(2, random)}};
    const StatedObjective at = objective_at(X, Y, network);
    long double sum = 0;
    for (Index i = 0; i < 20; ++i)
      for (Index k = 0; k < 2; ++k) {
        long double f = network.biases[1][k];
        for (Index j = 0; j < 4; ++j)
          for (Index l = 0; l < 3; ++l)
            f += static_cast<long double>(network.chain.weights[1](k, j)) * network.chain.weights[0](j, l) * X(i, l);
        sum += (f - Y(i, k)) * (f - Y(i, k)) / 40;
      }
    EXPECT_GE(at.upper, sum);
    EXPECT_NEAR(at.value, static_cast<double>(sum), 1e-13 * at.value);
    EXPECT_LE(at.upper, at.value * (1 + 1e-10));
    EXPECT_TRUE(at.can_be_stated());
  }
}

TEST(RankProof, TooManyFeaturesAreRefused) {
  EXPECT_THROW(prove_bound(Matrix(Matrix::Zero(2, 5000)), Matrix::Zero(2, 1), {5000, 1}, true), ResourceError);
}

}  // namespace
}  // namespace nadir::linear
