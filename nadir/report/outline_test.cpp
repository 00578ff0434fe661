#include "nadir/report/outline.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "nadir/base/random.hpp"

namespace nadir::report {
namespace {

/// Draws path data into a grid of winding numbers: each downward edge counts for all cells to its right.
std::vector<int> filled(const std::string& path, Index rows, Index columns) {
  std::vector<int> winding(rows * columns, 0);
  const char* at = path.c_str();
  long x = 0, y = 0, start_x = 0, start_y = 0;
  const auto number = [&] {
    char* end = nullptr;
    const long value = std::strtol(at, &end, 10);
    at = end;
    return value;
  };
  const auto down_to = [&](long to) {
    for (long row = std::min(y, to); row < std::max(y, to); ++row)
      for (long column = x; column < columns; ++column) winding[(rows - 1 - row) * columns + column] += to > y ? 1 : -1;
    y = to;
  };
  while (*at != '\0') {
    const char command = *at++;
    switch (command) {
      case 'M':
        start_x = x = number();
        start_y = y = number();
        break;
      case 'm':
        start_x = x += number();
        start_y = y += number();
        break;
      case 'h':
        x += number();
        break;
      case 'v':
        down_to(y + number());
        break;
      case 'z':
        EXPECT_TRUE(x == start_x || y == start_y) << "slanted edge in " << path;
        down_to(start_y);
        x = start_x;
        break;
      default:
        ADD_FAILURE() << "unknown command in " << path;
        return winding;
    }
  }
  return winding;
}

void expect_exact(const std::vector<int>& classes, Index rows, Index columns, int count) {
  const auto paths = outlines(classes, rows, columns, count);
  ASSERT_EQ(static_cast<int>(paths.size()), count);
  for (int label = 0; label < count; ++label) {
    const std::vector<int> winding = filled(paths[label], rows, columns);
    for (std::size_t cell = 0; cell < classes.size(); ++cell)
      ASSERT_EQ(winding[cell] != 0, classes[cell] == label)
          << "class " << label << ", cell " << cell << ": " << paths[label];
  }
}

TEST(Outlines, OfTheSmallestGrids) {
  EXPECT_EQ(outlines({0}, 1, 1, 2), (std::vector<std::string>{"M0 1v-1h1v1z", ""}));
  EXPECT_EQ(outlines({0, 0, 0, 0, 0, 0}, 2, 3, 1), (std::vector<std::string>{"M0 2v-2h3v2z"}));
  EXPECT_EQ(outlines({0, 1}, 2, 1, 2), (std::vector<std::string>{"M0 2v-1h1v1z", "M0 1v-1h1v1z"}));  // row 0 is below
}

TEST(Outlines, CoverExactlyTheirCells) {
  expect_exact({0, 0, 0, 0, 1, 0, 0, 0, 0}, 3, 3, 2);                       // a hole
  expect_exact({0, 1, 0, 1, 0, 1, 0, 1, 0}, 3, 3, 2);                       // corners that touch
  expect_exact({0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1}, 4, 4, 2);  // holes that touch
  Random random(5);
  for (const int count : {2, 3, 10}) {
    std::vector<int> classes(23 * 31);
    for (int& label : classes) label = static_cast<int>(random.uniform() * count);
    expect_exact(classes, 23, 31, count);
  }
}

}  // namespace
}  // namespace nadir::report
