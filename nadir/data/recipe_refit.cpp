// The numbers of a recipe from other rows, for cross-validation.
#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/data/moments.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/data/standardize.hpp"

namespace nadir {
namespace {

/// Calls use(place in recipe.columns, number) for every number in a numeric column.
template <class Use>
void for_each_number(const Recipe& recipe, const Table& table, const std::vector<Index>& rows, const Use& use) {
  RowReader reader(table);
  for (const Index row : rows) {
    reader.go_to(row);
    for (std::size_t i = 0; i < recipe.columns.size(); ++i) {
      if (recipe.columns[i].kind != ColumnKind::numeric) continue;
      const Cell cell = reader.cell(recipe.columns[i].index);
      if (!cell.missing && cell.is_number) use(i, cell.number);
    }
  }
}

std::vector<Moments> extents_of(const Recipe& recipe, const Table& table, const std::vector<Index>& rows) {
  std::vector<Moments> extents(recipe.columns.size());
  for_each_number(recipe, table, rows, [&](std::size_t i, double number) { extents[i].add(number); });
  return extents;
}

}  // namespace

void standardize(Recipe& recipe, const Table& table, const std::vector<Index>& rows) {
  std::vector<Moments> moments = extents_of(recipe, table, rows);
  for_each_number(recipe, table, rows, [&](std::size_t i, double number) { moments[i].add_again(number); });
  for (std::size_t i = 0; i < moments.size(); ++i) {
    ColumnRecipe& column = recipe.columns[i];
    if (column.kind != ColumnKind::numeric || moments[i].count == 0) continue;
    column.range = moments[i].deviation();
    if (column.range == 0) column.range = 1;  // constant, but for gaps
    if (!std::isfinite(column.range))
      throw InputError(table.path + ": column " + std::to_string(column.index + 1) + " (" +
                       table.column_name(column.index) +
                       "): its range exceeds that of a double; rescale or --ignore it");
    column.offset = moments[i].refined_mean();
    if (column.missing) column.missing = column.offset;
    if (column.offset == 0) column.offset = -0.0;  // x - (-0) is never -0, however its cell was written
  }
}

Recipe refit_numbers(const Recipe& recipe, const Table& table, const std::vector<Index>& rows,
                     const RecipeOptions& options) {
  Recipe result = recipe;
  if (recipe.quantity && !rows.empty() && options.target_scale != "none")
    result.quantity = fit_quantity(table, rows, recipe.quantity->range);
  if (options.scale == "standard") {
    standardize(result, table, rows);
    return result;
  }
  const std::vector<Moments> extents = extents_of(recipe, table, rows);
  for (std::size_t i = 0; i < recipe.columns.size(); ++i) {
    ColumnRecipe& column = result.columns[i];
    if (column.kind != ColumnKind::numeric || extents[i].count == 0) continue;
    const Moments& extent = extents[i];
    if (column.missing) column.missing = std::clamp(extent.mean, extent.least, extent.greatest);
    if (options.scale != "minmax") continue;
    column.offset = extent.least;
    column.range = extent.greatest > extent.least ? extent.greatest - extent.least : 1;
  }
  return result;
}

}  // namespace nadir
