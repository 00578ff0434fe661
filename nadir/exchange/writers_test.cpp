// What we write, as our own readers read it: weights come back bit by bit, and other graphs are refused.
#include "nadir/base/test_util.hpp"
#include "nadir/exchange/arrays_writer.hpp"
#include "nadir/exchange/networks.hpp"
#include "nadir/exchange/onnx_answers.hpp"
#include "nadir/exchange/test_util.hpp"

namespace nadir::exchange {
namespace {

using namespace test;

/// Two numbers as they are, and the constant 1 if that is wanted; two classes, or a quantity.
Recipe raw_recipe(bool constant, std::vector<std::string> classes) {
  Recipe recipe;
  recipe.source = {"csv", ',', true, 3};
  recipe.target_column = 2;
  recipe.bias = constant;
  for (const char* name : {"a", "b"})
    recipe.columns.push_back(
        {static_cast<Index>(recipe.columns.size()), name, ColumnKind::numeric, 0, 1, {}, {}, false});
  recipe.classes = std::move(classes);
  if (recipe.classes.empty()) recipe.quantity = Quantity{};
  return recipe;
}

template <class Network>
std::string onnx_of(const Network& network, const Recipe& recipe, bool has_probabilities = true,
                    Sign sign = Sign::any) {
  OnnxWriter onnx(onnx_answers);
  const OnnxFeatures features = write_features(onnx, recipe, sign);
  write_answers(onnx, features, write_network(onnx, features, network), recipe, has_probabilities);
  return onnx.finish({{"key", "value"}}, "net");
}

Matrix random(Index rows, Index columns) {
  Random draw(static_cast<std::uint64_t>(7 * rows + columns));
  return normal_matrix(rows, columns, draw);
}

TEST(Writers, ReluNetworksComeBack) {
  for (const Index outputs : {1, 3}) {
    const std::vector<std::string> none, two{"no", "yes"}, three{"p", "q", "r"};
    for (const auto& classes : {outputs == 1 ? none : three, outputs == 1 ? two : three})
      for (const bool has_probabilities : {false, true}) {
        const ReluNetwork network{random(5, 3), random(5, outputs), random(outputs, 1).col(0)};
        const Layers layers = read(onnx_of(network, raw_recipe(true, classes), has_probabilities), ".onnx");
        EXPECT_EQ(layers.source, "ONNX of nadir 0.1.0");
        const TwoLayerNetwork back = to_two_layer(layers, "net");
        EXPECT_EQ(back.hidden, network.units.leftCols(2));
        EXPECT_EQ(back.hidden_biases, network.units.col(2));
        EXPECT_EQ(back.output, network.unit_outputs.transpose());
        EXPECT_EQ(back.output_biases, network.output_biases);
        EXPECT_EQ(back.slope, 0);
      }
  }
}

TEST(Writers, LinearChainsComeBack) {
  const BiasedChain network{{{random(4, 2), random(2, 4), random(3, 2)}},
                            {random(4, 1).col(0), {}, random(3, 1).col(0)}};
  const std::string arrays = encode_layers(to_layers(network, false), {{"key", "value"}});
  const std::string onnx = onnx_of(network, raw_recipe(false, {"p", "q", "r"}), false);
  for (const Layers& layers : {read(onnx, ".onnx"), read(arrays, ".safetensors")}) {
    ASSERT_EQ(layers.list.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(layers.list[i].weights, network.chain.weights[i]);
      EXPECT_EQ(layers.list[i].biases, network.biases[i]);
    }
  }
}

TEST(Writers, ArraysOfReluNetworks) {
  ReluNetwork network{random(5, 3), random(5, 2)};
  const TwoLayerNetwork back =
      to_two_layer(read(encode_layers(to_layers(network, true, "m"), {}), ".safetensors"), "net");
  EXPECT_EQ(back.hidden, network.units.leftCols(2));
  EXPECT_EQ(back.hidden_biases, network.units.col(2));
  EXPECT_EQ(back.output, network.unit_outputs.transpose());
  EXPECT_EQ(back.output_biases.size(), 0);
  network.skip = random(3, 2);
  expect_contains(message_of<InputError>([&] { to_layers(network, true, "m"); }),
                  {"m: ", "with a linear part", ".onnx"});
  expect_contains(message_of<InputError>([&] {
                    to_layers({Matrix(0, 3), Matrix(0, 2)}, true, "m");
                  }),
                  {"without units"});
}

TEST(Writers, OtherGraphsAreNoChains) {
  const ReluNetwork network{random(5, 2), random(5, 1)};
  Recipe recipe = raw_recipe(false, {});
  EXPECT_EQ(read(onnx_of(network, recipe), ".onnx").list.size(), 2U);
  EXPECT_NE(refusal(onnx_of(network, recipe, false, Sign::non_negative), ".onnx"), "");
  recipe.quantity->range = 2;
  expect_contains(refusal(onnx_of(network, recipe), ".onnx"), {"(Mul)"});
  recipe = raw_recipe(false, {});
  recipe.columns[1].offset = 0.5;
  EXPECT_NE(refusal(onnx_of(network, recipe), ".onnx"), "");
  recipe = raw_recipe(false, {});
  recipe.columns[1].missing = 0.5;
  EXPECT_NE(refusal(onnx_of(ReluNetwork{random(5, 3), random(5, 1)}, recipe), ".onnx"), "");
  expect_contains(refusal(onnx_of(GatedNetwork{random(4, 2), random(2, 2)}, raw_recipe(false, {})), ".onnx"), {"node"});
}

}  // namespace
}  // namespace nadir::exchange
