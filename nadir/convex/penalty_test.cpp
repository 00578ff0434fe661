// The penalties other than the group lasso's: their norms, polars and proximal maps, and problems solved under them.
#include "nadir/convex/penalty.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include "nadir/base/error.hpp"
#include "nadir/base/test_util.hpp"
#include "nadir/convex/fit.hpp"
#include "nadir/convex/proof.hpp"
#include "nadir/convex/test_util.hpp"

namespace nadir::convex {
namespace {

const Penalty others[] = {Penalty::nuclear, Penalty::l1, Penalty::features};
const Penalty every_penalty[] = {Penalty::group, Penalty::nuclear, Penalty::l1, Penalty::features};

Matrix random_matrix(Index rows, Index columns, std::uint64_t seed) {
  Random random(seed);
  return normal_matrix(rows, columns, random);
}

Vector singular_values(const Matrix& matrix) { return Eigen::JacobiSVD<Eigen::MatrixXd>(matrix).singularValues(); }

/// By the definitions: Ω of all gates, K rows each.
double norm_by_definition(Penalty penalty, const Matrix& V, Index K) {
  double sum = 0;
  for (Index r = 0; penalty == Penalty::group && r < V.rows(); ++r) sum += V.row(r).norm();
  for (Index r = 0; penalty == Penalty::nuclear && r < V.rows(); r += K)
    sum += singular_values(V.middleRows(r, K)).sum();
  for (Index r = 0; penalty == Penalty::l1 && r < V.size(); ++r) sum += std::fabs(V.data()[r]);
  for (Index i = 0; penalty == Penalty::features && i < V.cols(); ++i) sum += V.col(i).norm();
  return sum;
}

/// The proximal map by the definitions, with a singular value decomposition of its own.
Matrix shrunk_by_definition(Penalty penalty, Matrix V, Index K, double level) {
  const auto factor = [level](double norm) { return norm > level ? 1 - level / norm : 0; };
  for (Index r = 0; penalty == Penalty::group && r < V.rows(); ++r) V.row(r) *= factor(V.row(r).norm());
  for (Index r = 0; penalty == Penalty::nuclear && r < V.rows(); r += K) {
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(V.middleRows(r, K), Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Vector values = (svd.singularValues().array() - level).cwiseMax(0);
    V.middleRows(r, K) = svd.matrixU() * values.asDiagonal() * svd.matrixV().transpose();
  }
  for (Index r = 0; penalty == Penalty::l1 && r < V.size(); ++r) V.data()[r] *= factor(std::fabs(V.data()[r]));
  for (Index i = 0; penalty == Penalty::features && i < V.cols(); ++i) V.col(i) *= factor(V.col(i).norm());
  return V;
}

std::vector<Group> groups_of(Index gates, Index outputs) {
  std::vector<Group> groups;
  for (Index g = 0; g < gates * outputs; ++g) groups.push_back({g / outputs, g % outputs});
  return groups;
}

/// V is the proximal map of Z at level t exactly if Ω°(Z − V) ≤ t and ⟨Z − V, V⟩ = t Ω(V) (Moreau).
TEST(Penalties, ShrinkAndTheirPolarsFit) {
  for (const Penalty penalty : every_penalty)
    for (const auto& [K, d] : {std::pair<Index, Index>{1, 4}, {3, 5}, {5, 3}, {4, 4}}) {
      const std::vector<Group> groups = groups_of(6, K);
      const Matrix Z = random_matrix(6 * K, d, static_cast<std::uint64_t>(K));
      const double whole = polar_of(penalty, groups, Z);
      for (const double share : {0.01, 0.3, 0.9, 1.0000001}) {
        const double level = share * whole;
        Matrix V = Z;
        shrink(penalty, groups, V, level);
        EXPECT_LE((V - shrunk_by_definition(penalty, Z, K, level)).norm(), 1e-13 * Z.norm());
        EXPECT_NEAR(norm_of(penalty, groups, V), norm_by_definition(penalty, V, K), 1e-12 * Z.norm());
        EXPECT_LE(polar_of(penalty, groups, Z - V), level * (1 + 1e-13));
        EXPECT_NEAR((Z - V).cwiseProduct(V).sum(), level * norm_of(penalty, groups, V), 1e-12 * Z.squaredNorm());
        EXPECT_EQ(V.isZero(0), share > 1);
      }
    }
}

/// Singular values far below the largest are as accurate as the others.
TEST(Penalties, NuclearNormOfNearlyDependentRows) {
  Matrix V(3, 4);
  V << 1, 2, 3, 4, 1, 2, 3, 4, 2, 4, 6, 8;
  EXPECT_NEAR(norm_of(Penalty::nuclear, groups_of(1, 3), V), std::sqrt(180.0), 1e-14 * 30);
  V(1, 0) += 1e-6, V(2, 3) -= 1e-7;
  EXPECT_NEAR(norm_of(Penalty::nuclear, groups_of(1, 3), V), norm_by_definition(Penalty::nuclear, V, 3), 1e-14 * 30);
}

TEST(Penalties, ArePolarsOfAllGates) {
  const Planted planted({LossKind::softmax, 3}, 70, 4, 30, 5);
  const MaskedProducts products(planted.X, planted.patterns, 2);
  const Matrix G = random_matrix(70, 3, 8);
  Matrix T;
  products.adjoint(groups_of(planted.gates.rows(), 3), G, T);
  for (const Penalty penalty : every_penalty) {
    const Polar polar = polar_of_all(penalty, products, G);
    EXPECT_NEAR(polar.whole, polar_of(penalty, groups_of(planted.gates.rows(), 3), T), 1e-13 * polar.whole);
    EXPECT_EQ(polar.shares.rows(), planted.gates.rows());
  }
}

/// With one gate that is always open and XᵀX = n I the solution is the proximal map of XᵀY/n at level λ.
TEST(PenalizedSolver, SolvesOrthogonalFeaturesInClosedForm) {
  const Index n = 40, d = 5, K = 3;
  const Matrix X = std::sqrt(static_cast<double>(n)) *
                   Matrix(Eigen::HouseholderQR<Eigen::MatrixXd>(random_matrix(n, d, 1)).householderQ() *
                          Eigen::MatrixXd::Identity(n, d));
  const Matrix Y = random_matrix(n, K, 2) + X.leftCols(1) * random_matrix(1, K, 3);
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Patterns patterns(X, Matrix::Zero(1, d));
  const MaskedProducts products(X, patterns, 1);
  for (const Penalty penalty : every_penalty)
    for (const double share : {0.7, 0.2, 0.01}) {
      const double lambda = share * largest_lambda(products, loss, penalty);
      SolverOptions options;
      options.gap = 1e-12;
      const Solution solution = solve_once({products, loss, lambda, penalty}, options);
      Matrix V = Matrix::Zero(K, d);
      for (std::size_t g = 0; g < solution.at.groups.size(); ++g)
        V.row(solution.at.groups[g].output) = solution.at.weights.row(static_cast<Index>(g));
      const Matrix expected = shrunk_by_definition(penalty, Y.transpose() * X / static_cast<double>(n), K, lambda);
      EXPECT_LE((V - expected).norm(), 2e-6 * (1e-3 + expected.norm())) << share;
      EXPECT_GT(expected.norm(), 0);
    }
}

/// Plain accelerated proximal gradients over all gates, by the definitions, begun anew where they turn.
double objective_by_definition(const GroupProblem& problem, int steps) {
  const Matrix X = features_of(problem);
  const Index P = problem.products.patterns().gates(), K = problem.outputs(), d = X.cols();
  const std::vector<Group> groups = groups_of(P, K);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(X.rows(), X.rows());
  for (Index p = 0; p < P; ++p)
    for (Index i = 0; i < X.rows(); ++i)
      for (Index j = 0; j < X.rows(); ++j)
        if (problem.products.patterns().open(p, i) && problem.products.patterns().open(p, j))
          gram(i, j) += X.row(i).dot(X.row(j));
  const double curvature = problem.loss.kind() == LossKind::logistic ? 0.25 : 1;  // at most
  const double step = static_cast<double>(X.rows()) / (curvature * gram.operatorNorm());
  Matrix V = Matrix::Zero(P * K, d), Y = V, f, G, T;
  double t = 1;
  for (int s = 0; s < steps; ++s) {
    problem.products.forward(groups, Y, K, f);
    problem.loss.gradient(f, G);
    problem.products.adjoint(groups, G, T);
    const Matrix next = shrunk_by_definition(problem.penalty, Y - step * T, K, step * problem.lambda);
    if ((Y - next).cwiseProduct(next - V).sum() > 0) t = 1;
    const double after = (1 + std::sqrt(1 + 4 * t * t)) / 2;
    Y = next + (t - 1) / after * (next - V);
    V = next, t = after;
  }
  problem.products.forward(groups, V, K, f);
  return problem.loss.value(f) + problem.lambda * norm_by_definition(problem.penalty, V, K);
}

TEST(PenalizedSolver, ReachesTheOptimumOfAnIndependentMethod) {
  for (const Penalty penalty : others)
    for (const Kind kind : every_kind) {
      const Planted planted(kind, 40, 3, 12, 7);
      const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
      const double largest = largest_lambda(products, planted.loss, penalty);
      const GroupProblem problem{products, planted.loss, 0.1 * largest, penalty};
      SolverOptions options;
      options.gap = 1e-7;
      const Solution solution = solve_once(problem, options);
      EXPECT_EQ(solution.stop, Stop::gap_reached) << kind << solution.stop_sentence;
      const double oracle = objective_by_definition(problem, 4000), zero = planted.loss.value_at_zero();
      EXPECT_NEAR(solution.at.objective, oracle, 1e-6 * zero) << kind;
      EXPECT_LE(solution.at.objective, oracle + 1e-7 * zero) << kind;
      EXPECT_LE(solution.lower_bound, oracle + 1e-12) << kind;
    }
}

TEST(PenalizedSolver, IsZeroFromTheLargestLambdaOn) {
  for (const Penalty penalty : others) {
    const Planted planted({LossKind::softmax, 3}, 50, 4, 20, 3);
    const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
    const double largest = largest_lambda(products, planted.loss, penalty);
    EXPECT_TRUE(solve_once({products, planted.loss, largest * 1.000001, penalty}, {}).at.groups.empty());
    EXPECT_FALSE(solve_once({products, planted.loss, largest * 0.99, penalty}, {}).at.groups.empty());
  }
}

TEST(PenalizedSolver, IsTheSameForAnyNumberOfThreadsAndProvesItsNumbers) {
  for (const Penalty penalty : others) {
    const Planted planted({LossKind::softmax, 3}, 300, 5, 40, 9);
    const MaskedProducts one(planted.X, planted.patterns, 1, Precision::single),
        three(planted.X, planted.patterns, 3, Precision::single);
    const double lambda = 0.1 * largest_lambda(one, planted.loss, penalty);
    const GroupProblem problem{one, planted.loss, lambda, penalty};
    const Solution solution = solve_once(problem, {}), same = solve_once({three, planted.loss, lambda, penalty}, {});
    EXPECT_EQ(solution.at.weights, same.at.weights);
    EXPECT_EQ(solution.lower_bound, same.lower_bound);
    expect_proven_outside(problem, solution);
  }
}

/// Of one output the nuclear norm is the group lasso's penalty, and its solver's Newton steps serve.
TEST(PenalizedFit, NuclearOfOneOutputIsGroup) {
  std::string text = "a,b,y\n";
  Random random(4);
  for (int i = 0; i < 80; ++i) {
    const double a = random.uniform(-2, 2), b = random.uniform(0, 1);
    text += std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(std::max(0.0, a) - b) + "\n";
  }
  ReadOptions read;
  read.format = "csv", read.delimiter = ",", read.header = "yes", read.target = "y";
  const Table table = read_table_from_bytes(text, "table", read);
  std::vector<Index> rows;
  for (Index row = 0; row < table.rows; ++row) rows.push_back(row);
  GatedOptions options;
  options.lambda_ratio = 0.02;
  const GatedFit group = fit(table, rows, {}, options, 1, 1, {});
  options.penalty = "nuclear";
  EXPECT_EQ(group.network.weights, fit(table, rows, {}, options, 1, 1, {}).network.weights);
  options.penalty = "lasso";
  EXPECT_THROW(fit(table, rows, {}, options, 1, 1, {}), UsageError);
}

}  // namespace
}  // namespace nadir::convex
