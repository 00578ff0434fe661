#include "nadir/opt/caratheodory.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/test_util.hpp"

namespace nadir {
namespace {

TEST(Caratheodory, KeepsOutputsAndDoesNotRaiseTheCost) {
  Random random(4);
  for (int trial = 0; trial < 50; ++trial) {
    const Index rank = 1 + trial % 5, count = rank + 1 + trial % 7;
    const Eigen::MatrixXd columns = normal_matrix(12, rank, random) * normal_matrix(rank, count, random);
    const Vector costs = normal_vector(count, random).cwiseAbs().array() + 0.1;
    const Vector factors = independent_factors(columns, costs);
    EXPECT_GE(factors.minCoeff(), 0);
    EXPECT_LE((factors.array() > 0).count(), rank);
    EXPECT_LT((columns * factors - columns.rowwise().sum()).norm(), 1e-10 * columns.norm());
    EXPECT_LE(factors.dot(costs), costs.sum() * (1 + 1e-12));
  }
  // Many columns that are too many, of sizes far apart, some of them 0.
  Eigen::MatrixXd wide = normal_matrix(20, 20, random) * normal_matrix(20, 400, random);
  for (Index j = 0; j < 400; ++j) wide.col(j) *= j % 40 == 7 ? 0 : std::pow(10.0, j % 9 - 4);
  const Vector c = independent_factors(wide, Vector::Ones(400));
  EXPECT_LE((c.array() > 0).count(), 20);
  EXPECT_LT((wide * c - wide.rowwise().sum()).norm(), 1e-12 * wide.norm());
  EXPECT_LE(c.sum(), 400 * (1 + 1e-12));
  const Eigen::MatrixXd independent = normal_matrix(5, 3, random);
  EXPECT_EQ(independent_factors(independent, Vector::Ones(3)), Vector(Vector::Ones(3)));
}

}  // namespace
}  // namespace nadir
