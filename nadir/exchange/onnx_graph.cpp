#include "nadir/exchange/onnx_graph.hpp"

#include "nadir/data/bytes.hpp"

namespace nadir::exchange {
namespace {

constexpr int kSteps = 8;  // of nodes before a constant; programs need two

}  // namespace

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
    if (model_.nodes[i].type != "Constant") continue;
    for (const std::string_view message : model_.nodes[i].attributes)
      if (const OnnxAttribute attribute = onnx_attribute(message); attribute.name == "value" && attribute.type == 4)
        values_.emplace(i, onnx_tensor(attribute.tensor, chain_));
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
  for (int step = 0; step < kSteps; ++step) {
    if (const auto found = initializers_.find(name); found != initializers_.end()) {
      result.tensor = *found->second;
      return result;
    }
    const auto giver = givers_.find(name);
    if (giver == givers_.end())
      fail(user, "needs " + in_quotes(name) + ", which " +
                     (inputs_.count(name) > 0 ? "is not a constant" : "is nowhere in the file"));
    if (const auto found = values_.find(giver->second); found != values_.end()) {
      result.tensor = found->second;
      return result;
    }
    if (!passes(giver->second, result.transposed))
      fail(user, "needs " + in_quotes(name) + " of " + what(giver->second) +
                     ", which is not a constant; only chains of layers are read");
    name = model_.nodes[giver->second].inputs[0];
  }
  fail(user, "needs a constant that lies behind more than " + std::to_string(kSteps) + " nodes, or in a circle");
}

bool OnnxGraph::is_constant(std::string_view name) const {
  for (int step = 0; step < kSteps && initializers_.count(name) == 0; ++step) {
    const auto giver = givers_.find(name);
    bool transposed = false;
    if (giver == givers_.end()) return false;
    if (values_.count(giver->second) > 0) return true;
    if (!passes(giver->second, transposed)) return false;
    name = model_.nodes[giver->second].inputs[0];
  }
  return initializers_.count(name) > 0;
}

/// The only attribute of a node, if it has this name. Such attributes are short, and read again for each user.
std::optional<OnnxAttribute> OnnxGraph::only_attribute(std::size_t node, std::string_view name) const {
  const std::vector<std::string_view>& attributes = model_.nodes[node].attributes;
  if (attributes.size() != 1 || attributes[0].size() > 1024) return {};
  OnnxAttribute attribute = onnx_attribute(attributes[0]);
  if (attribute.name != name) return {};
  return attribute;
}

/// Whether a node passes a constant on, as it is or (then `transposed` changes) transposed.
bool OnnxGraph::passes(std::size_t node, bool& transposed) const {
  const OnnxNode& it = model_.nodes[node];
  if (it.inputs.size() != 1 || (!it.domain.empty() && it.domain != "ai.onnx")) return false;
  if (it.type == "Identity") return true;
  if (it.type == "Cast") {
    const std::optional<OnnxAttribute> to = only_attribute(node, "to");
    return to && to->type == 2 && (to->integer == 1 || to->integer == 11);
  }
  if (it.type != "Transpose") return false;
  const std::optional<OnnxAttribute> order = only_attribute(node, "perm");
  const std::vector<std::int64_t> swapped{1, 0};
  if (!it.attributes.empty() && (!order || order->type != 7 || order->integers != swapped)) return false;
  transposed = !transposed;
  return true;
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
