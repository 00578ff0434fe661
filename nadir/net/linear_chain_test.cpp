#include "nadir/net/linear_chain.hpp"

#include <gtest/gtest.h>

#include "nadir/base/error.hpp"

namespace nadir {
namespace {

LinearChain two_layers() {
  LinearChain chain;
  chain.weights.emplace_back(Matrix{{1, 2, 0}, {0, -1, 3}});
  chain.weights.emplace_back(Matrix{{2, 1}});
  return chain;
}

TEST(LinearChain, OutputsAreThoseOfTheProduct) {
  const LinearChain chain = two_layers();
  EXPECT_EQ(product_of(chain), (Matrix{{2, 3, 3}}));
  EXPECT_EQ(outputs(chain, Matrix{{1, 0, 0}, {1, 1, 1}}), (Matrix{{2}, {8}}));
  EXPECT_EQ(widths_of(chain), (std::vector<Index>{3, 2, 1}));
}

TEST(LinearChain, ThreadsChangeNothing) {
  const LinearChain chain = two_layers();
  Matrix features(3000, 3);
  for (Index i = 0; i < features.size(); ++i) features.data()[i] = 1.0 / static_cast<double>(i + 1);
  EXPECT_EQ(outputs(chain, features, 1), outputs(chain, features, 3));
  EXPECT_NEAR(outputs(chain, features)(2999, 0), features.row(2999).dot(Vector{{2, 3, 3}}), 1e-15);
}

TEST(BiasedChain, AddsWhatItsBiasesAddUpTo) {
  BiasedChain network{two_layers(), {}};
  EXPECT_FALSE(network.has_biases());
  const std::string without = weights_sha256(network);
  network.biases = {Vector(), Vector::Zero(1)};
  EXPECT_TRUE(network.has_biases());
  EXPECT_NE(weights_sha256(network), without);
  network.biases = {Vector{{1, -2}}, Vector{{0.5}}};
  const Vector x{{1, 2, -1}};
  const Vector by_layer =
      network.chain.weights[1] * (network.chain.weights[0] * x + network.biases[0]) + network.biases[1];
  EXPECT_EQ(outputs(network, Matrix(x.transpose())), Matrix(by_layer));
  EXPECT_EQ(network.offset(), network.chain.weights[1] * network.biases[0] + network.biases[1]);
}

TEST(LinearChain, RefusesLayersThatDoNotFit) {
  EXPECT_THROW(require_chain({}), InputError);
  LinearChain chain = two_layers();
  chain.weights[1] = Matrix::Ones(1, 3);
  EXPECT_THROW(require_chain(chain), InputError);
  chain = two_layers();
  chain.weights[0](0, 1) = std::nan("");
  EXPECT_THROW(require_chain(chain), InputError);
  chain.weights[0] = Matrix(0, 3);
  EXPECT_THROW(require_chain(chain), InputError);
}

}  // namespace
}  // namespace nadir
