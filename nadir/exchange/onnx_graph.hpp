#pragma once
// The graph of an ONNX file: who gives and who uses each tensor, and what is constant.
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nadir/exchange/chain.hpp"
#include "nadir/exchange/onnx_wire.hpp"

namespace nadir::exchange {

/// A tensor that the file gives the values of.
struct OnnxConstant {
  OnnxTensor tensor;
  bool transposed = false;  ///< by nodes on the way
};

/// Nodes are known by their place in the model. Both arguments must outlive the graph; `chain` is for messages.
class OnnxGraph {
 public:
  /// Throws if two things give one tensor. That each has one giver is what makes a circle on the way of a chain
  /// impossible.
  OnnxGraph(const OnnxModel& model, const Chain& chain);

  const OnnxNode& node(std::size_t place) const { return model_.nodes[place]; }
  /// The nodes that take a tensor, in their order; a node twice that takes it twice.
  const std::vector<std::size_t>& users(std::string_view tensor) const;
  bool is_output(std::string_view tensor) const { return outputs_.count(tensor) > 0; }

  /// The input that is no initializer. Throws unless there is one.
  const OnnxInput& only_input() const;

  /// What `name` stands for, through nodes that give constants. Throws if `user`, which wants it, cannot have it.
  OnnxConstant constant(std::size_t user, std::string_view name) const;

  /// Whether `constant` gives it.
  bool is_constant(std::string_view name) const;

  /// A constant's shape. Throws if a size is negative.
  std::vector<std::uint64_t> shape_of(std::size_t user, const OnnxTensor& tensor) const;

  /// "node 'x' (Gemm)".
  std::string what(std::size_t node) const;
  /// Throws InputError: the node, and why.
  [[noreturn]] void fail(std::size_t node, const std::string& why) const;

 private:
  std::optional<OnnxAttribute> only_attribute(std::size_t node, std::string_view name) const;
  bool passes(std::size_t node, bool& transposed) const;

  const OnnxModel& model_;
  const Chain& chain_;
  std::unordered_map<std::string_view, const OnnxTensor*> initializers_;
  std::unordered_map<std::string_view, std::size_t> givers_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> users_;
  std::unordered_map<std::size_t, OnnxTensor> values_;  // of Constant nodes
  std::set<std::string_view> inputs_;
  std::set<std::string_view> outputs_;
};

/// A text of the file as messages show it, without quotes.
std::string plain(std::string_view text);

}  // namespace nadir::exchange
