// Arc-cosine kernels against Monte Carlo, known values and extended precision.
#include "nadir/net/arc_cosine.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "nadir/base/test_util.hpp"
#include "nadir/net/kernel_machine.hpp"

namespace nadir {
namespace {

double kernel_of(const Vector& x, const Vector& y, int power) {
  return arc_cosine_kernel(directions_of(x.transpose(), power), directions_of(y.transpose(), power))(0, 0);
}

TEST(ArcCosine, IsTheMeanOverTheSphere) {
  constexpr int count = 200000;
  Random random(5);
  const Vector x = normal_vector(4, random), y = normal_vector(4, random);
  for (const int power : {0, 1, 2}) {
    double sum = 0, squares = 0;
    for (int j = 0; j < count; ++j) {
      const Vector v = normal_vector(4, random).normalized();
      const double a = v.dot(x), b = v.dot(y), both = a > 0 && b > 0 ? std::pow(a * b, power) : 0;
      sum += both, squares += both * both;
    }
    const double mean = sum / count, deviation = std::sqrt((squares / count - mean * mean) / count);
    EXPECT_LT(std::fabs(kernel_of(x, y, power) - mean), 4 * deviation) << power;
    EXPECT_LT(deviation, 0.01 * mean + 1e-4);
  }
}

TEST(ArcCosine, HasItsKnownValues) {
  const Vector x{{3, 0, 4}}, across{{0, 2, 0}};  // norms 5 and 2, at a right angle
  const double pi = std::numbers::pi;
  const double same[] = {0.5, 25 / 6.0, 625 * 1.5 / 15}, at_right[] = {0.25, 10 / (6 * pi), 100 * 0.25 / 15};
  for (const int power : {0, 1, 2}) {
    EXPECT_NEAR(kernel_of(x, x, power), same[power], 1e-14 * same[power]);
    EXPECT_NEAR(kernel_of(x, 2 * x, power), std::pow(2, power) * same[power], 1e-13 * same[power]);
    EXPECT_NEAR(kernel_of(x, -x, power), 0, 1e-14);
    EXPECT_NEAR(kernel_of(x, across, power), at_right[power], 1e-14 * same[power]);
    EXPECT_EQ(kernel_of(x, Vector::Zero(3), power), 0);
  }
}

/// Of vectors in the plane the angle is known better than any inner product tells it.
TEST(ArcCosine, KeepsSmallAnglesAndThoseNearAHalfTurn) {
  for (const double angle : {1e-3, 1e-6, 1e-9, 1e-12}) {
    const Vector x{{1, 0}}, near{{std::cos(angle), std::sin(angle)}};
    EXPECT_NEAR(0.5 - kernel_of(x, near, 0), angle / (2 * std::numbers::pi), 1e-16);
    EXPECT_NEAR(kernel_of(x, -near, 0), angle / (2 * std::numbers::pi), 1e-6 * angle);
  }
}

TEST(ArcCosine, IsSymmetricAndTheSameForAnyThreads) {
  Random random(2);
  const Matrix x = normal_matrix(300, 5, random);
  for (const int power : {0, 1, 2}) {
    const Directions directions = directions_of(x, power);
    const Matrix kernel = arc_cosine_kernel(directions);
    EXPECT_EQ(kernel, kernel.transpose());
    EXPECT_EQ(kernel, arc_cosine_kernel(directions, 3));
    EXPECT_LT((kernel - arc_cosine_kernel(directions, directions)).cwiseAbs().maxCoeff(), 1e-14 * kernel.maxCoeff());
    EXPECT_LT((kernel.diagonal() - arc_cosine_diagonal(directions)).norm(), 1e-14 * kernel.norm());
  }
}

TEST(KernelMachine, SumsItsSamples) {
  Random random(3);
  const KernelMachine machine{normal_matrix(30, 4, random), normal_matrix(30, 2, random), 2};
  const Matrix x = normal_matrix(700, 4, random), f = outputs(machine, x);
  EXPECT_EQ(f, outputs(machine, x, 2));
  double sum = 0;
  for (Index j = 0; j < 30; ++j)
    sum += machine.coefficients(j, 1) * kernel_of(machine.samples.row(j).transpose(), x.row(650).transpose(), 2);
  EXPECT_NEAR(f(650, 1), sum, 1e-12);
  KernelMachine other = machine;
  other.coefficients(0, 0) = std::nextafter(other.coefficients(0, 0), 9);
  EXPECT_NE(weights_sha256(machine), weights_sha256(other));
}

}  // namespace
}  // namespace nadir
