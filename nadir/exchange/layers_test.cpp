// Networks that other programs saved: what is read computes what they compute.
#include "nadir/exchange/layers.hpp"

#include <fstream>
#include <sstream>

#include "nadir/exchange/arrays.hpp"
#include "nadir/exchange/floats.hpp"
#include "nadir/exchange/test_util.hpp"

namespace nadir::exchange {
namespace {

using test::network;
using test::read;

struct Fixture {
  std::string file;
  std::vector<Activation> activations;  // one a layer
  double tolerance;                     // relative to the largest output
};

constexpr double single = 1e-6;  // the other program computes in single precision
const std::vector<Activation> two{Activation::relu, Activation::none};
const std::vector<Activation> leaky{Activation::leaky_relu, Activation::none};
const std::vector<Activation> three{Activation::relu, Activation::leaky_relu, Activation::none};

const std::vector<Fixture> fixtures{{"torch_bias_dynamo.onnx", two, single},
                                    {"torch_bias_script.onnx", two, single},
                                    {"torch_no_bias_dynamo.onnx", two, single},
                                    {"torch_no_bias_script.onnx", two, single},
                                    {"torch_leaky_dynamo.onnx", leaky, single},
                                    {"torch_leaky_script.onnx", leaky, single},
                                    {"torch_three_dynamo.onnx", three, single},
                                    {"torch_three_script.onnx", three, single},
                                    {"torch_flat_dynamo.onnx", two, single},
                                    {"torch_flat_script.onnx", two, single},
                                    {"sklearn_regressor.onnx", two, single},
                                    {"sklearn_regressor_2.onnx", two, single},
                                    {"sklearn_binary.onnx", two, single},
                                    {"sklearn_classes.onnx", two, single},
                                    {"by_hand.onnx", leaky, single},
                                    {"torch_f64.safetensors", two, 1e-14},
                                    {"torch_f32.safetensors", two, 1e-14},
                                    {"torch_f16.safetensors", two, 1e-14},
                                    {"torch_bf16.safetensors", two, 1e-14},
                                    {"numpy_plain.npz", two, 1e-14},
                                    {"numpy_compressed.npz", two, single}};  // W2 in single precision

/// Rows of numbers.
std::vector<std::vector<double>> table(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(file, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(std::stod(cell));
  }
  return rows;
}

TEST(Layers, OfOtherProgramsComputeWhatTheseCompute) {
  for (const Fixture& fixture : fixtures) {
    SCOPED_TRACE(fixture.file);
    const std::filesystem::path path = network(fixture.file);
    const Layers layers = read_layers(path, {});
    std::vector<Activation> activations;
    for (const Layer& layer : layers.list) activations.push_back(layer.activation);
    EXPECT_EQ(activations, fixture.activations);
    const auto rows = table(std::filesystem::path(path).replace_extension(".csv"));
    ASSERT_EQ(rows.size(), 5U);
    for (const std::vector<double>& row : rows) {
      ASSERT_EQ(row.size(), static_cast<std::size_t>(layers.inputs() + layers.outputs()));
      const Vector all = Eigen::Map<const Vector>(row.data(), static_cast<Index>(row.size()));
      const Vector expected = all.tail(layers.outputs());
      const Vector outputs = test::outputs(layers, all.head(layers.inputs()));
      EXPECT_LE((outputs - expected).cwiseAbs().maxCoeff(), fixture.tolerance * expected.cwiseAbs().maxCoeff());
    }
  }
}

TEST(Layers, BiasesAndSourcesAreThoseOfTheFile) {
  const Layers with = read_layers(network("torch_bias_dynamo.onnx"), {});
  const Layers without = read_layers(network("torch_no_bias_script.onnx"), {});
  EXPECT_EQ(with.list[0].biases.size(), 4);
  EXPECT_EQ(without.list[0].biases.size(), 0);
  EXPECT_EQ(with.source, "ONNX of pytorch 2.15.0+cu132");
  EXPECT_EQ(read_layers(network("sklearn_binary.onnx"), {}).source, "ONNX of skl2onnx 1.20.0");
  EXPECT_EQ(read_layers(network("torch_f16.safetensors"), {}).source, "safetensors");
  EXPECT_EQ(read_layers(network("numpy_plain.npz"), {}).source, "NPZ");
  EXPECT_EQ(read_layers(network("torch_leaky_dynamo.onnx"), {}).list[0].slope, 0.125);
}

TEST(Layers, WhatLiesBetweenArraysIsGiven) {
  for (const char* file : {"torch_f64.safetensors", "numpy_plain.npz"}) {
    const Layers slanted = read_layers(network(file), {Activation::leaky_relu, 0.25});
    EXPECT_EQ(slanted.list[0].activation, Activation::leaky_relu);
    EXPECT_EQ(slanted.list[0].slope, 0.25);
    EXPECT_EQ(slanted.list[1].activation, Activation::none);
    const Layers straight = read_layers(network(file), {Activation::none, 0.25});
    EXPECT_EQ(straight.list[0].activation, Activation::none);
    EXPECT_EQ(straight.list[0].slope, 0);
  }
}

TEST(Layers, NamesInTheirNaturalOrder) {
  const std::vector<LayerNames> numbered{{"W1", "b1"}, {"W2", ""}, {"W3", "b3"}};
  EXPECT_EQ(layers_of({"b3", "W3", "W1", "W2", "b1"}, "p"), numbered);
  std::vector<std::string> many;
  for (int i = 12; i > 0; --i) many.push_back("W" + std::to_string(i));
  EXPECT_EQ(layers_of(many, "p")[10].weights, "W11");
  const std::vector<LayerNames> named{{"net.0.weight", "net.0.bias"}, {"net.2.weight", ""}, {"net.10.weight", ""}};
  EXPECT_EQ(layers_of({"net.10.weight", "net.0.bias", "net.2.weight", "net.0.weight"}, "p"), named);
  const std::vector<LayerNames> single_layer{{"weight", "bias"}};
  EXPECT_EQ(layers_of({"bias", "weight"}, "p"), single_layer);
  EXPECT_EQ(layers_of({"a10.weight", "a2.weight", "a02.weight", "a.weight", "a2b.weight"}, "p"),
            (std::vector<LayerNames>{
                {"a.weight", ""}, {"a02.weight", ""}, {"a2.weight", ""}, {"a2b.weight", ""}, {"a10.weight", ""}}));
}

TEST(Layers, HalfAndBrainFloats) {
  const auto decoded = [](std::uint16_t bits, Float type) {
    double value = 0;
    decode_floats(test::little(bits, 2), type, {&value, 1});
    return value;
  };
  EXPECT_EQ(decoded(0x3C00, Float::f16), 1);
  EXPECT_EQ(decoded(0xC100, Float::f16), -2.5);
  EXPECT_EQ(decoded(0x0001, Float::f16), 0x1p-24);  // the smallest
  EXPECT_EQ(decoded(0x03FF, Float::f16), 1023 * 0x1p-24);
  EXPECT_EQ(decoded(0x0400, Float::f16), 0x1p-14);  // the smallest that is normal
  EXPECT_EQ(decoded(0x7BFF, Float::f16), 65504);
  EXPECT_EQ(decoded(0xFC00, Float::f16), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(decoded(0x7E00, Float::f16)));
  EXPECT_EQ(decoded(0x3FC0, Float::bf16), 1.5);
  EXPECT_EQ(decoded(0xFF80, Float::bf16), -std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace nadir::exchange
