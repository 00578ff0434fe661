#include "nadir/polar/non_negative.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "nadir/base/test_util.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::polar {
namespace {

Matrix symmetric(Index d, Random& random) {
  const Matrix M = normal_matrix(d, d, random);
  return M + M.transpose();
}

/// By its definition: a maximizer is a leading eigenvector on its support; all 2ᵈ − 1 supports are looked at.
double enumerated(const Matrix& H) {
  const auto d = static_cast<unsigned>(H.rows());
  double best = 0;
  for (unsigned mask = 1; mask < 1U << d; ++mask) {
    std::vector<Index> support;
    for (unsigned i = 0; i < d; ++i)
      if (mask >> i & 1U) support.push_back(i);
    const Eigen::MatrixXd part = H(support, support);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(part);
    const Vector z = eigen.eigenvectors().col(part.rows() - 1);
    if (z.minCoeff() > -1e-12 || z.maxCoeff() < 1e-12) best = std::max(best, eigen.eigenvalues()[part.rows() - 1]);
  }
  return best;
}

TEST(LargestEigenvalue, IsProvenAboveAndClose) {
  Random random(1);
  for (const Index d : {1, 2, 7, 40})
    for (const double scale : {1e-200, 1.0, 1e150})
      for (const double sign : {1.0, -1.0}) {
        const Matrix M = normal_matrix(d, d, random);
        const Matrix H = sign * scale * (M * M.transpose());
        const Eigen::VectorXd all = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(H).eigenvalues();
        EXPECT_GE(proven_largest_eigenvalue(H), all[d - 1]);
        EXPECT_LE(proven_largest_eigenvalue(H), all[d - 1] + 1e-10 * all.cwiseAbs().maxCoeff());
      }
  EXPECT_EQ(proven_largest_eigenvalue(Matrix::Zero(3, 3)), 0);
  EXPECT_EQ(proven_largest_eigenvalue(Matrix::Constant(2, 2, std::nan(""))), INFINITY);
}

TEST(NonNegativeForm, IsTheEnumeratedOne) {
  Random random(2);
  for (int trial = 0; trial < 60; ++trial) {
    const Index d = 1 + trial % 10;
    const Matrix H = trial % 3 == 0 ? Matrix(-symmetric(d, random).cwiseAbs()) : symmetric(d, random);
    const double exact = enumerated(H);
    const NonNegativeBound bound = bound_non_negative(H, {});
    EXPECT_GE(bound.upper, exact * (1 - 1e-13));
    EXPECT_LE(bound.upper, exact * (1 + 1e-9) + 1e-12) << d;
    EXPECT_NEAR(bound.found.value, exact, 1e-9 * (1 + exact)) << d;
    if (bound.found.z.size() > 0) {
      EXPECT_GE(bound.found.z.minCoeff(), 0);
      EXPECT_NEAR(bound.found.z.norm(), 1, 1e-12);
      EXPECT_NEAR(bound.found.z.dot(H * bound.found.z), bound.found.value, 1e-12 * (1 + exact));
    }
  }
}

TEST(NonNegativeForm, BranchingAloneVisitsEverySupport) {
  Random random(4);
  NonNegativeOptions alone;
  alone.relaxation_steps = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const Matrix H = symmetric(2 + trial % 7, random);
    const double exact = enumerated(H);
    const NonNegativeBound bound = bound_non_negative(H, alone);
    EXPECT_NEAR(bound.found.value, exact, 1e-9 * (1 + exact));
    EXPECT_GE(bound.upper, exact * (1 - 1e-13));
    EXPECT_LE(bound.upper, exact * (1 + 1e-9) + 1e-12);
  }
}

TEST(NonNegativeForm, TiesDegenerateAndNegativeOnes) {
  EXPECT_NEAR(bound_non_negative(Matrix::Identity(6, 6), {}).upper, 1, 1e-9);
  EXPECT_EQ(bound_non_negative(-Matrix::Identity(6, 6), {}).upper, 0);
  EXPECT_NEAR(bound_non_negative(Matrix::Ones(5, 5), {}).upper, 5, 1e-8);
  EXPECT_EQ(bound_non_negative(Matrix::Zero(4, 4), {}).upper, 0);
  EXPECT_EQ(bound_non_negative(Matrix::Constant(2, 2, std::nan("")), {}).upper, INFINITY);
  // Horn's form: xᵀHx ≥ 0 for x ≥ 0, but H is no sum of a semidefinite and a non-negative matrix. So max −H is 0, and
  // the relaxation alone does not prove it.
  Matrix horn(5, 5);
  horn << 1, -1, 1, 1, -1, -1, 1, -1, 1, 1, 1, -1, 1, -1, 1, 1, 1, -1, 1, -1, -1, 1, 1, -1, 1;
  const Matrix lifted = 2 * Matrix::Identity(5, 5) - horn;
  NonNegativeOptions relaxed;
  relaxed.max_nodes = 0;
  EXPECT_GT(bound_non_negative(lifted, relaxed).upper, 2 + 1e-2);
  EXPECT_NEAR(bound_non_negative(lifted, {}).upper, 2, 1e-8);
}

TEST(NonNegativeForm, EveryBudgetProves) {
  Random random(3);
  for (int trial = 0; trial < 10; ++trial) {
    const Matrix H = symmetric(9, random);
    const double exact = enumerated(H);
    for (const long nodes : {0, 1, 5, 50}) {
      NonNegativeOptions options;
      options.max_nodes = nodes, options.relaxation_steps = 5;
      const NonNegativeBound bound = bound_non_negative(H, options);
      EXPECT_GE(bound.upper, exact * (1 - 1e-13));
      EXPECT_LE(bound.nodes, nodes);
      EXPECT_LE(bound.found.value, exact * (1 + 1e-12));
    }
    NonNegativeOptions level;
    level.level = 1.5 * exact;
    EXPECT_GE(bound_non_negative(H, level).upper, exact * (1 - 1e-13));
    EXPECT_LE(bound_non_negative(H, level).upper, 1.5 * exact);
  }
}

}  // namespace
}  // namespace nadir::polar
