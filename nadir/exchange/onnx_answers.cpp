#include "nadir/exchange/onnx_answers.hpp"

namespace nadir::exchange {
namespace {

std::string cast(OnnxWriter& onnx, const std::string& tensor, OnnxType type) {
  return onnx.node("Cast", {tensor}, {{"to", static_cast<std::int64_t>(type)}});
}

/// `label`, of the classes' places, N, and whether each row is to have none.
void write_label(OnnxWriter& onnx, const std::string& places, const std::string& refused,
                 std::vector<std::string> classes) {
  const std::string none = onnx.integers({static_cast<std::int64_t>(classes.size())});
  classes.emplace_back();
  const std::string chosen = onnx.node("Where", {refused, none, places});
  onnx.output(onnx.node("Gather", {onnx.texts(classes), chosen}, {{"axis", 0}}, "label"), OnnxType::text, 0);
}

/// A single output f: the second class where it is at least 0; the probabilities are the softmax of (0, f).
void write_two_classes(OnnxWriter& onnx, const std::string& outputs, const Recipe& recipe, bool has_probabilities) {
  const std::string f = onnx.node("Squeeze", {outputs, onnx.integers({1})});
  const std::string is_second = onnx.node("GreaterOrEqual", {f, onnx.number(0)});
  write_label(onnx, cast(onnx, is_second, OnnxType::int64), onnx.node("IsNaN", {f}), recipe.classes);
  if (!has_probabilities) return;
  const std::string column = onnx.node("Unsqueeze", {f, onnx.integers({1})});
  const std::string pair = onnx.node("Concat", {onnx.node("Sub", {column, column}), column}, {{"axis", 1}});
  onnx.output(onnx.node("Softmax", {pair}, {{"axis", 1}}, "probabilities"), OnnxType::float64, 2);
}

/// An output for each class: the first of the largest.
void write_classes(OnnxWriter& onnx, const std::string& outputs, const Recipe& recipe, bool has_probabilities) {
  const std::string places = onnx.node("ArgMax", {outputs}, {{"axis", 1}, {"keepdims", 0}});
  const std::string is_nan = cast(onnx, onnx.node("IsNaN", {outputs}), OnnxType::float64);
  const std::string any = onnx.node("ReduceMax", {is_nan}, {{"axes", std::vector<std::int64_t>{1}}, {"keepdims", 0}});
  write_label(onnx, places, cast(onnx, any, OnnxType::boolean), recipe.classes);
  if (!has_probabilities) return;
  onnx.output(onnx.node("Softmax", {outputs}, {{"axis", 1}}, "probabilities"), OnnxType::float64,
              static_cast<Index>(recipe.classes.size()));
}

}  // namespace

void write_answers(OnnxWriter& onnx, const OnnxFeatures& features, const OnnxOutputs& outputs, const Recipe& recipe,
                   bool has_probabilities) {
  std::string now = outputs.tensor;
  if (!features.refused.empty()) now = onnx.node("Add", {now, features.refused});
  if (recipe.quantity) {
    const Quantity& quantity = *recipe.quantity;
    if (quantity.range != 1) now = onnx.node("Mul", {now, onnx.number(quantity.range)});
    if (quantity.offset != 0) now = onnx.node("Add", {now, onnx.number(quantity.offset)});
    return onnx.output(onnx.node("Identity", {now}, {}, "prediction"), OnnxType::float64, 1);
  }
  if (!has_probabilities) now = onnx.node("Identity", {now}, {}, "scores");
  (outputs.count == 1 ? write_two_classes : write_classes)(onnx, now, recipe, has_probabilities);
  if (!has_probabilities) onnx.output(now, OnnxType::float64, outputs.count);
}

}  // namespace nadir::exchange
