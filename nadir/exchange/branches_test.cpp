// Sums of chains of layers: read from what other programs saved, from graphs and arrays made by hand, and refused.
#include "nadir/exchange/branches.hpp"

#include <fstream>
#include <sstream>

#include "nadir/base/test_util.hpp"
#include "nadir/exchange/arrays.hpp"
#include "nadir/exchange/networks.hpp"
#include "nadir/exchange/onnx_answers.hpp"
#include "nadir/exchange/test_util.hpp"

namespace nadir::exchange {
namespace {

using namespace test;

ReadParallel parallel_of(const std::string& bytes) {
  return to_parallel(read_branches_from_bytes(bytes, "net", {}), "net");
}
std::string refusal_of(const std::string& bytes) {
  const std::string message = message_of<InputError>([&] { parallel_of(bytes); });
  EXPECT_TRUE(message.starts_with("net: ")) << message;
  return message;
}

TEST(Branches, OfTorchComputeWhatItComputes) {
  for (const char* const style : {"dynamo", "script"}) {
    const std::filesystem::path path = network(std::string("torch_parallel_") + style + ".onnx");
    const Branches branches = read_branches(path, {});
    EXPECT_EQ(branches.list.size(), 3U);
    const ReadParallel read = to_parallel(branches, "net");
    EXPECT_EQ(read.network.count(), 3);
    EXPECT_EQ(read.network.widths(), (std::vector<Index>{4, 4, 2, 2}));
    ASSERT_TRUE(read.constant);
    std::ifstream file(std::filesystem::path(path).replace_extension(".csv"));
    int rows = 0;
    for (std::string line; std::getline(file, line); ++rows) {
      std::istringstream cells(line);
      std::vector<double> row;
      for (std::string cell; std::getline(cells, cell, ',');) row.push_back(std::stod(cell));
      Matrix x(1, 4);
      x << row[0], row[1], row[2], 1;
      const Matrix f = outputs(read.network, x);
      EXPECT_NEAR(f(0, 0), row[3], 1e-6);
      EXPECT_NEAR(f(0, 1), row[4], 1e-6);
    }
    EXPECT_EQ(rows, 5);
    EXPECT_NE(message_of<InputError>([&] { read_layers(path, {}); }).find("only chains of layers are read"),
              std::string::npos);
  }
}

/// y = 3 relu(x_1 - x_2 + 5) - relu(2 x_1): two branches, one of them with biases, and a Sum.
Graph two_branches() {
  return {{node("Gemm", {"x", "W", "b"}, {"h"}), node("Relu", {"h"}, {"a"}), node("MatMul", {"a", "V"}, {"p"}),
           node("MatMul", {"x", "U"}, {"k"}), node("Relu", {"k"}, {"c"}), node("MatMul", {"c", "N"}, {"q"}),
           node("Sum", {"p", "q"}, {"y"})},
          {floats("W", {2, 1}, {1, -1}), floats("b", {1}, {5}), floats("V", {1, 1}, {3}), floats("U", {2, 1}, {2, 0}),
           floats("N", {1, 1}, {-1}), floats("zero", {1}, {0}), floats("one", {1}, {1})}};
}

TEST(Branches, OfAGraph) {
  Matrix x(2, 3);
  x << 1, 2, 1, 1, 7, 1;
  const Matrix expected = (Matrix(2, 1) << 3 * 4 - 2, -2).finished();
  EXPECT_EQ(outputs(parallel_of(two_branches().bytes()).network, x), expected);
  Graph graph = two_branches();  // Add, and a 0 that Python's sum begins with
  graph.nodes[6] = node("Add", {"q", "r"}, {"y"});
  graph.nodes.push_back(node("Add", {"zero", "p"}, {"r"}));
  EXPECT_EQ(outputs(parallel_of(graph.bytes()).network, x), expected);
  graph = two_branches();  // behind what changes nothing, and before what classifiers end with
  graph.nodes.push_back(node("Identity", {"x0"}, {"x"}));
  graph.inputs = {value("x0", {-1, 2})};
  graph.nodes.push_back(node("Sigmoid", {"y"}, {"s"}));
  graph.outputs = {value("s", {-1, 1})};
  EXPECT_EQ(outputs(parallel_of(graph.bytes()).network, x), expected);
  graph = two_branches();  // a third one, added in two steps
  for (const Message& more : {node("MatMul", {"x", "U"}, {"k2"}), node("Relu", {"k2"}, {"c2"}),
                              node("MatMul", {"c2", "N"}, {"q2"}), node("Add", {"y0", "q2"}, {"y"})})
    graph.nodes.push_back(more);
  graph.nodes[6] = node("Add", {"p", "q"}, {"y0"});
  const ReadParallel three = parallel_of(graph.bytes());
  EXPECT_EQ(three.network.count(), 3);
  EXPECT_EQ(outputs(three.network, x), (Matrix(2, 1) << 3 * 4 - 4, -4).finished());
}

TEST(Branches, OtherGraphsAreRefused) {
  const auto why = [](const auto& change) {
    Graph graph = two_branches();
    change(graph);
    return refusal_of(graph.bytes());
  };
  expect_contains(why([](Graph& g) {
                    g.nodes[6] = node("Sum", {"p", "p"}, {"y"});
                  }),
                  {"tensor 'p' is not added to all others, once"});
  expect_contains(why([](Graph& g) { g.nodes[6] = node("Add", {"p", "c"}, {"y"}); }), {"tensor 'c'"});
  expect_contains(why([](Graph& g) {
                    g.nodes[6] = node("Sum", {"p", "q"}, {"s"});
                    g.nodes.push_back(node("Add", {"s", "one"}, {"y"}));
                  }),
                  {"comes after the sum of the sub-networks"});
  expect_contains(why([](Graph& g) {
                    g.nodes[6] = node("Sum", {"p", "q"}, {"s"});
                    g.nodes.push_back(node("MatMul", {"s", "V"}, {"y"}));
                  }),
                  {"comes after the sum of the sub-networks"});
  expect_contains(why([](Graph& g) { g.nodes[6] = node("Sum", {"p", "x"}, {"y"}); }), {"'the y' (Sum)"});
  expect_contains(why([](Graph& g) { g.nodes[6] = node("Mul", {"p", "q"}, {"y"}); }), {"(Mul) is no part"});
  expect_contains(why([](Graph& g) { g.outputs.push_back(value("q", {-1, 1})); }), {"is not added to all others"});
  expect_contains(why([](Graph& g) {
                    g.nodes.pop_back(), g.outputs = {value("p", {-1, 1})};
                  }),
                  {"is not added to all others"});
  expect_contains(why([](Graph& g) {
                    g.nodes[2] = node("Gemm", {"a", "V", "one"}, {"p"});
                  }),
                  {"sub-network 1 is 2 -> 1 relu -> 1", "layer 2 has biases"});
  expect_contains(why([](Graph& g) { g.nodes[4] = node("LeakyRelu", {"k"}, {"c"}); }),
                  {"sub-network 2", "the same ReLU or leaky ReLU"});
  expect_contains(why([](Graph& g) {
                    g.nodes[5] = node("Relu", {"k"}, {"q"});
                    g.nodes[4] = node("Identity", {"c"}, {"unused"});
                  }),
                  {"sub-network 2 is 2 -> 1 relu; sub-networks of two layers or more are read"});
}

NamedTensor filled(const std::string& name, const std::string& shape, std::size_t count, double value = 1) {
  return {name, "F64", shape, raw(std::vector<double>(count, value))};
}

TEST(Branches, OfArrays) {
  const std::string bytes =
      safetensors({filled("net.chains.10.0.weight", "1,2", 2, 2), filled("net.chains.10.2.weight", "1,1", 1, -1),
                   filled("net.chains.9.0.weight", "2,2", 4), filled("net.chains.9.0.bias", "2", 2, 0.5),
                   filled("net.chains.9.2.weight", "1,2", 2), filled("net.chains.9.2.bias", "1", 1, 0)});
  const ReadParallel read = parallel_of(bytes);
  EXPECT_TRUE(read.constant);
  EXPECT_EQ(read.network.widths(), (std::vector<Index>{3, 2, 1}));  // widened with 0
  EXPECT_EQ(read.network.layers[0], (Matrix(4, 3) << 1, 1, 0.5, 1, 1, 0.5, 2, 2, 0, 0, 0, 0).finished());
  EXPECT_EQ(read.network.layers[1], (Matrix(2, 2) << 1, 1, -1, 0).finished());
  // A chain is one sub-network, by both ways of naming.
  EXPECT_EQ(parallel_of(safetensors({filled("W1", "2,2", 4), filled("W2", "1,2", 2)})).network.count(), 1);
  EXPECT_EQ(
      parallel_of(safetensors({filled("net.0.weight", "2,2", 4), filled("net.2.weight", "1,2", 2)})).network.count(),
      1);
  const Branches leaky = read_branches_from_bytes(safetensors({filled("W1", "2,2", 4), filled("W2", "1,2", 2)}), "net",
                                                  {Activation::leaky_relu, -0.5});
  EXPECT_EQ(to_parallel(leaky, "net").network.slope, -0.5);
}

TEST(Branches, OtherArraysAreRefused) {
  const NamedTensor a1 = filled("c.0.W1", "2,2", 4), a2 = filled("c.0.W2", "1,2", 2);
  expect_contains(refusal_of(safetensors({a1, a2, filled("W1", "1,2", 2)})), {"'W1' is of no sub-network"});
  expect_contains(refusal_of(safetensors({a1})), {"sub-network 1", "two layers or more"});
  expect_contains(refusal_of(safetensors({a1, a2, filled("c.1.W2", "1,2", 2)})), {"W1 is missing"});
  expect_contains(refusal_of(safetensors({a1, a2, filled("c.1.W1", "2,3", 6), filled("c.1.W2", "1,2", 2)})),
                  {"sub-network 2 is 3 -> 2 relu -> 1", "the first one is 2 -> 2 relu -> 1"});
  expect_contains(refusal_of(safetensors(
                      {a1, a2, filled("c.1.W1", "1,2", 2), filled("c.1.W2", "1,1", 1), filled("c.1.W3", "1,1", 1)})),
                  {"sub-network 2", "its layers, inputs and outputs"});
  expect_contains(refusal_of(safetensors({a1, a2, filled("c.0.b2", "1", 1, 0.25)})), {"layer 2 has biases"});
  expect_contains(
      message_of<InputError>([&] {
        to_parallel(read_branches_from_bytes(safetensors({a1, a2}), "net", {Activation::leaky_relu, 1.5}), "net");
      }),
      {"slopes of leaky ReLU are to be from -1 to 1"});
  expect_contains(message_of<InputError>([&] {
                    to_parallel(read_branches_from_bytes(safetensors({a1, a2}), "net", {Activation::none, 0}), "net");
                  }),
                  {"the same ReLU or leaky ReLU after each layer but the last"});
}

TEST(Branches, WhatWeWriteComesBack) {
  Random random(3);
  for (const double slope : {0.0, 0.25})
    for (const Index count : {1, 3}) {
      const ParallelNetwork network{
          {normal_matrix(4 * count, 3, random), normal_matrix(2 * count, 4, random), normal_matrix(count, 2, random)},
          1,
          slope};
      Recipe recipe;
      recipe.source = {"csv", ',', true, 3};
      recipe.target_column = 2, recipe.bias = true, recipe.quantity = Quantity{};
      for (const char* name : {"a", "b"})
        recipe.columns.push_back(
            {static_cast<Index>(recipe.columns.size()), name, ColumnKind::numeric, 0, 1, {}, {}, false});
      OnnxWriter onnx(onnx_answers);
      const OnnxFeatures features = write_features(onnx, recipe, Sign::any);
      write_answers(onnx, features, write_network(onnx, features, network), recipe, false);
      const std::string bytes = onnx.finish({}, "net");
      if (slope != 0) {  // of doubles, which LeakyRelu does not have
        EXPECT_NE(refusal_of(bytes), "");
        continue;
      }
      const ReadParallel back = parallel_of(bytes);
      EXPECT_TRUE(back.constant);
      EXPECT_EQ(back.network.layers, network.layers);
    }
}

}  // namespace
}  // namespace nadir::exchange
