// Gated and polynomial networks as ONNX: read from what other programs and we ourselves write, from graphs made by
// hand, and refused.
#include <fstream>
#include <sstream>

#include "nadir/base/test_util.hpp"
#include "nadir/exchange/gated.hpp"
#include "nadir/exchange/polynomial.hpp"
#include "nadir/exchange/test_util.hpp"

namespace nadir::exchange {
namespace {

using namespace test;

ReadGated gated(const Graph& graph) { return read_gated_from_bytes(graph.bytes(), "net"); }
ReadPolynomial polynomial(const Graph& graph) { return read_polynomial_from_bytes(graph.bytes(), "net"); }
std::string no_gated(const Graph& graph) {
  return message_of<InputError>([&] { gated(graph); });
}
std::string no_polynomial(const Graph& graph) {
  return message_of<InputError>([&] { polynomial(graph); });
}

/// The lines of a fixture's table: three inputs each, perhaps a constant 1, and the outputs.
void expect_outputs(const std::string& name, bool constant, const std::function<Matrix(const Matrix&)>& outputs_of) {
  std::ifstream file(network(name).replace_extension(".csv"));
  int rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    std::istringstream cells(line);
    std::vector<double> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(std::stod(cell));
    Matrix x = Matrix::Ones(1, constant ? 4 : 3);
    x.leftCols(3) << row[0], row[1], row[2];
    const Matrix f = outputs_of(x);
    ASSERT_EQ(f.cols(), static_cast<Index>(row.size()) - 3);
    for (Index k = 0; k < f.cols(); ++k)
      EXPECT_NEAR(f(0, k), row[static_cast<std::size_t>(k) + 3], 1e-6 * std::max(1.0, f.cwiseAbs().maxCoeff()));
  }
  EXPECT_EQ(rows, 5);
}

TEST(Formula, GatedNetworksOfTorchComputeWhatItComputes) {
  struct Fixture {
    std::string name;
    Index gates, outputs;
    bool constant;
    std::size_t strict;
  };
  for (const Fixture& it : {Fixture{"gated", 4, 1, false, 0}, Fixture{"gated_layers", 4, 2, true, 0},
                            Fixture{"gated_closed", 4, 2, true, 0}, Fixture{"gated_outputs", 4, 2, false, 4},
                            Fixture{"gated_last", 4, 2, false, 4}, Fixture{"gated_list", 3, 2, false, 0}})
    for (const char* const style : {"dynamo", "script"}) {
      const std::string name = "torch_" + it.name + "_" + style + ".onnx";
      SCOPED_TRACE(name);
      const ReadGated read = read_gated(network(name));
      EXPECT_EQ(read.network.gates.rows(), it.gates);
      EXPECT_EQ(read.network.active(), it.gates);
      EXPECT_EQ(read.network.outputs, it.outputs);
      EXPECT_EQ(read.network.inputs(), it.constant ? 4 : 3);
      EXPECT_EQ(read.strict.size(), it.strict);
      EXPECT_TRUE(read.source.starts_with("ONNX of pytorch")) << read.source;
      expect_outputs(name, it.constant, [&](const Matrix& x) { return outputs(read.network, x); });
    }
}

TEST(Formula, PolynomialNetworksOfTorchComputeWhatItComputes) {
  for (const char* const style : {"dynamo", "script"}) {
    std::string name = std::string("torch_polynomial_") + style + ".onnx";
    const PolynomialNetwork one = read_polynomial(network(name)).network;
    EXPECT_EQ(one.hidden.front().exponents, (Vector(4) << 1, 2, 1.5, 3).finished());
    expect_outputs(name, false, [&](const Matrix& x) { return outputs(one, x); });
    name = std::string("torch_deep_polynomial_") + style + ".onnx";
    const PolynomialNetwork deep = read_polynomial(network(name)).network;
    ASSERT_EQ(deep.hidden.size(), 2U);
    EXPECT_EQ(deep.inputs(), 4);
    EXPECT_EQ(deep.hidden[0].exponents, Vector::Constant(4, 2));
    EXPECT_EQ(deep.hidden[1].exponents, Vector::Constant(3, 1.5));
    expect_outputs(name, true, [&](const Matrix& x) { return outputs(deep, x); });
  }
}

TEST(Formula, WhatWeWriteComesBack) {
  Random random(4);
  for (const bool constant : {false, true})
    for (const Index outputs : {1, 3}) {
      const Index inputs = constant ? 6 : 5;
      const GatedNetwork network{normal_matrix(4, inputs, random), normal_matrix(4 * outputs, inputs, random), outputs};
      const ReadGated back = read_gated_from_bytes(written(network, plain_recipe(5, constant), Sign::any), "net");
      EXPECT_EQ(back.network.gates, network.gates);
      EXPECT_EQ(back.network.weights, network.weights);
      EXPECT_EQ(back.network.outputs, outputs);
      EXPECT_TRUE(back.strict.empty());
      const GatedNetwork open{Matrix::Zero(1, inputs), normal_matrix(outputs, inputs, random), outputs};
      const GatedNetwork back_open =
          read_gated_from_bytes(written(open, plain_recipe(5, constant), Sign::any), "net").network;
      EXPECT_EQ(back_open.gates, open.gates);
      EXPECT_EQ(back_open.weights, open.weights);
      if (outputs == 1) continue;
      PolynomialNetwork powers;
      powers.hidden.push_back({normal_matrix(4, inputs, random).cwiseAbs(), Vector::LinSpaced(4, 1, 2.5), {}});
      powers.hidden.push_back({normal_matrix(2, 4, random).cwiseAbs(), Vector::Ones(2), {}});
      powers.output = normal_matrix(outputs, 2, random).cwiseAbs();
      const PolynomialNetwork again =
          read_polynomial_from_bytes(written(powers, plain_recipe(5, constant), Sign::non_negative), "net").network;
      ASSERT_EQ(again.hidden.size(), 2U);
      for (std::size_t j = 0; j < 2; ++j) {
        EXPECT_EQ(again.hidden[j].weights, powers.hidden[j].weights);
        EXPECT_EQ(again.hidden[j].exponents, powers.hidden[j].exponents);
      }
      EXPECT_EQ(again.output, powers.output);
    }
}

TEST(Formula, FeaturesOfARecipeComeBack) {
  Random random(7);
  Recipe recipe = plain_recipe(4, true);
  for (Index j = 0; j < 4; ++j) {
    ColumnRecipe& column = recipe.columns[static_cast<std::size_t>(j)];
    column.offset = 0.1 * static_cast<double>(j), column.range = 1 + 0.3 * static_cast<double>(j);
  }
  recipe.columns[2].kind = ColumnKind::ignored;
  const auto expect_scale = [&](const std::optional<FixedScale>& scale) {
    ASSERT_TRUE(scale);
    EXPECT_EQ(scale->columns, 4);
    ASSERT_EQ(scale->list.size(), 3U);
    for (const FixedScale::Column& it : scale->list) {
      const ColumnRecipe& column = recipe.columns[static_cast<std::size_t>(it.place)];
      EXPECT_EQ(column.kind, ColumnKind::numeric);
      EXPECT_EQ(it.offset, column.offset);
      EXPECT_EQ(it.range, column.range);
    }
    EXPECT_EQ(scale->clip, recipe.clip);
    EXPECT_EQ(scale->root, recipe.root);
    EXPECT_EQ(scale->complement, recipe.complement);
  };
  const GatedNetwork network{normal_matrix(4, 4, random), normal_matrix(4, 4, random), 1};
  const ReadGated back = read_gated_from_bytes(written(network, recipe, Sign::any), "net");
  EXPECT_EQ(back.network.gates, network.gates);
  EXPECT_EQ(back.network.weights, network.weights);
  expect_scale(back.scale);
  for (int which = 0; which < 8; ++which) {
    recipe.clip = (which & 1) != 0, recipe.root = (which & 2) != 0, recipe.complement = (which & 4) != 0;
    const Index inputs = recipe.complement ? 7 : 4;
    PolynomialNetwork powers;
    powers.hidden.push_back({normal_matrix(2, inputs, random).cwiseAbs(), Vector::Constant(2, 2), {}});
    powers.output = normal_matrix(3, 2, random).cwiseAbs();
    const ReadPolynomial again = read_polynomial_from_bytes(written(powers, recipe, Sign::non_negative), "net");
    EXPECT_EQ(again.network.hidden[0].weights, powers.hidden[0].weights);
    EXPECT_EQ(again.network.output, powers.output);
    expect_scale(again.scale);
  }
}

TEST(Formula, OtherFeaturesAreRefused) {
  const GatedNetwork network{Matrix::Ones(2, 3), Matrix::Ones(2, 3), 1};
  const auto why = [&](const std::function<void(Recipe&)>& change) {
    Recipe recipe = plain_recipe(3, false);
    change(recipe);
    return message_of<InputError>([&] { read_gated_from_bytes(written(network, recipe, Sign::any), "net"); });
  };
  expect_contains(why([](Recipe& it) { it.columns[1].missing = 0.5; }),
                  {"net: node", "(IsNaN) changes the inputs", "--scale none"});
  expect_contains(why([](Recipe& it) { it.quantity->range = 2; }), {"(Mul) multiplies", "--target-scale none"});
  expect_contains(why([](Recipe& it) { it.quantity->offset = 2; }), {"(Add) adds biases behind the first layer"});
  const auto of_inputs = [](const std::vector<Message>& before) {  // nodes that make z of x, and an input of z
    Graph graph{
        before,
        {floats("two", {2}, {2, 2}), floats("one", {}, {1}), floats("zero", {}, {0}), floats("minus", {2}, {1, -1}),
         floats("none", {1}, {std::nanf("")}), tensor("swapped", {2}, raw<std::int64_t>({1, 0}), 7),
         tensor("beyond", {1}, raw<std::int64_t>({2}), 7), floats("V", {2, 1}, {1, 1})}};
    graph.nodes.push_back(node("MatMul", {"z", "V"}, {"y"}));
    return no_gated(graph);
  };
  expect_contains(of_inputs({node("Add", {"x", "two"}, {"z"})}), {"(Add) changes the inputs"});
  expect_contains(of_inputs({node("Div", {"x", "minus"}, {"z"})}), {"(Div) changes the inputs"});
  expect_contains(of_inputs({node("Mul", {"x", "two"}, {"z"})}), {"(Mul) changes the inputs"});
  expect_contains(of_inputs({node("Div", {"x", "two"}, {"h"}), node("Sub", {"h", "two"}, {"z"})}), {"(Sub) changes"});
  expect_contains(of_inputs({node("Clip", {"x", "zero", "one"}, {"h"}), node("Div", {"h", "two"}, {"z"})}),
                  {"(Div) changes the inputs"});
  expect_contains(of_inputs({node("Clip", {"x", "one", "zero"}, {"z"})}), {"(Clip) changes the inputs"});
  expect_contains(of_inputs({node("Sub", {"two", "x"}, {"z"})}), {"(Sub) changes the inputs"});
  expect_contains(of_inputs({node("Gather", {"x", "swapped"}, {"z"}, {integer_attribute("axis", 1)})}),
                  {"(Gather) changes the inputs"});
  expect_contains(of_inputs({node("Gather", {"x", "beyond"}, {"z"}, {integer_attribute("axis", 1)})}),
                  {"(Gather) changes the inputs"});
  expect_contains(of_inputs({node("Less", {"x", "zero"}, {"l"}), node("Mul", {"x", "zero"}, {"n"}),
                             node("Where", {"l", "none", "n"}, {"w"}), node("Identity", {"x"}, {"z"})}),
                  {"(Less) changes the inputs"});
}

/// f(x) = 1[x_1 - x_2 >= 0] (2 x_1 + x_2) - 1[x_2 >= 1] 3 x_1.
Graph two_gates() {
  return {{node("MatMul", {"x", "G"}, {"z"}), node("GreaterOrEqual", {"z", "limits"}, {"open"}),
           node("Cast", {"open"}, {"d"}, {integer_attribute("to", 1)}), node("Gemm", {"x", "V"}, {"u"}),
           node("Mul", {"d", "u"}, {"p"}), node("MatMul", {"p", "ones"}, {"y"})},
          {floats("G", {2, 2}, {1, 0, -1, 1}), floats("limits", {2}, {0, 1}), floats("V", {2, 2}, {2, -3, 1, 0}),
           floats("ones", {2, 1}, {1, 1}), floats("zero", {}, {0}), floats("one", {1}, {1}),
           floats("wide", {2, 3}, std::vector<float>(6, 1))}};
}

TEST(Formula, OfAGraph) {
  const Matrix gates = (Matrix(2, 3) << 1, -1, 0, 0, 1, -1).finished();
  const Matrix weights = (Matrix(2, 3) << 2, 1, 0, -3, 0, 0).finished();
  const auto expect = [&](const Graph& graph, const std::vector<Index>& strict) {
    const ReadGated read = gated(graph);
    EXPECT_EQ(read.network.gates, gates);
    EXPECT_EQ(read.network.weights, weights);
    EXPECT_EQ(read.strict, strict);
  };
  expect(two_gates(), {});
  Graph graph = two_gates();
  graph.nodes[1] = node("LessOrEqual", {"limits", "z"}, {"open"});
  expect(graph, {});
  graph.nodes[1] = node("Greater", {"z", "limits"}, {"open"});
  expect(graph, {0, 1});
  graph.nodes[1] = node("Less", {"limits", "z"}, {"open"});
  expect(graph, {0, 1});
  graph.nodes[1] = node("Not", {"shut"}, {"open"});
  graph.nodes.insert(graph.nodes.begin() + 1, node("Less", {"z", "limits"}, {"shut"}));
  expect(graph, {});
  graph = two_gates();  // chosen, not multiplied
  graph.nodes[4] = node("Where", {"open", "u", "zero"}, {"p"});
  expect(graph, {});
  graph = two_gates();  // with an ending that is no part of it
  graph.nodes.push_back(node("Sigmoid", {"y"}, {"s"}));
  graph.outputs = {value("s", {-1, 1}), value("y", {-1, 1})};
  expect(graph, {});
  graph = two_gates();  // a linear part is a gate that is always open
  graph.nodes[5] = node("MatMul", {"p", "ones"}, {"q"});
  graph.nodes.push_back(node("MatMul", {"x", "ones"}, {"l"}));
  graph.nodes.push_back(node("Sub", {"q", "l"}, {"y"}));
  const GatedNetwork linear = gated(graph).network;
  EXPECT_EQ(linear.gates.row(0), Matrix::Zero(1, 3));
  EXPECT_EQ(linear.weights.row(0), (Matrix(1, 3) << -1, -1, 0).finished());
  EXPECT_EQ(linear.weights.bottomRows(2), weights);
}

TEST(Formula, OtherGraphsAreNoGatedNetworks) {
  const auto why = [](std::size_t place, const Message& other) {
    Graph graph = two_gates();
    graph.nodes[place] = other;
    return no_gated(graph);
  };
  expect_contains(why(5, node("Relu", {"p"}, {"y"})), {"net: node 'the y' (Relu) is no part of a gated network"});
  expect_contains(why(5, node("Gemm", {"p", "ones", "one"}, {"y"})), {"adds biases behind the first layer"});
  expect_contains(why(4, node("Mul", {"u", "u"}, {"p"})), {"(Mul) is no part"});
  expect_contains(why(4, node("Mul", {"u", "one"}, {"p"})), {"(Mul) multiplies the network's values by numbers"});
  expect_contains(why(4, node("Where", {"open", "u", "one"}, {"p"})), {"chooses between other things"});
  expect_contains(why(1, node("GreaterOrEqual", {"x", "zero"}, {"open"})), {"(GreaterOrEqual) is no part"});
  expect_contains(why(1, node("GreaterOrEqual", {"u", "u"}, {"open"})), {"'d', which is neither a constant nor"});
  expect_contains(why(0, node("MatMul", {"G", "x"}, {"z"})), {"does not multiply by a constant on the right"});
  expect_contains(why(3, node("Gemm", {"x", "wide"}, {"u"})), {"(Mul) multiplies by gates of another shape"});
  expect_contains(why(3, node("Gemm", {"x", "limits"}, {"u"})), {"which is no matrix"});
  expect_contains(why(2, node("Cast", {"open"}, {"d"}, {integer_attribute("to", 7)})), {"another type than float"});
  Graph graph = two_gates();
  graph.outputs.push_back(value("u", {-1, 2}));
  expect_contains(no_gated(graph), {"gives 'u', which is not made of the network's outputs alone"});
}

TEST(Formula, OtherGraphsAreNoPolynomialNetworks) {
  const Graph good{
      {node("MatMul", {"x", "U"}, {"h"}), node("Pow", {"h", "a"}, {"p"}), node("MatMul", {"p", "W"}, {"y"})},
      {floats("U", {2, 2}, {1, 2, 3, 4}), floats("a", {2}, {1, 2}), floats("W", {2, 1}, {1, 1}),
       floats("one", {1}, {1}), floats("minus", {2, 1}, {1, -1}), floats("half", {}, {0.5F})}};
  const auto why = [&](std::size_t place, const Message& other) {
    Graph graph = good;
    graph.nodes[place] = other;
    return no_polynomial(graph);
  };
  EXPECT_EQ(polynomial(good).network.hidden[0].weights, (Matrix(2, 2) << 1, 3, 2, 4).finished());
  expect_contains(why(2, node("MatMul", {"p", "minus"}, {"y"})), {"W has a weight below 0"});
  expect_contains(why(1, node("Pow", {"h", "half"}, {"p"})), {"alpha1 has an exponent below 1"});
  expect_contains(why(1, node("Pow", {"a", "h"}, {"p"})), {"(Pow) is no part of a polynomial network"});
  expect_contains(why(1, node("Relu", {"h"}, {"p"})), {"(Relu) is no part of a polynomial network"});
  expect_contains(why(2, node("Gemm", {"p", "W", "one"}, {"y"})), {"adds biases behind the first layer"});
  expect_contains(why(2, node("Gemm", {"x", "W"}, {"y"})), {"not of the last hidden layer"});
  expect_contains(why(0, node("Pow", {"x", "a"}, {"h"})), {"(Pow) is no part"});
  Graph linear = good;
  linear.nodes = {node("MatMul", {"x", "U"}, {"y"})};
  expect_contains(no_polynomial(linear), {"has no layer of powers"});
}

}  // namespace
}  // namespace nadir::exchange
