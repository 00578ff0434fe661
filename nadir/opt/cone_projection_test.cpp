#include "nadir/opt/cone_projection.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nadir/base/test_util.hpp"

namespace nadir {
namespace {

Matrix unit_rows(Index n, Index d, Random& random) {
  Matrix rows(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) rows(i, j) = random.normal();
    rows.row(i).normalize();
  }
  return rows;
}

/// Signs of a direction: a cone with an interior.
Vector signs_of(const Matrix& rows, const Vector& inside) {
  return (rows * inside).unaryExpr([](double sum) { return sum >= 0 ? 1.0 : -1.0; });
}

/// The conditions of Moreau: a point of the cone, in a right angle to what it differs by, which is in the polar cone.
void expect_nearest(const Matrix& rows, const Vector& signs, const Vector& z, const ConePoint& nearest) {
  const double near = 1e-11 * (1 + z.norm());
  EXPECT_GE(signs.cwiseProduct(rows * nearest.point).minCoeff(), -near);
  EXPECT_NEAR(nearest.point.dot(z - nearest.point), 0, near);
  Vector difference = nearest.point - z;
  for (std::size_t k = 0; k < nearest.active.size(); ++k) {
    EXPECT_GT(nearest.multipliers[static_cast<Index>(k)], 0);
    const Index i = nearest.active[k];
    difference -= nearest.multipliers[static_cast<Index>(k)] * signs[i] * rows.row(i).transpose();
  }
  EXPECT_LE(difference.norm(), near);
}

TEST(ConeProjection, MeetsMoreausConditions) {
  Random random(1);
  for (const auto& [n, d] : {std::pair<Index, Index>{3, 2}, {40, 5}, {300, 20}, {5, 30}, {200, 1}})
    for (int turn = 0; turn < 5; ++turn) {
      const Matrix rows = unit_rows(n, d, random);
      const Vector signs = signs_of(rows, normal_vector(d, random)), z = normal_vector(d, random);
      const ConePoint nearest = project_on_cone(rows, signs, z);
      expect_nearest(rows, signs, z, nearest);
      // From the answer to a similar question, the same point.
      const Vector other = z + 0.1 * normal_vector(d, random);
      const ConePoint again = project_on_cone(rows, signs, other, nearest);
      expect_nearest(rows, signs, other, again);
      EXPECT_LE((again.point - project_on_cone(rows, signs, other).point).norm(), 1e-11);
    }
}

TEST(ConeProjection, LeavesPointsOfTheConeAndFindsItsApex) {
  Random random(2);
  const Matrix rows = unit_rows(50, 4, random);
  const Vector inside = normal_vector(4, random), signs = signs_of(rows, inside);
  EXPECT_EQ(project_on_cone(rows, signs, inside).point, inside);
  // Minus a sum of the rows is in the polar cone.
  EXPECT_EQ(project_on_cone(rows, signs, -rows.transpose() * signs).point, Vector::Zero(4));
}

TEST(ConeProjection, OfConesWithoutAnInterior) {
  // u₁ ≥ 0, −u₁ ≥ 0, u₂ ≥ 0, and once more, with a row of zeros: a half-line in the plane u₁ = 0.
  Matrix rows(6, 3);
  rows << 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1;
  const Vector signs = Vector::Ones(6);
  EXPECT_EQ(project_on_cone(rows, signs, Vector{{1, 2, -1}}).point, Vector({{0, 2, 0}}));
  EXPECT_EQ(project_on_cone(rows, signs, Vector{{1, -2, 3}}).point, Vector({{0, 0, 3}}));
}

TEST(ConeProjection, EndsEarlyWithAnUpperBound) {
  Random random(3);
  const Matrix rows = unit_rows(100, 10, random);
  const Vector signs = signs_of(rows, normal_vector(10, random)), z = normal_vector(10, random);
  const double exact = project_on_cone(rows, signs, z).point.norm();
  const ConePoint early = project_on_cone(rows, signs, z, {}, (exact + z.norm()) / 2);
  EXPECT_LE(early.point.norm(), (exact + z.norm()) / 2);
  EXPECT_GE(early.point.norm(), exact);
  EXPECT_GE(early.multipliers.minCoeff(), 0);
}

TEST(ShortestAbove, MeetsItsConditions) {
  Random random(4);
  for (int turn = 0; turn < 10; ++turn) {
    Matrix rows = unit_rows(60, 6, random);
    rows = signs_of(rows, normal_vector(6, random)).asDiagonal() * rows;
    Vector h(60);
    for (Index i = 0; i < 60; ++i) h[i] = std::max(0.0, random.normal());
    const std::optional<Vector> shortest = shortest_above(rows, h);
    ASSERT_TRUE(shortest.has_value());
    const Vector slack = rows * *shortest - h;
    const double size = shortest->norm();
    EXPECT_GE(slack.minCoeff(), -1e-11 * size);
    // It is the nearest to 0: a sum of the rows without slack, with multipliers that are not negative.
    std::vector<Index> tight;
    for (Index i = 0; i < 60; ++i)
      if (slack[i] < 1e-9 * size) tight.push_back(i);
    Matrix border(static_cast<Index>(tight.size()), 6);
    for (std::size_t k = 0; k < tight.size(); ++k) border.row(static_cast<Index>(k)) = rows.row(tight[k]);
    const ConePoint rest = project_on_cone(border, Vector::Ones(border.rows()), -*shortest);
    EXPECT_LE(rest.point.norm(), 1e-9 * size);
  }
}

TEST(ShortestAbove, KnowsWhatIsNotThere) {
  Matrix rows(2, 2);
  rows << 1, 0, -1, 0;
  EXPECT_FALSE(shortest_above(rows, Vector{{1, 1}}).has_value());
  EXPECT_EQ(shortest_above(rows, Vector{{0, 0}}), Vector::Zero(2));
  // Thin, but there: c₁ ≥ 1 and −c₁ + 1e-5 c₂ ≥ 0.
  rows.row(1) = Vector{{-1, 1e-5}}.normalized().transpose();
  const std::optional<Vector> thin = shortest_above(rows, Vector{{1, 0}});
  ASSERT_TRUE(thin.has_value());
  EXPECT_NEAR((*thin)[0], 1, 1e-9);
  EXPECT_NEAR((*thin)[1], 1e5, 1e-3);
}

TEST(FaceBasis, IsOrthonormalAndOnTheRows) {
  Random random(5);
  const Matrix rows = unit_rows(20, 7, random);
  const Eigen::MatrixXd face = face_basis(rows, {3, 5, 11});
  ASSERT_EQ(face.cols(), 4);
  EXPECT_LE((face.transpose() * face - Eigen::MatrixXd::Identity(4, 4)).norm(), 1e-13);
  for (const Index i : {3, 5, 11}) EXPECT_LE((rows.row(i) * face).norm(), 1e-13);
}

}  // namespace
}  // namespace nadir
