#pragma once
// How classes are told apart: by colour and by shape. Ten of each; further classes repeat the colours with other
// shapes.
#include <string>
#include <string_view>

namespace nadir::report {

/// Light, for areas. Any two of the ten stay apart for readers who confuse red and green, or blue and yellow.
std::string_view region_colour(int label);

/// Dark, for points on areas of any class.
std::string_view point_colour(int label);

/// SVG path data of the shape of a class around (x, y).
std::string mark(int label, double x, double y, double radius);

}  // namespace nadir::report
