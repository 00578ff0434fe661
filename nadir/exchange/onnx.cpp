#include "nadir/exchange/onnx.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "nadir/data/bytes.hpp"
#include "nadir/exchange/chain.hpp"
#include "nadir/exchange/onnx_nodes.hpp"

namespace nadir::exchange {
namespace {

/// Follows a graph from its input to its output and builds the chain.
class Follower {
 public:
  Follower(const OnnxModel& model, Chain& chain) : nodes_(model, chain), graph_(nodes_.graph()), chain_(chain) {}

  void follow() { end(go(begin())); }

  /// The branches from the input to where they are added up; one where there are none.
  std::vector<Layers> follow_branches() {
    branches_ = true;
    const std::string_view input = go(begin());
    const std::vector<std::size_t>& users = graph_.users(input);
    if (!chain_.empty() || users.size() < 2 || graph_.is_output(input)) {
      end(input);
      return {chain_.finish({})};
    }
    std::vector<Layers> list;
    std::set<std::string_view> open;
    for (const std::size_t user : users) {
      const std::string_view last = go(pass(user, input));
      if (chain_.empty()) fail(user, "begins a branch without layers");
      open.insert(last);
      list.push_back(chain_.finish({}));
    }
    const std::string_view sum = add_up(std::move(open));
    branches_ = false, summed_ = true;
    features_ = list.front().outputs(), dimensions_ = 2;
    end(go(sum));
    return list;
  }

 private:
  /// Passes nodes while a tensor has one user; the tensor before an end, before several users, or before a sum.
  std::string_view go(std::string_view tensor) {
    for (;;) {
      const std::vector<std::size_t>& users = graph_.users(tensor);
      if (users.size() != 1 || graph_.is_output(tensor) || is_end(users[0]) || adds_branches(users[0])) return tensor;
      tensor = pass(users[0], tensor);
    }
  }

  /// Throws unless what comes next is no part of the network.
  void end(std::string_view tensor) {
    const std::vector<std::size_t>& users = graph_.users(tensor);
    const bool is_output = graph_.is_output(tensor);
    if (users.empty() && is_output) return;
    if (users.empty()) chain_.fail("the graph ends at " + in_quotes(tensor) + ", which is none of its outputs");
    if (std::all_of(users.begin(), users.end(), [&](std::size_t user) { return is_end(user); }))
      return void(nodes_.after_end(tensor));
    if (users.size() == 1 && !is_output) fail(users[0], "adds what is no branch from the input to here");
    chain_.fail("tensor " + in_quotes(tensor) + " is used more than once, by " + graph_.what(users[0]) + " and " +
                (users.size() > 1 ? graph_.what(users[1]) : "as an output") + "; only chains of layers are read");
  }

  /// Whether a node adds up what others give, where that is read.
  bool adds_branches(std::size_t node) const {
    const OnnxNode& it = graph_.node(node);
    return branches_ && (it.type == "Sum" || it.type == "Add") && it.inputs.size() > 1 &&
           std::none_of(it.inputs.begin(), it.inputs.end(),
                        [&](std::string_view input) { return graph_.is_constant(input); });
  }

  /// The sum of all of these tensors. Throws unless each of them enters it once.
  std::string_view add_up(std::set<std::string_view> open) {
    while (open.size() > 1) {
      const auto ready = std::find_if(open.begin(), open.end(), [&](std::string_view tensor) {
        const std::vector<std::size_t>& users = graph_.users(tensor);
        if (users.size() != 1 || graph_.is_output(tensor) || !adds_branches(users[0])) return false;
        const std::vector<std::string_view>& inputs = graph_.node(users[0]).inputs;
        return std::all_of(inputs.begin(), inputs.end(), [&](std::string_view input) {
          return open.count(input) > 0 && graph_.users(input).size() == 1 && !graph_.is_output(input);
        });
      });
      if (ready == open.end())
        chain_.fail("the branch that ends at tensor " + in_quotes(*open.begin()) +
                    " is not added to all others, once; sums of chains of layers are read");
      const OnnxNode& node = graph_.node(graph_.users(*ready)[0]);
      if (node.outputs.size() != 1 || (!node.domain.empty() && node.domain != "ai.onnx"))
        fail(graph_.users(*ready)[0], "is not as ONNX has it");
      for (const std::string_view input : node.inputs) open.erase(input);
      open.insert(node.outputs[0]);
    }
    return *open.begin();
  }

  [[noreturn]] void fail(std::size_t node, const std::string& why) const { graph_.fail(node, why); }
  bool is_end(std::size_t node) const { return nodes_.is_end(node); }

  /// The graph's input, after a look at its shape.
  std::string_view begin() {
    const OnnxInput& input = graph_.only_input();
    if (input.has_shape) {
      dimensions_ = input.shape.size();
      samples_ = input.shape.empty() ? 0 : input.shape[0];
      features_ = 1;
      for (std::size_t i = 1; i < input.shape.size(); ++i)
        if (__builtin_mul_overflow(features_, input.shape[i], &features_)) features_ = 0;
    }
    return input.name;
  }

  /// Takes one node into the chain; the tensor that it gives.
  std::string_view pass(std::size_t i, std::string_view tensor) {
    const OnnxNode& node = graph_.node(i);
    nodes_.require_own(i);
    using Method = void (Follower::*)(std::size_t);
    struct Operator {
      Method method;
      OnnxRule rule;
    };
    static const std::unordered_map<std::string_view, Operator> known{
        {"Gemm", {&Follower::gemm, {2, 3, {"alpha", "beta", "transA", "transB"}}}},
        {"MatMul", {&Follower::mat_mul, {2, 2, {}}}},
        {"Add", {&Follower::add, {2, 2, {}}}},
        {"Relu", {&Follower::relu, {1, 1, {}}}},
        {"LeakyRelu", {&Follower::leaky_relu, {1, 1, {"alpha"}}}},
        {"Identity", {&Follower::nothing, {1, 1, {}}}},
        {"Cast", {&Follower::cast, {1, 1, {"to", "saturate", "round_mode"}}}},
        {"Dropout", {&Follower::dropout, {1, 3, {"ratio", "seed"}}}},
        {"Flatten", {&Follower::flatten, {1, 1, {"axis"}}}},
        {"Reshape", {&Follower::reshape, {2, 2, {"allowzero"}}}}};
    const auto found = known.find(node.type);
    if (found == known.end())
      fail(i, "is no part of a chain of layers: Gemm, MatMul, Add, Relu and LeakyRelu are read");
    const Operator& it = found->second;
    nodes_.open(i, it.rule);
    if (node.inputs[0] != tensor && node.type != "Add")
      fail(i, "takes the network's values as another input than its first; only chains of layers are read");
    tensor_ = tensor;
    (this->*it.method)(i);
    return node.outputs[0];
  }

  /// A layer, after a look at what the graph says of its input.
  void add_layer(std::size_t node, Matrix weights) {
    if (summed_) fail(node, "comes after the sum of the sub-networks, where nothing is read");
    if (chain_.empty() && dimensions_ != 0 && dimensions_ != 2)
      fail(node,
           "takes inputs of " + std::to_string(dimensions_) + " dimensions; samples x features are read (Flatten)");
    if (chain_.empty() && features_ > 0 && features_ != weights.cols())
      fail(node, "takes " + std::to_string(weights.cols()) + " features where the graph's input has " +
                     std::to_string(features_));
    chain_.add(std::move(weights), graph_.what(node));
  }

  void gemm(std::size_t node) {
    add_layer(node, nodes_.gemm_weights(node));
    if (const Vector biases = nodes_.gemm_biases(node, chain_.last().weights.rows()); biases.size() > 0)
      chain_.add_biases(biases, graph_.what(node));
  }

  void mat_mul(std::size_t node) { add_layer(node, nodes_.weights_of(node, graph_.node(node).inputs[1], false)); }

  void add(std::size_t node) {
    require_layer(node);
    const std::vector<std::string_view>& inputs = graph_.node(node).inputs;
    const std::string_view constant = inputs[inputs[0] == tensor_ ? 1 : 0];
    chain_.add_biases(nodes_.row_of(node, constant, chain_.last().weights.rows()), graph_.what(node));
  }

  void relu(std::size_t node) {
    require_layer(node);
    chain_.activate(Activation::relu, 0);
  }
  void leaky_relu(std::size_t node) {
    require_layer(node);
    chain_.activate(Activation::leaky_relu, nodes_.number(node, "alpha", 0.01F));
  }

  /// Throws unless a layer without activation came before.
  void require_layer(std::size_t node) const {
    if (chain_.empty() && summed_) fail(node, "comes after the sum of the sub-networks, where nothing is read");
    if (chain_.empty()) fail(node, "comes before the first layer with weights");
    if (chain_.last().activation != Activation::none) fail(node, "comes after an activation, without weights between");
  }

  void nothing(std::size_t) {}

  void cast(std::size_t node) {
    const std::int64_t type = nodes_.integer(node, "to", 0);
    if (type != 1 && type != 11) fail(node, "rounds the network's values to another type than float or double");
  }

  void dropout(std::size_t node) {
    const std::vector<std::string_view>& inputs = graph_.node(node).inputs;
    if (inputs.size() > 2 && !inputs[2].empty())
      fail(node, "may be in training mode; export the network for inference (model.eval())");
  }

  void flatten(std::size_t node) {
    if (nodes_.integer(node, "axis", 1) != 1) fail(node, "does not keep samples x features");
    dimensions_ = 2;
  }

  /// Samples stay rows, and their features become one row each: (-1, k), (0, -1), (n, -1), .. with k features.
  void reshape(std::size_t node) {
    const OnnxConstant from = graph_.constant(node, graph_.node(node).inputs[1]);
    const std::vector<std::int64_t> to = onnx_integers(from.tensor, chain_);
    const bool copies = nodes_.integer(node, "allowzero", 0) == 0;  // 0 stands for the size that was there
    const bool flat = !chain_.empty() || dimensions_ == 2;
    const std::int64_t features = chain_.empty() ? features_ : chain_.last().weights.rows();
    const bool all =
        to.size() == 2 && (to[1] == -1 || (to[1] == 0 && copies && flat) || (to[1] > 0 && to[1] == features));
    const bool open = to.size() == 2 && to[1] > 0 && features == 0;  // the input's shape is not stated
    const bool keeps =
        to.size() == 2 && ((to[0] == -1 && to[1] > 0) || (to[0] == 0 && copies) || (to[0] > 0 && to[0] == samples_));
    if (!keeps || !(all || open)) fail(node, "does not keep samples x features");
    if (open) features_ = to[1];
    dimensions_ = 2;
  }

  OnnxNodes nodes_;
  const OnnxGraph& graph_;
  Chain& chain_;

  std::size_t dimensions_ = 0;  // of the graph's input, until it is flattened; 0 if it is not stated
  std::int64_t samples_ = 0;    // its first, 0 where it is open
  std::int64_t features_ = 0;   // all others, multiplied; 0 where they are open

  bool branches_ = false;  // sums of branches are read
  bool summed_ = false;    // they are behind

  std::string_view tensor_;  // what the node takes that is being read
};

}  // namespace

Branches read_onnx(std::string_view bytes, const std::string& path, Shape shape) {
  return with_model(bytes, path, [&](const OnnxModel& model, Chain& chain) -> Branches {
    Follower follower(model, chain);
    if (shape == Shape::branches) return {follower.follow_branches(), source_of(model)};
    follower.follow();
    Branches result{{}, source_of(model)};
    result.list.push_back(chain.finish(result.source));
    return result;
  });
}

}  // namespace nadir::exchange
