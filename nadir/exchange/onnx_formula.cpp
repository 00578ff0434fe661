// The way through the graph; layers and sums.
#include "nadir/exchange/onnx_formula.hpp"

#include <algorithm>

#include "nadir/data/bytes.hpp"
#include "nadir/exchange/onnx_formula_reader.hpp"

namespace nadir::exchange {
namespace {

/// Numbers that all tensors of a graph together may take, whose nodes can make much of few constants.
constexpr double max_made = 2.0 * static_cast<double>(max_weights);

constexpr std::size_t gate_overhead = 16;  // numbers that a gate takes beside its own

FeatureList columns_of(std::int64_t count) {
  std::vector<Feature> list(static_cast<std::size_t>(count));
  for (std::size_t j = 0; j < list.size(); ++j) list[j].column = static_cast<Index>(j);
  return std::make_shared<const std::vector<Feature>>(std::move(list));
}

FeatureTensor raw_features(const FeatureList& list) {
  const auto count = static_cast<Index>(list->size());
  return {list, Vector::Ones(count), Vector::Zero(count), {}};
}

SumTensor no_terms(const FeatureList& list, Index outputs) {
  return {{outputs}, list, {}, {}, Matrix(0, static_cast<Index>(list->size()) + 1)};
}

}  // namespace

OnnxFormula FormulaReader::read() {
  begin();
  for (std::size_t i = 0; i < model_.nodes.size() && end_.empty(); ++i) pass(i);
  finish();
  return std::move(formula_);
}

void FormulaReader::begin() {
  const OnnxInput& input = graph_.only_input();
  if (!input.has_shape || input.shape.size() != 2 || input.shape[1] <= 0)
    chain_.fail("takes an input whose shape is not samples x features, with the number of features stated");
  samples_ = input.shape[0];
  chain_.reserve({static_cast<std::uint64_t>(input.shape[1])}, "the input");
  raw_ = columns_of(input.shape[1]);
  give(input.name, made(raw_features(raw_)));
}

void FormulaReader::give(std::string_view name, Ref tensor) {
  if (as<SumTensor>(tensor)) {
    const std::vector<std::size_t>& users = graph_.users(name);
    const bool ends = std::all_of(users.begin(), users.end(), [&](std::size_t user) { return nodes_.is_end(user); });
    if (ends && (!users.empty() || graph_.is_output(name))) end_ = name;
  }
  known_[name] = std::move(tensor);
}

Ref FormulaReader::at(std::string_view name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : found->second;
}

void FormulaReader::pass(std::size_t i) {
  struct Operator {
    Ref (FormulaReader::*method)(std::size_t);
    OnnxRule rule;
  };
  using F = FormulaReader;
  static const std::unordered_map<std::string_view, Operator> read{
      {"Gemm", {&F::gemm, {2, 3, {"alpha", "beta", "transA", "transB"}}}},
      {"MatMul", {&F::mat_mul, {2, 2, {}}}},
      {"Add", {&F::add, {2, 2, {}}}},
      {"Sub", {&F::subtract, {2, 2, {}}}},
      {"Mul", {&F::mul, {2, 2, {}}}},
      {"Div", {&F::divide, {2, 2, {}}}},
      {"Pow", {&F::power, {2, 2, {}}}},
      {"Clip", {&F::clip, {3, 3, {}}}},
      {"Sqrt", {&F::root, {1, 1, {}}}},
      {"Gather", {&F::gather, {2, 2, {"axis"}}}},
      {"Concat", {&F::concatenate, {1, 64, {"axis"}}}},
      {"Or", {&F::either, {2, 2, {}}}},
      {"Pad", {&F::pad, {3, 4, {"mode"}}}},
      {"Abs", {&F::magnitudes, {1, 1, {}}}},
      {"ReduceMax", {&F::largest, {1, 2, {"axes", "keepdims", "noop_with_empty_axes"}}}},
      {"ReduceSum", {&F::reduce_sum, {1, 2, {"axes", "keepdims", "noop_with_empty_axes"}}}},
      {"GreaterOrEqual", {&F::compare, {2, 2, {}}}},
      {"Greater", {&F::compare, {2, 2, {}}}},
      {"LessOrEqual", {&F::compare, {2, 2, {}}}},
      {"Less", {&F::compare, {2, 2, {}}}},
      {"Not", {&F::negate, {1, 1, {}}}},
      {"Where", {&F::where, {3, 3, {}}}},
      {"Shape", {&F::dimensions, {1, 1, {"start"}}}},
      {"ConstantOfShape", {&F::zeros, {1, 1, {"value"}}}},
      {"Expand", {&F::zeros, {2, 2, {}}}},
      {"Unsqueeze", {&F::unsqueeze, {1, 2, {"axes"}}}},
      {"Squeeze", {&F::squeeze, {1, 2, {"axes"}}}},
      {"Reshape", {&F::reshape, {2, 2, {"allowzero"}}}},
      {"Flatten", {&F::flatten, {1, 1, {"axis"}}}},
      {"Identity", {&F::same, {1, 1, {}}}},
      {"Dropout", {&F::dropout, {1, 3, {"ratio", "seed"}}}},
      {"Cast", {&F::cast, {1, 1, {"to", "saturate", "round_mode"}}}}};
  const OnnxNode& node = graph_.node(i);
  if (std::none_of(node.inputs.begin(), node.inputs.end(), [&](std::string_view it) { return at(it) != nullptr; }))
    return;  // it makes constants, perhaps
  nodes_.require_own(i);
  const auto found = read.find(node.type);
  if (found == read.end()) {
    if (std::any_of(node.inputs.begin(), node.inputs.end(),
                    [&](std::string_view it) { return as<FeatureTensor>(at(it)) != nullptr; }))
      changes_features(i);
    if (std::any_of(node.inputs.begin(), node.inputs.end(),
                    [&](std::string_view it) { return as<Dimensions>(at(it)) != nullptr; }))
      computes_shape(i);
    unread(i);
  }
  nodes_.open(i, found->second.rule);
  for (const std::string_view name : node.inputs)
    if (!name.empty() && !at(name) && !graph_.is_constant(name))
      nodes_.fail(i, "takes " + in_quotes(name) + ", which is neither a constant nor made of the input before");
  give(node.outputs[0], (this->*found->second.method)(i));
  for (const std::string_view name : node.inputs)
    if (!name.empty() && graph_.users(name).back() == i) known_.erase(name);
}

void FormulaReader::finish() {
  if (end_.empty()) chain_.fail("does not end with outputs that are sums of the features' products with weights");
  const std::set<std::string_view> after = nodes_.after_end(end_);
  for (const std::string_view output : model_.outputs)
    if (output != end_ && after.count(output) == 0)
      chain_.fail("gives " + in_quotes(output) + ", which is not made of the network's outputs alone");
  formula_.output = *as<SumTensor>(at(end_));
  if (formula_.output.sizes.size() > 1)
    chain_.fail("ends with " + in_quotes(end_) + ", which has more dimensions than samples x outputs");
  if (units_ ? formula_.output.list != units_ : formula_.hidden.size() > 0)
    chain_.fail("ends with " + in_quotes(end_) + ", which is not of the last hidden layer");
  if (!units_) settle(formula_.output.list);
  const bool refuses_negative = kind_ == FormulaKind::polynomial || (formula_.scale && formula_.scale->root);
  if (below_0_ && !refuses_negative) changes_features(*below_0_);
  if (above_1_ && !(refuses_negative && formula_.scale && formula_.scale->complement)) changes_features(*above_1_);
  formula_.source = source_of(model_);
}

void FormulaReader::settle(const FeatureList& list) {
  formula_.features = list;
  if (list == raw_) return;
  std::size_t by = 0;  // a node that made the list, for messages
  for (const auto& [changed, node] : changed_by_)
    if (changed == list || (plain_.count(changed) > 0 && plain_.at(changed) == list)) by = node;
  FixedScale scale;
  scale.columns = static_cast<Index>(raw_->size());
  const std::vector<Feature>& all = *list;
  scale.clip = all.front().clip, scale.root = all.front().root, scale.complement = all.back().complement;
  const std::size_t count = scale.complement ? all.size() / 2 : all.size();
  for (std::size_t j = 0; j < all.size(); ++j) {
    const FixedScale::Column column{all[j].column, all[j].offset, all[j].range};
    const bool again = scale.complement && j >= count;
    if (!(all[j] == Feature{column.place, column.offset, column.range, scale.clip, scale.root, again}))
      changes_features(by);
    if (again ? all.size() != 2 * count ||
                    !(all[j - count] == Feature{column.place, column.offset, column.range, scale.clip, scale.root})
              : j > 0 && all[j - 1].column >= column.place)
      changes_features(by);
    if (!again) scale.list.push_back(column);
  }
  formula_.scale = scale;
}

void FormulaReader::changes_features(std::size_t i) const {
  nodes_.fail(
      i,
      "changes the inputs before the weights in a way that no recipe of ours has, and a penalty is of the weights "
      "behind it; export a network of the raw columns (--scale none), or give its layers as arrays and DATA as "
      "they take it");
}

void FormulaReader::computes_shape(std::size_t i) const {
  nodes_.fail(i, "takes or makes a shape that is computed; give it as numbers, as in x.view(-1, gates, outputs)");
}

void FormulaReader::unread(std::size_t i) const {
  nodes_.fail(i, kind_ == FormulaKind::gated
                     ? "is no part of a gated network as it is read: (g.x >= 0) times v.x, added up by ReduceSum, Add "
                       "or a layer of weights"
                     : "is no part of a polynomial network as it is read: layers of weights (Gemm, MatMul) with Pow by "
                       "constants between them");
}

void FormulaReader::spend(std::size_t i, double numbers) {
  made_ += numbers;
  if (!(made_ <= max_made))
    nodes_.fail(i, "would make more than " + std::to_string(static_cast<long long>(max_made)) +
                       " numbers of the file's, which is as many as are read");
}

void FormulaReader::spend_together(std::size_t i, const Extents& a, std::size_t terms_a, const Extents& b,
                                   std::size_t terms_b, Index columns) {
  if (a.size() != b.size()) nodes_.fail(i, "takes tensors of different numbers of dimensions");
  double wide = 1;
  for (std::size_t k = 0; k < a.size(); ++k) wide *= static_cast<double>(std::max(a[k], b[k]));
  const auto share = [&](const Extents& sizes, std::size_t terms) {
    return static_cast<double>(terms) * wide / static_cast<double>(entries(sizes));
  };
  spend(i, wide + (share(a, terms_a) + share(b, terms_b)) * static_cast<double>(columns + 2));
}

bool FormulaReader::is_zero(std::size_t i, std::size_t k) {
  if (const Ref tensor = at(i, k)) return as<Zeros>(tensor) != nullptr;
  const std::string_view name = input(i, k);
  const OnnxConstant from = graph_.constant(i, name);
  const std::vector<std::uint64_t> shape = graph_.shape_of(i, from.tensor);
  chain_.reserve(shape, "tensor " + in_quotes(name));
  std::uint64_t count = 1;
  for (const std::uint64_t size : shape) count *= size;
  Vector numbers(static_cast<Index>(count));
  onnx_floats(from.tensor, {numbers.data(), static_cast<std::size_t>(count)}, chain_);
  return is_all(numbers, 0);
}

// ---------------------------------------------------------------------------------------------- layers
Ref FormulaReader::layer(std::size_t i, bool is_gemm) {
  Ref from = at(i, 0);
  if (!from || at(i, 1)) nodes_.fail(i, "does not multiply by a constant on the right");
  if (const auto* const sum = as<SumTensor>(from); sum != nullptr && kind_ == FormulaKind::polynomial)
    from = hide(i, *sum, Vector::Ones(entries(sum->sizes)));  // units of exponent 1
  if (const auto* const features = as<FeatureTensor>(from)) return on_features(i, *features, is_gemm);
  const auto* const sum = as<SumTensor>(from);
  if (sum == nullptr) unread(i);
  const Matrix weights = is_gemm ? nodes_.gemm_weights(i) : nodes_.weights_of(i, input(i, 1), false);
  spend(i, static_cast<double>(weights.rows()) * static_cast<double>(sum->entry.size() + 1) *
               static_cast<double>(sum->v.cols() + 2));
  const std::shared_ptr<SumTensor> product = multiply(weights, *sum);
  if (!product)
    nodes_.fail(i, "takes " + std::to_string(weights.cols()) + " inputs where there are " +
                       std::to_string(entries(sum->sizes)));
  const Vector biases = is_gemm ? nodes_.gemm_biases(i, weights.rows()) : Vector();
  return biases.size() == 0 ? made(std::move(*product)) : plus(i, *product, biases);
}

Ref FormulaReader::on_features(std::size_t i, const FeatureTensor& features, bool is_gemm) {
  if (!is_all(features.size, 0)) unread(i);
  const std::vector<Feature>& list = *features.list;
  const FeatureList plain = without_constant(features.list);
  if (!is_gemm && is_all(features.scale, 0)) {  // what is left of a row behind its first slice
    const std::vector<std::uint64_t> shape = graph_.shape_of(i, graph_.constant(i, input(i, 1)).tensor);
    if (shape.size() != 2 || shape[0] != list.size() || shape[1] > max_weights) unread(i);
    return made(no_terms(plain, static_cast<Index>(shape[1])));
  }
  const Matrix weights = is_gemm ? nodes_.gemm_weights(i) : nodes_.weights_of(i, input(i, 1), false);
  if (weights.cols() != features.scale.size())
    nodes_.fail(i, "takes " + std::to_string(weights.cols()) + " inputs where there are " +
                       std::to_string(features.scale.size()));
  const auto last = static_cast<Index>(plain->size());
  spend(i, static_cast<double>(weights.rows()) * static_cast<double>(last + 3));
  Matrix v = Matrix::Zero(weights.rows(), last + 1);
  Index next = 0;
  for (Index j = 0; j < weights.cols(); ++j) {
    const Feature& it = list[static_cast<std::size_t>(j)];
    if (it.column < 0)
      v.col(last) += features.scale[j] / it.range / it.unit * weights.col(j);
    else
      v.col(next++) = features.scale[j] * weights.col(j);
  }
  if (!v.allFinite()) nodes_.fail(i, "holds weights that are infinite or not a number");
  formula_.constant = formula_.constant || plain != features.list;
  SumTensor sum = sum_of(plain, {weights.rows()}, std::move(v));
  const Vector biases = is_gemm ? nodes_.gemm_biases(i, weights.rows()) : Vector();
  return biases.size() == 0 ? made(std::move(sum)) : plus(i, sum, biases);
}

Ref FormulaReader::plus(std::size_t i, const SumTensor& sum, const Vector& numbers) {
  if (!numbers.allFinite()) nodes_.fail(i, "holds biases that are infinite or not a number");
  if (sum.is_linear() && !units_) {
    formula_.constant = true;
    spend(i, static_cast<double>(entries(sum.sizes) * (sum.v.cols() + 2)));
    Matrix v = matrix_of(sum);
    v.col(v.cols() - 1) += numbers;
    return made(sum_of(sum.list, sum.sizes, std::move(v)));
  }
  if (!is_all(numbers, 0))
    nodes_.fail(i,
                "adds biases behind the first layer, which networks of this kind do not have (bias=False; of a "
                "quantity's offset: --target-scale none)");
  return made(sum);
}

// ---------------------------------------------------------------------------------------------- sums
Ref FormulaReader::sum(std::size_t i, double factor) {
  const Ref a = at(i, 0), b = at(i, 1);
  if (as<FeatureTensor>(a) || as<FeatureTensor>(b)) return sum_of_features(i, factor);
  const auto *const left = as<SumTensor>(a), *const right = as<SumTensor>(b);
  if (left != nullptr && right != nullptr) {
    spend_together(i, left->sizes, left->entry.size(), right->sizes, right->entry.size(), left->v.cols());
    const std::shared_ptr<SumTensor> both = exchange::add(*left, *right, factor);
    if (!both) nodes_.fail(i, "adds sums of other shapes, or of other features");
    if (!both->is_linear()) return made(std::move(*both));
    return made(sum_of(both->list, both->sizes, matrix_of(*both)));
  }
  const SumTensor* const one = left != nullptr ? left : right;
  const std::size_t other = left != nullptr ? 1 : 0;
  if (one == nullptr || at(i, other) || (left == nullptr && factor < 0) || one->sizes.size() != 1) unread(i);
  return plus(i, *one, factor * constant_row(i, other, one->sizes[0]));
}

Ref FormulaReader::mul(std::size_t i) {
  const Ref a = at(i, 0), b = at(i, 1);
  const auto *const left = as<SumTensor>(a), *const right = as<SumTensor>(b);
  if (left != nullptr && as<GateTensor>(b)) return gate(i, *left, *as<GateTensor>(b));
  if (right != nullptr && as<GateTensor>(a)) return gate(i, *right, *as<GateTensor>(a));
  if (left != nullptr && left == right && kind_ == FormulaKind::polynomial)
    return hide(i, *left, Vector::Constant(entries(left->sizes), 2));
  const std::size_t other = a ? 1 : 0;
  if (a && b) unread(i);
  if (const auto* const size = as<SizeTensor>(a ? a : b))
    return made(SizeTensor{size->size_of, size->times * constant_row(i, other, 1)[0]});
  const auto* const features = as<FeatureTensor>(a ? a : b);
  if (features == nullptr)
    nodes_.fail(i,
                "multiplies the network's values by numbers that are no weights of a layer; of a quantity's scale: "
                "export a network of --target-scale none");
  if (!is_zero(i, other)) changes_features(i);
  const Vector none = Vector::Zero(features->scale.size());
  return made(FeatureTensor{features->list, none, none, {}});
}

Ref FormulaReader::reduce_sum(std::size_t i) {
  const std::vector<std::int64_t> axes = nodes_.axes(i);
  const bool keep = nodes_.integer(i, "keepdims", 1) != 0;
  if (axes.size() != 1) unread(i);
  const Ref from = at(i, 0);
  if (const auto* const features = as<FeatureTensor>(from)) {
    if ((axes[0] != 1 && axes[0] != -1) || !keep || !is_all(features->scale, 0) || !is_all(features->size, 0))
      unread(i);
    return made(no_terms(without_constant(features->list), 1));
  }
  const auto* const sum = as<SumTensor>(from);
  if (sum == nullptr) unread(i);
  const auto rank = static_cast<std::int64_t>(sum->sizes.size());
  const std::int64_t axis = (axes[0] < 0 ? axes[0] + rank + 1 : axes[0]) - 1;
  if (axis < 0 || axis >= rank) unread(i);
  spend(i, static_cast<double>(sum->v.rows() * (sum->v.cols() + 2)));
  return made(reduce(*sum, static_cast<std::size_t>(axis), keep));
}

Index FormulaReader::new_gate(std::size_t i, Gate gate) {
  spend(i, static_cast<double>(gate.g.size()) + gate_overhead);
  formula_.gates.push_back(std::move(gate));
  return static_cast<Index>(formula_.gates.size()) - 1;
}

// ---------------------------------------------------------------------------------------------- polynomial layers
Ref FormulaReader::power(std::size_t i) {
  const auto* const sum = as<SumTensor>(at(i, 0));
  if (kind_ != FormulaKind::polynomial || sum == nullptr || at(i, 1) || sum->sizes.size() != 1) unread(i);
  return hide(i, *sum, constant_row(i, 1, sum->sizes[0]));
}

/// Ends a hidden layer, whose units are the features of the next.
Ref FormulaReader::hide(std::size_t i, const SumTensor& sum, const Vector& exponents) {
  if (formula_.hidden.size() == max_layers) nodes_.fail(i, "ends more layers than are read");
  if (!units_) settle(sum.list);
  if (units_ && sum.list != units_) nodes_.fail(i, "takes more than the layer before it");
  spend(i, static_cast<double>(entries(sum.sizes) * (sum.v.cols() + 2)));
  formula_.hidden.push_back({matrix_of(sum), exponents, {}});
  units_ = columns_of(exponents.size());
  return made(raw_features(units_));
}

OnnxFormula read_formula(std::string_view bytes, const std::string& path, FormulaKind kind) {
  return with_model(bytes, path,
                    [&](const OnnxModel& model, Chain& chain) { return FormulaReader(model, chain, kind).read(); });
}

}  // namespace nadir::exchange
