#pragma once
// From the bytes of a data file to features and labels: section 3 of docs/certificate-format.md.
#include "nadir/verify/format.hpp"

namespace nadir::verify {
/// The bytes of the data file, and those of the labels file where the labels lie apart.
struct Sources {
  std::string data;
  std::optional<std::string> labels;
};

double decimal(std::string_view text);   // finite, rounded to nearest
std::string number_text(double number);  // integers without point; else the shortest that reads back the same

struct Dataset {
  Matrix features;                   // of the training rows, exactly the doubles that the recipe defines; none negative
  std::vector<std::int32_t> labels;  // 0 ... classes - 1
  std::string sha256() const;        // `features_sha256` of section 6
};

/// Rows with training_rows[i] = 0 must be well-formed records, no more.
Dataset make_features(const Recipe& recipe, const Sources& packed, const std::optional<Flags>& training_rows);
}  // namespace nadir::verify
