#pragma once
// From the bytes of a data file to features and labels: section 3 of docs/certificate-format.md.
#include <functional>

#include "nadir/verify/format.hpp"

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

/// Called for each record in the order of the file, with its cells, the target's included, and its label as text.
using Visit = std::function<void(const std::vector<Cell>& cells, const Cell& label)>;

void visit_rows(const Recipe& recipe, const Sources& sources, const Visit& visit);
void visit_array_rows(const Recipe& recipe, const Sources& sources, const Visit& visit);

std::string unpacked(std::string bytes);  // what gzip unpacks to; what is not gzip stays as it is
double decimal(std::string_view text);    // finite, rounded to nearest
std::string number_text(double number);   // integers without point; else the shortest that reads back the same

struct Dataset {
  Matrix features;                   // of the training rows, exactly the doubles that the recipe defines; none negative
  std::vector<std::int32_t> labels;  // 0 ... classes - 1
  std::string sha256() const;        // `features_sha256` of section 6
};

/// Rows with training_rows[i] = 0 must be well-formed records, no more.
Dataset make_features(const Recipe& recipe, const Sources& packed, const std::optional<Flags>& training_rows);
}  // namespace nadir::verify
