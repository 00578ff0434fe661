#include "nadir/polar/majorant.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>

#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/polar/local_search.hpp"
#include "nadir/polar/relaxation.hpp"
#include "nadir/polar/test_util.hpp"

namespace nadir::polar {
namespace {

Signs signs_of(Index n) { return Signs(static_cast<std::size_t>(n), 0); }

/// Any parameters, pairs of fixed samples included.
Majorant random_majorant(const ReluPolar& problem, const Signs& signs, Random& random) {
  const Index n = problem.samples(), d = problem.dimension(), k = random.integer(1, 4);
  Majorant result{Vector::Zero(n), Vector::Zero(n), normal_matrix(n, k, random), normal_matrix(d, k, random), {}, 0};
  for (Index i = 0; i < n; ++i) result.c[i] = 0.01 + random.uniform(), result.t[i] = random.uniform(-1, 1);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < i; ++j)
      if (signs[static_cast<std::size_t>(i)] * signs[static_cast<std::size_t>(j)] != 0)
        result.pairs.push_back({i, j, 0.1 * random.uniform()});
  make_valid(signs, result);
  result.mu = best_multiplier(quadratic_of(problem, signs, result)) + (random.integer(0, 1) ? random.uniform() : 0);
  return result;
}

/// Fixes the signs of some samples as they are at a direction.
Signs some_signs(const ReluPolar& problem, const Vector& u, int count, Random& random) {
  Signs signs = signs_of(problem.samples());
  for (int k = 0; k < count; ++k) {
    const int i = random.integer(0, static_cast<int>(problem.samples()) - 1);
    signs[static_cast<std::size_t>(i)] = problem.features.whole().row(i).dot(u) >= 0 ? 1 : -1;
  }
  return signs;
}

bool has_signs(const ReluPolar& problem, const Signs& signs, const Vector& u) {
  for (Index i = 0; i < problem.samples(); ++i)
    if (signs[static_cast<std::size_t>(i)] * problem.features.whole().row(i).dot(u) < 0) return false;
  return true;
}

TEST(Majorant, AnyParametersMajorize) {
  Random random(21);
  int inside = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const ReluPolar problem = trial % 3 ? random_problem(15, 3, random) : degenerate_problem(3, random);
    const Vector centre = random_direction(3, random);
    const Signs signs = some_signs(problem, centre, trial % 4, random);
    const Majorant majorant = random_majorant(problem, signs, random);
    const Quadratic q = quadratic_of(problem, signs, majorant);
    const double bound = prove(problem, signs, majorant).value;
    ASSERT_TRUE(std::isfinite(bound));
    for (int k = 0; k < 300; ++k) {
      const Vector u = (centre + random.uniform(0, 2) * random_direction(3, random)).normalized();
      if (!has_signs(problem, signs, u)) continue;
      ++inside;
      const double f = value(problem, u);
      EXPECT_LE(f, q.b.dot(u) + u.dot(q.M * u) + q.kappa + q.rounding);
      EXPECT_LE(f, bound);
    }
  }
  EXPECT_GT(inside, 5000);
}

TEST(Majorant, TheBoundIsTheFormulaAndItsMultiplierTheBest) {
  Random random(22);
  for (int trial = 0; trial < 20; ++trial) {
    const ReluPolar problem = random_problem(25, 6, random);
    const Signs signs = signs_of(25);
    Majorant majorant = random_majorant(problem, signs, random);
    const Quadratic q = quadratic_of(problem, signs, majorant);
    const auto formula = [&](double mu) {
      const Eigen::MatrixXd A = mu * Eigen::MatrixXd::Identity(6, 6) - q.M;
      return mu + q.b.dot(A.inverse() * q.b) / 4 + q.kappa;
    };
    majorant.mu = best_multiplier(q);
    const double best = prove(problem, signs, majorant).value;
    EXPECT_NEAR(best, formula(majorant.mu), 1e-10 * best);
    EXPECT_GE(best, formula(majorant.mu));
    for (const double step : {-1e-3, -1e-5, 1e-5, 1e-3}) {
      const double mu = majorant.mu + step;
      if (mu > Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(q.M).eigenvalues()[5]) {
        EXPECT_GE(formula(mu), best - 1e-9);
      }
    }
  }
}

TEST(Majorant, OfNoWeightsAtAllTheBoundIsNothing) {
  Random random(20);
  const ReluPolar problem{normal_matrix(6, 3, random), Vector::Zero(6)};
  for (const Signs& signs : {Signs(6, 0), Signs{1, -1, 1, 1, -1, 0}}) {
    const double bound = prove(problem, signs, linear_majorant(problem, signs, 10)).value;
    EXPECT_GE(bound, 0);
    EXPECT_LE(bound, 1e-100);
  }
}

TEST(Majorant, WhatIsNoProofProvesNothing) {
  Random random(23);
  const ReluPolar problem = random_problem(10, 3, random);
  Signs signs = signs_of(10);
  signs[0] = 1;
  const Majorant good = random_majorant(problem, signs, random);
  const auto proves = [&](const Majorant& majorant) { return std::isfinite(prove(problem, signs, majorant).value); };
  ASSERT_TRUE(proves(good));
  Majorant bad = good;
  bad.mu = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(quadratic_of(problem, signs, good).M).eigenvalues()[2] - 1e-9;
  EXPECT_FALSE(proves(bad));
  bad.mu = std::nan("");
  EXPECT_FALSE(proves(bad));
  for (Index i = 0; i < 10; ++i)
    for (const double wrong : {-0.5, 0.0, std::nan("")}) {
      if (problem.weights[i] < 0 || i == 0) continue;
      bad = good, bad.c[i] = wrong;
      EXPECT_FALSE(proves(bad));
    }
  for (Index i = 0; i < 10; ++i) {
    if (problem.weights[i] > 0 && i != 0) continue;
    bad = good, bad.A.row(i) *= 100;
    EXPECT_FALSE(proves(bad));
    bad = good, bad.t[i] = i == 0 ? -0.1 : 1.1;
    EXPECT_FALSE(proves(bad));
    bad = good, bad.t[i] = std::nan("");
    EXPECT_FALSE(proves(bad));
  }
  bad = good, bad.pairs.push_back({0, 1, 0.1});  // sample 1 is free
  EXPECT_FALSE(proves(bad));
  signs[1] = -1;
  bad = random_majorant(problem, signs, random);
  ASSERT_TRUE(proves(bad));
  bad.pairs.at(0).weight = -0.1;
  EXPECT_FALSE(proves(bad));
}

double relaxation_scale(const ReluPolar& problem) {
  return row_norms(problem.features).dot(problem.weights.cwiseAbs());
}

TEST(Relaxation, IsNeverBelowTheExactValueAndNotFarAbove) {
  Random random(24);
  for (const Index d : {2, 3})
    for (int trial = 0; trial < 15; ++trial) {
      const ReluPolar problem = trial % 3 == 0   ? degenerate_problem(d, random)
                                : trial % 3 == 1 ? logistic_problem(40, d, 0.1, random)
                                                 : random_problem(30, d, random);
      const Witness exact = exact_polar(problem);
      const Relaxation relaxation(problem, exact.value);
      const Relaxed root = relaxation.solve(signs_of(problem.samples()), relaxation.start_at(exact.u, {}), {}, {});
      EXPECT_GE(root.upper.value, exact.value);
      EXPECT_LE(root.upper.value, 2 * exact.value + 0.05 * relaxation_scale(problem));
      const Signs free = signs_of(problem.samples());
      EXPECT_EQ(root.upper.value, prove(problem, free, relaxation.majorant_at(free, root.upper.evidence)).value);
    }
}

TEST(Relaxation, OnAConeItIsNeverBelowWhatTheConeHolds) {
  Random random(25);
  for (int trial = 0; trial < 20; ++trial) {
    const ReluPolar problem = random_problem(25, 3, random);
    const Vector centre = random_direction(3, random);
    const Signs signs = some_signs(problem, centre, 1 + trial % 6, random);
    const Relaxation relaxation(problem, exact_polar(problem).value);
    const Relaxed node = relaxation.solve(signs, relaxation.start_at(centre, {}), {}, {});
    ASSERT_TRUE(std::isfinite(node.upper.value));
    for (int k = 0; k < 500; ++k) {
      const Vector u = (centre + random.uniform(0, 2) * random_direction(3, random)).normalized();
      if (has_signs(problem, signs, u)) {
        EXPECT_LE(value(problem, u), node.upper.value);
      }
    }
  }
}

TEST(Relaxation, InBlocksOfRowsItIsWhatItIsOfAllAtOnce) {
  constexpr Index n = 4200, d = 3, wide = 512;  // with so many columns, most of them 0, blocks have 4096 rows
  Random random(27);
  const ReluPolar problem = random_problem(n, d, random);
  Matrix X = Matrix::Zero(n, wide);
  X.leftCols(d) = problem.features.whole();
  const MadeRows made(X);
  const ReluPolar blocks{SampleRows(made), problem.weights};
  ASSERT_TRUE(problem.features.is_one_block());
  ASSERT_FALSE(blocks.features.is_one_block());
  Signs signs = signs_of(n);
  signs[5] = 1, signs[4150] = -1, signs[4199] = 1;
  const double reference = value(problem, gradient(problem, Vector::Unit(d, 0)).normalized());
  const Relaxation narrow(problem, reference), other(blocks, reference);
  RelaxationOptions options;
  options.temperatures = {1e-2}, options.iterations = 6, options.rank = 3, options.penalty = 1;
  const Matrix start = narrow.start_at(Vector::Unit(d, 0), options);
  Matrix wide_start = Matrix::Zero(wide, start.cols());
  wide_start.topRows(d) = start;
  const Relaxed one = narrow.solve(signs, start, {}, options), same = other.solve(signs, wide_start, {}, options);
  EXPECT_NEAR(same.value / one.value, 1, 1e-9);
  EXPECT_NEAR(same.upper.value / one.upper.value, 1, 1e-7);
  EXPECT_GE(same.upper.value, reference);
  EXPECT_LE((same.Z.topRows(d) - one.Z).norm(), 1e-7);
  EXPECT_LE((same.ambiguity - one.ambiguity).norm(), 1e-7 * one.ambiguity.norm());
  const Majorant first = narrow.majorant_at(signs, one.upper.evidence),
                 second = other.majorant_at(signs, same.upper.evidence);
  EXPECT_LE((first.t - second.t).norm() + (first.A - second.A).norm(), 1e-6 * (first.t.norm() + first.A.norm()));
  EXPECT_EQ(first.pairs.size(), second.pairs.size());
  EXPECT_EQ(same.upper.value, prove(blocks, signs, second).value);
  const Signs all(n, 1);
  EXPECT_NEAR(linear_majorant(blocks, all, 5).t.norm() / linear_majorant(problem, all, 5).t.norm(), 1, 1e-9);
}

TEST(Relaxation, WithOneSignOfWeightsTheBoundIsTight) {
  Random random(26);
  ReluPolar problem = random_problem(200, 10, random);
  problem.weights = problem.weights.cwiseAbs();
  const std::vector<Witness> lower = local_search(problem, Matrix(0, 10), {});
  const Relaxation relaxation(problem, lower.front().value);
  const Relaxed root = relaxation.solve(signs_of(200), relaxation.start_at(lower.front().u, {}), {}, {});
  EXPECT_GE(root.upper.value, lower.front().value);
  RecordProperty("gap", std::to_string(root.upper.value / lower.front().value - 1));
  EXPECT_LE(root.upper.value, 1.2 * lower.front().value);
}

}  // namespace
}  // namespace nadir::polar
