#include <gtest/gtest.h>

#include <cmath>

#include "nadir/convex/accelerated.hpp"
#include "nadir/convex/proof.hpp"
#include "nadir/convex/proximal_step.hpp"
#include "nadir/convex/test_util.hpp"
#include "nadir/loss/loss.hpp"

namespace nadir::convex {
namespace {

const GoOn always = [] { return true; };

/// The oracle: plain proximal gradient over all groups, by the definition, with a step that surely is small enough.
double objective_by_proximal_gradient(const GroupProblem& problem, int steps) {
  const Matrix X = features_of(problem);
  const Patterns& patterns = problem.products.patterns();
  const Index n = X.rows(), d = X.cols(), P = patterns.gates(), K = problem.outputs();
  const double step = 1 / (X.squaredNorm() / static_cast<double>(n) * static_cast<double>(P));
  Matrix V = Matrix::Zero(P * K, d), Y = V, f, g;
  double t = 1, best = infinity;
  const auto forward = [&](const Matrix& W) {
    Matrix result = Matrix::Zero(n, K);
    for (Index p = 0; p < P; ++p)
      for (Index i = 0; i < n; ++i)
        if (patterns.open(p, i))
          for (Index k = 0; k < K; ++k) result(i, k) += X.row(i).dot(W.row(p * K + k));
    return result;
  };
  for (int s = 0; s < steps; ++s) {
    problem.loss.gradient(forward(Y), g);
    Matrix next = Y;
    for (Index p = 0; p < P; ++p)
      for (Index i = 0; i < n; ++i)
        if (patterns.open(p, i))
          for (Index k = 0; k < K; ++k) next.row(p * K + k) -= step * g(i, k) * X.row(i);
    for (Index q = 0; q < P * K; ++q) {
      const double norm = next.row(q).norm();
      next.row(q) *= norm > step * problem.lambda ? 1 - step * problem.lambda / norm : 0;
    }
    const double after = (1 + std::sqrt(1 + 4 * t * t)) / 2;
    Y = next + (t - 1) / after * (next - V);
    V = next, t = after;
    if (s % 50 == 49) best = std::min(best, problem.loss.value(forward(V)) + problem.lambda * V.rowwise().norm().sum());
  }
  return best;
}

TEST(GroupLasso, ReachesTheOptimumOfAnIndependentMethod) {
  for (const Kind kind : every_kind) {
    const Planted planted(kind, 40, 3, 12, 7);
    const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
    const GroupProblem problem{products, planted.loss, 0.05 * largest_lambda(products, planted.loss)};
    SolverOptions options;
    options.gap = 1e-9;
    const Solution solution = solve_once(problem, options);
    EXPECT_EQ(solution.stop, Stop::gap_reached) << kind;
    const double oracle = objective_by_proximal_gradient(problem, 6000);
    EXPECT_NEAR(solution.at.objective, oracle, 2e-6 * planted.loss.value_at_zero()) << kind;
    EXPECT_LE(solution.at.objective, oracle + 1e-9) << kind;
    EXPECT_LE(solution.lower_bound, oracle + 1e-12) << kind;
  }
}

/// A row of weight 2 is a row written twice.
TEST(GroupLasso, WeightsCountRows) {
  for (const Kind kind : every_kind) {
    const Planted twice(kind, 40, 3, 12, 7);
    Matrix X(60, 3);
    X << twice.X, twice.X.topRows(20);
    Vector weights = Vector::Ones(40);
    weights.head(20).setConstant(2);
    const auto loss_of = [&](Index rows, const Vector& w) -> TrainingLoss {
      Vector y(rows);
      std::vector<int> labels;
      for (Index i = 0; i < rows; ++i) {
        y[i] = std::max(0.0, X(i, 1)) - X(i, 0) / 10;
        labels.push_back(static_cast<int>(i % 20 % std::max(kind.classes, 2)));
      }
      if (kind.classes > 0) return {kind.loss, labels, kind.classes, w};
      return {kind.loss, y, 0.5, w};
    };
    const Patterns patterns(X, twice.gates);
    const MaskedProducts all(X, patterns, 1), few(twice.X, twice.patterns, 1);
    const TrainingLoss repeated = loss_of(60, {}), weighted = loss_of(40, weights);
    const double lambda = 0.05 * largest_lambda(all, repeated);
    EXPECT_NEAR(largest_lambda(few, weighted), lambda / 0.05, 1e-14) << kind;
    SolverOptions options;
    options.gap = 1e-8;
    const Solution one = solve_once({all, repeated, lambda}, options),
                   other = solve_once({few, weighted, lambda}, options);
    EXPECT_EQ(other.stop, Stop::gap_reached) << kind;
    EXPECT_NEAR(one.at.objective, other.at.objective, 1e-8 * repeated.value_at_zero()) << kind;
    EXPECT_NEAR(one.lower_bound, other.lower_bound, 1e-8 * repeated.value_at_zero()) << kind;
  }
}

/// A watch is asked inside the rounds, where on large problems minutes pass; what it gets then is still a proof.
TEST(GroupLasso, StopsInsideARound) {
  const Planted planted({LossKind::squared, 0}, 150, 6, 60, 21);
  const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
  const GroupProblem problem{products, planted.loss, 0.01 * largest_lambda(products, planted.loss)};
  const Solution whole = solve_once(problem, {});
  const auto rounds = static_cast<int>(whole.trace.size());
  int asked = 0;
  NewtonData data(problem);
  const Solution stopped = solve(problem, data, {}, nullptr, [&](const Progress&) { return ++asked <= rounds + 3; });
  EXPECT_EQ(stopped.stop, Stop::told_to);
  EXPECT_LT(stopped.trace.size(), whole.trace.size());
  EXPECT_LE(stopped.lower_bound, whole.at.objective);
  EXPECT_GE(stopped.at.objective, whole.lower_bound);
}

/// Dual feasibility and complementarity, from the definitions.
TEST(GroupLasso, SatisfiesTheOptimalityConditions) {
  for (const Kind kind : every_kind)
    for (const double ratio : {0.3, 0.01}) {
      const Planted planted(kind, 150, 6, 60, 21);
      const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
      const double lambda = ratio * largest_lambda(products, planted.loss);
      const GroupProblem problem{products, planted.loss, lambda};
      SolverOptions options;
      options.gap = 1e-8;
      const Solution solution = solve_once(problem, options);
      ASSERT_EQ(solution.stop, Stop::gap_reached) << kind << ' ' << ratio;
      Matrix f, g;
      products.forward(solution.at.groups, solution.at.weights, planted.loss.outputs(), f);
      planted.loss.gradient(f, g);
      EXPECT_LE(products.adjoint_norms(g).maxCoeff(), lambda * (1 + 1e-3)) << kind << ' ' << ratio;
      Matrix c;
      products.adjoint(solution.at.groups, g, c);
      for (Index q = 0; q < c.rows(); ++q) {
        const double norm = solution.at.weights.row(q).norm();
        EXPECT_GT(norm, 0);
        if (norm <= 1e-2) continue;
        EXPECT_LE((c.row(q) + lambda / norm * solution.at.weights.row(q)).norm(), 2e-2 * lambda);
      }
    }
}

TEST(GroupLasso, IsZeroFromTheLargestLambdaOn) {
  const Planted planted({LossKind::logistic, 2}, 50, 4, 20, 3);
  const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
  const double largest = largest_lambda(products, planted.loss);
  const GroupProblem above{products, planted.loss, largest * 1.000001}, below{products, planted.loss, largest * 0.99};
  EXPECT_TRUE(solve_once(above, {}).at.groups.empty());
  EXPECT_FALSE(solve_once(below, {}).at.groups.empty());
}

TEST(GroupLasso, TakesAStartAndAnyNumberOfThreads) {
  const Planted planted({LossKind::softmax, 3}, 300, 5, 40, 9);
  const MaskedProducts one(planted.X, planted.patterns, 1, Precision::single),
      three(planted.X, planted.patterns, 3, Precision::single);
  const double largest = largest_lambda(one, planted.loss);
  const GroupProblem coarse{one, planted.loss, 0.2 * largest}, fine{one, planted.loss, 0.1 * largest};
  const GroupProblem threaded{three, planted.loss, 0.1 * largest};
  const Solution start = solve_once(coarse, {}), cold = solve_once(fine, {});
  const Solution warm = solve_once(fine, {}, &start), same = solve_once(threaded, {});
  EXPECT_NEAR(warm.at.objective, cold.at.objective, 2e-6 * planted.loss.value_at_zero());
  EXPECT_EQ(cold.at.weights, same.at.weights);
  EXPECT_EQ(cold.lower_bound, same.lower_bound);
}

/// Both ways to a Newton direction solve (I + A S Aᵀ W) e = −r, here built from its definition.
TEST(NewtonSystem, IsSolvedInSamplesAndInWeights) {
  const Planted planted({LossKind::logistic, 2}, 100, 5, 20, 31);
  const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
  const GroupProblem problem{products, planted.loss, 0.01};
  Random random(2);
  NewtonData data(problem);
  for (const Index A : {1, 18}) {  // conjugate gradients; the factorization
    ActiveGroups active;
    active.radial = 3;
    active.tangential.resize(A);
    active.directions.resize(A, 5);
    Matrix S = Matrix::Zero(100, 100);
    const Curvature W = planted.loss.curvature(Matrix::Zero(100, 1));
    for (Index a = 0; a < A; ++a) {
      active.groups.push_back({a, 0});
      for (Index j = 0; j < 5; ++j) active.directions(a, j) = random.uniform(-1, 1);
      active.directions.row(a).normalize();
      active.tangential[a] = random.uniform(0.01, 2);
      Matrix X = planted.X;
      for (Index i = 0; i < 100; ++i)
        if (!planted.patterns.open(a, i)) X.row(i).setZero();
      const Vector u = active.directions.row(a).transpose();
      S += X * (active.tangential[a] * (Matrix::Identity(5, 5) - u * u.transpose()) + 3 * u * u.transpose()) *
           X.transpose();
    }
    Matrix r(100, 1);
    for (Index i = 0; i < 100; ++i) r(i, 0) = random.uniform(-1, 1);
    data.iterations = A == 1 ? 1 : 1000;  // what it expects of conjugate gradients decides
    long pairs = 0;
    const Matrix e = newton_direction(problem, data, active, W, r, always, pairs);
    EXPECT_EQ(pairs > 0, A == 1);
    const Vector left = e.col(0) + S * W.diagonal.col(0).cwiseProduct(e.col(0));
    EXPECT_LE((left + r.col(0)).norm(), 1e-3 * r.norm());
  }
}

TEST(ProximalStep, LowersTheObjectiveAndKeepsItsCorrelations) {
  for (const Kind kind : every_kind) {
    const Planted planted(kind, 60, 4, 15, 17);
    const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
    const GroupProblem problem{products, planted.loss, 0.02 * largest_lambda(products, planted.loss)};
    NewtonData data(problem);
    Iterate at;
    for (Index g = 0; g < 15 * planted.loss.outputs(); ++g)
      at.groups.push_back({g / planted.loss.outputs(), g % planted.loss.outputs()});
    at.weights = Matrix::Zero(static_cast<Index>(at.groups.size()), 4);
    at.outputs = Matrix::Zero(60, planted.loss.outputs());
    evaluate(problem, at);
    Matrix T, expected;
    products.adjoint(at.groups, at.dual, T);
    long pairs = 0;
    for (int k = 0; k < 4; ++k) {
      const double before = at.objective;
      proximal_step(problem, data, 10, at, T, always, pairs);
      EXPECT_LE(at.objective, before) << kind;
      products.adjoint(at.groups, at.dual, expected);
      EXPECT_LE((T - expected).cwiseAbs().maxCoeff(), 1e-12) << kind;
    }
    EXPECT_LT(at.objective, 0.9 * planted.loss.value_at_zero()) << kind;
  }
}

TEST(Proof, IsOutsideOfWhatWasComputed) {
  for (const Kind kind : every_kind) {
    const Planted planted(kind, 80, 4, 25, 5);
    const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
    const GroupProblem problem{products, planted.loss, 0.05 * largest_lambda(products, planted.loss)};
    expect_proven_outside(problem, solve_once(problem, {}));
  }
}

TEST(Gates, AreDifferentAndTheSameForASeed) {
  const Matrix X = Planted::features(50, 4, 2);
  const Matrix gates = draw_gates(X, 40, true, 1, 1);
  EXPECT_EQ(gates, draw_gates(X, 40, true, 1, 2));
  EXPECT_NE(gates, draw_gates(X, 40, true, 2, 1));
  EXPECT_TRUE(gates.row(0).isZero(0));
  const Patterns patterns(X, gates);
  for (Index p = 0; p < gates.rows(); ++p) {
    EXPECT_GT(patterns.overlap(p, p), 0);
    for (Index q = 0; q < p; ++q)
      EXPECT_FALSE(patterns.overlap(p, q) == patterns.overlap(p, p) &&
                   patterns.overlap(p, q) == patterns.overlap(q, q));
  }
  // One column and three rows allow only a handful of patterns.
  Matrix few(3, 2);
  few << 1, 1, 2, 1, 3, 1;
  EXPECT_LE(draw_gates(few, 1000, true, 1, 1).rows(), 6);
}

}  // namespace
}  // namespace nadir::convex
