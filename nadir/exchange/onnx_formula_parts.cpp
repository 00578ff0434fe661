// Gates, features and shapes of onnx_formula.hpp.
#include <algorithm>

#include "nadir/data/bytes.hpp"
#include "nadir/exchange/onnx_formula_reader.hpp"

namespace nadir::exchange {
namespace {

constexpr double feature_numbers = 6;  // that the description of a feature takes

}  // namespace

Ref FormulaReader::compare(std::size_t i) {
  const std::string_view type = graph_.node(i).type;
  const Ref a = at(i, 0), b = at(i, 1);
  if (as<FeatureTensor>(a)) return out_of_range(i);
  const auto *const left = as<SumTensor>(a), *const right = as<SumTensor>(b);
  if (kind_ != FormulaKind::gated || (a && left == nullptr) || (b && right == nullptr)) unread(i);
  const SumTensor& one = left != nullptr ? *left : *right;
  const bool alike = left == nullptr || right == nullptr || (left->sizes == right->sizes && left->list == right->list);
  if (!alike || one.sizes.size() != 1) nodes_.fail(i, "compares tensors of other shapes, or of other features");
  for (const SumTensor* const side : {left, right})
    if (side != nullptr && !side->is_linear())
      nodes_.fail(i, "compares sums with gates; gates are of the features alone");
  spend(i, 3.0 * static_cast<double>(one.sizes[0] * (one.v.cols() + 2)));
  Matrix g = Matrix::Zero(one.sizes[0], one.v.cols());  // of left less right
  if (left != nullptr) g += matrix_of(*left);
  if (right != nullptr) g -= matrix_of(*right);
  if (left == nullptr || right == nullptr) {
    const Vector numbers = constant_row(i, left != nullptr ? 1 : 0, one.sizes[0]);
    if (!numbers.allFinite()) nodes_.fail(i, "compares with a number that is not finite");
    formula_.constant = formula_.constant || !is_all(numbers, 0);
    g.col(g.cols() - 1) += (left != nullptr ? -1 : 1) * numbers;
  }
  if (type.starts_with("Less")) g = -g;
  GateTensor gates{one.sizes, {}};
  for (Index p = 0; p < g.rows(); ++p)
    gates.gates.push_back(new_gate(i, {one.list, g.row(p).transpose(), !type.ends_with("OrEqual")}));
  return made(std::move(gates));
}

Ref FormulaReader::negate(std::size_t i) {
  const Ref from = at(i, 0);
  if (!as<GateTensor>(from)) unread(i);
  return closed(i, *as<GateTensor>(from));
}

/// 1 where these gates are 0: not g·x ≥ 0 is −g·x > 0.
Ref FormulaReader::closed(std::size_t i, const GateTensor& of) {
  GateTensor gates{of.sizes, {}};
  for (const Index p : of.gates) {
    const Gate& open = formula_.gates[static_cast<std::size_t>(p)];
    gates.gates.push_back(new_gate(i, {open.list, -open.g, !open.strict}));
  }
  return made(std::move(gates));
}

Ref FormulaReader::gate(std::size_t i, const SumTensor& sum, const GateTensor& gates) {
  spend_together(i, sum.sizes, sum.entry.size(), gates.sizes, 0, sum.v.cols());
  const std::shared_ptr<SumTensor> product = multiply(sum, gates);
  if (!product) nodes_.fail(i, "multiplies by gates of another shape, or what has gates already");
  return made(std::move(*product));
}

Ref FormulaReader::where(std::size_t i) {
  const Ref condition = at(i, 0), yes = at(i, 1), no = at(i, 2);
  if (as<OutOfRange>(condition)) {  // NaN for rows that are refused
    const auto* const features = as<FeatureTensor>(no);
    if (yes || features == nullptr || !is_all(features->scale, 0) || !std::isnan(constant_row(i, 1, 1)[0])) unread(i);
    return no;
  }
  const auto* const open = as<GateTensor>(condition);
  if (open == nullptr) unread(i);
  if (const auto* const sum = as<SumTensor>(yes); sum != nullptr && !as<SumTensor>(no) && is_zero(i, 2))
    return gate(i, *sum, *open);
  if (const auto* const sum = as<SumTensor>(no); sum != nullptr && !as<SumTensor>(yes) && is_zero(i, 1))
    return gate(i, *sum, *as<GateTensor>(closed(i, *open)));
  nodes_.fail(i, "chooses between other things than v.x and 0");
}

// ---------------------------------------------------------------------------------------------- features
/// As sums without rounding are made: rows and multiples of a number of their own, added and taken away again.
Ref FormulaReader::sum_of_features(std::size_t i, double factor) {
  const Ref a = at(i, 0), b = at(i, 1);
  const auto *const one = as<FeatureTensor>(a), *const other = as<FeatureTensor>(b);
  if (one == nullptr || !b) {  // an offset, or 1 - f
    const FeatureTensor& features = plain_features(i, one != nullptr ? 0 : 1);
    std::vector<Feature> list = *features.list;
    const Vector numbers = constant_row(i, one != nullptr ? 1 : 0, features.scale.size());
    if (factor > 0 || !numbers.allFinite() || (one == nullptr && !is_all(numbers, 1))) changes_features(i);
    for (std::size_t j = 0; j < list.size(); ++j) {
      Feature& it = list[j];
      if (it.complement || it.unit != 1 || (one != nullptr && !(it == Feature{it.column}))) changes_features(i);
      (one != nullptr ? it.offset : it.range) = one != nullptr ? numbers[static_cast<Index>(j)] : it.range;
      it.complement = one == nullptr;
    }
    return changed(i, std::move(list));
  }
  FeatureTensor result = *one;
  std::string_view size_of;
  if (const auto* const size = as<SizeTensor>(b)) {
    result.size.array() += factor * size->times;
    size_of = size->size_of;
  } else if (other != nullptr && other->list == one->list) {
    result.scale += factor * other->scale;
    result.size += factor * other->size;
    size_of = other->size_of;
  } else {
    unread(i);
  }
  if (!size_of.empty() && !result.size_of.empty() && size_of != result.size_of) unread(i);
  if (!size_of.empty()) result.size_of = size_of;
  if (is_all(result.size, 0)) result.size_of = {};
  if (!result.size.allFinite()) unread(i);
  return made(std::move(result));
}

const FeatureTensor& FormulaReader::plain_features(std::size_t i, std::size_t k) const {
  const Ref tensor = at(i, k);
  const auto* const features = as<FeatureTensor>(tensor);  // which known_ keeps until the node is passed
  if (features == nullptr || units_ || !is_all(features->scale, 1) || !is_all(features->size, 0)) unread(i);
  return *features;
}

Ref FormulaReader::changed(std::size_t i, std::vector<Feature> list) {
  const auto count = static_cast<Index>(list.size());
  const auto now = std::make_shared<const std::vector<Feature>>(std::move(list));
  changed_by_.emplace(now, i);
  return made(FeatureTensor{now, Vector::Ones(count), Vector::Zero(count), {}});
}

/// By ranges first, and then by units.
Ref FormulaReader::divide(std::size_t i) {
  if (!at(i, 0) || at(i, 1)) unread(i);
  std::vector<Feature> list = *plain_features(i, 0).list;
  const Vector by = constant_row(i, 1, static_cast<Index>(list.size()));
  for (std::size_t j = 0; j < list.size(); ++j) {
    Feature& it = list[j];
    double& divisor = it.range == 1 && it.is_linear() ? it.range : it.unit;
    const double number = by[static_cast<Index>(j)];
    if (!(number > 0) || !std::isfinite(number) || it.unit != 1) changes_features(i);
    divisor = number;
  }
  return changed(i, std::move(list));
}

Ref FormulaReader::clip(std::size_t i) {
  std::vector<Feature> list = *plain_features(i, 0).list;
  if (at(i, 1) || at(i, 2) || constant_row(i, 1, 1)[0] != 0 || constant_row(i, 2, 1)[0] != 1) changes_features(i);
  for (Feature& it : list) {
    if (!it.is_linear() || it.column < 0 || it.unit != 1) changes_features(i);
    it.clip = true;
  }
  return changed(i, std::move(list));
}

Ref FormulaReader::root(std::size_t i) {
  std::vector<Feature> list = *plain_features(i, 0).list;
  for (Feature& it : list) {
    if (it.root || it.complement || it.column < 0 || it.unit != 1) changes_features(i);
    it.root = true;
  }
  return changed(i, std::move(list));
}

Ref FormulaReader::gather(std::size_t i) {
  if (!as<FeatureTensor>(at(i, 0)) || at(i, 1) || nodes_.integer(i, "axis", 0) != 1) {
    if (as<Dimensions>(at(i, 0))) computes_shape(i);
    unread(i);
  }
  const std::vector<Feature>& all = *plain_features(i, 0).list;
  std::vector<Feature> list;
  for (const std::int64_t place : onnx_integers(graph_.constant(i, input(i, 1)).tensor, chain_, all.size())) {
    if (place < 0 || place >= static_cast<std::int64_t>(all.size())) changes_features(i);
    list.push_back(all[static_cast<std::size_t>(place)]);
  }
  if (list.empty()) changes_features(i);
  return changed(i, std::move(list));
}

Ref FormulaReader::concatenate(std::size_t i) {
  const std::int64_t axis = nodes_.integer(i, "axis", 0);
  std::vector<Feature> list;
  for (std::size_t k = 0; k < graph_.node(i).inputs.size(); ++k) {
    if (!as<FeatureTensor>(at(i, k)) || axis != 1) unread(i);
    const std::vector<Feature>& part = *plain_features(i, k).list;
    spend(i, feature_numbers * static_cast<double>(part.size()));
    list.insert(list.end(), part.begin(), part.end());
  }
  return changed(i, std::move(list));
}

/// Features below 0, or above 1.
Ref FormulaReader::out_of_range(std::size_t i) {
  const bool below = graph_.node(i).type == "Less";
  if ((!below && graph_.node(i).type != "Greater") || at(i, 1) || constant_row(i, 1, 1)[0] != (below ? 0 : 1))
    unread(i);
  (below ? below_0_ : above_1_) = i;
  return made(OutOfRange{});
}

Ref FormulaReader::either(std::size_t i) {
  if (!as<OutOfRange>(at(i, 0)) || !as<OutOfRange>(at(i, 1))) unread(i);
  return at(i, 0);
}

/// The constant 1 behind the features.
Ref FormulaReader::pad(std::size_t i) {
  const OnnxNode& node = graph_.node(i);
  if (!at(i, 0) || at(i, 1) || at(i, 2) || !node.attributes.empty() || node.inputs.size() != 3 ||
      onnx_integers(graph_.constant(i, input(i, 1)).tensor, chain_) != std::vector<std::int64_t>{0, 0, 0, 1} ||
      constant_row(i, 2, 1)[0] != 1)
    unread(i);
  const FeatureList before = plain_features(i, 0).list;
  std::vector<Feature> list = *before;
  list.push_back({-1});
  const auto count = static_cast<Index>(list.size());
  const auto now = std::make_shared<const std::vector<Feature>>(std::move(list));
  plain_.emplace(now, before);
  return made(FeatureTensor{now, Vector::Ones(count), Vector::Zero(count), {}});
}

Ref FormulaReader::magnitudes(std::size_t i) {
  if (!as<FeatureTensor>(at(i, 0))) unread(i);
  return made(Magnitudes{});
}

Ref FormulaReader::largest(std::size_t i) {
  const std::vector<std::int64_t> axes = nodes_.axes(i);
  if (!as<Magnitudes>(at(i, 0)) || axes != std::vector<std::int64_t>{1} || nodes_.integer(i, "keepdims", 1) == 0)
    unread(i);
  return made(SizeTensor{graph_.node(i).outputs[0], 1});
}

FeatureList FormulaReader::without_constant(const FeatureList& list) {
  if (std::none_of(list->begin(), list->end(), [](const Feature& it) { return it.column < 0; })) return list;
  FeatureList& plain = plain_[list];
  if (!plain) {
    std::vector<Feature> others;
    for (const Feature& it : *list)
      if (it.column >= 0) others.push_back(it);
    plain = std::make_shared<const std::vector<Feature>>(std::move(others));
  }
  return plain;
}

// ---------------------------------------------------------------------------------------------- shapes
const Extents& FormulaReader::sizes_of(std::size_t i, const Ref& from) const {
  if (const auto* const sum = as<SumTensor>(from)) return sum->sizes;
  if (const auto* const gates = as<GateTensor>(from)) return gates->sizes;
  unread(i);
}

Ref FormulaReader::with_sizes(std::size_t i, const Ref& from, const Extents& sizes) {
  if (const auto* const gates = as<GateTensor>(from)) return made(GateTensor{sizes, gates->gates});
  const auto* const sum = as<SumTensor>(from);
  if (sum == nullptr) unread(i);
  spend(i, static_cast<double>(sum->v.rows() * (sum->v.cols() + 2)));
  SumTensor other = *sum;
  other.sizes = sizes;
  return made(std::move(other));
}

Ref FormulaReader::dimensions(std::size_t /*i*/) { return made(Dimensions{}); }

Ref FormulaReader::zeros(std::size_t i) {
  const bool expands = graph_.node(i).type == "Expand";
  if (!as<Dimensions>(at(i, expands ? 1 : 0)) || !(expands ? is_zero(i, 0) : nodes_.fills_with_zeros(i))) unread(i);
  return made(Zeros{});
}

Ref FormulaReader::unsqueeze(std::size_t i) {
  const Ref from = at(i, 0);
  Extents sizes = sizes_of(i, from);
  const std::vector<std::int64_t> axes = nodes_.axes(i);
  const auto rank = static_cast<std::int64_t>(sizes.size());
  if (axes.size() != 1 || rank > 4) unread(i);
  const std::int64_t axis = (axes[0] < 0 ? axes[0] + rank + 2 : axes[0]) - 1;
  if (axis < 0 || axis > rank) unread(i);
  sizes.insert(sizes.begin() + axis, 1);
  return with_sizes(i, from, sizes);
}

Ref FormulaReader::squeeze(std::size_t i) {
  const Ref from = at(i, 0);
  Extents sizes = sizes_of(i, from);
  const std::vector<std::int64_t> axes = nodes_.axes(i);
  const auto rank = static_cast<std::int64_t>(sizes.size());
  const std::int64_t axis = axes.size() != 1 ? -1 : (axes[0] < 0 ? axes[0] + rank + 1 : axes[0]) - 1;
  if (axis < 0 || axis >= rank || sizes[static_cast<std::size_t>(axis)] != 1) unread(i);
  sizes.erase(sizes.begin() + axis);
  return with_sizes(i, from, sizes);
}

Ref FormulaReader::reshape(std::size_t i) {
  if (at(i, 1)) computes_shape(i);
  const Ref from = at(i, 0);
  const auto* const features = as<FeatureTensor>(from);
  const Index count = features != nullptr ? features->scale.size() : entries(sizes_of(i, from));
  const std::vector<std::int64_t> to = onnx_integers(graph_.constant(i, input(i, 1)).tensor, chain_);
  const bool copies = nodes_.integer(i, "allowzero", 0) == 0;
  bool fits =
      to.size() >= 2 && to.size() <= 5 && (to[0] == -1 || (to[0] == 0 && copies) || (to[0] > 0 && to[0] == samples_));
  Extents sizes;
  Index product = 1;
  std::size_t open = 0;  // the place of a -1
  for (std::size_t k = 1; fits && k < to.size(); ++k) {
    const bool is_open = to[k] == -1 && open == 0 && to[0] != -1;
    if (is_open) open = k;
    fits = is_open || (to[k] > 0 && to[k] <= count / product);
    if (fits && !is_open) product *= to[k];
    sizes.push_back(to[k]);
  }
  if (fits && open > 0) sizes[open - 1] = count / product;
  if (!fits || entries(sizes) != count) nodes_.fail(i, "does not keep samples as rows");
  if (features == nullptr) return with_sizes(i, from, sizes);
  if (sizes.size() != 1) unread(i);
  return from;
}

Ref FormulaReader::flatten(std::size_t i) {
  const Ref from = at(i, 0);
  if (nodes_.integer(i, "axis", 1) != 1) nodes_.fail(i, "does not keep samples x features");
  return as<FeatureTensor>(from) ? from : with_sizes(i, from, {entries(sizes_of(i, from))});
}

Ref FormulaReader::dropout(std::size_t i) {
  const OnnxNode& node = graph_.node(i);
  if (node.inputs.size() > 2 && !node.inputs[2].empty())
    nodes_.fail(i, "may be in training mode; export the network for inference (model.eval())");
  return at(i, 0);
}

Ref FormulaReader::cast(std::size_t i) {
  const std::int64_t type = nodes_.integer(i, "to", 0);
  if (type != 1 && type != 11) nodes_.fail(i, "rounds the network's values to another type than float or double");
  return at(i, 0);
}

}  // namespace nadir::exchange
