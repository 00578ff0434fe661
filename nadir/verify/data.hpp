#pragma once
// The records of a data file, whatever its format is (section 3 of docs/certificate-format.md, "Source").
#include <functional>

#include "nadir/verify/format.hpp"

namespace nadir::verify {
/// A cell is text (csv, libsvm) or a number (idx, npy, and what a libsvm line leaves out).
struct Cell {
  std::string_view text{};
  double number = 0;
  bool is_number = false;
  bool missing() const { return !is_number && (text.empty() || text == "?" || text == "NA" || text == "N/A"); }
};
/// Called for each record in the order of the file, with its cells, the target's included, and its label as text.
using Visit = std::function<void(const std::vector<Cell>& cells, const Cell& label)>;
/// Unpacked; of an archive the arrays that the recipe names.
Sources opened(const Recipe& recipe, const Sources& packed);
/// Calls `visit` for each record in the order of the file; `sources` as `opened` gives them.
void visit_rows(const Recipe& recipe, const Sources& sources, const Visit& visit);
}  // namespace nadir::verify
