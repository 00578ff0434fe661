#pragma once
// Which class is predicted where, for two features: areas of light colour, the training points on them.
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir::report {

struct RegionPlot {
  std::string title, x_name, y_name;
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;  ///< in the user's raw units
  Index columns = 0, rows = 0;                          ///< of the grid
  std::vector<int> classes;  ///< rows · columns, row 0 at the bottom: class of a cell's centre
  std::vector<std::string> class_names;

  struct Sample {
    double x, y;
    int label;
  };
  std::vector<Sample> samples;  ///< training points; those outside the ranges are not drawn
};

/// The figure as an SVG document. Of more than 2000 points every second, third, … of each class is drawn, and the
/// figure says so. Throws InputError where ranges, sizes or labels do not fit one another.
std::string regions_svg(const RegionPlot& plot);

}  // namespace nadir::report
