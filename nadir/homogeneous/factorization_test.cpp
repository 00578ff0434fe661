// Matrix factorization: closed forms against the meta-algorithm, and proofs against their definition.
#include "nadir/homogeneous/factorization.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"

namespace nadir::homogeneous {
namespace {

Matrix drawn_matrix(Index rows, Index columns, bool positive, Random& random) {
  Matrix matrix(rows, columns);
  for (double& entry : matrix.reshaped()) entry = positive ? std::fabs(random.normal()) : random.normal();
  return matrix;
}
Matrix planted_product(Index rows, Index columns, Index rank, bool positive, Random& random) {
  return drawn_matrix(rows, rank, positive, random) * drawn_matrix(rank, columns, positive, random) +
         0.2 * drawn_matrix(rows, columns, false, random);
}

std::vector<FactorPenalty> all_penalties(double lambda) {
  std::vector<FactorPenalty> penalties;
  for (int code = 0; code < 16; ++code)
    penalties.push_back({lambda, {(code & 1) != 0, (code & 2) != 0}, {(code & 4) != 0, (code & 8) != 0}});
  return penalties;
}
std::string name_of(const FactorPenalty& penalty) {
  std::string name;
  for (std::size_t k = 0; k < 2; ++k)
    name += std::string(penalty.l1[k] ? " l1" : " l2") + (penalty.non_negative[k] ? " >= 0" : "");
  return name;
}

long double objective_of(const Matrix& Y, const FactorPenalty& penalty, const FactorPair& factors) {
  long double total = 0;
  for (Index i = 0; i < Y.rows(); ++i)
    for (Index k = 0; k < Y.cols(); ++k) {
      long double value = Y(i, k);
      for (Index j = 0; j < factors.left.cols(); ++j)
        value -= static_cast<long double>(factors.left(i, j)) * factors.right(k, j);
      total += value * value / 2;
    }
  const auto size = [](const auto& column, bool l1) { return l1 ? column.template lpNorm<1>() : column.norm(); };
  for (Index j = 0; j < factors.left.cols(); ++j)
    total += static_cast<long double>(penalty.lambda) * size(factors.left.col(j), penalty.l1[0]) *
             size(factors.right.col(j), penalty.l1[1]);
  return total;
}

FactorRun run_of(const Matrix& Y, const FactorPenalty& penalty) {
  MetaOptions options;
  options.gap = 1e-5;
  return factorize(Y, penalty, options);
}

TEST(FactorizationProof, AllNormsAndSignsAreCertified) {
  Random random(1);
  for (const FactorPenalty& penalty : all_penalties(0.6)) {
    SCOPED_TRACE(name_of(penalty));
    const Matrix Y = planted_product(9, 7, 2, penalty.non_negative[0] || penalty.non_negative[1], random);
    const FactorRun run = run_of(Y, penalty);
    for (std::size_t k = 0; k < 2; ++k)
      EXPECT_TRUE(!penalty.non_negative[k] || (k == 0 ? run.factors.left : run.factors.right).minCoeff() >= 0);
    const FactorizationProof proof = prove_factorization(Y, penalty, run.factors);
    const long double exact = objective_of(Y, penalty, run.factors);
    EXPECT_GE(proof.objective, exact);
    EXPECT_LE(proof.objective, exact * (1 + 1e-12L));
    EXPECT_LT(proof.lower_bound.value, exact);
    EXPECT_DOUBLE_EQ(proof.at_zero, Y.squaredNorm() / 2);
    EXPECT_LT(relative_gap(proof.objective, proof.lower_bound.value, proof.at_zero),
              penalty.is_copositive() ? 1e-5 : 1e-11);
    EXPECT_EQ(run.closed_form, !penalty.is_copositive());
  }
}

/// The meta-algorithm on the same problem, from nothing, comes to the closed form's value and not below its bound.
TEST(FactorizationProof, ClosedFormsAreWhatTheMetaAlgorithmFinds) {
  Random random(2);
  for (const FactorPenalty& penalty : all_penalties(0.7)) {
    if (penalty.is_copositive()) continue;
    SCOPED_TRACE(name_of(penalty));
    const Matrix Y = planted_product(6, 8, 2, false, random);
    const FactorizationProof proof = prove_factorization(Y, penalty, run_of(Y, penalty).factors);
    const TrainingLoss loss = TrainingLoss::of_quantities(Y);
    const Matrix identity = Matrix::Identity(6, 6);
    Regularizer regularizer{Combination::product, {}};
    for (std::size_t k = 0; k < 2; ++k) {
      regularizer.norms.push_back(penalty.l1[k] ? Norm::l1 : Norm::l2);
      regularizer.non_negative.push_back(penalty.non_negative[k]);
    }
    const Problem problem{identity, loss, Subnetwork({{6, 1, Map::linear, 0}, {1, 8, Map::linear, 0}}), regularizer,
                          penalty.lambda / 6};
    const MetaResult found = train(problem, {}, {});
    EXPECT_GE(6 * found.at.objective, proof.lower_bound.value * (1 - 1e-14));
    EXPECT_NEAR(6 * found.at.objective / proof.objective, 1, 1e-6);
  }
}

/// uᵀGv ≤ λ‖u‖‖v‖ for drawn u and v that are allowed, and the best of them near it: G is not smaller than it need be.
TEST(FactorizationProof, TheDualMatrixIsInThePolarsBall) {
  Random random(3);
  for (const FactorPenalty& penalty : all_penalties(0.5)) {
    SCOPED_TRACE(name_of(penalty));
    const Matrix Y = planted_product(6, 5, 2, true, random);
    const FactorPair factors = run_of(Y, penalty).factors;
    const FactorEvidence evidence = prove_factorization(Y, penalty, factors).evidence;
    const auto share = [&](Vector u, Vector v) {
      if (penalty.non_negative[0]) u = u.cwiseAbs().eval();
      if (penalty.non_negative[1]) v = v.cwiseAbs().eval();
      const double cost = (penalty.l1[0] ? u.lpNorm<1>() : u.norm()) * (penalty.l1[1] ? v.lpNorm<1>() : v.norm());
      return u.dot(evidence.dual * v) / cost / penalty.lambda;
    };
    double most = 0;
    for (int draw = 0; draw < 2000; ++draw) {
      Vector u = drawn_matrix(6, 1, false, random), v = drawn_matrix(5, 1, false, random);
      if (draw % 2 == 0) u = Vector::Unit(6, draw / 2 % 6), v = evidence.dual.transpose() * u;
      if (penalty.non_negative[1] && draw % 2 == 0) v = (v.cwiseMax(0).array() + 1e-300).matrix().eval();
      most = std::max(most, share(u, v));
    }
    EXPECT_LE(most, 1);
    for (Index j = 0; j < factors.left.cols(); ++j)
      EXPECT_GE(share(factors.left.col(j), factors.right.col(j)), 1 - 1e-3);
  }
}

TEST(FactorizationProof, WhatIsAddedIsAsTheFormatWantsIt) {
  Random random(4);
  for (FactorPenalty penalty : all_penalties(0.4)) {
    if (!penalty.is_copositive()) continue;
    SCOPED_TRACE(name_of(penalty));
    const Matrix Y = planted_product(7, 5, 2, true, random);
    const FactorEvidence evidence = prove_factorization(Y, penalty, run_of(Y, penalty).factors).evidence;
    const bool left = penalty.non_negative[0], right = penalty.non_negative[1];
    EXPECT_EQ(evidence.left_added.rows(), left ? 7 : 0);
    EXPECT_EQ(evidence.right_added.rows(), right ? 5 : 0);
    EXPECT_EQ(evidence.above.rows(), left && right ? 7 : 0);
    Matrix all = penalty.lambda * Matrix::Identity(12, 12);
    for (const Matrix* added : {&evidence.left_added, &evidence.right_added}) {
      if (added->size() == 0) continue;
      EXPECT_GE(added->minCoeff(), 0);
      EXPECT_TRUE(*added == added->transpose());
      EXPECT_EQ(added->diagonal().norm(), 0);
    }
    if (left) all.topLeftCorner(7, 7) -= evidence.left_added;
    if (right) all.bottomRightCorner(5, 5) -= evidence.right_added;
    all.topRightCorner(7, 5) = -(left && right ? evidence.above : evidence.dual);
    all.bottomLeftCorner(5, 7) = all.topRightCorner(7, 5).transpose();
    EXPECT_TRUE(evidence.above.size() == 0 || (evidence.above.array() >= evidence.dual.array()).all());
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(all);
    EXPECT_GT(eigen.eigenvalues()[0], 0);
    EXPECT_LT(eigen.eigenvalues()[0], 1e-4 * penalty.lambda);
  }
}

TEST(FactorizationProof, OtherFactorsAreAboveTheBound) {
  Random random(5);
  for (const FactorPenalty& penalty : all_penalties(0.5)) {
    SCOPED_TRACE(name_of(penalty));
    const Matrix Y = planted_product(6, 5, 2, false, random);
    const bool positive = penalty.non_negative[0] || penalty.non_negative[1];
    const FactorPair worse{drawn_matrix(6, 2, positive, random), drawn_matrix(5, 2, positive, random)};
    const double best = prove_factorization(Y, penalty, run_of(Y, penalty).factors).lower_bound.value;
    const FactorizationProof proof = prove_factorization(Y, penalty, worse);
    EXPECT_GE(proof.objective, best);
    EXPECT_LE(proof.lower_bound.value, best * (1 + 1e-5));
  }
}

TEST(FactorizationProof, TheLargestLambdaLeavesNoFactors) {
  Random random(6);
  for (FactorPenalty penalty : all_penalties(0)) {
    SCOPED_TRACE(name_of(penalty));
    const Matrix Y = planted_product(6, 5, 2, true, random);
    const double largest = largest_lambda(Y, penalty, {});
    penalty.lambda = 1.0001 * largest;
    EXPECT_EQ(run_of(Y, penalty).factors.left.cols(), 0);
    penalty.lambda = 0.99 * largest;
    EXPECT_GT(run_of(Y, penalty).factors.left.cols(), 0);
  }
}

TEST(FactorizationProof, IsRefusedWhereItWouldBeTooLarge) {
  const FactorPenalty penalty{1, {false, false}, {true, false}};
  EXPECT_THROW(prove_factorization(Matrix::Ones(2, 4095), penalty, {Matrix(2, 0), Matrix(4095, 0)}), ResourceError);
}

}  // namespace
}  // namespace nadir::homogeneous
