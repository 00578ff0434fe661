#include "nadir/loss/loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/random.hpp"

namespace nadir {
namespace {

/// Derivatives by central differences, and Fenchel's inequality with equality at g = ℓ'(f).
template <class Loss>
void check_scalar_loss(const Loss& loss, double f, double y) {
  const double h = 1e-5;
  EXPECT_NEAR(loss.gradient(f, y), (loss.value(f + h, y) - loss.value(f - h, y)) / (2 * h), 1e-8) << f;
  EXPECT_NEAR(loss.curvature(f, y), (loss.gradient(f + h, y) - loss.gradient(f - h, y)) / (2 * h), 1e-8) << f;
  const double g = loss.gradient(f, y);
  EXPECT_NEAR(loss.value(f, y) + loss.conjugate(g, y), f * g, 1e-12 * (1 + f * f)) << f;
  for (const double other : {-0.7, -0.2, 0.3, 0.9}) {
    EXPECT_GE(loss.value(f, y) + loss.conjugate(other, y), f * other - 1e-14) << f;
  }
}

TEST(SquaredLoss, FitsItsDerivativesAndItsConjugate) {
  for (const double f : {-3.0, 0.0, 0.5, 7.0}) check_scalar_loss(SquaredLoss{}, f, 1.25);
  EXPECT_EQ(SquaredLoss{}.value(3, 1), 2);
}

TEST(LogisticLoss, FitsItsDerivativesAndItsConjugate) {
  for (const double f : {-6.0, -0.5, 0.0, 2.0, 9.0})
    for (const double y : {-1.0, 1.0}) check_scalar_loss(LogisticLoss{}, f, y);
  EXPECT_NEAR(LogisticLoss{}.value(0, 1), std::log(2.0), 1e-15);
  EXPECT_EQ(LogisticLoss{}.value(-800, 1), 800);
  EXPECT_NEAR(LogisticLoss{}.value(60, 1) / std::exp(-60.0), 1, 1e-14);
  EXPECT_EQ(LogisticLoss{}.conjugate(0.1, 1), infinity);
  EXPECT_EQ(LogisticLoss{}.conjugate(-1.1, 1), infinity);
  EXPECT_EQ(LogisticLoss{}.conjugate(std::nan(""), 1), infinity);
  EXPECT_EQ(LogisticLoss{}.conjugate(0, 1), 0);
  EXPECT_EQ(LogisticLoss{}.conjugate(-1, 1), 0);
}

TEST(SoftmaxLoss, FitsItsDerivativesAndItsConjugate) {
  const SoftmaxLoss loss;
  Random random(1);
  for (int trial = 0; trial < 50; ++trial) {
    Vector f(4), direction(4);
    for (Index r = 0; r < 4; ++r) f[r] = random.uniform(-4, 4), direction[r] = random.uniform(-1, 1);
    const Index y = trial % 4;
    const Vector g = loss.gradient(f, y);
    const double h = 1e-5;
    for (Index r = 0; r < 4; ++r) {
      Vector above = f, below = f;
      above[r] += h, below[r] -= h;
      EXPECT_NEAR(g[r], (loss.value(above, y) - loss.value(below, y)) / (2 * h), 1e-8);
    }
    const Vector change = (loss.gradient(f + h * direction, y) - loss.gradient(f - h * direction, y)) / (2 * h);
    EXPECT_LE((loss.curvature_times(f, direction) - change).lpNorm<Eigen::Infinity>(), 1e-8);
    EXPECT_NEAR(loss.value(f, y) + loss.conjugate(g, y), f.dot(g), 1e-11);
    Vector shares(4);
    for (double& value : shares) value = -std::log(1 - random.uniform());
    Vector other = shares / shares.sum();
    other[y] -= 1;
    EXPECT_GE(loss.value(f, y) + loss.conjugate(other, y), f.dot(other) - 1e-12);
  }
  Vector f(2);
  f << 50, 0;
  EXPECT_NEAR(loss.value(f, 0) / std::exp(-50.0), 1, 1e-13);
  EXPECT_NEAR(loss.gradient(f, 0)[0] / -std::exp(-50.0), 1, 1e-13);
  EXPECT_EQ(loss.conjugate(Vector::Constant(2, 0.5), 0), infinity);
}

}  // namespace
}  // namespace nadir
