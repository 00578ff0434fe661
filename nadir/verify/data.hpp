#pragma once
// From the bytes of a data file to features and labels: section 3 of docs/certificate-format.md.
#include <cstdint>
#include <functional>
#include <optional>

#include "nadir/verify/document.hpp"
#include "nadir/verify/tools.hpp"

namespace nadir::verify {

/// The bytes of the data file, and those of the labels file where the labels lie apart.
struct Sources {
  std::string data;
  std::optional<std::string> labels;
};

/// A cell is text (csv, libsvm) or a number (idx, npy, and what a libsvm line leaves out).
struct Cell {
  std::string_view text{};
  double number = 0;
  bool is_number = false;

  bool missing() const { return !is_number && (text.empty() || text == "?" || text == "NA" || text == "N/A"); }
};

/// A record's cells, the target's included, and its label as text; empty where it is missing.
struct Row {
  std::vector<Cell> cells;
  std::string label;
};
using Visit = std::function<void(const Row&)>;

/// Calls `visit` for each record in the order of the file.
void for_each_row(const Recipe& recipe, const Sources& sources, const Visit& visit);
void for_each_array_row(const Recipe& recipe, const Sources& sources, const Visit& visit);

/// `bytes` themselves, or what they unpack to where they are gzip.
std::string unpacked(std::string bytes);
/// A finite decimal number, rounded to nearest.
double decimal(std::string_view text);
/// Integers without point; others as the shortest decimal that reads back the same.
std::string number_text(double number);

struct Dataset {
  Matrix features;                   // of the training rows, exactly the doubles that the recipe defines; none negative
  std::vector<std::int32_t> labels;  // 0 ... classes - 1
  std::string sha256() const;        // `features_sha256` of section 6
};

/// Rows with training_rows[i] = 0 must be well-formed records, no more.
Dataset make_features(const Recipe& recipe, const Sources& sources,
                      const std::optional<std::vector<std::uint8_t>>& training_rows);

}  // namespace nadir::verify
