#include <gtest/gtest.h>

#include "nadir/base/error.hpp"
#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/polar/local_search.hpp"
#include "nadir/polar/test_util.hpp"

namespace nadir::polar {
namespace {

/// The problems of two or three dimensions that every bound has to pass.
std::vector<ReluPolar> small_problems(Index d) {
  Random random(7);
  std::vector<ReluPolar> problems;
  for (int k = 0; k < 4; ++k) {
    problems.push_back(random_problem(20 + 10 * k, d, random));
    problems.push_back(logistic_problem(30, d, 0.1 * k, random));
    problems.push_back(degenerate_problem(d, random));
  }
  problems.push_back(random_problem(20, d, random));
  problems.back().weights = problems.back().weights.cwiseAbs();
  problems.push_back(problems.back());
  problems.back().weights *= -1;  // ρ is 0 unless the rows leave a half-space free
  return problems;
}

/// Points of the sphere, as dense as the mesh says.
template <class Visit>
void for_each_direction(Index d, int mesh, const Visit& visit) {
  for (int a = 0; a < 2 * mesh; ++a)
    for (int b = 0; b <= (d == 3 ? mesh : 0); ++b) {
      const double phi = std::numbers::pi * a / mesh, theta = std::numbers::pi * b / mesh;
      visit(d == 2 ? Vector(Eigen::Vector2d(std::cos(phi), std::sin(phi)))
                   : Vector(Eigen::Vector3d(std::cos(phi) * std::sin(theta), std::sin(phi) * std::sin(theta),
                                            std::cos(theta))));
    }
}

TEST(ReluPolar, GradientAndValueAgreeWithTheDefinition) {
  Random random(3);
  const ReluPolar problem = random_problem(17, 4, random);
  const Vector u = random_direction(4, random);
  double f = 0;
  for (Index i = 0; i < 17; ++i) f += problem.weights[i] * std::max(0.0, problem.features.whole().row(i).dot(u));
  EXPECT_NEAR(value(problem, u), f, 1e-15);
  EXPECT_NEAR(gradient(problem, u).dot(u), f, 1e-15);
  for (Index j = 0; j < 4; ++j) {
    const Vector step = 1e-6 * Vector::Unit(4, j);
    EXPECT_NEAR(gradient(problem, u)[j], (value(problem, u + step) - value(problem, u - step)) / 2e-6, 1e-8);
  }
}

TEST(ReluPolar, RefusesWhatIsNoProblem) {
  ReluPolar problem{Matrix(Matrix::Ones(3, 2)), Vector::Ones(2)};
  EXPECT_THROW(require_valid(problem), InputError);
  problem.weights = Vector::Constant(3, std::nan(""));
  EXPECT_THROW(require_valid(problem), InputError);
  EXPECT_THROW(require_valid({Matrix(3, 0), Vector::Ones(3)}), InputError);
  EXPECT_THROW(exact_polar({Matrix(Matrix::Ones(3, 4)), Vector::Ones(3)}), UsageError);
}

TEST(ExactPolar, OneDimensionIsTheBetterSide) {
  const ReluPolar problem{Matrix((Matrix(3, 1) << 2, -1, -4).finished()), (Vector(3) << 1, 3, 0.5).finished()};
  EXPECT_EQ(exact_polar(problem).value, 5);
  EXPECT_EQ(exact_polar(problem).u[0], -1);
}

TEST(ExactPolar, IsTheMaximumOverADenseMesh) {
  for (const Index d : {2, 3})
    for (const ReluPolar& problem : small_problems(d)) {
      const Witness exact = exact_polar(problem);
      EXPECT_NEAR(exact.value, value(problem, exact.u), 1e-15);
      EXPECT_TRUE(exact.value == 0 || std::fabs(exact.u.norm() - 1) < 1e-14);
      const int mesh = d == 2 ? 20000 : 250;
      double best = 0;
      for_each_direction(d, mesh, [&](const Vector& u) { best = std::max(best, value(problem, u)); });
      const double slope = row_norms(problem.features).dot(problem.weights.cwiseAbs());
      EXPECT_LE(best, exact.value + 1e-14);
      EXPECT_GE(best, exact.value - slope * 2 * std::numbers::pi / mesh);
    }
}

TEST(LocalSearch, IsNeverAboveTheMaximumAndUsuallyFindsIt) {
  int found = 0, problems = 0;
  for (const Index d : {2, 3})
    for (const ReluPolar& problem : small_problems(d)) {
      const double exact = exact_polar(problem).value;
      const std::vector<Witness> witnesses = local_search(problem, Matrix(0, d), {});
      for (std::size_t k = 0; k < witnesses.size(); ++k) {
        EXPECT_LE(witnesses[k].value, exact + 1e-14);
        EXPECT_NEAR(witnesses[k].value, value(problem, witnesses[k].u), 1e-15);
        EXPECT_NEAR(witnesses[k].u.norm(), 1, 1e-14);
        for (std::size_t j = 0; j < k; ++j) {
          EXPECT_LE(witnesses[k].value, witnesses[j].value);
          EXPECT_LE(witnesses[k].u.dot(witnesses[j].u), LocalSearchOptions{}.distinct);
        }
      }
      found += (witnesses.empty() ? 0 : witnesses.front().value) >= exact * (1 - 1e-9);
      ++problems;
    }
  EXPECT_GE(found, problems - 1);
}

TEST(LocalSearch, NeverFallsBelowItsStart) {
  Random random(11);
  for (int k = 0; k < 50; ++k) {
    const ReluPolar problem = random_problem(60, 5, random);
    const Vector u = random_direction(5, random);
    const Witness found = ascend(problem, 3 * u, {});
    EXPECT_GE(found.value, std::max(0.0, value(problem, u)));
    EXPECT_NEAR(found.value, value(problem, found.u), 1e-15);
  }
}

TEST(LocalSearch, RepeatsItselfAndUsesGivenStarts) {
  Random random(12);
  const ReluPolar problem = random_problem(80, 8, random);
  const std::vector<Witness> one = local_search(problem, Matrix(0, 8), {}),
                             two = local_search(problem, Matrix(0, 8), {});
  ASSERT_GE(one.size(), 2u);
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t k = 0; k < one.size(); ++k) EXPECT_EQ(one[k].u, two[k].u);
  LocalSearchOptions none;
  none.row_starts = none.random_starts = 0;
  const auto finds_the_last = [&](const Matrix& given) {
    for (const Witness& witness : local_search(problem, given, none))
      if (witness.u.dot(one.back().u) > none.distinct) return true;
    return false;
  };
  EXPECT_FALSE(finds_the_last(Matrix(0, 8)));
  EXPECT_TRUE(finds_the_last(one.back().u.transpose()));
}

}  // namespace
}  // namespace nadir::polar
