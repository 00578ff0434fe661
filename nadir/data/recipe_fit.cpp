// Statistics of the training rows, and what they make of each column.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/number.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/data/standardize.hpp"

namespace nadir {
namespace {

/// What the training rows hold in one column.
struct ColumnStatistics {
  Index missing = 0;
  Index numbers = 0;
  Index lookalikes = 0;  // nan, inf, 1,5
  Index others = 0;
  Index first_bad_row = -1;  // the first that is neither missing nor a number
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();
  double sum = 0;
  bool negative_zero = false;

  void add(const Cell& cell, Index row) {
    if (cell.missing) {
      ++missing;
    } else if (cell.is_number) {
      ++numbers;
      least = std::min(least, cell.number);
      greatest = std::max(greatest, cell.number);
      sum += cell.number;
      negative_zero = negative_zero || (cell.number == 0 && std::signbit(cell.number));
    } else {
      ++(looks_like_number(cell.text) ? lookalikes : others);
      if (first_bad_row < 0) first_bad_row = row;
    }
  }
};

/// One fit: the table, the rows, and the recipe as it grows.
class Fit {
 public:
  Fit(const Table& table, const std::vector<Index>& rows, const RecipeOptions& options,
      std::vector<IgnoredColumn>* ignored)
      : table_(table), rows_(rows), options_(options), ignored_(ignored) {}

  Recipe run() {
    validate();
    recipe_.source = table_.source;
    recipe_.clip = options_.scale == "minmax";
    recipe_.root = options_.map == "root";
    recipe_.complement = options_.complement;
    recipe_.bias = options_.bias;
    fit_target();
    require_room();
    fit_columns();
    if (options_.fixed) fix_columns(*options_.fixed);
    fit_levels();
    if (options_.scale == "unit") fit_unit_range();
    if (options_.scale == "standard") standardize(recipe_, table_, rows_);
    require_features();
    require_room();
    return std::move(recipe_);
  }

 private:
  void validate() {
    if (options_.scale != "minmax" && options_.scale != "none" && options_.scale != "unit" &&
        options_.scale != "standard")
      throw UsageError("--scale " + in_quotes(options_.scale) + " is not one of minmax none unit standard");
    if (options_.target_scale != "standard" && options_.target_scale != "none")
      throw UsageError("--target-scale " + in_quotes(options_.target_scale) + " is not one of standard none");
    if (options_.map != "identity" && options_.map != "root")
      throw UsageError("--map " + in_quotes(options_.map) + " is not one of identity root");
    if (options_.map == "root" && options_.scale == "standard")
      throw UsageError("--scale standard makes features negative, and those have no root; use --scale minmax");
    if (options_.max_levels < 2)
      throw UsageError("--max-levels " + std::to_string(options_.max_levels) + " is below 2");
    if (!table_.target) fail_without_target();
    if (rows_.empty()) throw InputError(table_.path + ": there are no rows to train on");
    for (const std::string& text : options_.categorical)
      categorical_.insert(find_column(table_, text, "--categorical"));
    for (const std::string& text : options_.ignore) ignore_.insert(find_column(table_, text, "--ignore"));
    if (!categorical_.empty() && table_.source.format != "csv")
      throw UsageError("--categorical: " + table_.source.format + " data have no texts; save the data as CSV");
    for (const auto& [chosen, option] : {std::pair(&categorical_, "--categorical"), std::pair(&ignore_, "--ignore")})
      if (chosen->count(table_.target->column) > 0)
        throw UsageError(std::string(option) + " names the target, " +
                         in_quotes(table_.column_name(table_.target->column)));
  }

  [[noreturn]] void fail_without_target() const {
    if (table_.source.format == "libsvm") throw InputError(table_.path + ": no row has a label");
    if (table_.source.format == "idx") throw UsageError(table_.path + ": no labels found; give them by --labels FILE");
    throw UsageError("no target given: choose one by --target COLUMN; " + table_.path + " has " +
                     describe_columns(table_));
  }

  void fit_target() {
    recipe_.target_column = table_.target->column;
    recipe_.target_name = table_.target->name;
    if (task_of(table_, rows_, options_.task) == Task::regression)
      recipe_.quantity = options_.target_scale == "none" ? Quantity() : fit_quantity(table_, rows_);
    else
      recipe_.classes = fit_classes(table_, rows_);
  }

  void fit_columns() {
    const auto count = static_cast<std::size_t>(table_.source.columns);
    std::vector<ColumnStatistics> statistics(count);
    std::vector<bool> skipped(count);
    for (std::size_t i = 0; i < count; ++i)
      skipped[i] = static_cast<Index>(i) == recipe_.target_column || ignore_.count(static_cast<Index>(i)) > 0;
    RowReader reader(table_);
    for (const Index row : rows_) {
      reader.go_to(row);
      for (std::size_t i = 0; i < count; ++i)
        if (!skipped[i]) statistics[i].add(reader.cell(static_cast<Index>(i)), row);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto index = static_cast<Index>(i);
      if (index == recipe_.target_column) continue;
      ColumnRecipe& column = recipe_.columns.emplace_back();
      column.index = index;
      column.name = table_.names[i];
      if (skipped[i])
        note(column, "as asked");
      else
        fit_column(column, statistics[i]);
    }
  }

  void fit_column(ColumnRecipe& column, const ColumnStatistics& statistics) {
    const Index present = statistics.numbers + statistics.lookalikes + statistics.others;
    if (present == 0) return note(column, "every cell is missing");
    if (categorical_.count(column.index) > 0 || 2 * (statistics.numbers + statistics.lookalikes) < present) {
      column.kind = ColumnKind::categorical;
      column.missing_level = statistics.missing > 0;
      return;
    }
    if (statistics.numbers < present) fail_on_cell(statistics.first_bad_row, column.index);
    if (statistics.least == statistics.greatest && statistics.missing == 0 && !options_.keep_constant)
      return note(column, "constant");
    column.kind = ColumnKind::numeric;
    if (statistics.missing > 0) column.missing = mean(column.index, statistics);
    if (options_.scale == "minmax") {
      column.offset = statistics.least;
      if (statistics.greatest > statistics.least) column.range = statistics.greatest - statistics.least;
      if (!std::isfinite(column.range))
        throw InputError(table_.path + ": column " + std::to_string(column.index + 1) + " (" +
                         table_.column_name(column.index) +
                         "): its range exceeds that of a double; rescale or --ignore it");
    }
    // x - (-0) is never -0: without this, the sign of a zero feature would hang on how its cell was written.
    if (column.offset == 0 && statistics.negative_zero) column.offset = -0.0;
  }

  void fix_columns(const FixedScale& fixed) {
    if (fixed.columns != static_cast<Index>(recipe_.columns.size()))
      throw InputError(table_.path + ": has " + std::to_string(recipe_.columns.size()) +
                       " columns but the target, and the network takes " + std::to_string(fixed.columns));
    recipe_.clip = fixed.clip, recipe_.root = fixed.root, recipe_.complement = fixed.complement;
    auto next = fixed.list.begin();
    for (std::size_t i = 0; i < recipe_.columns.size(); ++i) {
      ColumnRecipe& column = recipe_.columns[i];
      const bool used = next != fixed.list.end() && next->place == static_cast<Index>(i);
      if (!used && column.kind != ColumnKind::ignored)
        note(column, "the network does not take it"), column.missing = {};
      if (!used) continue;
      if (column.kind != ColumnKind::numeric || column.missing)
        throw InputError(table_.path + ": column " + table_.column_name(column.index) +
                         " is one of numbers to the network, and here it is not, or some are missing");
      if (next->offset != 0) column.offset = next->offset;
      column.range = next->range;
      ++next;
    }
  }

  [[noreturn]] void fail_on_cell(Index row, Index column) const {
    RowReader reader(table_);
    reader.go_to(row);
    std::string way_out = "; correct the cell, or --ignore " + table_.column_name(column);
    if (table_.source.format == "csv") way_out += ", or declare codes by --categorical " + table_.column_name(column);
    throw InputError(table_.place(row, column) + not_a_number(reader.cell(column).text) +
                     (table_.source.format == "csv" ? ", but most cells of the column are numbers" : "") + way_out);
  }

  double mean(Index column, const ColumnStatistics& statistics) const {
    const auto count = static_cast<double>(statistics.numbers);
    double result = statistics.sum / count;
    if (!std::isfinite(result)) {  // the sum overflowed; the mean does not
      result = 0;
      RowReader reader(table_);
      for (const Index row : rows_) {
        reader.go_to(row);
        if (const Cell cell = reader.cell(column); cell.is_number) result += cell.number / count;
      }
    }
    return std::clamp(result, statistics.least, statistics.greatest);
  }

  void fit_levels() {
    std::vector<ColumnRecipe*> columns;
    for (ColumnRecipe& column : recipe_.columns)
      if (column.kind == ColumnKind::categorical) columns.push_back(&column);
    if (columns.empty()) return;
    const auto most = static_cast<std::size_t>(options_.max_levels);
    std::vector<std::set<std::string, std::less<>>> levels(columns.size());
    RowReader reader(table_);
    for (const Index row : rows_) {
      reader.go_to(row);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const Cell cell = reader.cell(columns[i]->index);
        if (!cell.missing && levels[i].size() <= most && !levels[i].contains(cell.text)) levels[i].emplace(cell.text);
      }
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      ColumnRecipe& column = *columns[i];
      if (levels[i].size() > most)
        note(column, "more than " + std::to_string(most) + " different texts (--max-levels)");
      else if (levels[i].size() == 1 && !column.missing_level)
        note(column, "constant");
      else
        column.levels = in_order({levels[i].begin(), levels[i].end()});
    }
  }

  /// The largest sum of a training row over the numeric columns, signs left aside.
  void fit_unit_range() {
    double largest = 0;
    RowReader reader(table_);
    for (const Index row : rows_) {
      reader.go_to(row);
      double sum = 0;
      for (const ColumnRecipe& column : recipe_.columns) {
        if (column.kind != ColumnKind::numeric) continue;
        const Cell cell = reader.cell(column.index);
        sum += std::abs(cell.missing ? *column.missing : cell.number);
      }
      largest = std::max(largest, sum);
    }
    if (!std::isfinite(largest))
      throw InputError(table_.path + ": the sum of a row exceeds the range of a double; use --scale minmax");
    for (ColumnRecipe& column : recipe_.columns)
      if (column.kind == ColumnKind::numeric && largest > 0) column.range = largest;
  }

  void require_features() const {
    const bool any = std::any_of(recipe_.columns.begin(), recipe_.columns.end(),
                                 [](const ColumnRecipe& column) { return column.kind != ColumnKind::ignored; });
    if (any) return;
    std::string message = table_.path + ": no column is left to learn from";
    if (!first_ignored_.name.empty()) message += " (" + first_ignored_.name + ": " + first_ignored_.reason + ")";
    throw InputError(message);
  }

  /// A model file's header is at most 64 MiB: better said before training than when the model is written.
  void require_room() const {
    constexpr double kMost = 60.0 * (1 << 20);
    constexpr double kColumn = 75;   // an ignored column's entry, escaped
    constexpr double kNumeric = 85;  // what a numeric one adds
    constexpr double kLevel = 6;
    double size = recipe_.columns.empty() ? kColumn * static_cast<double>(table_.source.columns) : 0;
    for (const ColumnRecipe& column : recipe_.columns) {
      size += kColumn + static_cast<double>(column.name.size()) + (column.kind == ColumnKind::numeric ? kNumeric : 0);
      for (const std::string& level : column.levels) size += kLevel + static_cast<double>(level.size());
    }
    if (size > kMost)
      throw ResourceError(table_.path + ": " + std::to_string(table_.source.columns) +
                          " columns are more than a model file can describe (64 MiB of text); take fewer columns");
  }

  void note(ColumnRecipe& column, const std::string& reason) {
    column.kind = ColumnKind::ignored;
    column.missing_level = false;
    if (first_ignored_.name.empty()) first_ignored_ = {table_.column_name(column.index), reason};
    if (ignored_ != nullptr) ignored_->push_back({table_.column_name(column.index), reason});
  }

  const Table& table_;
  const std::vector<Index>& rows_;
  const RecipeOptions& options_;
  std::vector<IgnoredColumn>* ignored_;
  IgnoredColumn first_ignored_;
  std::set<Index> categorical_;
  std::set<Index> ignore_;
  Recipe recipe_;
};

}  // namespace

RecipeOptions with_fixed(RecipeOptions options, const std::optional<FixedScale>& fixed) {
  if (fixed && options.scale != "none")
    throw UsageError("--scale " + options.scale + ": the network's file scales its inputs itself; leave it out");
  if (fixed) options.fixed = fixed;
  return options;
}

Recipe fit_recipe(const Table& table, const std::vector<Index>& rows, const RecipeOptions& options,
                  std::vector<IgnoredColumn>* ignored) {
  return Fit(table, rows, options, ignored).run();
}

}  // namespace nadir
