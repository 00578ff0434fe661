#pragma once
// The walk of onnx_formula.hpp through a graph, for its two source files. Each operator is a method that gives what its
// node makes of what is known, or throws InputError with the node's name.
#include <cmath>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "nadir/exchange/onnx_formula.hpp"
#include "nadir/exchange/onnx_nodes.hpp"

namespace nadir::exchange {

struct Magnitudes {};  ///< Abs of features
struct OutOfRange {};  ///< rows that are refused
struct Dimensions {};  ///< Shape of a tensor
struct Zeros {};       ///< of such a shape
using FormulaTensor =
    std::variant<FeatureTensor, SizeTensor, Magnitudes, OutOfRange, Dimensions, Zeros, GateTensor, SumTensor>;
using Ref = std::shared_ptr<const FormulaTensor>;

template <class T>
const T* as(const Ref& tensor) {
  return tensor ? std::get_if<T>(tensor.get()) : nullptr;
}

template <class T>
Ref made(T tensor) {
  return std::make_shared<const FormulaTensor>(std::move(tensor));
}

inline bool is_all(const Vector& numbers, double value) { return (numbers.array() == value).all(); }

class FormulaReader {
 public:
  FormulaReader(const OnnxModel& model, Chain& chain, FormulaKind kind)
      : model_(model), nodes_(model, chain), graph_(nodes_.graph()), chain_(chain), kind_(kind) {}

  OnnxFormula read();

 private:
  void begin();
  void pass(std::size_t i);
  void give(std::string_view name, Ref tensor);
  void finish();

  /// What is known of a tensor, or of input k of node i; null where nothing is.
  Ref at(std::string_view name) const;
  Ref at(std::size_t i, std::size_t k) const { return at(input(i, k)); }
  std::string_view input(std::size_t i, std::size_t k) const { return graph_.node(i).inputs[k]; }
  Vector constant_row(std::size_t i, std::size_t k, Index size) { return nodes_.row_of(i, input(i, k), size); }
  /// Whether an input of a node is 0 everywhere.
  bool is_zero(std::size_t i, std::size_t k);

  [[noreturn]] void unread(std::size_t i) const;
  /// Node i changes features in a way that no recipe has.
  [[noreturn]] void changes_features(std::size_t i) const;
  [[noreturn]] void computes_shape(std::size_t i) const;
  /// Takes the list of the first layer's features as what the input is made into. Throws unless a recipe can do so.
  void settle(const FeatureList& list);

  /// Takes room for numbers that node i makes, before it makes them.
  void spend(std::size_t i, double numbers);
  /// The same for what two tensors of so many terms make together.
  void spend_together(std::size_t i, const Extents& a, std::size_t terms_a, const Extents& b, std::size_t terms_b,
                      Index columns);

  // Layers and sums.
  Ref gemm(std::size_t i) { return layer(i, true); }
  Ref mat_mul(std::size_t i) { return layer(i, false); }
  Ref layer(std::size_t i, bool is_gemm);
  Ref on_features(std::size_t i, const FeatureTensor& features, bool is_gemm);
  Ref plus(std::size_t i, const SumTensor& sum, const Vector& numbers);
  Ref add(std::size_t i) { return sum(i, 1); }
  Ref subtract(std::size_t i) { return sum(i, -1); }
  Ref sum(std::size_t i, double factor);
  Ref mul(std::size_t i);
  Ref reduce_sum(std::size_t i);
  Ref power(std::size_t i);
  Ref hide(std::size_t i, const SumTensor& sum, const Vector& exponents);

  // Gates.
  Ref compare(std::size_t i);
  Ref negate(std::size_t i);
  Ref where(std::size_t i);
  Ref gate(std::size_t i, const SumTensor& sum, const GateTensor& gates);
  Ref closed(std::size_t i, const GateTensor& of);
  Index new_gate(std::size_t i, Gate gate);

  // Features.
  Ref sum_of_features(std::size_t i, double factor);
  Ref divide(std::size_t i);
  Ref clip(std::size_t i);
  Ref root(std::size_t i);
  Ref gather(std::size_t i);
  Ref concatenate(std::size_t i);
  Ref out_of_range(std::size_t i);
  Ref either(std::size_t i);
  /// Features of input k, as they are: neither multiples nor with a row's number.
  const FeatureTensor& plain_features(std::size_t i, std::size_t k) const;
  Ref changed(std::size_t i, std::vector<Feature> list);
  Ref pad(std::size_t i);
  Ref magnitudes(std::size_t i);
  Ref largest(std::size_t i);
  FeatureList without_constant(const FeatureList& list);

  // Shapes, and what changes nothing.
  const Extents& sizes_of(std::size_t i, const Ref& from) const;
  Ref with_sizes(std::size_t i, const Ref& from, const Extents& sizes);
  Ref dimensions(std::size_t i);
  Ref zeros(std::size_t i);
  Ref unsqueeze(std::size_t i);
  Ref squeeze(std::size_t i);
  Ref reshape(std::size_t i);
  Ref flatten(std::size_t i);
  Ref same(std::size_t i) { return at(i, 0); }
  Ref dropout(std::size_t i);
  Ref cast(std::size_t i);

  const OnnxModel& model_;
  OnnxNodes nodes_;
  const OnnxGraph& graph_;
  Chain& chain_;
  const FormulaKind kind_;

  OnnxFormula formula_;
  std::unordered_map<std::string_view, Ref> known_;  // of tensors that nodes ahead take
  std::string_view end_;                             // the network's output, once it is found
  double made_ = 0;                                  // numbers, so far
  std::int64_t samples_ = 0;                         // the input's first size, 0 where it is open
  FeatureList raw_, units_;                          // the input's columns; of the last hidden layer
  std::map<FeatureList, std::size_t> changed_by_;    // other lists, and the nodes that made them
  std::optional<std::size_t> below_0_, above_1_;     // the nodes that refuse rows where features are so
  std::map<FeatureList, FeatureList> plain_;         // lists with the constant 1, without it
};

}  // namespace nadir::exchange
