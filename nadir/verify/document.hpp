#pragma once
// Sections 2 to 6 of docs/certificate-format.md as plain structs; every rule that the text alone decides holds of them.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nadir::verify {

struct Column {
  enum class Kind { numeric, categorical, ignored };
  std::size_t index = 0;
  std::string name;
  Kind kind = Kind::ignored;
  double offset = 0, range = 1;         // numeric
  std::optional<double> missing_value;  // numeric
  std::vector<std::string> levels;      // categorical
  bool missing_level = false;           // categorical
};

struct Recipe {
  enum class Format { csv, libsvm, idx, npy };
  Format format = Format::csv;
  char delimiter = ',';
  bool header = false;
  std::size_t cells = 0;                     // of a record: the source's `columns`
  std::optional<std::size_t> target_column;  // absent: the label comes with the format or from a second file
  std::string target_name;
  std::vector<std::string> classes;
  std::vector<Column> columns;
  bool clip = false, complement = false, bias = false;

  std::size_t features() const;
};

struct Layer {
  std::vector<double> exponents;  // by unit
  bool norm_per_unit = false;
  std::vector<double> p;  // one a unit, or one for the matrix
  double radius = 0;
};

struct Claims {
  bool certified = false, box = false;  // box: the evidence; else hidden_concavity
  double objective = 0, lower_bound = 0, objective_at_zero = 0, relative_gap = 0, target_gap = 0;
  std::uint64_t samples = 0, steps = 0;
  std::string features_sha256, weights_sha256;
};

struct Document {
  Recipe recipe;
  std::vector<Layer> hidden;
  double output_p = 0, output_radius = 0, epsilon = 0;
  Claims claims;
};

Document read_document(const std::string& text);

}  // namespace nadir::verify
