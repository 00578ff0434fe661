#pragma once
// The outlines of the classes on a grid of cells, as SVG path data.
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir::report {

/// For each class, closed paths around its cells in units of cells, y downward from the grid's upper edge; to be filled
/// by the non-zero rule. Cells that share an edge are merged, so the text grows with the length of the boundaries.
/// `classes` has rows · columns entries from 0 to count − 1; row 0 is the lowest.
std::vector<std::string> outlines(const std::vector<int>& classes, Index rows, Index columns, int count);

}  // namespace nadir::report
