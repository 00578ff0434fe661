// Rows to features, in binary64 and step by step as docs/certificate-format.md, section 3, has it.
#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/number.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/data/rows_in_place.hpp"

namespace nadir {
namespace {

/// Writes the features of one row at a time.
class RowWriter {
 public:
  RowWriter(const Recipe& recipe, const Table& table, Sign sign)
      : recipe_(recipe), table_(table), sign_(sign), reader_(table) {
    const bool without_target = recipe.target_column >= 0 && table.source.columns == recipe.source.columns - 1;
    if (table.source.format != recipe.source.format ||
        (table.source.columns != recipe.source.columns && !without_target))
      throw InputError(table.path + ": is not laid out as the file that the model was trained on");
    for (const ColumnRecipe& column : recipe.columns) {
      if (column.kind == ColumnKind::ignored) continue;
      const bool shifted = without_target && column.index > recipe.target_column;
      used_.push_back({&column, column.index - (shifted ? 1 : 0)});
    }
  }

  void write(Index row, double* out) {
    reader_.go_to(row);
    complements_.clear();
    for (const auto& [column, place] : used_) {
      const Cell cell = reader_.cell(place);
      if (column->kind == ColumnKind::categorical) {
        for (const std::string& level : column->levels) *out++ = cell.text == level && !cell.missing ? 1 : 0;
        if (column->missing_level) *out++ = cell.missing ? 1 : 0;
        continue;
      }
      const double feature = numeric(*column, cell, row, place);
      *out++ = feature;
      if (column->missing) *out++ = cell.missing ? 1 : 0;
      if (recipe_.complement) complements_.push_back(1 - feature);
    }
    out = std::copy(complements_.begin(), complements_.end(), out);
    if (recipe_.bias) *out = 1;
  }

 private:
  struct Used {
    const ColumnRecipe* column;
    Index place;  // in this table
  };

  double numeric(const ColumnRecipe& column, const Cell& cell, Index row, Index place) const {
    if (cell.missing && !column.missing)
      throw InputError(table_.place(row, place) +
                       "the cell is missing, but none of this column was in training; fill it in or leave the row out");
    if (!cell.missing && !cell.is_number) throw InputError(table_.place(row, place) + not_a_number(cell.text));
    const double value = cell.missing ? *column.missing : cell.number;
    double feature = (value - column.offset) / column.range + 0.0;  // never -0
    if (recipe_.clip) feature = std::min(std::max(feature, 0.0), 1.0);
    const bool any = sign_ == Sign::any;
    const bool fits = (any && !recipe_.root) || feature >= 0;
    const bool complement_fits = any || !recipe_.complement || feature <= 1;
    if (!(fits && std::isfinite(feature) && complement_fits)) fail_on_value(value, feature, row, place);
    return recipe_.root ? std::sqrt(feature) : feature;
  }

  [[noreturn]] void fail_on_value(double value, double feature, Index row, Index place) const {
    const std::string why = !std::isfinite(feature) ? " has no finite feature"
                            : feature >= 0 ? " exceeds 1 after scaling, so that its complement would be negative"
                            : value < 0    ? " is negative, and so would be its feature"
                                           : " has a negative feature";
    throw InputError(table_.place(row, place) + number_text(value) + why + "; train with --scale minmax");
  }

  const Recipe& recipe_;
  const Table& table_;
  const Sign sign_;
  RowReader reader_;
  std::vector<Used> used_;
  std::vector<double> complements_;
};

[[noreturn]] void fail_on_label(const Recipe& recipe, const Table& table, Index row) {
  constexpr std::size_t kShown = 8;
  const Target& target = *table.target;
  std::string message = target.column >= 0 ? table.place(row, target.column) : table.place(row);
  if (target.missing(row)) throw InputError(message + "the label is missing; fill it in, or leave the row out");
  message += "label " + in_quotes(target.text(row)) + " is not one of the classes";
  for (std::size_t i = 0; i < recipe.classes.size() && i <= kShown; ++i) {
    message += ' ';
    message += i == kShown ? ".." : in_quotes(recipe.classes[i]);
  }
  throw InputError(message + "; correct it, or give the data without labels");
}

}  // namespace

std::vector<int> labels_of(const Recipe& recipe, const Table& table, const std::vector<Index>& rows) {
  if (!table.target || recipe.quantity) return {};
  const Target& target = *table.target;
  std::vector<int> class_of;  // by the target's codes
  for (std::size_t code = 0; code < target.values(); ++code) {
    const auto place = std::find(recipe.classes.begin(), recipe.classes.end(), target.value(code));
    class_of.push_back(place == recipe.classes.end() ? -1 : static_cast<int>(place - recipe.classes.begin()));
  }
  if (table.source.format == "libsvm" && class_of.size() == 1 && class_of[0] < 0) return {};  // placeholders
  std::vector<int> labels;
  labels.reserve(rows.size());
  for (const Index row : rows) {
    const int code = target.codes[static_cast<std::size_t>(row)];
    const int label = code < 0 ? -1 : class_of[static_cast<std::size_t>(code)];
    if (label < 0) fail_on_label(recipe, table, row);
    labels.push_back(label);
  }
  return labels;
}

Vector targets_of(const Recipe& recipe, const Table& table, const std::vector<Index>& rows) {
  if (!table.target || !recipe.quantity) return {};
  if (table.source.format == "libsvm" && table.target->values() == 1) return {};  // placeholders
  const std::vector<double> numbers = target_numbers(table, rows);
  Vector targets(static_cast<Index>(numbers.size()));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double y = recipe.quantity->scaled(numbers[i]);
    if (!std::isfinite(y)) {
      const Index column = table.target->column;
      throw InputError((column >= 0 ? table.place(rows[i], column) : table.place(rows[i])) + "the target " +
                       number_text(numbers[i]) + " is beyond the range of a double after scaling; leave the row out");
    }
    targets[static_cast<Index>(i)] = y;
  }
  return targets;
}

namespace {

/// All but the features.
Dataset described(const Recipe& recipe, const Table& table, const std::vector<Index>& rows) {
  Dataset dataset;
  dataset.class_names = recipe.classes;
  dataset.feature_names = recipe.feature_names();
  dataset.labels = labels_of(recipe, table, rows);
  dataset.targets = targets_of(recipe, table, rows);
  return dataset;
}

void build_features(Dataset& dataset, const Recipe& recipe, const Table& table, const std::vector<Index>& rows,
                    Sign sign) {
  RowWriter writer(recipe, table, sign);
  const auto samples = static_cast<Index>(rows.size());
  const auto features = static_cast<Index>(dataset.feature_names.size());
  require_memory(8.0 * static_cast<double>(samples) * static_cast<double>(features),
                 table.path + ": " + std::to_string(samples) + " rows of " + std::to_string(features) + " features");
  dataset.features.resize(samples, features);
  for (Index i = 0; i < samples; ++i)
    writer.write(rows[static_cast<std::size_t>(i)], dataset.features.data() + i * features);
}

}  // namespace

Dataset apply_recipe(const Recipe& recipe, const Table& table, const std::vector<Index>& rows, Sign sign) {
  Dataset dataset = described(recipe, table, rows);
  build_features(dataset, recipe, table, rows, sign);
  return dataset;
}

Dataset apply_in_place(const Recipe& recipe, const Table& table, const std::vector<Index>& rows) {
  Dataset dataset = described(recipe, table, rows);
  dataset.in_place = rows_in_place(recipe, table, rows);
  if (!dataset.in_place) build_features(dataset, recipe, table, rows, Sign::any);
  return dataset;
}

}  // namespace nadir
