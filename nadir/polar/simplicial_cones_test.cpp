// Units of power 0 and 2: the search for units and the bounds over cones, against all cells of small arrangements.
#include "nadir/polar/simplicial_cones.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <numbers>

#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/polar/test_util.hpp"

namespace nadir::polar {
namespace {

PowerPolar power_problem(const ReluPolar& problem, int power) { return {problem.features, problem.weights, power}; }

Vector at_angle(double angle) { return Vector{{std::cos(angle), std::sin(angle)}}; }

/// d = 2: the best of all arcs between the angles at which a sample changes sides; on an arc a square's form is that of
/// the samples that are on, whose eigenvectors are where it may be largest.
double best_in_the_plane(const PowerPolar& problem) {
  const ConstMatrixView X = problem.features.whole();
  std::vector<double> angles;
  for (Index i = 0; i < problem.samples(); ++i) {
    const double middle = std::atan2(X(i, 1), X(i, 0));
    for (const double side : {-0.5, 0.5})
      angles.push_back(std::remainder(middle + side * std::numbers::pi, 2 * std::numbers::pi));
  }
  std::sort(angles.begin(), angles.end());
  angles.push_back(angles.front() + 2 * std::numbers::pi);
  double best = 0;
  for (std::size_t a = 0; a + 1 < angles.size(); ++a) {
    const Vector u = at_angle((angles[a] + angles[a + 1]) / 2);
    best = std::max(best, value(problem, u));
    if (problem.power == 0) continue;
    const Vector on = ((X * u).array() > 0).select(problem.weights, 0);
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix2d> form(X.transpose() * on.asDiagonal() * X);
    for (Index k = 0; k < 2; ++k)
      for (const double side : {1.0, -1.0}) best = std::max(best, value(problem, side * form.eigenvectors().col(k)));
    best = std::max(best, value(problem, at_angle(angles[a])));
  }
  return best;
}

/// d = 3, power 0: the cells around each line in which two planes meet; rows in general position.
double best_step_in_space(const PowerPolar& problem) {
  double best = 0;
  const ConstMatrixView X = problem.features.whole();
  for (Index i = 0; i < X.rows(); ++i)
    for (Index j = 0; j < i; ++j)
      for (const double side : {1.0, -1.0}) {
        const Eigen::Vector3d a = X.row(i).transpose(), b = X.row(j).transpose(), u = side * a.cross(b);
        double sum = std::max(problem.weights[i], 0.0) + std::max(problem.weights[j], 0.0);
        for (Index k = 0; k < X.rows(); ++k)
          if (k != i && k != j && X.row(k).dot(u) > 0) sum += problem.weights[k];
        best = std::max(best, sum);
      }
  return best;
}

/// Every node of the tree with its generators.
template <class Visit>
void for_each_leaf(const Matrix& tree, Index d, const Visit& visit) {
  Index row = 0;
  const auto walk = [&](const auto& self, const Eigen::MatrixXd& V) -> void {
    const auto node = tree.row(row++);
    if (node[0] == 1) return visit(V, tree.cols() == 4 ? node[3] : 0);
    const auto k = static_cast<Index>(node[1]), l = static_cast<Index>(node[2]);
    const Vector sum = V.col(k) + V.col(l), scaled = sum * std::ldexp(1, -std::ilogb(sum.cwiseAbs().maxCoeff()) - 1);
    Eigen::MatrixXd first = V, second = V;
    first.col(k) = scaled, second.col(l) = scaled;
    self(self, first), self(self, second);
  };
  for (Index root = d; root >= 0; --root) {
    Eigen::MatrixXd V = Eigen::MatrixXd::Identity(d, d) / 2;
    if (root < d) V.col(root).setConstant(-0.5);
    walk(walk, V);
  }
  EXPECT_EQ(row, tree.rows());
}

SimplicialResult bound(const PowerPolar& problem, double tolerance, long nodes = 20000) {
  BranchOptions options;
  options.tolerance = tolerance, options.max_nodes = nodes;
  return bound_over_cones(problem, Matrix(0, problem.dimension()), options);
}

TEST(PowerPolar, PowersOfNumbers) {
  const Vector z{{-2, 0, 3}};
  EXPECT_EQ(power_of(z, 0), (Vector{{0, 0, 1}}));
  EXPECT_EQ(power_of(z, 1), (Vector{{0, 0, 3}}));
  EXPECT_EQ(power_of(z, 2), (Vector{{0, 0, 9}}));
}

TEST(PowerPolar, InThePlaneSearchAndBoundMeetTheBestOfAllArcs) {
  for (const int power : {0, 2})
    for (const std::uint64_t seed : {1, 2, 3, 4}) {
      SCOPED_TRACE(std::to_string(power) + ", seed " + std::to_string(seed));
      Random random(seed);
      const PowerPolar problem = power_problem(random_problem(40, 2, random), power);
      const double best = best_in_the_plane(problem);
      const SimplicialResult found = bound(problem, 1e-3);
      ASSERT_FALSE(found.witnesses.empty());
      EXPECT_NEAR(found.witnesses[0].value, best, 1e-8 * best);
      EXPECT_GE(found.upper, best);
      EXPECT_LE(found.upper, best * 1.001 * (1 + 1e-9));
      EXPECT_EQ(found.ending, Ending::gap_reached);
    }
}

TEST(PowerPolar, InSpaceStepsMeetTheBestOfAllCells) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Random random(seed);
    const PowerPolar problem = power_problem(random_problem(30, 3, random), 0);
    const double best = best_step_in_space(problem);
    const SimplicialResult found = bound(problem, 1e-3);
    ASSERT_FALSE(found.witnesses.empty());
    EXPECT_NEAR(found.witnesses[0].value, best, 1e-12);
    EXPECT_GE(found.upper, best);
    EXPECT_LE(found.upper, best * 1.001 * (1 + 1e-9));
  }
}

TEST(PowerPolar, ASearchIsDeterministicAndItsWitnessesAreWhatTheySay) {
  for (const int power : {0, 2}) {
    Random random(9);
    const PowerPolar problem = power_problem(logistic_problem(60, 5, 0.1, random), power);
    const std::vector<Witness> found = local_search(problem, Matrix(0, 5), {}),
                               again = local_search(problem, Matrix(0, 5), {});
    ASSERT_GT(found.size(), 1U);
    ASSERT_EQ(found.size(), again.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_EQ(found[k].u, again[k].u);
      EXPECT_NEAR(found[k].u.norm(), 1, 1e-12);
      EXPECT_NEAR(found[k].value, problem.weights.dot(power_of(product(problem.features, found[k].u), power)), 1e-12);
      EXPECT_LE(found[k].value, found[k == 0 ? 0 : k - 1].value);
    }
  }
}

/// Each leaf's bound holds at directions of its cone, and the leaves are all of the space.
TEST(SimplicialCones, LeavesCoverTheSpaceAndBoundTheirCones) {
  for (const int power : {0, 2})
    for (const bool degenerate : {false, true})
      for (const Index d : {1, 2, 3, 5}) {
        SCOPED_TRACE(std::to_string(power) + ", d " + std::to_string(d));
        Random random(17);
        const PowerPolar problem =
            power_problem(degenerate ? degenerate_problem(d, random) : random_problem(30, d, random), power);
        const SimplicialResult found = bound(problem, 0.1, 400);
        std::vector<Vector> directions;
        for (int k = 0; k < 300; ++k) directions.push_back(random_direction(d, random));
        std::vector<int> seen(directions.size());
        double largest = 0;
        for_each_leaf(found.tree, d, [&](const Eigen::MatrixXd& V, double level) {
          largest = std::max(largest, level);
          EXPECT_GE(level, 0);
          const Eigen::PartialPivLU<Eigen::MatrixXd> inverse(V);
          for (std::size_t k = 0; k < directions.size(); ++k) {
            if (inverse.solve(directions[k]).minCoeff() < -1e-12) continue;
            ++seen[k];
            EXPECT_LE(value(problem, directions[k]), level);
          }
          for (int k = 0; k < 20; ++k) {  // within the cone, also on its border
            Vector c(d);
            for (Index l = 0; l < d; ++l) c[l] = std::max(0.0, random.uniform(-0.5, 1));
            if (c.isZero(0)) continue;
            EXPECT_LE(value(problem, V * c), level + 1e-12);
          }
        });
        EXPECT_EQ(std::max(largest, 0.0), found.upper);
        for (const int times : seen) EXPECT_GE(times, 1);
      }
}

TEST(SimplicialCones, OfPowerOneMeetTheExactPolar) {
  for (const Index d : {Index{2}, Index{3}})
    for (const std::uint64_t seed : {1, 2, 3}) {
      SCOPED_TRACE(std::to_string(d) + ", seed " + std::to_string(seed));
      Random random(seed);
      const ReluPolar relu = random_problem(40, d, random);
      const PowerPolar problem = power_problem(relu, 1);
      const double best = exact_polar(relu).value;
      const SimplicialResult found = bound(problem, 1e-3);
      ASSERT_FALSE(found.witnesses.empty());
      EXPECT_NEAR(found.witnesses[0].value, best, 1e-3 * best);  // by a cone's middle, where the search missed it
      EXPECT_DOUBLE_EQ(found.witnesses[0].value, value(problem, found.witnesses[0].u));
      EXPECT_GE(found.upper, best);
      EXPECT_LE(found.upper, best * 1.001 * (1 + 1e-9));
      EXPECT_EQ(found.ending, Ending::gap_reached);
      ASSERT_EQ(found.tree.cols(), d + 1);
      double largest = 0;
      Index row = 0;
      for_each_leaf(found.tree, d, [&](const Eigen::MatrixXd& V, double) {
        while (found.tree(row, 0) == 0) ++row;
        const Vector w = found.tree.row(row++).tail(d).transpose();
        largest = std::max(largest, w.norm());
        for (int k = 0; k < 20; ++k) {
          const Vector u = V * Vector::NullaryExpr(d, [&] { return random.uniform(0, 1); });
          EXPECT_LE(value(problem, u), w.dot(u.normalized()) * (1 + 1e-12));
        }
      });
      EXPECT_NEAR(found.upper, largest, 1e-12 * largest);
    }
}

/// A negative sum on every cell, and rows on all sides: nothing pays, and no search goes on for ever.
TEST(SimplicialCones, NothingAboveZero) {
  for (const int power : {0, 2}) {
    Random random(6);
    PowerPolar problem = power_problem(random_problem(30, 2, random), power);
    problem.weights = -problem.weights.cwiseAbs();
    const SimplicialResult found = bound(problem, 1e-3, 200);
    EXPECT_TRUE(found.witnesses.empty());
    EXPECT_LT(found.upper, 1e-9);
    for_each_leaf(found.tree, 2, [](const Eigen::MatrixXd&, double level) { EXPECT_GE(level, 0); });
  }
}

TEST(SimplicialCones, StopAtTheLevelAndAtTheLimits) {
  Random random(3);
  const PowerPolar problem = power_problem(random_problem(100, 4, random), 2);
  BranchOptions options;
  options.max_nodes = 20000, options.tolerance = 1e-9;
  const Matrix none(0, 4);
  options.level = 1e3;
  const SimplicialResult quick = bound_over_cones(problem, none, options);
  EXPECT_EQ(quick.nodes, 5);
  EXPECT_EQ(quick.ending, Ending::gap_reached);
  options.level = 0, options.max_nodes = 100;
  const SimplicialResult limited = bound_over_cones(problem, none, options);
  EXPECT_EQ(limited.ending, Ending::iteration_limit);
  EXPECT_LE(limited.nodes, 102);
  EXPECT_LT(limited.upper, quick.upper);
  options.watch = [](const BranchProgress&) { return false; };
  EXPECT_EQ(bound_over_cones(problem, none, options).ending, Ending::told_to);
  options.watch = {}, options.time_limit = 0;
  EXPECT_EQ(bound_over_cones(problem, none, options).ending, Ending::time_limit);
}

/// Two columns alike, and more asked for than rounding allows: cones become thin.
TEST(SimplicialCones, BoundThinConesToo) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    Random random(seed);
    Matrix X = normal_matrix(80, 5, random);
    X.col(2) = X.col(1), X.col(4).setOnes();
    const Vector g = normal_matrix(80, 1, random).col(0);
    BranchOptions options;
    options.max_nodes = 60000, options.tolerance = 1e-12;
    const SimplicialResult found = bound_over_cones({X, g, 1}, Matrix(0, 5), options);
    double lower = 0;
    for (const Witness& one : found.witnesses) lower = std::max(lower, one.value);
    EXPECT_LT(found.upper, 1.001 * lower);
  }
}

}  // namespace
}  // namespace nadir::polar
