#include "nadir/data/recipe.hpp"

#include <algorithm>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/formats.hpp"

namespace nadir {
namespace {

std::string shown_name(const std::string& name, Index column) {
  return name.empty() ? "column" + std::to_string(column + 1) : name;
}

/// Names of a file with a header must be the recipe's, in order, with or without the target among them.
void require_names(const Recipe& recipe, const Table& table, bool has_target) {
  Index place = 0;
  const auto require = [&](const std::string& expected) {
    const std::string& found = table.names[static_cast<std::size_t>(place)];
    if (found != expected)
      throw InputError(table.path + ": row 1, column " + std::to_string(place + 1) + " is " + in_quotes(found) +
                       " where the model was trained on " + in_quotes(expected) +
                       "; give the columns of the training file in the same order, with its header");
    ++place;
  };
  Index index = 0;
  for (const ColumnRecipe& column : recipe.columns) {
    if (index == recipe.target_column) {
      if (has_target) require(recipe.target_name);
      ++index;
    }
    require(column.name);
    ++index;
  }
  if (has_target && index == recipe.target_column) require(recipe.target_name);
}

void require_columns(const Recipe& recipe, const Table& table) {
  const Index expected = recipe.source.columns;
  const Index found = table.source.columns;
  const bool in_column = recipe.target_column >= 0;
  if (found == expected || (in_column && found == expected - 1)) return;
  if (recipe.source.format == "libsvm")
    throw InputError(table.path + ": has an index " + std::to_string(found) + " where the model was trained on " +
                     std::to_string(expected) + " columns");
  std::string message = table.path + ": has " + std::to_string(found) + " columns where the model was trained on " +
                        std::to_string(expected);
  if (in_column)
    message += " (" + std::to_string(expected - 1) + " without the target " + in_quotes(recipe.target_name) + ")";
  throw InputError(message + "; give a file with the columns of the training file");
}

}  // namespace

std::vector<std::string> Recipe::feature_names() const {
  std::vector<std::string> names;
  std::vector<std::string> complements;
  for (const ColumnRecipe& column : columns) {
    const std::string name = shown_name(column.name, column.index);
    if (column.kind == ColumnKind::numeric) {
      names.push_back(name);
      if (column.missing) names.push_back(name + " is missing");
      if (complement) complements.push_back("1 - " + name);
    } else if (column.kind == ColumnKind::categorical) {
      for (const std::string& level : column.levels) names.push_back(name + "=" + level);
      if (column.missing_level) names.push_back(name + " is missing");
    }
  }
  names.insert(names.end(), complements.begin(), complements.end());
  if (bias) names.emplace_back("bias");
  return names;
}

std::vector<Index> usable_rows(const Table& table, const RecipeOptions& options) {
  std::vector<Index> rows;
  rows.reserve(static_cast<std::size_t>(table.rows));
  for (Index row = 0; row < table.rows; ++row) {
    if (!table.target || !table.target->missing(row)) {
      rows.push_back(row);
    } else if (!options.skip_missing_target) {
      const std::string place = table.target->column >= 0 ? table.place(row, table.target->column) : table.place(row);
      throw InputError(place + "the label is missing; fill it in, or leave such rows out by --skip-missing-target");
    }
  }
  return rows;
}

Table read_table_for(const Recipe& recipe, const std::filesystem::path& path, const std::string& labels) {
  ReadOptions options;
  options.format = recipe.source.format;
  options.delimiter = recipe.source.delimiter == '\t' ? "tab" : std::string(1, recipe.source.delimiter);
  options.header = recipe.source.header ? "yes" : "no";
  options.labels = labels.empty() ? recipe.source.labels : labels;
  options.array = recipe.source.array;
  if (!labels.empty() && recipe.target_column >= 0)
    throw UsageError("--labels: the model was trained on labels from column " +
                     std::to_string(recipe.target_column + 1) + " (" +
                     shown_name(recipe.target_name, recipe.target_column) + "); leave it out");
  Table table = read_table_like(path, options, recipe.source.columns, !labels.empty());
  if (recipe.target_column >= 0) table.target.reset();  // an array of labels is not what was trained on
  require_columns(recipe, table);
  const bool has_target = recipe.target_column >= 0 && table.source.columns == recipe.source.columns;
  if (recipe.source.header) require_names(recipe, table, has_target);
  if (has_target && !all_missing(table, recipe.target_column)) take_target(table, recipe.target_column);
  return table;
}

}  // namespace nadir
