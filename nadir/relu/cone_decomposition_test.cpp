#include "nadir/relu/cone_decomposition.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

std::vector<bool> open_at(const Matrix& X, const Vector& gate) {
  std::vector<bool> open;
  for (Index i = 0; i < X.rows(); ++i) open.push_back(X.row(i).dot(gate) >= 0);
  return open;
}

/// The least value of a signed sum of the rows, (2D − I)Xu.
double least_in_cone(const Matrix& X, const std::vector<bool>& open, const Vector& u) {
  const Vector sums = X * u;
  double least = 0;
  for (Index i = 0; i < X.rows(); ++i) least = std::min(least, open[static_cast<std::size_t>(i)] ? sums[i] : -sums[i]);
  return least;
}

TEST(ConeDecomposition, HasBothPartsInTheConeAndTheSameOutputs) {
  Random random(1);
  for (const auto& [n, d] : {std::pair<Index, Index>{10, 2}, {60, 5}, {40, 12}})
    for (int turn = 0; turn < 5; ++turn) {
      const Matrix X = normal_matrix(n, d, random);
      const std::vector<bool> open = open_at(X, normal_matrix(d, 1, random).col(0));
      const Vector v = normal_matrix(d, 1, random).col(0);
      const ConeDifference parts = split_over_cone(X, open, v);
      ASSERT_TRUE(parts.found);
      EXPECT_LE((parts.a - parts.b - v).norm(), 1e-13 * parts.norms);
      EXPECT_GE(least_in_cone(X, open, parts.a), -1e-10 * parts.norms);
      EXPECT_GE(least_in_cone(X, open, parts.b), -1e-10 * parts.norms);
      EXPECT_DOUBLE_EQ(parts.norms, parts.a.norm() + parts.b.norm());
      for (Index i = 0; i < n; ++i) {
        const double gated = open[static_cast<std::size_t>(i)] ? X.row(i).dot(v) : 0;
        const double relu = std::max(0.0, X.row(i).dot(parts.a)) - std::max(0.0, X.row(i).dot(parts.b));
        EXPECT_NEAR(relu, gated, 1e-9 * std::max(1.0, parts.norms));
      }
    }
}

TEST(ConeDecomposition, IsAsShortAsAGridFindsInThePlane) {
  Random random(2);
  for (int turn = 0; turn < 6; ++turn) {
    const Matrix X = normal_matrix(6, 2, random);
    const std::vector<bool> open = open_at(X, normal_matrix(2, 1, random).col(0));
    const Vector v = normal_matrix(2, 1, random).col(0);
    const ConeDifference parts = split_over_cone(X, open, v, 1000);
    ASSERT_TRUE(parts.found);
    // The best b lies in the cone, on which the sum of the norms is convex: a grid over its polar coordinates.
    double least = 1e300;
    for (int k = 0; k < 2000; ++k)
      for (int l = 0; l <= 400; ++l) {
        const double angle = 2 * std::numbers::pi * k / 2000, size = 2 * parts.norms * l / 400;
        const Vector b{{size * std::cos(angle), size * std::sin(angle)}}, a = v + b;
        if (least_in_cone(X, open, a) < 0 || least_in_cone(X, open, b) < 0) continue;
        least = std::min(least, a.norm() + b.norm());
      }
    EXPECT_LE(parts.norms, least * (1 + 1e-6));
    EXPECT_LT(least, 1.1 * parts.norms);  // the grid is fine enough to say something
  }
}

TEST(ConeDecomposition, LeavesWeightsOfTheConeAndItsOpposite) {
  Random random(3);
  const Matrix X = normal_matrix(30, 4, random);
  const Vector u = normal_matrix(4, 1, random).col(0), zero = Vector::Zero(4);
  const std::vector<bool> open = open_at(X, u);
  EXPECT_EQ(split_over_cone(X, open, u), (ConeDifference{true, u, zero, u.norm()}));
  EXPECT_EQ(split_over_cone(X, open, -u), (ConeDifference{true, zero, u, u.norm()}));
}

TEST(ConeDecomposition, SaysWhereAConeHasNoInterior) {
  // u₁ = 0 and u₂ ≥ 0: differences of such vectors have u₁ = 0.
  Matrix X(3, 2);
  X << 1, 0, -1, 0, 0, 1;
  const std::vector<bool> open{true, true, true};
  EXPECT_FALSE(split_over_cone(X, open, Vector{{1, 1}}).found);
  const ConeDifference along = split_over_cone(X, open, Vector{{0, -2}});
  EXPECT_TRUE(along.found);
  EXPECT_EQ(along.b, Vector({{0, 2}}));
  const GatedNetwork network{Matrix::Zero(1, 2), Matrix::Constant(1, 2, 1), 1};  // the gate of zeros is always open
  const Decomposition whole = decompose(X, network);
  EXPECT_EQ(whole.not_split, std::vector<Index>{0});
  EXPECT_EQ(whole.units.count(), 0);
}

TEST(ConeDecomposition, OfANetworkHasItsOutputs) {
  Random random(4);
  const Matrix X = normal_matrix(50, 4, random);
  GatedNetwork network{normal_matrix(8, 4, random), normal_matrix(12, 4, random), 2};
  network.weights.row(3).setZero();
  const Decomposition result = decompose(X, network);
  EXPECT_TRUE(result.not_split.empty());
  EXPECT_GT(result.relu_norm, result.gated_norm);
  EXPECT_NEAR(result.gated_norm, network.weights.rowwise().norm().sum(), 1e-12);
  EXPECT_NEAR(result.units.weights.cwiseAbs().sum(), result.relu_norm, 1e-12 * result.relu_norm);
  const TrainingLoss loss = TrainingLoss::of_quantities(Matrix::Zero(50, 2));
  Iterate at{result.units, {}, {}, {}, {}, 0};
  evaluate({X, loss, 1}, at);
  EXPECT_LE((at.outputs - outputs(network, X)).cwiseAbs().maxCoeff(), 1e-9 * result.relu_norm);
  const Decomposition together = decompose(X, network, 3);
  EXPECT_EQ(together.units.directions, result.units.directions);
  EXPECT_EQ(together.units.weights, result.units.weights);
}

}  // namespace
}  // namespace nadir::relu
