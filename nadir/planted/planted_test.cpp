#include <gtest/gtest.h>

#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/test_util.hpp"
#include "nadir/planted/fit.hpp"

namespace nadir::planted {
namespace {

/// Columns that are far from alike, and related.
Matrix skewed(Random& random, Index n, Index d) {
  const Matrix B = normal_matrix(n, d, random);
  Matrix A = B;
  for (Index l = 1; l < d; ++l) A.col(l) = (B.col(l) + B.col(l - 1) / 2) * std::pow(10.0, static_cast<double>(l % 3));
  return A;
}

Vector planted_by(const Matrix& A, const Matrix& U) { return (A * U.transpose()).cwiseMax(0).rowwise().sum(); }

Descent run(const Matrix& A, const Vector& y, Index m, PlantedOptions options, std::uint64_t seed, double enough) {
  Random random(seed);
  const Matrix start = normal_matrix(m, A.cols(), random);
  return minimize(A, y, Directions(A, options.precondition == "on"), start, enough, options);
}

TEST(Directions, ChangeTheOutputsByTheProjectionOfWhatIsWanted) {
  Random random(1);
  for (const auto& [n, d] : {std::pair<Index, Index>{40, 7}, {9, 9}, {5, 12}}) {
    const Matrix A = skewed(random, n, d), g = normal_matrix(n, 2, random);
    const Matrix change = A * Directions(A, true).of(g).transpose();
    const Matrix projected = A * Eigen::MatrixXd(A).completeOrthogonalDecomposition().solve(Eigen::MatrixXd(g));
    EXPECT_LE((change - projected).norm(), 1e-3 * g.norm());
    const Matrix plain = A * Directions(A, false).of(g).transpose();
    EXPECT_LE(plain.norm(), g.norm() * (1 + 1e-12));
    EXPECT_GT(plain.cwiseProduct(g).sum(), 0);
  }
}

TEST(Directions, KnowWhetherSamplesDependOnOneAnother) {
  Random random(2);
  Matrix A = normal_matrix(6, 9, random);
  const Eigen::VectorXd sigma = Eigen::JacobiSVD<Eigen::MatrixXd>(A).singularValues();
  EXPECT_NEAR(Directions(A, true).row_condition(), sigma.minCoeff() / sigma.maxCoeff(), 1e-7);
  A.row(5) = A.row(0) - A.row(1);
  EXPECT_EQ(Directions(A, true).row_condition(), 0);
  EXPECT_EQ(Directions(normal_matrix(10, 9, random), true).row_condition(), 0);
}

TEST(OneNeuron, OfAPlantedModelIsFound) {
  Random random(3);
  for (const auto& [n, d] : {std::pair<Index, Index>{20, 40}, {30, 30}, {200, 20}}) {
    SCOPED_TRACE(std::to_string(n) + " x " + std::to_string(d));
    const Matrix A = skewed(random, n, d), u = normal_matrix(1, d, random);
    const Vector y = planted_by(A, u);
    const Descent found = run(A, y, 1, {}, 7, 1e-22 * y.squaredNorm());
    EXPECT_EQ(found.stop, Stop::gap_reached);
    EXPECT_LE((planted_by(A, found.units) - y).squaredNorm(), 2e-22 * y.squaredNorm());
    if (n > d) {
      EXPECT_LE((found.units - u).norm(), 1e-7 * u.norm());
    }
  }
}

/// Of targets that no unit makes the relaxation has a minimum above 0, which its dual encloses.
TEST(OneNeuron, TheRelaxationIsEnclosed) {
  Random random(4);
  const Matrix A = normal_matrix(60, 5, random);
  Vector y(60);
  for (Index i = 0; i < 60; ++i) y[i] = std::fabs(random.normal());
  const Descent found = run(A, y, 1, {}, 8, 0);
  EXPECT_EQ(found.stop, Stop::no_progress);
  EXPECT_GT(found.relaxation_bound, 0.01 * y.squaredNorm());
  EXPECT_GE(found.relaxation, found.relaxation_bound - 1e-12);
  const auto relaxed = [&](const Vector& u) {
    const Vector z = A * u;
    return z.cwiseMax(0).squaredNorm() / 2 - y.dot(z) + y.squaredNorm() / 2;
  };
  EXPECT_GE(found.relaxation, found.loss) << "the relaxation lies above the loss where targets are not negative";
  for (int draw = 0; draw < 1000; ++draw)
    for (const double size : {0.01, 0.3, 1.0})
      EXPECT_GE(relaxed(found.units.row(0).transpose() + size * normal_matrix(5, 1, random)), found.relaxation_bound);
  EXPECT_LE(found.relaxation - found.relaxation_bound, 1e-6 * found.relaxation_bound);
}

/// docs/math/planted.md, theorem 2: each residual falls by 1 - 1/m a step, from any start.
TEST(SeveralNeurons, ReachAnyTargetsAboveZeroAtTheRateOfTheTheorem) {
  Random random(5);
  for (const Index m : {2, 3, 8}) {
    const Matrix A = skewed(random, 25, 30);
    Vector y(25);
    for (Index i = 0; i < 25; ++i) y[i] = i % 4 == 0 ? 0 : std::fabs(random.normal());
    PlantedOptions options;
    options.max_iterations = static_cast<int>(60 * m);
    const Descent found = run(A, y, m, options, 9, 1e-24 * y.squaredNorm());
    EXPECT_EQ(found.stop, Stop::gap_reached);
    const double factor = std::pow(1 - 1 / static_cast<double>(m), 2);
    for (std::size_t k = 1; k + 1 < found.trace.size(); ++k)
      EXPECT_LE(found.trace[k + 1].objective, factor * found.trace[k].objective * (1 + 1e-2) + 1e-24) << k;
  }
}

TEST(SeveralNeurons, GradientDescentLeavesSamplesWithoutAnActiveUnit) {
  Random random(6);
  const Matrix A = normal_matrix(30, 30, random);
  const Vector y = planted_by(A, normal_matrix(2, 30, random));
  PlantedOptions options;
  options.descent = "gradient";
  const Descent plain = run(A, y, 2, options, 10, 1e-20);
  EXPECT_EQ(plain.stop, Stop::no_progress);
  EXPECT_GT(plain.loss, 1e-3 * y.squaredNorm());
  options.descent = "regularized";
  EXPECT_EQ(run(A, y, 2, options, 10, 1e-20).stop, Stop::gap_reached);
  options.precondition = "off";  // the same end, in more steps
  options.max_iterations = 1000000;
  const Matrix B = normal_matrix(10, 30, random);
  const Vector of_b = planted_by(B, normal_matrix(2, 30, random));
  EXPECT_EQ(run(B, of_b, 2, options, 10, 1e-20).stop, Stop::gap_reached);
}

TEST(SeveralNeurons, AreToldToStopAndKeepTheBest) {
  Random random(7);
  const Matrix A = normal_matrix(60, 10, random);
  const Vector y = planted_by(A, normal_matrix(3, 10, random));
  Random start(1);
  int seen = 0;
  const Descent found = minimize(A, y, Directions(A, true), normal_matrix(3, 10, start), 0, {},
                                 [&](const Progress&) { return ++seen < 5; });
  EXPECT_EQ(found.stop, Stop::told_to);
  EXPECT_EQ(found.trace.size(), 5U);
  EXPECT_EQ(found.loss, (planted_by(A, found.units) - y).squaredNorm() / 2);
}

std::string csv_of(const Matrix& A, const Vector& y) {
  std::string text;
  for (Index l = 0; l < A.cols(); ++l) text += "x" + std::to_string(l) + ",";
  text += "y\n";
  char number[40];
  for (Index i = 0; i < A.rows(); ++i)
    for (Index l = 0; l <= A.cols(); ++l) {
      std::snprintf(number, sizeof number, "%.17g%c", l < A.cols() ? A(i, l) : y[i], l < A.cols() ? ',' : '\n');
      text += number;
    }
  return text;
}

PlantedFit fit_of(const Matrix& A, const Vector& y, const PlantedOptions& options) {
  ReadOptions read;
  read.target = "y";
  const Table table = read_table_from_bytes(csv_of(A, y), "planted.csv", read);
  RecipeOptions recipe;
  recipe.scale = "none";
  recipe.task = "regression";
  return fit(table, usable_rows(table, recipe), recipe, options, 1, {});
}

/// The targets that can be reached are, and those below 0 cost what they must.
TEST(PlantedFit, IsCertifiedWithTargetsBelowZero) {
  Random random(8);
  const Matrix A = normal_matrix(80, 6, random), u = normal_matrix(1, 6, random);
  Vector y = planted_by(A, u);
  Index below = 0;
  for (Index i = 0; i < 80; ++i)
    if (y[i] == 0 && i % 2 == 0) y[i] = -1, ++below;
  ASSERT_GT(below, 5);
  const PlantedFit fit = fit_of(A, y, {});
  EXPECT_EQ(fit.certificate.claim, Claim::certified);
  EXPECT_EQ(fit.negative, below);
  EXPECT_EQ(fit.dead, 0);
  EXPECT_NEAR(fit.certificate.lower_bound, static_cast<double>(below) / 160, 1e-12);
  EXPECT_GE(fit.certificate.objective, fit.certificate.lower_bound);
  EXPECT_EQ(fit.network.unit_outputs, Matrix::Ones(1, 1));
}

TEST(PlantedFit, SaysWhetherATheoremApplies) {
  Random random(9);
  const auto theorem = [&](Index n, int neurons, double lowest) {
    const Matrix A = normal_matrix(n, 8, random);
    Vector y(n);
    for (Index i = 0; i < n; ++i) y[i] = std::max(lowest, random.normal());
    PlantedOptions options;
    options.neurons = neurons;
    options.max_iterations = 50;
    const PlantedFit found = fit_of(A, y, options);
    return std::pair{found.theorem, found.certificate.claim};
  };
  EXPECT_EQ(theorem(9, 2, 0),
            (std::pair<std::string, Claim>{"every target above 0 is reached, from any start", Claim::certified}));
  EXPECT_EQ(theorem(30, 2, 0).first, "none: several units, and more samples than features");
  EXPECT_NE(theorem(30, 1, -9).first.find("some are below 0"), std::string::npos);
  EXPECT_EQ(theorem(30, 1, 0).second, Claim::bounded);
}

TEST(PlantedFit, RefusesClasses) {
  const Table table = read_table_from_bytes("a,b\n1,yes\n2,no\n3,yes\n", "c.csv", {});
  RecipeOptions recipe;
  EXPECT_THROW(fit(table, usable_rows(table, recipe), recipe, {}, 1, {}), UsageError);
}

}  // namespace
}  // namespace nadir::planted
