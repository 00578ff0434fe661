#include "nadir/exchange/onnx_features.hpp"

#include <algorithm>
#include <limits>

namespace nadir::exchange {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

using Columns = std::vector<const ColumnRecipe*>;

/// Columns of one tensor, and which features of the recipe they are.
struct Block {
  std::string tensor;
  std::vector<Index> places;
};

/// The places of the recipe's features, which lie column by column, and complements behind all.
struct Places {
  std::vector<Index> numbers, indicators, complements;
  std::vector<std::vector<Index>> levels;  // by categorical column
  Index count = 0;

  explicit Places(const Recipe& recipe) {
    for (const ColumnRecipe& column : recipe.columns) {
      if (column.kind == ColumnKind::numeric) numbers.push_back(count++);
      if (column.kind == ColumnKind::numeric && column.missing) indicators.push_back(count++);
      if (column.kind != ColumnKind::categorical) continue;
      std::vector<Index>& own = levels.emplace_back();
      for (std::size_t i = 0; i < column.levels.size() + (column.missing_level ? 1 : 0); ++i) own.push_back(count++);
    }
    if (recipe.complement)
      for (std::size_t i = 0; i < numbers.size(); ++i) complements.push_back(count++);
  }
};

Columns of_kind(const Recipe& recipe, ColumnKind kind) {
  Columns columns;
  for (const ColumnRecipe& column : recipe.columns)
    if (column.kind == kind) columns.push_back(&column);
  return columns;
}

std::string input_of(OnnxWriter& onnx, const ColumnRecipe& column, OnnxType type) {
  const std::string number = std::to_string(column.index + 1);
  const std::string name = column.name.empty() ? "column" + number : column.name;
  return onnx.input(name, name + " (column " + number + ')', type, 1);
}

/// The raw numbers that are used, N × columns.
std::string raw_numbers(OnnxWriter& onnx, const Recipe& recipe, const std::vector<std::string>& inputs) {
  if (!inputs.empty()) return inputs.size() == 1 ? inputs[0] : onnx.node("Concat", inputs, {{"axis", 1}});
  const std::string all = onnx.input("X", "X", OnnxType::float64, static_cast<Index>(recipe.columns.size()));
  std::vector<std::int64_t> used;
  for (std::size_t i = 0; i < recipe.columns.size(); ++i)
    if (recipe.columns[i].kind == ColumnKind::numeric) used.push_back(static_cast<std::int64_t>(i));
  if (used.size() == recipe.columns.size()) return all;
  return onnx.node("Gather", {all, onnx.integers(used)}, {{"axis", 1}});
}

/// One number for each column, as 1 × columns.
template <class Number>
Matrix row_of(const Columns& columns, const Number& number) {
  Matrix row(1, static_cast<Index>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) row(0, static_cast<Index>(i)) = number(*columns[i]);
  return row;
}

/// Numbers to features, step by step, and what is refused on the way.
class Numbers {
 public:
  Numbers(OnnxWriter& onnx, const Recipe& recipe, const Columns& columns, std::string raw)
      : onnx_(onnx), recipe_(recipe), columns_(columns), raw_(std::move(raw)) {}

  /// The features, and in `blocks` the indicators and complements.
  void write(Sign sign, const Places& places, std::vector<Block>& blocks) {
    std::string now = fill(places, blocks);
    const std::string filled = now;
    now = scale(now);
    if (recipe_.clip) now = onnx_.node("Clip", {now, onnx_.number(0), onnx_.number(1)});
    const bool any = sign == Sign::any && !recipe_.root;
    if (now != raw_ || !any || static_cast<std::size_t>(places.count) != recipe_.columns.size())
      refuse(recipe_.clip ? filled : now, any || recipe_.clip, sign);
    if (recipe_.root) now = onnx_.node("Sqrt", {now});
    blocks.push_back({now, places.numbers});
    if (recipe_.complement) blocks.push_back({onnx_.node("Sub", {onnx_.number(1), now}), places.complements});
  }

  const std::string& refused() const { return refused_; }

 private:
  std::string fill(const Places& places, std::vector<Block>& blocks) {
    if (places.indicators.empty()) return raw_;
    const std::string missing = onnx_.node("IsNaN", {raw_});
    std::vector<std::int64_t> told;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i]->missing) told.push_back(static_cast<std::int64_t>(i));
    const std::string chosen =
        told.size() == columns_.size() ? missing : onnx_.node("Gather", {missing, onnx_.integers(told)}, {{"axis", 1}});
    blocks.push_back(
        {onnx_.node("Cast", {chosen}, {{"to", static_cast<std::int64_t>(OnnxType::float64)}}), places.indicators});
    const Matrix values = row_of(columns_, [](const ColumnRecipe& it) { return it.missing.value_or(not_a_number); });
    return onnx_.node("Where", {missing, onnx_.numbers(values), raw_});
  }

  std::string scale(std::string now) {
    const Matrix offsets = row_of(columns_, [](const ColumnRecipe& it) { return it.offset; });
    const Matrix ranges = row_of(columns_, [](const ColumnRecipe& it) { return it.range; });
    if ((offsets.array() != 0).any()) now = onnx_.node("Sub", {now, onnx_.numbers(offsets)});
    if ((ranges.array() != 1).any()) now = onnx_.node("Div", {now, onnx_.numbers(ranges)});
    return now;
  }

  /// NaN for the rows where one of `numbers` is not finite, or beyond what serves.
  void refuse(const std::string& numbers, bool any_sign, Sign sign) {
    std::string terms = onnx_.node("Mul", {numbers, onnx_.number(0)});
    if (!any_sign) {
      std::string beyond = onnx_.node("Less", {numbers, onnx_.number(0)});
      if (sign == Sign::non_negative && recipe_.complement)
        beyond = onnx_.node("Or", {beyond, onnx_.node("Greater", {numbers, onnx_.number(1)})});
      terms = onnx_.node("Where", {beyond, onnx_.number(not_a_number), terms});
    }
    refused_ = onnx_.node("ReduceSum", {terms, onnx_.integers({1})});
  }

  OnnxWriter& onnx_;
  const Recipe& recipe_;
  const Columns& columns_;
  const std::string raw_;
  std::string refused_;
};

/// N × levels: 1 where the text is the level.
std::string one_hot(OnnxWriter& onnx, const ColumnRecipe& column, const std::string& input) {
  std::vector<std::string> texts = column.levels;
  std::vector<std::int64_t> codes, all;
  for (std::size_t i = 0; i < texts.size(); ++i) codes.push_back(static_cast<std::int64_t>(i));
  all = codes;
  if (column.missing_level) {
    const auto code = static_cast<std::int64_t>(all.size());
    all.push_back(code);
    for (const char* const missing : {"", "?", "NA", "N/A"}) texts.emplace_back(missing), codes.push_back(code);
  }
  const std::string code =
      onnx.node("LabelEncoder", {input}, {{"keys_strings", texts}, {"values_int64s", codes}, {"default_int64", -1}});
  const std::string open = onnx.node("Equal", {code, onnx.integers(all)});
  return onnx.node("Cast", {open}, {{"to", static_cast<std::int64_t>(OnnxType::float64)}});
}

/// All blocks as one tensor, its columns in the order of their places.
std::string in_order(OnnxWriter& onnx, const std::vector<Block>& blocks) {
  std::vector<std::string> tensors;
  std::vector<Index> places;
  for (const Block& block : blocks) {
    tensors.push_back(block.tensor);
    places.insert(places.end(), block.places.begin(), block.places.end());
  }
  const std::string joined = tensors.size() == 1 ? tensors[0] : onnx.node("Concat", tensors, {{"axis", 1}});
  if (std::is_sorted(places.begin(), places.end())) return joined;
  std::vector<std::int64_t> from(places.size());
  for (std::size_t i = 0; i < places.size(); ++i)
    from[static_cast<std::size_t>(places[i])] = static_cast<std::int64_t>(i);
  return onnx.node("Gather", {joined, onnx.integers(from)}, {{"axis", 1}});
}

}  // namespace

OnnxFeatures write_features(OnnxWriter& onnx, const Recipe& recipe, Sign sign) {
  const Places places(recipe);
  const Columns numeric = of_kind(recipe, ColumnKind::numeric), texts = of_kind(recipe, ColumnKind::categorical);
  std::vector<std::string> number_inputs, text_inputs;
  if (!texts.empty())
    for (const ColumnRecipe& column : recipe.columns) {
      if (column.kind == ColumnKind::numeric) number_inputs.push_back(input_of(onnx, column, OnnxType::float64));
      if (column.kind == ColumnKind::categorical) text_inputs.push_back(input_of(onnx, column, OnnxType::text));
    }
  OnnxFeatures features;
  std::vector<Block> blocks;
  if (!numeric.empty()) {
    Numbers numbers(onnx, recipe, numeric, raw_numbers(onnx, recipe, number_inputs));
    numbers.write(sign, places, blocks);
    features.refused = numbers.refused();
  }
  for (std::size_t i = 0; i < texts.size(); ++i)
    blocks.push_back({one_hot(onnx, *texts[i], text_inputs[i]), places.levels[i]});
  features.tensor = in_order(onnx, blocks);
  features.count = places.count;
  features.constant = recipe.bias;
  return features;
}

}  // namespace nadir::exchange
