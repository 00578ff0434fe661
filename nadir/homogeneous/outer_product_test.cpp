#include "nadir/homogeneous/outer_product.hpp"

#include <gtest/gtest.h>

#include <Eigen/SVD>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/test_util.hpp"
#include "nadir/homogeneous/meta_algorithm.hpp"

namespace nadir::homogeneous {
namespace {

struct Kind {
  Norm left, right;
  bool left_non_negative, right_non_negative;
};

std::vector<Kind> kinds() {
  std::vector<Kind> all;
  for (const Norm left : {Norm::l1, Norm::l2})
    for (const Norm right : {Norm::l1, Norm::l2})
      for (const int cones : {0, 1, 2, 3})
        if (cones > 0 || left == Norm::l1 || right == Norm::l1)
          all.push_back({left, right, (cones & 1) != 0, (cones & 2) != 0});
  return all;
}

Regularizer regularizer_of(const Kind& kind) {
  return {Combination::product, {kind.left, kind.right}, {kind.left_non_negative, kind.right_non_negative}};
}

/// max of uᵀMv for given u over ‖v‖ ≤ 1, by its definition.
double best_right(const Vector& m, const Kind& kind) {
  const Vector reach = kind.right_non_negative ? Vector(m.cwiseMax(0)) : Vector(m.cwiseAbs());
  return kind.right == Norm::l1 ? reach.maxCoeff() : reach.norm();
}

/// The polar for u of two entries, on a fine grid of the sphere of its norm.
double polar_on_grid(const Matrix& M, const Kind& kind) {
  double best = 0;
  for (int k = 0; k < 40000; ++k) {
    const double angle = k * 2 * std::acos(-1.0) / 40000;
    Vector u(2);
    u << std::cos(angle), std::sin(angle);
    if (kind.left_non_negative && u.minCoeff() < 0) continue;
    u /= kind.left == Norm::l1 ? u.cwiseAbs().sum() : 1;
    best = std::max(best, best_right(M.transpose() * u, kind));
  }
  return best;
}

TEST(FactorPolar, IsThatOfAFineGrid) {
  Random random(1);
  for (const Kind& kind : kinds())
    for (int trial = 0; trial < 5; ++trial) {
      const Matrix X = normal_matrix(6, 2, random), G = normal_matrix(6, 4, random);
      const TrainingLoss loss = TrainingLoss::of_quantities(G);
      const Problem problem{X, loss, Subnetwork({{2, 1}, {1, 4}}), regularizer_of(kind), 0.1};
      const double exact = polar_on_grid(X.transpose() * G, kind);
      const PolarUpper upper = bound_polar(problem, G, 0, 1000);
      const PolarWitness found = search_polar(problem, G, {}, {});
      EXPECT_GE(upper.value, exact * (1 - 1e-12));
      EXPECT_LE(upper.value, exact * (1 + 1e-6));
      EXPECT_GE(found.value, exact * (1 - 1e-6));
      EXPECT_LE(found.value, upper.value);
      EXPECT_NEAR(problem.regularizer.value(problem.subnetwork, found.weights), 1, 1e-12);
      EXPECT_NEAR(G.cwiseProduct(problem.subnetwork.apply(X, found.weights)).sum(), found.value, 1e-12 * found.value);
    }
}

/// Trained from random factors.
MetaResult trained(const Matrix& Y, const Kind& kind, double lambda, Index width, double gap, Random& random) {
  const Matrix identity = Matrix::Identity(Y.rows(), Y.rows());
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Problem problem{identity, loss, Subnetwork({{Y.rows(), 1}, {1, Y.cols()}}), regularizer_of(kind),
                        lambda / static_cast<double>(Y.rows())};
  std::vector<Vector> start;
  for (Index i = 0; i < width; ++i) {
    Vector& weights = start.emplace_back(normal_vector(Y.rows() + Y.cols(), random));
    if (kind.left_non_negative) weights.head(Y.rows()) = weights.head(Y.rows()).cwiseAbs().eval();
    if (kind.right_non_negative) weights.tail(Y.cols()) = weights.tail(Y.cols()).cwiseAbs().eval();
  }
  MetaOptions options;
  options.gap = gap;
  MetaResult result = train(problem, start, options);
  for (const Vector& weights : result.at.weights) {
    EXPECT_TRUE(!kind.left_non_negative || weights.head(Y.rows()).minCoeff() >= 0);
    EXPECT_TRUE(!kind.right_non_negative || weights.tail(Y.cols()).minCoeff() >= 0);
  }
  return result;
}

/// The least objective with an l1 norm: with u at the vertices ± eᵢ of its ball, Y's rows are penalized apart, as
/// groups or, under two l1 norms, entry by entry; where v alone is ≥ 0, both signs of a row as a group each; and what
/// no sign reaches stays.
double soft_thresholded(const Matrix& Y, const Kind& kind, double lambda) {
  if (kind.left == Norm::l2)
    return soft_thresholded(Y.transpose(), {kind.right, kind.left, kind.right_non_negative, kind.left_non_negative},
                            lambda);
  const auto part = [&](double size) { return size > lambda ? lambda * size - lambda * lambda / 2 : size * size / 2; };
  double value = 0;
  for (Index i = 0; i < Y.rows(); ++i) {
    const Vector row = Y.row(i), above = row.cwiseMax(0), below = (-row).cwiseMax(0);
    const bool below_stays = kind.left_non_negative && kind.right_non_negative;
    if (below_stays) value += below.squaredNorm() / 2;
    if (kind.right == Norm::l1)
      for (const double entry : below_stays ? above : row) value += part(std::fabs(entry));
    else if (kind.right_non_negative)
      value += part(above.norm()) + (below_stays ? 0 : part(below.norm()));
    else
      value += part(row.norm());
  }
  return value;
}

TEST(SparseFactorization, EndsAtTheSoftThresholdedEntriesOrRows) {
  Random random(2);
  for (const Kind& kind : kinds()) {
    if (kind.left == Norm::l2 && kind.right == Norm::l2) continue;
    const Matrix Y = normal_matrix(9, 7, random);
    for (const Index width : {0, 4})
      for (const double lambda : {0.3, 1.5}) {
        const MetaResult result = trained(Y, kind, lambda, width, 1e-9, random);
        const double expected = soft_thresholded(Y, kind, lambda);
        EXPECT_NEAR(9 * result.at.objective, expected, 2e-8 * expected);
        EXPECT_LE(9 * result.lower_bound, expected * (1 + 1e-12));
        EXPECT_EQ(result.claim, Claim::certified) << result.relative_gap;
        EXPECT_EQ(result.upper.by, "vertices");
      }
  }
}

TEST(NonNegativeFactorization, IsCertifiedFromAnyStart) {
  Random random(3);
  for (const Kind& kind : kinds()) {
    if (kind.left == Norm::l1 || kind.right == Norm::l1) continue;
    const Matrix planted = normal_matrix(8, 3, random).cwiseAbs() * normal_matrix(3, 10, random).cwiseAbs();
    const Matrix Y = planted + 0.1 * normal_matrix(8, 10, random);
    double first = 0;
    for (const Index width : {0, 3, 12}) {
      const MetaResult result = trained(Y, kind, 0.5, width, 1e-6, random);
      EXPECT_EQ(result.claim, Claim::certified) << result.relative_gap;
      EXPECT_EQ(result.upper.by, "non-negative form");
      if (width == 0) first = result.at.objective;
      EXPECT_NEAR(result.at.objective, first, 2e-5 * first);
    }
  }
}

TEST(NonNegativeFactorization, PlantedFactorsOfDisjointSupports) {
  // Σ σₖ aₖ bₖᵀ is its own singular value decomposition, so nothing is below its soft-thresholded values.
  Random random(4);
  Matrix Y = Matrix::Zero(9, 12);
  for (Index k = 0; k < 3; ++k) {
    const Vector a = normal_vector(3, random).cwiseAbs().normalized(),
                 b = normal_vector(4, random).cwiseAbs().normalized();
    Y.block(3 * k, 4 * k, 3, 4) = (3.0 - static_cast<double>(k)) * a * b.transpose();
  }
  const double lambda = 0.5, expected = 3 * lambda * 2 - 3 * lambda * lambda / 2;
  for (const bool left : {true, false})
    for (const bool right : {true, false}) {
      if (!left && !right) continue;
      const MetaResult result = trained(Y, {Norm::l2, Norm::l2, left, right}, lambda, 1, 1e-7, random);
      EXPECT_NEAR(9 * result.at.objective, expected, 1e-6);
      EXPECT_LE(9 * result.lower_bound, expected);
      EXPECT_EQ(result.claim, Claim::certified);
    }
}

/// min ½‖Y − Σ_k u_k v_kᵀ‖² + λΣ‖v_k‖ over all v (≥ 0), for given unit vectors u_k ≥ 0: accelerated proximal steps.
double on_given_factors(const Matrix& U, const Matrix& Y, bool right, double lambda) {
  const double c = (U.transpose() * U).norm();
  Matrix V = Matrix::Zero(U.cols(), Y.cols()), ahead = V;
  double t = 1;
  for (int step = 0; step < 20000; ++step) {
    Matrix next = ahead - U.transpose() * (U * ahead - Y) / c;
    if (right) next = next.cwiseMax(0).eval();
    for (Index k = 0; k < next.rows(); ++k) {
      const double size = next.row(k).norm();
      next.row(k) *= size > lambda / c ? 1 - lambda / c / size : 0;
    }
    const double later = (1 + std::sqrt(1 + 4 * t * t)) / 2;
    ahead = next + (t - 1) / later * (next - V);
    V = next, t = later;
  }
  return (U * V - Y).squaredNorm() / 2 + lambda * V.rowwise().norm().sum();
}

TEST(NonNegativeFactorization, IsThatOfAGridOfFactors) {
  Random random(5);
  constexpr Index angles = 400;
  Matrix U(2, angles + 1);
  for (Index k = 0; k <= angles; ++k) {
    const double angle = std::acos(0.0) * static_cast<double>(k) / angles;
    U.col(k) << std::cos(angle), std::max(0.0, std::sin(angle));
  }
  U = U.cwiseMax(0).eval();
  for (const bool right : {false, true}) {
    const Matrix Y = normal_matrix(2, 6, random);
    const MetaResult result = trained(Y, {Norm::l2, Norm::l2, true, right}, 0.4, 2, 1e-7, random);
    const double grid = on_given_factors(U, Y, right, 0.4);
    EXPECT_LE(2 * result.lower_bound, grid);
    EXPECT_NEAR(2 * result.at.objective, grid, 1e-4 * grid);
    EXPECT_EQ(result.claim, Claim::certified);
  }
}

TEST(NonNegativeFactorization, RefusesWhatItIsNotFor) {
  Random random(6);
  const Matrix X = normal_matrix(5, 3, random), Y = normal_matrix(5, 2, random);
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Subnetwork pair({{3, 1}, {1, 2}}), relu({{3, 1, Map::relu}, {1, 2}});
  const std::vector<bool> left{true, false};
  EXPECT_NO_THROW(train({X, loss, pair, {Combination::product, {}, left}, 0.1}, {}, {}));
  EXPECT_THROW(train({X, loss, relu, {Combination::product, {}, left}, 0.1}, {}, {}), UsageError);
  EXPECT_THROW(train({X, loss, pair, {Combination::path, {}, left}, 0.1}, {}, {}), UsageError);
  EXPECT_THROW(train({X, loss, pair, {Combination::product, {Norm::l_inf, Norm::l2}, left}, 0.1}, {}, {}), UsageError);
  EXPECT_THROW(train({X, loss, pair, {Combination::product, {}, {true}}, 0.1}, {}, {}), UsageError);
  EXPECT_THROW(train({X, loss, pair, {Combination::product, {}, left}, 0.1}, {-Vector::Ones(5)}, {}), UsageError);
}

TEST(SparseFactorization, OtherFeaturesThanTheIdentity) {
  Random random(7);
  for (const Kind& kind : kinds()) {
    const Matrix X = normal_matrix(20, 5, random), Y = normal_matrix(20, 4, random);
    const TrainingLoss loss = TrainingLoss::of_quantities(Y);
    const Problem problem{X, loss, Subnetwork({{5, 1}, {1, 4}}), regularizer_of(kind), 0.05};
    MetaOptions options;
    options.gap = 1e-6;
    const MetaResult result = train(problem, {}, options);
    EXPECT_EQ(result.claim, Claim::certified) << result.relative_gap;
    EXPECT_LT(result.at.objective, loss.value_at_zero());
  }
}

}  // namespace
}  // namespace nadir::homogeneous
