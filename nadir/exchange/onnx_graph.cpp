#include "nadir/exchange/onnx_graph.hpp"

#include "nadir/data/bytes.hpp"

namespace nadir::exchange {

OnnxGraph::OnnxGraph(const OnnxModel& model, const Chain& chain) : model_(model), chain_(chain) {
  for (const OnnxTensor& tensor : model_.initializers)
    if (!initializers_.emplace(tensor.name, &tensor).second)
      chain_.fail("two initializers have the name " + in_quotes(tensor.name));
  for (const OnnxInput& input : model_.inputs) inputs_.insert(input.name);
  for (const std::string_view output : model_.outputs) outputs_.insert(output);
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    for (const std::string_view input : model_.nodes[i].inputs)
      if (!input.empty()) users_[input].push_back(i);
    for (const std::string_view output : model_.nodes[i].outputs) {
      if (output.empty()) continue;
      if (inputs_.count(output) > 0 || initializers_.count(output) > 0 || !givers_.emplace(output, i).second)
        fail(i, "gives tensor " + in_quotes(output) + ", which is there already");
    }
  }
}

const std::vector<std::size_t>& OnnxGraph::users(std::string_view tensor) const {
  static const std::vector<std::size_t> none;
  const auto found = users_.find(tensor);
  return found == users_.end() ? none : found->second;
}

const OnnxInput& OnnxGraph::only_input() const {
  const OnnxInput* found = nullptr;
  for (const OnnxInput& input : model_.inputs) {
    if (initializers_.count(input.name) > 0) continue;  // as files before 2019 list them
    if (found != nullptr)
      chain_.fail("has several inputs, " + in_quotes(found->name) + " and " + in_quotes(input.name) +
                  "; networks of one input are read");
    found = &input;
  }
  if (found == nullptr) chain_.fail("the graph has no input");
  return *found;
}

OnnxConstant OnnxGraph::constant(std::size_t user, std::string_view name) const {
  OnnxConstant result;
  for (std::size_t steps = 0; steps <= model_.nodes.size(); ++steps) {
    if (const auto found = initializers_.find(name); found != initializers_.end()) {
      result.tensor = *found->second;
      return result;
    }
    const auto giver = givers_.find(name);
    if (giver == givers_.end())
      fail(user, "needs " + in_quotes(name) + ", which " +
                     (inputs_.count(name) > 0 ? "is not a constant" : "is nowhere in the file"));
    const OnnxNode& it = model_.nodes[giver->second];
    if (it.type == "Constant") {
      result.tensor = value_of(giver->second);
      return result;
    }
    if ((it.type != "Transpose" && it.type != "Identity" && it.type != "Cast") || it.inputs.size() != 1)
      fail(user, "needs " + in_quotes(name) + ", which is not a constant; only chains of layers are read");
    if (it.type == "Transpose" && swaps(giver->second)) result.transposed = !result.transposed;
    name = it.inputs[0];
  }
  fail(user, "needs constants that depend on one another in a circle");
}

/// The tensor of a Constant node.
OnnxTensor OnnxGraph::value_of(std::size_t node) const {
  for (const std::string_view message : model_.nodes[node].attributes) {
    const OnnxAttribute attribute = onnx_attribute(message, chain_);
    if (attribute.name == "value" && attribute.type == 4) return onnx_tensor(attribute.tensor, chain_);
  }
  fail(node, "holds something other than a tensor");
}

/// Whether a Transpose node swaps two dimensions; throws if it has to do with more.
bool OnnxGraph::swaps(std::size_t node) const {
  const std::vector<std::string_view>& attributes = model_.nodes[node].attributes;
  if (attributes.empty()) return true;  // the order reversed
  const OnnxAttribute order = onnx_attribute(attributes[0], chain_);
  if (attributes.size() != 1 || order.name != "perm" || order.type != 7 || order.integers.size() != 2 ||
      order.integers[0] + order.integers[1] != 1 || order.integers[0] * order.integers[1] != 0)
    fail(node, "reorders something other than a matrix");
  return order.integers[0] == 1;
}

std::vector<std::uint64_t> OnnxGraph::shape_of(std::size_t user, const OnnxTensor& tensor) const {
  std::vector<std::uint64_t> shape;
  for (const std::int64_t size : tensor.shape) {
    if (size < 0) fail(user, "uses tensor " + in_quotes(tensor.name) + " of the negative size " + std::to_string(size));
    shape.push_back(static_cast<std::uint64_t>(size));
  }
  return shape;
}

std::string OnnxGraph::what(std::size_t node) const {
  const OnnxNode& it = model_.nodes[node];
  const std::string name = it.name.empty() ? std::to_string(node + 1) : in_quotes(it.name);
  return "node " + name + " (" + plain(it.type) + ")";
}

void OnnxGraph::fail(std::size_t node, const std::string& why) const { chain_.fail(what(node) + " " + why); }

std::string plain(std::string_view text) {
  const std::string quoted = in_quotes(text);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace nadir::exchange
