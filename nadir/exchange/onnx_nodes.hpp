#pragma once
// Nodes of an ONNX graph while they are read: attributes, constants as matrices, and what may follow a network.
#include <cstdint>
#include <protozero/exception.hpp>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nadir/exchange/chain.hpp"
#include "nadir/exchange/onnx_graph.hpp"

namespace nadir::exchange {

/// What an operator may have.
struct OnnxRule {
  std::size_t least = 1;  ///< inputs
  std::size_t most = 1;
  std::set<std::string_view> attributes;
};

/// Everything here throws InputError, with the node's name.
class OnnxNodes {
 public:
  /// Both arguments must outlive it. `chain` is for messages, and limits what constants take.
  OnnxNodes(const OnnxModel& model, Chain& chain) : graph_(model, chain), chain_(chain) {}

  const OnnxGraph& graph() const { return graph_; }
  [[noreturn]] void fail(std::size_t node, const std::string& why) const { graph_.fail(node, why); }

  /// Throws unless the operator is ONNX's own.
  void require_own(std::size_t node) const;

  /// Holds a node against its operator's rule, and makes its attributes those that the next functions speak of.
  void open(std::size_t node, const OnnxRule& rule);
  double number(std::size_t node, std::string_view name, double otherwise) const;
  std::int64_t integer(std::size_t node, std::string_view name, std::int64_t otherwise) const;

  /// The axes that a node works on: its second input, or as older versions have it an attribute. Empty if it says none.
  std::vector<std::int64_t> axes(std::size_t node) const;

  /// Whether a ConstantOfShape gives zeros.
  bool fills_with_zeros(std::size_t node) const;

  /// Inputs x outputs, or outputs x inputs if `rows_are_outputs`, as weights (outputs x inputs).
  Matrix weights_of(std::size_t node, std::string_view name, bool rows_are_outputs);

  /// The weights of a Gemm, outputs x inputs; and its biases, one for each output, or none.
  Matrix gemm_weights(std::size_t node);
  Vector gemm_biases(std::size_t node, Index outputs);

  /// One number for each of `size` columns: a constant of that size, or one number for all.
  Vector row_of(std::size_t node, std::string_view name, Index size);

  /// Whether a chain may end with the node. Also a Reshape that gives an output: scikit-learn's regressors of several
  /// outputs come as one column.
  bool is_end(std::size_t node) const;

  /// All tensors that are made of this one. What comes after the end must not be a network.
  std::set<std::string_view> after_end(std::string_view tensor) const;

 private:
  const OnnxGraph graph_;
  Chain& chain_;
  std::unordered_map<std::string_view, OnnxAttribute> attributes_;
};

/// What was read, in words: "ONNX of pytorch 2.1".
std::string source_of(const OnnxModel& model);

/// Throws if the model's operators have other rules than those that are read.
void require_version(const OnnxModel& model, const Chain& chain);

/// What `use(model, chain)` makes of an ONNX file; throws InputError where the file is damaged.
template <class Use>
auto with_model(std::string_view bytes, const std::string& path, const Use& use) {
  Chain chain(path);
  try {
    const OnnxModel model = onnx_model(bytes, chain);
    require_version(model, chain);
    return use(model, chain);
  } catch (const protozero::exception&) {
    chain.fail("is damaged or cut short, or no ONNX file; fetch or export it again");
  }
}

}  // namespace nadir::exchange
