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

/// Turns a record into features, under round-to-nearest and without contraction: the results are the doubles that the
/// format defines, not an enclosure of them.
class FeatureMaker {
 public:
  explicit FeatureMaker(const Recipe& recipe) : recipe_(recipe) {
    for (const Column& column : recipe.columns) levels_.push_back(places_of(column.levels));
  }

  void make(const Row& row, double* const begin) {
    double* out = begin;
    scaled_.clear();
    for (std::size_t i = 0; i < recipe_.columns.size(); ++i) {
      const Column& column = recipe_.columns[i];
      if (column.kind == Column::Kind::numeric) out = numeric(column, row.cells[column.index], out);
      if (column.kind == Column::Kind::categorical) out = categorical(i, row.cells[column.index], out);
    }
    for (const double feature : scaled_)
      if (recipe_.complement) *out++ = 1.0 - feature;
    if (recipe_.bias) *out++ = 1.0;
    for (const double* feature = begin; feature != out; ++feature)
      require(*feature >= 0 && *feature <= std::numeric_limits<double>::max(), "a feature is negative or not finite");
  }

 private:
  double* numeric(const Column& column, const Cell& cell, double* out) {
    const bool missing = cell.missing();
    if (missing && !column.missing_value) refuse("a value of column " + column.name + " is missing");
    const double value = missing ? *column.missing_value : cell.is_number ? cell.number : decimal(cell.text);
    double feature = (value - column.offset) / column.range;
    if (recipe_.clip) feature = std::min(std::max(feature, 0.0), 1.0);
    scaled_.push_back(feature + 0.0);  // -0 becomes +0, so that the hash does not depend on it
    *out++ = scaled_.back();
    if (column.missing_value) *out++ = missing ? 1.0 : 0.0;
    return out;
  }

  double* categorical(std::size_t entry, const Cell& cell, double* out) {
    const Column& column = recipe_.columns[entry];
    double* const end = out + column.levels.size() + (column.missing_level ? 1 : 0);
    std::fill(out, end, 0.0);
    const auto level = levels_[entry].find(cell.is_number ? number_text(cell.number) : std::string(cell.text));
    if (level != levels_[entry].end()) out[level->second] = 1.0;
    if (column.missing_level && cell.missing()) end[-1] = 1.0;
    return end;
  }

  const Recipe& recipe_;
  std::vector<Places> levels_;  // by entry of the recipe
  std::vector<double> scaled_;  // features of the numeric entries of this row
};

}  // namespace

Dataset make_features(const Recipe& recipe, const Sources& packed,
                      const std::optional<std::vector<std::uint8_t>>& training_rows) {
  Sources sources{unpacked(packed.data), {}};
  if (packed.labels) sources.labels = unpacked(*packed.labels);
  std::size_t rows = 0, size = 0, made = 0;
  for_each_row(recipe, sources, [&](const Row&) { ++rows; });
  require(!training_rows || training_rows->size() == rows, "training_rows and the data file differ in their rows");
  const auto trained = static_cast<std::size_t>(
      training_rows ? std::count(training_rows->begin(), training_rows->end(), 1) : static_cast<std::ptrdiff_t>(rows));
  require(trained > 0, "no training rows");
  require(!__builtin_mul_overflow(trained, recipe.features(), &size) && size <= std::size_t{1} << 29,
          "more than 2^29 features");

  Dataset dataset{Matrix(trained, recipe.features()), {}};
  const Places classes = places_of(recipe.classes);
  FeatureMaker maker(recipe);
  rows = 0;
  for_each_row(recipe, sources, [&](const Row& row) {
    const std::size_t current = rows++;
    if (training_rows && (*training_rows)[current] == 0) return;
    const auto label = classes.find(row.label);
    if (row.label.empty() || label == classes.end())
      refuse("row " + std::to_string(current + 1) + ": the label \"" + row.label.substr(0, 40) + "\" is not a class");
    dataset.labels.push_back(static_cast<std::int32_t>(label->second));
    maker.make(row, dataset.features.row(made++));
  });
  return dataset;
}

std::string Dataset::sha256() const {
  const auto bytes = [](const auto* first, std::size_t size) {
    return std::string_view(reinterpret_cast<const char*>(first), size * sizeof *first);
  };
  const std::uint64_t extents[2] = {features.rows, features.columns};
  Sha256 hash;
  hash.add("nadir-features 1\n");
  hash.add(bytes(extents, 2));
  hash.add(bytes(features.values.data(), features.values.size()));
  hash.add(bytes(labels.data(), labels.size()));
  return hash.hex();
}

}  // namespace nadir::verify
