#include "nadir/exchange/onnx_networks.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

#include "nadir/exchange/layers.hpp"

namespace nadir::exchange {
namespace {

/// weights · tensor + biases for each row of a tensor; no biases where they are empty.
std::string layer(OnnxWriter& onnx, const std::string& tensor, const Matrix& weights, const Vector& biases) {
  std::vector<std::string> inputs{tensor, onnx.numbers(weights)};
  if (biases.size() > 0) inputs.push_back(onnx.number_list(biases));
  return onnx.node("Gemm", inputs, {{"transB", 1}});
}

/// A layer on the features, of which the recipe's constant 1 is none.
Layer on_features(const OnnxFeatures& features, const Matrix& weights, Vector biases = {}) {
  Layer first{weights, std::move(biases)};
  return features.constant ? without_constant(std::move(first)) : first;
}

std::string first_layer(OnnxWriter& onnx, const OnnxFeatures& features, const Matrix& weights, Vector biases = {}) {
  const Layer first = on_features(features, weights, std::move(biases));
  return layer(onnx, features.tensor, first.weights, first.biases);
}

/// max(0, w·x + b) of each unit. Its biases, 0 where there are none, are a node of their own: older runtimes fuse Gemm
/// and Relu, and have the two as one in single precision only. With a slope a ≠ 0, less a max(0, −(w·x + b)): the
/// slope of LeakyRelu is in single precision.
std::string rectified(OnnxWriter& onnx, const std::string& tensor, const Layer& units, double slope = 0) {
  const Vector biases = units.biases.size() > 0 ? units.biases : Vector(Vector::Zero(units.weights.rows()));
  const std::string sums = onnx.node("Add", {layer(onnx, tensor, units.weights, {}), onnx.number_list(biases)});
  const std::string above = onnx.node("Relu", {sums});
  if (slope == 0) return above;
  const std::string below = onnx.node("Relu", {onnx.node("Neg", {sums})});
  return onnx.node("Sub", {above, onnx.node("Mul", {below, onnx.number(slope)})});
}

constexpr int slices = 4;

/// The bits of a slice, for sums of so many products: four such sums stay below 2^53.
int slice_bits(Index features) {
  const auto log = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(features) - 1));  // upward
  return (51 - log) / 2;
}

/// σ_i / M of docs/onnx.md, a power of two.
double slice_shift(int i, int bits) { return std::ldexp(1.0, 54 - bits - i * (bits - 2)); }

/// The slices of each row; those of zeros only are left out behind the others.
std::vector<Matrix> cut(Matrix rest, int bits) {
  const Vector largest = rest.rowwise().lpNorm<Eigen::Infinity>();
  std::vector<Matrix> parts;
  for (int i = 0; i < slices && (i == 0 || (rest.array() != 0).any()); ++i) {
    Matrix part(rest.rows(), rest.cols());
    for (Index row = 0; row < rest.rows(); ++row) {
      const double sigma = slice_shift(i, bits) * largest[row];
      for (Index j = 0; j < rest.cols(); ++j) part(row, j) = (rest(row, j) + sigma) - sigma;
    }
    rest -= part;
    parts.push_back(part);
  }
  return parts;
}

/// The same of each row of a tensor.
std::vector<std::string> cut(OnnxWriter& onnx, const std::string& tensor, int bits) {
  const std::string largest =
      onnx.node("ReduceMax", {onnx.node("Abs", {tensor})}, {{"axes", std::vector<std::int64_t>{1}}});
  std::vector<std::string> parts;
  std::string rest = tensor;
  for (int i = 0; i < slices; ++i) {
    const std::string sigma = onnx.node("Mul", {largest, onnx.number(slice_shift(i, bits))});
    parts.push_back(onnx.node("Sub", {onnx.node("Add", {rest, sigma}), sigma}));
    if (i + 1 < slices) rest = onnx.node("Sub", {rest, parts.back()});
  }
  return parts;
}

/// For each feature a power of two that makes the largest entry of its gates a number from 1 to 2: 1 × features.
Matrix units_of(const Matrix& gates) {
  Matrix units = Matrix::Ones(1, gates.cols());
  for (Index j = 0; j < gates.cols(); ++j)
    if (const double largest = gates.col(j).lpNorm<Eigen::Infinity>(); largest > 0)
      units(0, j) = std::ldexp(1.0, -std::ilogb(largest));
  return units;
}

/// N × gates: numbers of the sign of each g·x.
std::string gate_sums(OnnxWriter& onnx, const std::string& features, const Matrix& gates) {
  const int bits = slice_bits(gates.cols());
  const Matrix units = units_of(gates);
  std::vector<std::string> right;
  for (const Matrix& part : cut(gates * units.row(0).asDiagonal(), bits))
    right.push_back(onnx.numbers(part.transpose()));
  const std::vector<std::string> left = cut(onnx, onnx.node("Div", {features, onnx.numbers(units)}), bits);
  std::string sum;
  for (std::size_t level = 0; level < slices; ++level) {
    std::string of_level;
    for (std::size_t j = 0; j <= level && j < right.size(); ++j) {
      const std::string product = onnx.node("MatMul", {left[level - j], right[j]});
      of_level = of_level.empty() ? product : onnx.node("Add", {of_level, product});
    }
    sum = sum.empty() ? of_level : onnx.node("Add", {sum, of_level});
  }
  return sum;
}

}  // namespace

OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const PolynomialNetwork& network) {
  std::string now;
  for (const PolynomialLayer& hidden : network.hidden) {
    now = now.empty() ? first_layer(onnx, features, hidden.weights) : layer(onnx, now, hidden.weights, {});
    if ((hidden.exponents.array() != 1).any()) now = onnx.node("Pow", {now, onnx.number_list(hidden.exponents)});
  }
  return {layer(onnx, now, network.output, {}), network.classes()};
}

namespace {

/// 1 where an exact inner product with a vector compares so with 0, else 0.
std::string compared(OnnxWriter& onnx, const OnnxFeatures& features, const char* comparison, const Matrix& vectors) {
  std::string all = features.tensor;
  if (features.constant) all = onnx.node("Pad", {all, onnx.integers({0, 0, 0, 1}), onnx.number(1)});
  const std::string holds = onnx.node(comparison, {gate_sums(onnx, all, vectors), onnx.number(0)});
  return onnx.node("Cast", {holds}, {{"to", static_cast<std::int64_t>(OnnxType::float64)}});
}

}  // namespace

OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const GatedNetwork& network) {
  const Index active = network.active(), K = network.outputs;
  if (active == 0) return {first_layer(onnx, features, Matrix::Zero(K, network.inputs())), K};
  const Matrix gates = network.gates.topRows(active);
  const std::string units = first_layer(onnx, features, network.weights);
  if (active == 1 && (gates.array() == 0).all()) return {units, K};  // always open
  const std::string open = compared(onnx, features, "GreaterOrEqual", gates);
  const std::string by_gate = onnx.node("Reshape", {units, onnx.integers({-1, active, K})});
  const std::string product = onnx.node("Mul", {by_gate, onnx.node("Unsqueeze", {open, onnx.integers({2})})});
  return {onnx.node("ReduceSum", {product, onnx.integers({1})}, {{"keepdims", 0}}), K};
}

OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const ReluNetwork& network) {
  const bool skips = network.skip.size() > 0;
  const bool rectifies = network.units.rows() > 0;
  std::string linear;
  if (skips || !rectifies) {
    const Matrix weights = skips ? Matrix(network.skip.transpose()) : Matrix::Zero(network.outputs(), network.inputs());
    linear = first_layer(onnx, features, weights, network.output_biases);
    if (!rectifies) return {linear, network.outputs()};
  }
  std::string units = network.power == 0 ? compared(onnx, features, "Greater", network.units)
                                         : rectified(onnx, features.tensor, on_features(features, network.units));
  if (network.power == 2) units = onnx.node("Mul", {units, units});
  const std::string sum =
      layer(onnx, units, network.unit_outputs.transpose(), skips ? Vector() : network.output_biases);
  return {skips ? onnx.node("Add", {sum, linear}) : sum, network.outputs()};
}

OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const BiasedChain& network) {
  std::string now;
  for (std::size_t i = 0; i < network.chain.weights.size(); ++i) {
    const Matrix& weights = network.chain.weights[i];
    const Vector biases = i < network.biases.size() ? network.biases[i] : Vector();
    now = i == 0 ? first_layer(onnx, features, weights, biases) : layer(onnx, now, weights, biases);
  }
  return {now, network.chain.outputs()};
}

OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const ParallelNetwork& network) {
  const std::size_t last = network.layers.size() - 1;
  std::string sum;
  for (Index i = 0; i < network.count(); ++i) {
    std::string now = rectified(onnx, features.tensor, on_features(features, network.weights(i, 0)), network.slope);
    for (std::size_t k = 1; k < last; ++k) now = rectified(onnx, now, {network.weights(i, k), {}}, network.slope);
    now = layer(onnx, now, network.weights(i, last), {});
    sum = sum.empty() ? now : onnx.node("Add", {sum, now});
  }
  if (sum.empty()) sum = first_layer(onnx, features, Matrix::Zero(network.outputs, network.inputs()));
  return {sum, network.outputs};
}

}  // namespace nadir::exchange
