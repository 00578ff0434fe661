#include "nadir/exchange/onnx_nodes.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/data/bytes.hpp"

namespace nadir::exchange {
namespace {

using Texts = std::set<std::string_view>;

/// Operators that a chain may end with.
const Texts endings{"Softmax", "LogSoftmax", "Sigmoid", "ArgMax", "Squeeze", "IsNaN"};

/// What may follow an ending: it sorts, rounds or names results, and none of it can be a further layer. So a network
/// with Sigmoid inside is refused, not cut off there.
const Texts after_endings{
    "Softmax",   "LogSoftmax", "Sigmoid", "ArgMax", "Squeeze",   "Unsqueeze",    "Identity",
    "Cast",      "Reshape",    "Flatten", "Concat", "Sub",       "Gather",       "Slice",
    "ReduceMax", "TopK",       "Greater", "Less",   "Not",       "Where",        "GreaterOrEqual",
    "Log",       "Shape",      "ZipMap",  "IsNaN",  "Binarizer", "LabelEncoder", "ArrayFeatureExtractor"};

/// Versions of operators before 7 have other attributes and rules of shape.
constexpr std::int64_t least_operators = 7;

}  // namespace

std::string source_of(const OnnxModel& model) {
  return "ONNX" + (model.producer.empty() ? "" : " of " + plain(model.producer)) +
         (model.producer_version.empty() ? "" : " " + plain(model.producer_version));
}

void require_version(const OnnxModel& model, const Chain& chain) {
  if (model.operators < least_operators)
    chain.fail("uses operators of ONNX version " + std::to_string(model.operators) + ", before " +
               std::to_string(least_operators) + "; convert it by onnx.version_converter");
}

void OnnxNodes::require_own(std::size_t node) const {
  const std::string_view domain = graph_.node(node).domain;
  if (!domain.empty() && domain != "ai.onnx")
    fail(node, "is an operator of " + in_quotes(domain) + "; only operators of ONNX itself are read");
}

void OnnxNodes::open(std::size_t node, const OnnxRule& rule) {
  const OnnxNode& it = graph_.node(node);
  if (it.inputs.size() < rule.least || it.inputs.size() > rule.most || it.outputs.empty() || it.outputs[0].empty() ||
      (it.outputs.size() > 1 && it.type != "Dropout"))
    fail(node, "has " + std::to_string(it.inputs.size()) + " inputs and " + std::to_string(it.outputs.size()) +
                   " outputs, which is not as ONNX has it");
  attributes_.clear();
  for (const std::string_view message : it.attributes) {
    OnnxAttribute attribute = onnx_attribute(message);
    if (rule.attributes.count(attribute.name) == 0)
      fail(node, "has the attribute " + in_quotes(attribute.name) + ", which is not read");
    const std::string_view name = attribute.name;
    if (!attributes_.emplace(name, std::move(attribute)).second) fail(node, "has an attribute twice");
  }
}

double OnnxNodes::number(std::size_t node, std::string_view name, double otherwise) const {
  const auto found = attributes_.find(name);
  if (found == attributes_.end()) return otherwise;
  if (found->second.type != 1 || !std::isfinite(found->second.number))
    fail(node, "has an attribute " + in_quotes(name) + " that is no finite number");
  return found->second.number;
}

std::int64_t OnnxNodes::integer(std::size_t node, std::string_view name, std::int64_t otherwise) const {
  const auto found = attributes_.find(name);
  if (found == attributes_.end()) return otherwise;
  if (found->second.type != 2) fail(node, "has an attribute " + in_quotes(name) + " that is no integer");
  return found->second.integer;
}

bool OnnxNodes::fills_with_zeros(std::size_t node) const {
  const auto found = attributes_.find("value");
  if (found == attributes_.end()) return true;
  if (found->second.type != 4) fail(node, "has an attribute 'value' that is no tensor");
  double value = 1;
  onnx_floats(onnx_tensor(found->second.tensor, chain_), {&value, 1}, chain_);
  return value == 0;
}

Matrix OnnxNodes::weights_of(std::size_t node, std::string_view name, bool rows_are_outputs) {
  const OnnxConstant from = graph_.constant(node, name);
  const std::vector<std::uint64_t> shape = graph_.shape_of(node, from.tensor);
  if (shape.size() != 2)
    fail(node, "multiplies by " + in_quotes(name) + " of the shape " + in_words(shape) + ", which is no matrix");
  chain_.reserve(shape, "tensor " + in_quotes(name));
  Matrix matrix(static_cast<Index>(shape[0]), static_cast<Index>(shape[1]));
  onnx_floats(from.tensor, {matrix.data(), static_cast<std::size_t>(matrix.size())}, chain_);
  if (from.transposed == rows_are_outputs) matrix = Matrix(matrix.transpose());
  return matrix;
}

std::vector<std::int64_t> OnnxNodes::axes(std::size_t node) const {
  const OnnxNode& it = graph_.node(node);
  if (const auto found = attributes_.find("axes"); found != attributes_.end()) return found->second.integers;
  if (it.inputs.size() < 2 || it.inputs[1].empty()) return {};
  return onnx_integers(graph_.constant(node, it.inputs[1]).tensor, chain_);
}

Matrix OnnxNodes::gemm_weights(std::size_t node) {
  if (integer(node, "transA", 0) != 0) fail(node, "transposes the network's values (transA), which is not read");
  Matrix weights = weights_of(node, graph_.node(node).inputs[1], integer(node, "transB", 0) != 0);
  weights *= number(node, "alpha", 1);
  return weights;
}

Vector OnnxNodes::gemm_biases(std::size_t node, Index outputs) {
  const std::vector<std::string_view>& inputs = graph_.node(node).inputs;
  if (inputs.size() < 3 || inputs[2].empty()) return {};
  return number(node, "beta", 1) * row_of(node, inputs[2], outputs);
}

Vector OnnxNodes::row_of(std::size_t node, std::string_view name, Index count) {
  const OnnxConstant from = graph_.constant(node, name);
  const std::vector<std::uint64_t> shape = graph_.shape_of(node, from.tensor);
  const auto size = static_cast<std::uint64_t>(count);
  std::uint64_t largest = 1;
  bool fits = !from.transposed || shape.size() < 2;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    fits = fits && (shape[i] == 1 || (shape[i] == size && i + 1 == shape.size() && shape.size() <= 2));
    largest = std::max(largest, shape[i]);
  }
  if (!fits)
    fail(node, "wants a number for each of " + std::to_string(count) + " columns where " + in_quotes(name) +
                   " has the shape " + in_words(shape));
  chain_.reserve({size}, "tensor " + in_quotes(name));
  Vector row(count);
  onnx_floats(from.tensor, {row.data(), static_cast<std::size_t>(largest)}, chain_);
  if (largest == 1) row.setConstant(row[0]);
  return row;
}

bool OnnxNodes::is_end(std::size_t node) const {
  const OnnxNode& it = graph_.node(node);
  return endings.count(it.type) > 0 ||
         (it.type == "Reshape" && it.outputs.size() == 1 && graph_.users(it.outputs[0]).empty());
}

std::set<std::string_view> OnnxNodes::after_end(std::string_view tensor) const {
  std::set<std::string_view> made;
  std::vector<std::string_view> open{tensor};
  std::set<std::size_t> seen;
  while (!open.empty()) {
    const std::string_view next = open.back();
    open.pop_back();
    for (const std::size_t user : graph_.users(next)) {
      if (!seen.insert(user).second) continue;
      if (after_endings.count(graph_.node(user).type) == 0)
        fail(user, "comes after what ends a network; no layer is read there");
      for (const std::string_view output : graph_.node(user).outputs)
        if (!output.empty()) open.push_back(output), made.insert(output);
    }
  }
  return made;
}

}  // namespace nadir::exchange
