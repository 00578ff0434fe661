// Features, labels and hashes made of the records of a data file (sections 3 and 6 of docs/certificate-format.md).
#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <memory>
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
/// One record's features, under round-to-nearest and without contraction: the results are the doubles that the format
/// defines, not an enclosure of them. `levels`: places of a column's levels, by entry of the recipe.
void make_row(const Recipe& recipe, const std::vector<Places>& levels, const std::vector<Cell>& cells, double* out) {
  const double* const begin = out;
  std::vector<double> numbers;
  for (std::size_t i = 0; i < recipe.columns.size(); ++i) {
    const Column& column = recipe.columns[i];
    const Cell& cell = cells[column.index];
    if (column.kind == 'n') {
      require(column.missing_value || !cell.missing(), "a value of a column without rule for it is missing");
      const double value = cell.missing() ? *column.missing_value : cell.is_number ? cell.number : decimal(cell.text);
      const double scaled = (value - column.offset) / column.range;
      const double clipped = recipe.clip ? std::min(std::max(scaled, 0.0), 1.0) : scaled;
      // Adding 0 turns -0 into +0, so that the hash does not depend on it.
      *out++ = numbers.emplace_back((recipe.root ? std::sqrt(clipped) : clipped) + 0.0);
      if (column.missing_value) *out++ = cell.missing() ? 1.0 : 0.0;
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
    require(std::isfinite(*feature) && (recipe.negative || *feature >= 0), "a feature is negative or not finite");
}
}  // namespace

std::string sha256(const std::vector<std::string_view>& pieces) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  unsigned char digest[EVP_MAX_MD_SIZE];
  bool done = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const auto& piece : pieces) done = done && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  require(done && EVP_DigestFinal_ex(context.get(), digest, nullptr) == 1, "SHA-256 failed");
  std::string text;
  for (int i = 0; i < 64; ++i) text += "0123456789abcdef"[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15];
  return text;
}

std::size_t Recipe::features() const {
  std::size_t features = bias ? 1 : 0;
  for (const Column& column : columns) {
    if (column.kind == 'n') features += 1 + (column.missing_value ? 1 : 0) + (complement ? 1 : 0);
    if (column.kind == 'c') features += column.levels.size() + (column.missing_level ? 1 : 0);
  }
  return features;
}

Dataset make_matrix(const Recipe& recipe, const Sources& packed) {
  const Sources sources = opened(recipe, packed);
  Dataset dataset;
  dataset.factorized = true;
  Matrix& matrix = dataset.features;
  matrix.columns = recipe.cells;
  visit_rows(recipe, sources, [&](const std::vector<Cell>& cells, const Cell&) {
    ++matrix.rows;
    require(matrix.values.size() <= std::size_t{1} << 29, "a matrix of more than 2^29 entries");
    // Adding 0 turns -0 into +0.
    for (const Cell& cell : cells) matrix.values.push_back((cell.is_number ? cell.number : decimal(cell.text)) + 0.0);
  });
  return dataset;
}

Dataset make_features(const Recipe& recipe, const Sources& packed, const std::optional<Flags>& training_rows) {
  const Sources sources = opened(recipe, packed);
  std::size_t rows = 0, size = 0, made = 0;
  visit_rows(recipe, sources, [&](const auto&, const auto&) { ++rows; });
  const Flags used = training_rows.value_or(Flags(rows, 1));
  require(used.size() == rows, "training_rows and the data file differ in their rows");
  const auto samples = static_cast<std::size_t>(std::count(used.begin(), used.end(), 1));
  const bool overflow = __builtin_mul_overflow(samples, recipe.features(), &size);
  require(!overflow && size > 0 && size <= std::size_t{1} << 29, "no training rows, or more than 2^29 features");
  Dataset dataset{Matrix(samples, recipe.features()), {}, {}, {}};
  const Places classes = places_of(recipe.classes);
  std::vector<Places> levels;
  for (const Column& column : recipe.columns) levels.push_back(places_of(column.levels));
  rows = 0;
  visit_rows(recipe, sources, [&](const std::vector<Cell>& cells, const Cell& label) {
    if (used[rows++] == 0) return;
    const auto place = classes.find(std::string(label.text));
    const bool quantity = classes.empty();
    if (!quantity && (label.missing() || place == classes.end()))
      throw Refusal("row " + std::to_string(rows) + ": " + std::string(label.text.substr(0, 40)) + " is no class");
    if (!quantity) dataset.labels.push_back(static_cast<std::int32_t>(place->second));
    if (quantity) dataset.targets.push_back((decimal(label.text) - recipe.target_offset) / recipe.target_range);
    require(!quantity || std::isfinite(dataset.targets.back()), "a target that is not finite");
    const Cell weight_cell = recipe.weight_column ? cells[*recipe.weight_column] : Cell{.number = 1, .is_number = true};
    const double weight = weight_cell.is_number ? weight_cell.number : decimal(weight_cell.text);
    require_weight(weight);
    if (recipe.weight_column || !recipe.class_weights.empty())
      dataset.weights.push_back(recipe.class_weights.empty() ? weight : weight * recipe.class_weights[place->second]);
    make_row(recipe, levels, cells, dataset.features.row(made++));
  });
  return dataset;
}
std::string Dataset::sha256() const {
  const std::vector<std::uint64_t> extents{features.rows, features.columns};
  const auto bytes = [](const auto& values) {
    return std::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]);
  };
  const bool quantity = !targets.empty();
  const int version = factorized ? 5 : (quantity ? 2 : 1) + (weights.empty() ? 0 : 2);
  const std::string title = "nadir-features " + std::to_string(version) + "\n";
  return verify::sha256(
      {title, bytes(extents), bytes(features.values), quantity ? bytes(targets) : bytes(labels), bytes(weights)});
}
}  // namespace nadir::verify
