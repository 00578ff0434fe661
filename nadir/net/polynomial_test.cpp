#include "nadir/net/polynomial.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/random.hpp"

namespace nadir {
namespace {

TEST(PowerAndSlope, AgreesWithPow) {
  Random random(1);
  for (const double exponent : {1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 7.5, 8.0, 8.5, 1.37, 3.99, 20.0}) {
    Vector base(101), power(101), slope(101);
    for (double& value : base) value = std::exp(random.uniform(-8, 3));
    base[0] = 0;
    power_and_slope(base.data(), base.size(), exponent, power.data(), slope.data());
    EXPECT_EQ(power[0], 0);
    EXPECT_EQ(slope[0], exponent == 1 ? 1 : 0);
    for (Index i = 1; i < base.size(); ++i) {
      const double tolerance = 1.2e-16 * (8 + std::fabs((exponent - 1) * std::log(base[i])));
      EXPECT_NEAR(power[i] / std::pow(base[i], exponent), 1, tolerance) << exponent << ' ' << base[i];
      EXPECT_NEAR(slope[i] / (exponent * std::pow(base[i], exponent - 1)), 1, tolerance);
    }
  }
}

PolynomialNetwork small_network() {
  // f_1 = 2 (x_1 + x_2)^2 + 1 x_2^{1.5},  f_2 = 1 (x_1 + x_2)^2 + 3 x_2^{1.5}
  PolynomialNetwork network;
  network.hidden.resize(1);
  network.hidden[0].weights.resize(2, 2);
  network.hidden[0].weights << 1, 1, 0, 1;
  network.hidden[0].exponents.resize(2);
  network.hidden[0].exponents << 2, 1.5;
  network.output.resize(2, 2);
  network.output << 2, 1, 1, 3;
  return network;
}

TEST(Polynomial, OutputsFollowTheFormula) {
  Matrix x(2, 2);
  x << 1, 4, 0, 0.25;
  const Matrix f = outputs(small_network(), x);
  EXPECT_DOUBLE_EQ(f(0, 0), 2 * 25 + 8);
  EXPECT_DOUBLE_EQ(f(0, 1), 25 + 3 * 8);
  EXPECT_DOUBLE_EQ(f(1, 0), 2 * 0.0625 + 0.125);
  EXPECT_DOUBLE_EQ(f(1, 1), 0.0625 + 3 * 0.125);
  EXPECT_EQ(classify(f), (std::vector<int>{0, 1}));
  const Matrix p = probabilities(f);
  EXPECT_NEAR(p(0, 0), 1 / (1 + std::exp(f(0, 1) - f(0, 0))), 1e-15);
  EXPECT_NEAR(p.row(1).sum(), 1, 1e-15);
}

TEST(Polynomial, OutputsHaveTheSameBitsForAnyNumberOfThreads) {
  const Matrix x = Matrix::Random(1500, 2).cwiseAbs();
  const Matrix f = outputs(small_network(), x, 1);
  for (const int threads : {2, 4, 9}) EXPECT_EQ(outputs(small_network(), x, threads), f);
}

TEST(Polynomial, EqualOutputsGoToTheFirstClass) { EXPECT_EQ(classify(Matrix::Zero(1, 3)), std::vector<int>{0}); }

TEST(Polynomial, HashDependsOnEveryWeightAndMask) {
  PolynomialNetwork network = small_network();
  const std::string before = weights_sha256(network);
  network.output(1, 1) = std::nextafter(3.0, 4.0);
  EXPECT_NE(weights_sha256(network), before);
  network = small_network();
  network.hidden[0].mask = Mask::Constant(2, 2, true);
  EXPECT_NE(weights_sha256(network), before);
  EXPECT_EQ(weights_sha256(small_network()), before);
}

}  // namespace
}  // namespace nadir
