#include <algorithm>
#include <limits>
#include <unordered_map>

#include "nadir/verify/data.hpp"

namespace nadir::verify {
namespace {
using Places = std::unordered_map<std::string, std::size_t>;

Places places_of(const std::vector<std::string>& names) {
  Places places;
  for (const std::string& name : names) places.emplace(name, places.size());
  return places;
}

/// The scaled number of a numeric column, and whether its cell was missing.
std::pair<double, bool> scaled_number(const Column& column, const Cell& cell, bool clip) {
  const bool missing = cell.missing();
  if (missing && !column.missing_value) refuse("a value of column " + column.name + " is missing");
  const double value = missing ? *column.missing_value : cell.is_number ? cell.number : decimal(cell.text);
  const double feature = (value - column.offset) / column.range;
  // Adding 0 turns -0 into +0, so that the hash does not depend on it.
  return {(clip ? std::min(std::max(feature, 0.0), 1.0) : feature) + 0.0, missing};
}

/// One record's features, under round-to-nearest and without contraction: the results are the doubles that the format
/// defines, not an enclosure of them. `levels`: places of a column's levels, by entry of the recipe.
void make_row(const Recipe& recipe, const std::vector<Places>& levels, const std::vector<Cell>& cells, double* out) {
  const double* const begin = out;
  std::vector<double> numbers;
  for (std::size_t i = 0; i < recipe.columns.size(); ++i) {
    const Column& column = recipe.columns[i];
    const Cell& cell = cells[column.index];
    if (column.kind == 'n') {
      const auto [number, missing] = scaled_number(column, cell, recipe.clip);
      numbers.push_back(number);
      *out++ = number;
      if (column.missing_value) *out++ = missing ? 1.0 : 0.0;
    }
    if (column.kind == 'c') {
      const auto level = levels[i].find(cell.is_number ? number_text(cell.number) : std::string(cell.text));
      if (level != levels[i].end()) out[level->second] = 1.0;  // the others are 0 from the start
      out += column.levels.size();
      if (column.missing_level) *out++ = cell.missing() ? 1.0 : 0.0;
    }
  }
  for (const double number : numbers)
    if (recipe.complement) *out++ = 1.0 - number;
  if (recipe.bias) *out++ = 1.0;
  for (const double* feature = begin; feature != out; ++feature)
    require(*feature >= 0 && *feature <= std::numeric_limits<double>::max(), "a feature is negative or not finite");
}
}  // namespace

Dataset make_features(const Recipe& recipe, const Sources& packed, const std::optional<Flags>& training_rows) {
  Sources sources{unpacked(packed.data), {}};
  if (packed.labels) sources.labels = unpacked(*packed.labels);
  std::size_t rows = 0, size = 0, made = 0;
  visit_rows(recipe, sources, [&](const auto&, const auto&) { ++rows; });
  const Flags used = training_rows.value_or(Flags(rows, 1));
  require(used.size() == rows, "training_rows and the data file differ in their rows");
  const auto samples = static_cast<std::size_t>(std::count(used.begin(), used.end(), 1));
  const bool overflow = __builtin_mul_overflow(samples, recipe.features(), &size);
  require(!overflow && size > 0 && size <= std::size_t{1} << 29, "no training rows, or more than 2^29 features");

  Dataset dataset{Matrix(samples, recipe.features()), {}};
  const Places classes = places_of(recipe.classes);
  std::vector<Places> levels;
  for (const Column& column : recipe.columns) levels.push_back(places_of(column.levels));
  rows = 0;
  visit_rows(recipe, sources, [&](const std::vector<Cell>& cells, const Cell& label) {
    if (used[rows++] == 0) return;
    const auto place = classes.find(std::string(label.text));
    if (label.missing() || place == classes.end())
      refuse("row " + std::to_string(rows) + ": the label \"" + std::string(label.text.substr(0, 40)) +
             "\" is no class");
    dataset.labels.push_back(static_cast<std::int32_t>(place->second));
    make_row(recipe, levels, cells, dataset.features.row(made++));
  });
  return dataset;
}

std::string Dataset::sha256() const {
  const auto bytes = [](const auto* first, std::size_t size) {
    return std::string_view(reinterpret_cast<const char*>(first), size * sizeof *first);
  };
  const std::uint64_t extents[2] = {features.rows, features.columns};
  return verify::sha256({"nadir-features 1\n", bytes(extents, 2), bytes(features.values.data(), features.values.size()),
                         bytes(labels.data(), labels.size())});
}
}  // namespace nadir::verify
