// The numbers of a recipe from other rows, for cross-validation.
#include <algorithm>
#include <limits>

#include "nadir/data/recipe.hpp"

namespace nadir {
namespace {

struct Extent {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();
  double mean = 0;  // updated value by value, so that it cannot overflow
  Index count = 0;

  void add(double value) {
    least = std::min(least, value), greatest = std::max(greatest, value);
    ++count;
    mean += value / static_cast<double>(count) - mean / static_cast<double>(count);
  }
};

}  // namespace

Recipe refit_numbers(const Recipe& recipe, const Table& table, const std::vector<Index>& rows) {
  Recipe result = recipe;
  std::vector<Extent> extents(recipe.columns.size());
  RowReader reader(table);
  for (const Index row : rows) {
    reader.go_to(row);
    for (std::size_t i = 0; i < recipe.columns.size(); ++i) {
      if (recipe.columns[i].kind != ColumnKind::numeric) continue;
      const Cell cell = reader.cell(recipe.columns[i].index);
      if (!cell.missing && cell.is_number) extents[i].add(cell.number);
    }
  }
  for (std::size_t i = 0; i < recipe.columns.size(); ++i) {
    ColumnRecipe& column = result.columns[i];
    if (column.kind != ColumnKind::numeric || extents[i].count == 0) continue;
    const Extent& extent = extents[i];
    if (column.missing) column.missing = std::clamp(extent.mean, extent.least, extent.greatest);
    if (!recipe.clip) continue;
    column.offset = extent.least;
    column.range = extent.greatest > extent.least ? extent.greatest - extent.least : 1;
  }
  return result;
}

}  // namespace nadir
