#include "nadir/convex/newton_entries.hpp"

#include <gtest/gtest.h>

#include "nadir/base/test_util.hpp"
#include "nadir/convex/test_util.hpp"

namespace nadir::convex {
namespace {

/// Whether the penalty has Newton steps for a problem of this kind.
bool has_steps(Penalty penalty, Kind kind) {
  const bool one_output = kind.loss != LossKind::softmax && !(kind.loss == LossKind::squared && kind.classes > 0);
  return penalty == Penalty::l1 || one_output;
}

/// Against the proximal map: S is σ times its derivative at z, by differences.
TEST(NewtonEntries, SolveTheSystemOfTheProximalMapsDerivative) {
  for (const Penalty penalty : {Penalty::l1, Penalty::features})
    for (const Kind kind : every_kind) {
      if (!has_steps(penalty, kind)) continue;
      SCOPED_TRACE(testing::Message() << kind << (penalty == Penalty::l1 ? " l1" : " features"));
      const Planted planted(kind, 70, 4, 15, 7);
      const MaskedProducts products(planted.X, planted.patterns, 1);
      const GroupProblem problem{products, planted.loss, 0.05, penalty};
      const Index K = problem.outputs(), P = planted.gates.rows();
      std::vector<Group> groups;
      for (Index g = 0; g < P * K; ++g) groups.push_back({g / K, g % K});
      Random random(3);
      const Matrix z = normal_matrix(P * K, 4, random), r = normal_matrix(70, K, random);
      const double sigma = 4, level = penalty == Penalty::l1 ? 0.8 : z.col(2).norm() * 1.01;
      const GroupProblem at_level{products, planted.loss, level / sigma, penalty};
      Matrix v = z;
      shrink(penalty, groups, v, level);
      const Index zeros = (v.array() == 0).count();
      EXPECT_GT(zeros, 0);
      EXPECT_LT(zeros, v.size());
      ASSERT_TRUE(has_newton_of_entries(at_level, v));
      const Curvature W = planted.loss.curvature(0.1 * normal_matrix(70, K, random));
      NewtonData data(at_level);
      const Matrix e = penalty == Penalty::l1 ? newton_direction_of_entries(at_level, groups, v, sigma, W, r)
                                              : newton_direction_of_features(at_level, data, groups, v, sigma, W, r);
      Matrix We, T, above, below, left;
      W.apply(e, We);
      products.adjoint(groups, We, T);
      const double h = 1e-6 / T.norm();
      above = z + h * T, below = z - h * T;
      shrink(penalty, groups, above, level), shrink(penalty, groups, below, level);
      products.forward(groups, sigma / (2 * h) * (above - below), K, left);
      EXPECT_LE((left + e + r).norm(), 1e-6 * r.norm());
      EXPECT_GT(left.norm(), 1e-2 * r.norm());
    }
}

TEST(NewtonEntries, ReachSmallGapsInFewSteps) {
  for (const Penalty penalty : {Penalty::l1, Penalty::features})
    for (const Kind kind : every_kind) {
      if (!has_steps(penalty, kind)) continue;
      const Planted planted(kind, 80, 5, 30, 11);
      const MaskedProducts products(planted.X, planted.patterns, 1, Precision::single);
      const double lambda = 0.003 * largest_lambda(products, planted.loss, penalty);
      SolverOptions options;
      options.gap = 1e-9;
      const Solution solution = solve_once({products, planted.loss, lambda, penalty}, options);
      EXPECT_EQ(solution.stop, Stop::gap_reached) << kind << solution.stop_sentence;
      EXPECT_GT(solution.newton_steps, 0) << kind;
      EXPECT_LT(solution.iterations, 3000) << kind;
    }
}

TEST(NewtonEntries, AreNotForLargeSystems) {
  const Planted planted({LossKind::softmax, 3}, 40, 3, 20, 5);
  const MaskedProducts products(planted.X, planted.patterns, 1);
  const Matrix few = Matrix::Ones(most_entries / 2, 1), many = Matrix::Ones(most_entries / 2 + 1, 1);
  EXPECT_TRUE(has_newton_of_entries({products, planted.loss, 1, Penalty::l1}, few));
  EXPECT_FALSE(has_newton_of_entries({products, planted.loss, 1, Penalty::l1}, many));
  EXPECT_FALSE(has_newton_of_entries({products, planted.loss, 1, Penalty::features}, few));  // softmax
  EXPECT_FALSE(has_newton_of_entries({products, planted.loss, 1, Penalty::nuclear}, few));
}

}  // namespace
}  // namespace nadir::convex
