#include "nadir/net/two_layer.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/test_util.hpp"

namespace nadir {
namespace {

/// The same features with the constant 1 at the end.
Matrix with_one(const Matrix& features) {
  Matrix wide(features.rows(), features.cols() + 1);
  wide << features, Vector::Ones(features.rows());
  return wide;
}

TEST(TwoLayer, OneUnitByHand) {
  TwoLayerNetwork network{Matrix::Constant(1, 1, 2), Vector::Constant(1, -1), Matrix::Constant(1, 1, 3),
                          Vector::Constant(1, 0.5), 0.1};
  Matrix x(2, 1);
  x << 1, 0;  // 2 − 1 = 1 and −1
  const Matrix f = outputs(network, x);
  EXPECT_DOUBLE_EQ(f(0, 0), 3.5);
  EXPECT_DOUBLE_EQ(f(1, 0), 0.2);
}

TEST(TwoLayer, IsTheSameFunctionAsAReluNetwork) {
  Random random(1);
  const Matrix x = normal_matrix(40, 3, random);
  for (const bool hidden_biases : {true, false})
    for (const bool output_biases : {true, false})
      for (const double slope : {0.0, 0.2, -1.0}) {
        TwoLayerNetwork network;
        network.hidden = normal_matrix(5, 3, random), network.output = normal_matrix(2, 5, random);
        if (hidden_biases) network.hidden_biases = normal_vector(5, random);
        if (output_biases) network.output_biases = normal_vector(2, random);
        network.slope = slope;
        const ReluNetwork relu = to_relu(network);
        EXPECT_EQ(relu.units.rows(), slope != 0 ? 10 : 5);
        const Matrix f = outputs(network, x), g = outputs(relu, hidden_biases ? with_one(x) : x);
        EXPECT_LT((f - g).norm(), 1e-13 * f.norm());
        for (Index j = 0; j < relu.units.rows(); ++j)
          EXPECT_NEAR(relu.units.row(j).norm(), relu.unit_outputs.row(j).norm(), 1e-14 * relu.units.row(j).norm());
      }
}

TEST(TwoLayer, UnitsWithoutEffectAreLeftOut) {
  Random random(2);
  TwoLayerNetwork network;
  network.hidden = normal_matrix(3, 2, random), network.output = normal_matrix(1, 3, random);
  network.hidden.row(1).setZero();
  network.output(0, 2) = 0;
  EXPECT_EQ(to_relu(network).units.rows(), 1);
  network.output.setZero();
  EXPECT_EQ(to_relu(network).units.rows(), 0);
}

}  // namespace
}  // namespace nadir
