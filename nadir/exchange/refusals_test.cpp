// Files that say something other than a chain of layers, each refused for its reason.
#include <limits>

#include "nadir/exchange/arrays.hpp"
#include "nadir/exchange/test_util.hpp"

namespace nadir::exchange {
namespace {

using namespace test;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// y = 3 relu(x_1 - x_2 + 5) - 1, as Gemm, Relu, MatMul, Add.
Graph honest() {
  return {{node("Gemm", {"x", "W", "b"}, {"h"}), node("Relu", {"h"}, {"a"}), node("MatMul", {"a", "V"}, {"z"}),
           node("Add", {"z", "c"}, {"y"})},
          {floats("W", {2, 1}, {1, -1}), floats("b", {1}, {5}), floats("V", {1, 1}, {3}), floats("c", {1}, {-1})}};
}

std::string why(const Graph& graph) { return refusal(graph.bytes(), ".onnx"); }

Vector point(double a, double b) { return Eigen::Vector2d(a, b); }

/// The honest graph with one node in another's place.
Graph with(std::size_t place, const Message& other) {
  Graph graph = honest();
  graph.nodes[place] = other;
  return graph;
}

Graph with_tensor(std::size_t place, const Message& other) {
  Graph graph = honest();
  graph.tensors[place] = other;
  return graph;
}

TEST(Onnx, TheHonestGraph) {
  const Layers layers = read(honest().bytes(), ".onnx");
  EXPECT_EQ(outputs(layers, point(1, 2))[0], 11);
  EXPECT_EQ(outputs(layers, point(1, 7))[0], -1);
  EXPECT_EQ(layers.source, "ONNX of test");
}

TEST(Onnx, WhatElseAChainMayConsistOf) {
  const auto at = [](const Graph& graph, double a, double b) {
    return outputs(read(graph.bytes(), ".onnx"), point(a, b))[0];
  };
  Graph graph = honest();  // everything that changes no value
  graph.nodes[0] = node("Gemm", {"d", "W", "b"}, {"h"});
  for (const Message& more :
       {node("Flatten", {"x"}, {"f"}), node("Reshape", {"f", "shape"}, {"g"}), node("Identity", {"g"}, {"i"}),
        node("Cast", {"i"}, {"k"}, {integer_attribute("to", 11)}), node("Dropout", {"k"}, {"d", "mask"})})
    graph.nodes.push_back(more);
  graph.tensors.push_back(tensor("shape", {2}, raw<std::int64_t>({0, -1}), 7));
  EXPECT_EQ(at(graph, 1, 2), 11);
  graph = with(0, node("Gemm", {"x", "T", "b"}, {"h"},
                       {integer_attribute("transB", 1), number_attribute("alpha", 2), number_attribute("beta", 0.5F)}));
  graph.nodes.push_back(node("Transpose", {"W"}, {"T"}));
  EXPECT_EQ(at(graph, 1, 2), 3 * (2 * -1 + 2.5) - 1);
  graph = with(3, node("Add", {"constant", "z"}, {"y"}));
  graph.nodes.push_back(node("Constant", {}, {"constant"},
                             {Message().text(1, "value").text(5, floats("", {}, {4}).bytes).integer(20, 4)}));
  EXPECT_EQ(at(graph, 1, 2), 16);
  graph = with(1, node("Relu", {"h2"}, {"a"}));
  graph.nodes.push_back(node("Add", {"h", "c"}, {"h2"}));  // beside the biases of Gemm
  EXPECT_EQ(at(graph, 1, 2), 3 * (-1 + 5 - 1) - 1);
  graph = with(1, node("LeakyRelu", {"h"}, {"a"}));
  EXPECT_EQ(at(graph, 1, 7), 3 * -static_cast<double>(0.01F) - 1);
  graph = honest();
  graph.outputs = {value("p", {-1, 1})};
  for (const Message& more : {node("Sigmoid", {"y"}, {"p"}), node("Sub", {"one", "p"}, {"q"})})
    graph.nodes.push_back(more);
  EXPECT_EQ(at(graph, 1, 2), 11);
  graph = honest();
  graph.inputs.push_back(value("W", {2, 1}));  // as files before 2019 list constants
  EXPECT_EQ(at(graph, 1, 2), 11);
  Message unpacked;  // elements one by one
  unpacked.integer(1, 2).integer(1, 1).integer(2, 1).text(8, "W").number(4, 1).number(4, -1);
  EXPECT_EQ(at(with_tensor(0, unpacked), 1, 2), 11);
  EXPECT_EQ(at(with_tensor(0, tensor("W", {2, 1}, raw<double>({1, -1}), 11)), 1, 2), 11);
  EXPECT_EQ(at(with_tensor(0, tensor("W", {2, 1}, std::string("\x00\x3C\x00\xBC", 4), 10)), 1, 2), 11);
}

TEST(Onnx, OtherOperatorsAreNamed) {
  expect_contains(why(with(1, node("Tanh", {"h"}, {"a"}))), {"node 'the a' (Tanh) is no part of a chain of layers"});
  expect_contains(why(with(1, node("Re\nlu", {"h"}, {"a"}))), {"(Re lu)"});
  expect_contains(why(with(1, node("Sigmoid", {"h"}, {"a"}))),
                  {"node 'the z' (MatMul) comes after what ends a network"});
  expect_contains(why(with(1, node("Relu", {"h"}, {"a"}).text(7, "mine"))), {"is an operator of 'mine'"});
  expect_contains(why(with(1, node("Relu", {"h"}, {"a"}, {integer_attribute("k", 1)}))), {"the attribute 'k'"});
  expect_contains(why(with(1, node("Relu", {"h", "h"}, {"a"}))), {"tensor 'h' is used more than once"});
  expect_contains(why(with(1, node("Relu", {"h", "b"}, {"a"}))), {"has 2 inputs and 1 outputs"});
  expect_contains(why(with(1, node("Cast", {"h"}, {"a"}, {integer_attribute("to", 7)}))), {"rounds the network's"});
  expect_contains(why(with(1, node("Dropout", {"h", "b", "c"}, {"a"}))), {"training mode"});
  expect_contains(why(with(1, node("Flatten", {"h"}, {"a"}, {integer_attribute("axis", 0)}))), {"samples x features"});
  expect_contains(why(with(1, node("LeakyRelu", {"h"}, {"a"}, {number_attribute("alpha", nan)}))),
                  {"no finite number"});
  expect_contains(why(with(1, node("LeakyRelu", {"h"}, {"a"}, {integer_attribute("alpha", 1)}))), {"no finite number"});
  expect_contains(
      why(with(1, node("LeakyRelu", {"h"}, {"a"}, {number_attribute("alpha", 1), number_attribute("alpha", 2)}))),
      {"an attribute twice"});
  expect_contains(why(with(0, node("Gemm", {"x", "W"}, {"h"}, {integer_attribute("transA", 1)}))), {"transA"});
  expect_contains(why(with(0, node("Gemm", {"x", "W"}, {"h"}, {number_attribute("transB", 1)}))), {"no integer"});
  expect_contains(why(with(0, node("MatMul", {"W", "x"}, {"h"}))), {"as another input than its first"});
  expect_contains(why(with(0, node("Relu", {"x"}, {"h"}))), {"comes before the first layer"});
  expect_contains(why(with(2, node("Relu", {"a"}, {"z"}))), {"comes after an activation"});
  expect_contains(why(with(2, node("Add", {"a", "c"}, {"z"}))), {"comes after an activation"});
}

TEST(Onnx, ReshapesKeepSamples) {
  const auto reshape = [](const std::vector<std::int64_t>& to, const std::vector<Message>& attributes = {}) {
    Graph graph = with(1, node("Reshape", {"h", "to"}, {"r"}, attributes));
    graph.nodes.push_back(node("Relu", {"r"}, {"a"}));
    graph.tensors.push_back(tensor("to", {static_cast<std::int64_t>(to.size())}, raw(to), 7));
    return graph;
  };
  for (const std::vector<std::int64_t>& to : {std::vector<std::int64_t>{-1, 1}, {0, -1}, {0, 1}, {0, 0}})
    EXPECT_EQ(outputs(read(reshape(to).bytes(), ".onnx"), point(1, 2))[0], 11);
  const std::vector<Message> literal{integer_attribute("allowzero", 1)};
  for (const std::vector<std::int64_t>& to :
       {std::vector<std::int64_t>{-1, 2}, {1, -1}, {-1}, {-1, -1}, {0, 2}, {-1, 1, 1}, {}})
    expect_contains(why(reshape(to)), {"node 'the r' (Reshape) does not keep samples x features"});
  expect_contains(why(reshape({0, 1}, literal)), {"does not keep"});
  Graph graph = reshape({-1, 1});
  graph.tensors.back() = tensor("to", {2}, raw<std::int64_t>({-1}), 7);
  expect_contains(why(graph), {"does not hold as many elements as its shape says"});
  graph.tensors.back() = tensor("to", {2}, raw<float>({-1, 1}), 1);
  expect_contains(why(graph), {"is no list of integers"});
}

TEST(Onnx, GraphsThatAreNoChain) {
  Graph graph = honest();
  graph.nodes.push_back(node("Relu", {"h"}, {"other"}));
  expect_contains(why(graph),
                  {"tensor 'h' is used more than once, by node 'the a' (Relu) and node 'the other' (Relu)"});
  graph = honest();
  graph.outputs.push_back(value("h", {-1, 1}));
  expect_contains(why(graph), {"tensor 'h' is used more than once", "as an output"});
  graph = honest();
  graph.inputs.push_back(value("x2", {-1, 2}));
  expect_contains(why(graph), {"several inputs, 'x' and 'x2'"});
  graph.inputs.clear();
  expect_contains(why(graph), {"the graph has no input"});
  graph = honest();
  graph.outputs = {value("elsewhere", {})};
  expect_contains(why(graph), {"ends at 'y', which is none of its outputs"});
  expect_contains(why(with(2, node("MatMul", {"a", "nothing"}, {"z"}))), {"'nothing', which is nowhere in the file"});
  expect_contains(why(with(3, node("Add", {"z", "x"}, {"y"}))), {"tensor 'x' is used more than once"});
  expect_contains(why(with(3, node("Add", {"z", "later"}, {"y"}))), {"'later', which is nowhere"});
  graph = with(3, node("Add", {"z", "loop"}, {"y"}));  // a circle of constants
  graph.nodes.push_back(node("Identity", {"loop2"}, {"loop"}));
  graph.nodes.push_back(node("Identity", {"loop"}, {"loop2"}));
  expect_contains(why(graph), {"behind more than 8 nodes, or in a circle"});
  graph = with(3, node("Add", {"z", "again"}, {"y"}));  // a circle of values
  graph.nodes.push_back(node("Relu", {"y"}, {"again"}));
  expect_contains(why(graph), {"'again' of node 'the again' (Relu), which is not a constant"});
  graph.nodes.back() = node("Relu", {"y"}, {"h"});
  expect_contains(why(graph), {"gives tensor 'h', which is there already"});
  graph = honest();
  graph.nodes.push_back(node("Constant", {}, {"W"}));
  expect_contains(why(graph), {"gives tensor 'W', which is there already"});
  graph = honest();
  graph.tensors.push_back(graph.tensors[0]);
  expect_contains(why(graph), {"two initializers have the name 'W'"});
  graph.nodes.clear();
  expect_contains(why(graph), {"two initializers"});
  graph.tensors.clear();
  expect_contains(why(graph), {"ends at 'x'"});
  graph.outputs = {value("x", {-1, 2})};
  expect_contains(why(graph), {"holds no layer with weights"});
}

TEST(Onnx, ConstantsThatAreNotAsTheyShouldBe) {
  const auto weights = [](const Message& tensor) { return why(with_tensor(0, tensor)); };
  expect_contains(weights(floats("W", {2}, {1, -1})), {"multiplies by 'W' of the shape 2, which is no matrix"});
  expect_contains(weights(floats("W", {-2, -1}, {1, -1})), {"'W' of the negative size -2"});
  expect_contains(weights(floats("W", {2, 0}, {})), {"'W' has the shape 2 x 0, so it is empty"});
  expect_contains(weights(floats("W", {1LL << 62, 4}, {})), {"networks of up to 8388608 weights are read"});
  expect_contains(weights(floats("W", {1LL << 32, 1LL << 32}, {})), {"networks of up to"});
  expect_contains(weights(floats("W", {2, 1}, {1})), {"does not hold as many elements as its shape says"});
  expect_contains(weights(floats("W", {2, 1}, {1, 2, 3})), {"does not hold as many"});
  expect_contains(weights(floats("W", {2, 1}, {1, nan})), {"node 'the h' (Gemm) holds weights that are infinite"});
  expect_contains(weights(floats("W", {3, 1}, {1, 2, 3})), {"takes 3 features where the graph's input has 2"});
  expect_contains(weights(floats("W", {2, 3}, {1, 2, 3, 4, 5, 6})),
                  {"node 'the z' (MatMul) takes 1 inputs where node 'the h' (Gemm) gives 3"});
  expect_contains(weights(tensor("W", {2, 1}, raw<std::int64_t>({1, 2}), 7)), {"is of ONNX type 7"});
  expect_contains(weights(floats("W", {2, 1}, {1, -1}).integer(14, 1)), {"another file, which is never opened"});
  const Message location = Message().text(1, "location").text(2, "/etc/passwd");
  expect_contains(weights(floats("W", {2, 1}, {}).text(13, location.bytes)), {"another file, which is never opened"});
  expect_contains(weights(floats("W", {2, 1}, {1, -1}).number(4, 1)), {"keeps elements in two ways"});
  expect_contains(weights(floats("W", {2, 1}, {1, -1}).text(3, "")), {"segments"});
  expect_contains(weights(floats("W", {2, 1}, {1, -1}).text(12, std::string(70000, 'x'))), {"takes more of the file"});
  expect_contains(why(with_tensor(1, floats("b", {2}, {1, 2}))),
                  {"wants a number for each of 1 columns where 'b' has the shape 2"});
  expect_contains(why(with_tensor(1, floats("b", {1}, {nan}))), {"holds biases that are infinite"});
  expect_contains(why(with_tensor(2, floats("V", {2, 1}, {1, 2}))),
                  {"node 'the z' (MatMul) takes 2 inputs where node 'the h' (Gemm) gives 1 (1 x 2 after 1 x 2"});
  Graph graph = with(2, node("MatMul", {"a", "T"}, {"z"}));
  const Message order = Message().text(1, "perm").integer(8, 0).integer(8, 1).integer(20, 7);
  graph.nodes.push_back(node("Transpose", {"V"}, {"T"}, {order}));
  expect_contains(why(graph), {"'T' of node 'the T' (Transpose), which is not a constant"});
  graph.nodes.back() = node("Cast", {"V"}, {"T"}, {integer_attribute("to", 7)});
  expect_contains(why(graph), {"'T' of node 'the T' (Cast), which is not a constant"});
  graph = with(0, node("Gemm", {"x", "W"}, {"h"}, {number_attribute("alpha", 3e38F)}));
  graph.tensors[0] = tensor("W", {2, 1}, raw<double>({1e300, 1}), 11);
  expect_contains(why(graph), {"holds weights that are infinite"});
}

TEST(Onnx, FilesThatAreNotRead) {
  expect_contains(refusal("", ".onnx"), {"is no ONNX file, nor safetensors or NPZ: it holds 0 graphs"});
  expect_contains(refusal("a text, not a network\n", ".onnx"), {"no ONNX file"});
  expect_contains(refusal(honest().bytes() + honest().bytes(), ".onnx"), {"it holds 2 graphs"});
  expect_contains(refusal(honest().bytes() + Message().text(25, "").bytes, ".onnx"), {"functions of its own"});
  Graph graph = honest();
  graph.operators = 6;
  expect_contains(why(graph), {"operators of ONNX version 6, before 7"});
  graph = honest();
  graph.more.text(15, "");
  expect_contains(why(graph), {"sparse initializers"});
  graph = honest();
  graph.inputs = {value("x", {-1, 1, 2})};
  expect_contains(why(graph), {"takes inputs of 3 dimensions"});
  graph = honest();
  for (int i = 0; i < 5000; ++i) graph.nodes.emplace_back();
  expect_contains(why(graph), {"holds more than 4096 nodes"});
  graph = honest();
  for (int i = 0; i < 65; ++i) graph.nodes[1].text(1, "");
  expect_contains(why(graph), {"holds more than 64 inputs of a node"});
  graph = honest();
  graph.nodes.pop_back();
  std::string last = "z";
  for (int i = 0; i < 300; ++i) {
    const std::string next = "z" + std::to_string(i);
    graph.nodes.push_back(node("MatMul", {last, "V"}, {next}));
    last = next;
  }
  graph.outputs = {value(last, {-1, 1})};
  expect_contains(why(graph), {"there are more than 256 layers"});
}

TEST(Onnx, LayersTogetherKeepToTheLimit) {
  const auto of = [](int layers) {  // that share one tensor of an eighth of all weights
    Graph graph;
    for (int i = 0; i < layers; ++i)
      graph.nodes.push_back(node("MatMul", {"x" + std::to_string(i), "W"}, {"x" + std::to_string(i + 1)}));
    graph.tensors = {floats("W", {1024, 1024}, std::vector<float>(std::size_t{1} << 20, 1))};
    graph.inputs = {value("x0", {-1, 1024})};
    graph.outputs = {value("x" + std::to_string(layers), {-1, 1024})};
    return graph.bytes();
  };
  EXPECT_EQ(read(of(8), ".onnx").list.size(), 8U);
  expect_contains(refusal(of(9), ".onnx"), {"tensor 'W' has the shape 1024 x 1024; networks of up to 8388608 weights"});
}

TEST(Arrays, NamesThatAreNoNetwork) {
  const auto fault = [](const std::vector<std::string>& names) {
    return message_of<InputError>([&] { layers_of(names, "p"); });
  };
  expect_contains(fault({}), {"p: there is no layer; the file holds no arrays, and a network consists of W1, b1"});
  expect_contains(fault({"W1", "W3"}), {"p: W2 is missing; the file holds 'W1', 'W3', and"});
  expect_contains(fault({"W2"}), {"W1 is missing"});
  expect_contains(fault({"W1", "b2"}), {"'b2' has no weights"});
  expect_contains(fault({"W1", "W1"}), {"'W1' is there twice"});
  expect_contains(fault({"W1", "a.weight"}), {"two ways of naming are mixed"});
  expect_contains(fault({"a.bias"}), {"'a.bias' has no weights"});
  for (const char* name :
       {"W", "W0", "W01", "W1x", "w1", "W99999999999999999999999", "a.weights", "arr_0", "a.running_mean", ""})
    expect_contains(fault({"W1", name}), {"is no part of a layer; the file holds 'W1'"});
  std::vector<std::string> many;
  for (int i = 0; i < 20; ++i) many.push_back("arr_" + std::to_string(i));
  expect_contains(fault(many), {"'arr_11' and 8 more"});
}

TEST(Arrays, ShapesAndNumbers) {
  const auto fault = [](const std::vector<Entry>& entries) { return refusal(zip(entries), ".npz"); };
  const Entry first{"W1.npy", npy("2, 3", {1, 2, 3, 4, 5, 6})};
  EXPECT_EQ(read(zip({first, {"W2.npy", npy("1, 2", {1, -1}), true}}), ".npz").outputs(), 1);
  expect_contains(fault({first, {"W2.npy", npy("2,", {1, 2})}}), {"'W2' has the shape 2", "reshape it to 1 x 2"});
  expect_contains(fault({first, {"W2.npy", npy("1, 2, 1", {1, 2})}}), {"'W2' has the shape 1 x 2 x 1"});
  expect_contains(fault({first, {"W2.npy", npy("", {1})}}), {"'W2' has the shape no dimension"});
  expect_contains(fault({first, {"W2.npy", npy("2, 1", {1, 2})}}),
                  {"'W2' takes 1 inputs where 'W1' gives 2 (2 x 1 after 2 x 3; weights are outputs x inputs)"});
  expect_contains(fault({first, {"b1.npy", npy("3,", {1, 2, 3})}}), {"'b1' holds 3 biases where 'W1' has 2 outputs"});
  expect_contains(fault({first, {"b1.npy", npy("1, 2", {1, 2})}}), {"'b1' has the shape 1 x 2 where biases have one"});
  expect_contains(fault({{"W1.npy", npy("1, 1", {HUGE_VAL})}}), {"'W1' holds weights that are infinite"});
  expect_contains(fault({first, {"b1.npy", npy("2,", {0, NAN})}}), {"'b1' holds biases that are infinite"});
  expect_contains(fault({{"W1.npy", npy("0, 2", {})}}), {"'W1' has the shape 0 x 2, so it is empty"});
  expect_contains(fault({{"W1.npy", npy("2, 2", {1})}}), {"'W1': its header announces 32 bytes"});
  expect_contains(fault({{"W1.npy", "no array"}}), {"'W1': is not an NPY file"});
  expect_contains(fault({{"W1.npy", npy_of("<f2", "1, 1", "xx")}}), {"elements of type '<f2' are not supported"});
  expect_contains(fault({first, first}), {"'W1' is there twice"});
  expect_contains(fault({{"archive/data.pkl", ""}}), {"was written by torch.save"});
  const auto halves = [](const std::string& type) {
    return refusal(safetensors({{"a.weight", type, "1,2", std::string(4, '\0')}}), ".safetensors");
  };
  expect_contains(halves("I16"), {"'a.weight' is of type I16; F64, F32, F16 and BF16 are read"});
  expect_contains(halves("F99"), {"tensor 'a.weight' is of a type that is not known"});
  expect_contains(refusal(safetensors({{"a.weight", "F16", "4294967296,4294967296", ""}}), ".safetensors"),
                  {"not a valid safetensors file: tensor 'a.weight': the shape does not match its bytes"});
  expect_contains(refusal(safetensors({{"a.weight", "F16", "0", ""}}), ".safetensors"), {"reshape it to 1 x 0"});
}

TEST(Arrays, ArchivesThatAreDamaged) {
  const std::string honest = zip({{"W1.npy", npy("1, 1", {1}), true}});
  EXPECT_EQ(read(honest, ".npz").outputs(), 1);
  EXPECT_EQ(read(honest.substr(0, honest.size() - 2) + little(3, 2) + "abc", ".npz").outputs(), 1);  // a comment
  const std::size_t end = honest.size() - 22;
  const std::size_t directory = end - 46 - 6;
  const auto fault = [&](std::size_t place, const std::string& bytes) {
    return refusal(std::string(honest).replace(place, bytes.size(), bytes), ".npz");
  };
  const std::string damaged = "the ZIP archive is damaged or cut short";
  expect_contains(refusal("PK", ".npz"), {damaged});
  expect_contains(refusal(honest.substr(0, honest.size() - 1), ".npz"), {damaged});
  expect_contains(fault(end + 4, little(1, 2)), {"one of several parts"});
  expect_contains(fault(end + 8, little(2, 2)), {"one of several parts"});
  expect_contains(fault(end + 8, little(0xFFFF, 2) + little(0xFFFF, 2)), {"more than 4096 entries"});
  expect_contains(fault(end + 8, little(2, 2) + little(2, 2)), {damaged});
  expect_contains(fault(end + 8, little(0, 2) + little(0, 2)), {damaged});
  expect_contains(fault(end + 12, little(51, 4)), {damaged});
  expect_contains(fault(end + 16, little(0xFFFFFFFF, 4)), {damaged});
  expect_contains(fault(directory, "PK\1\3"), {damaged});
  expect_contains(fault(directory + 8, little(1, 2)), {"encrypted"});
  expect_contains(fault(directory + 10, little(12, 2)), {"another compression than deflate"});
  expect_contains(fault(directory + 10, little(0, 2)), {"entry 'W1.npy' is damaged"});
  expect_contains(fault(directory + 16, little(1, 4)), {"entry 'W1.npy' is damaged: its size or checksum is wrong"});
  expect_contains(fault(directory + 20, little(0xFFFFFFFF, 4)), {"ZIP64"});
  expect_contains(fault(directory + 20, little(10, 4)), {"entry 'W1.npy' is damaged"});
  expect_contains(fault(directory + 20, little(100000, 4)), {damaged});
  expect_contains(fault(directory + 24, little(1000000, 4)), {"entry 'W1.npy' is damaged"});
  expect_contains(fault(directory + 28, little(60000, 2)), {damaged});
  expect_contains(fault(directory + 42, little(end, 4)), {damaged});
  expect_contains(fault(directory + 42, little(1, 4)), {damaged});
  expect_contains(fault(26, little(60000, 2)), {damaged});
}

TEST(Files, OfOtherKindsAndPlaces) {
  expect_contains(refusal("x", ".npz"), {"does not begin as an NPZ file does"});
  expect_contains(refusal("x", ".safetensors"), {"does not begin as a safetensors file does"});
  expect_contains(refusal("\x80\x04", ".pkl"), {"may run code"});
  expect_contains(refusal("\x89HDF", ".h5"), {"export the network as ONNX"});
  expect_contains(refusal("\x93NUMPY", ".npy"), {"holds a single array"});
  const auto fault = [](const std::string& path) { return message_of<InputError>([&] { read_layers(path, {}); }); };
  expect_contains(fault("/nowhere/net.onnx"), {"/nowhere/net.onnx: cannot open: No such file"});
  expect_contains(fault("/dev/zero"), {"/dev/zero: is not a regular file"});
  expect_contains(fault(NADIR_SOURCE_DIR), {"is not a regular file"});
  const TemporaryFile large;
  std::filesystem::resize_file(large.path(), max_bytes + 1);
  expect_contains(fault(large.path().string()), {"networks of up to 83886080 bytes are read"});
}

}  // namespace
}  // namespace nadir::exchange
