#include "nadir/net/parallel.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/test_util.hpp"

namespace nadir {
namespace {

/// Two sub-networks 2 -> 1 -> 1, by hand.
ParallelNetwork by_hand(double slope) {
  ParallelNetwork network{{Matrix(2, 2), Matrix(2, 1)}, 1, slope};
  network.layers[0] << 1, -1, 2, 0;
  network.layers[1] << 3, -1;
  return network;
}

TEST(ParallelNetwork, SumsItsSubnetworks) {
  Matrix x(3, 2);
  x << 1, 0, 0, 1, -1, -2;
  EXPECT_EQ(outputs(by_hand(0), x), (Matrix(3, 1) << 3 - 2, 0, 3).finished());
  EXPECT_EQ(outputs(by_hand(0.5), x), (Matrix(3, 1) << 3 - 2, -1.5, 3 + 1).finished());
  Random random(1);
  const ParallelNetwork deep{
      {normal_matrix(9, 4, random), normal_matrix(6, 3, random), normal_matrix(6, 2, random)}, 2, -0.25};
  EXPECT_EQ(deep.count(), 3);
  EXPECT_EQ(deep.widths(), (std::vector<Index>{4, 3, 2, 2}));
  const Matrix features = normal_matrix(2500, 4, random);
  Matrix expected = Matrix::Zero(2500, 2);
  for (Index i = 0; i < 3; ++i) {
    Matrix at = features;
    for (std::size_t k = 0; k < 3; ++k) {
      at = at * Matrix(deep.layers[k].middleRows(i * deep.widths()[k + 1], deep.widths()[k + 1])).transpose();
      if (k < 2) at = at.unaryExpr([](double z) { return z > 0 ? z : -0.25 * z; });
    }
    expected += at;
  }
  EXPECT_LT((outputs(deep, features) - expected).norm(), 1e-12 * expected.norm());
  EXPECT_EQ(outputs(deep, features, 1), outputs(deep, features, 3));
  ParallelNetwork none = deep;
  for (Matrix& layer : none.layers) layer.conservativeResize(0, layer.cols());
  EXPECT_NO_THROW(require_parallel(none));
  EXPECT_EQ(none.widths(), deep.widths());
  EXPECT_TRUE(outputs(none, features).isZero(0));
}

TEST(ParallelNetwork, IsHashedLayerByLayer) {
  ParallelNetwork other = by_hand(0);
  other.layers[1](1, 0) = 1;
  EXPECT_NE(weights_sha256(other), weights_sha256(by_hand(0)));
  EXPECT_EQ(weights_sha256(by_hand(1)), weights_sha256(by_hand(0)));  // the slope is in the document
}

TEST(ParallelNetwork, IsRefused) {
  const auto refused = [](auto change) {
    ParallelNetwork network = by_hand(0);
    change(network);
    EXPECT_THROW(require_parallel(network), InputError);
  };
  EXPECT_NO_THROW(require_parallel(by_hand(-1)));
  refused([](ParallelNetwork& n) { n.layers.pop_back(); });
  refused([](ParallelNetwork& n) { n.slope = 1.01; });
  refused([](ParallelNetwork& n) { n.slope = std::nan(""); });
  refused([](ParallelNetwork& n) { n.outputs = 3; });
  refused([](ParallelNetwork& n) { n.outputs = 0; });
  refused([](ParallelNetwork& n) { n.layers[0].conservativeResize(3, 2); });
  refused([](ParallelNetwork& n) { n.layers[0].conservativeResize(4, 2); });
  refused([](ParallelNetwork& n) { n.layers[0].conservativeResize(0, 2); });
  refused([](ParallelNetwork& n) { n.layers[1].conservativeResize(0, 1); });
  refused([](ParallelNetwork& n) { n.layers[0](0, 0) = HUGE_VAL; });
}

}  // namespace
}  // namespace nadir
