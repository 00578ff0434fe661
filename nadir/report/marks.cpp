#include "nadir/report/marks.hpp"

#include <array>
#include <vector>

#include "nadir/report/svg.hpp"

namespace nadir::report {
namespace {

// Found by a random search for the largest least distance in simulations of protanopia, deuteranopia and tritanopia,
// near ten hues picked by hand; marks_test.cpp holds the distances.
constexpr std::array<std::string_view, 10> kPointColours = {"#1568BE", "#B04000", "#195845", "#B4579A", "#CF7F00",
                                                            "#0A9CC4", "#0F2C33", "#7A2471", "#75863C", "#3630AD"};
constexpr std::array<std::string_view, 10> kRegionColours = {"#A3D3FA", "#EAB98A", "#D8F2D8", "#D6B0C8", "#FAF2B8",
                                                             "#D0F8FF", "#B7C3B2", "#FBD0DF", "#CBDBA6", "#AFB8FC"};

struct Corner {
  double x, y;  ///< in units of the radius, y downward
};
using Shape = std::vector<Corner>;  ///< without corners: a circle

/// Drawn so that all look about equally large.
const std::array<Shape, 10>& shapes() {
  static const std::array<Shape, 10> all = {{
      {},                                                    // circle
      {{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}},  // square
      {{0, -1.25}, {1.15, 0.8}, {-1.15, 0.8}},               // triangle up
      {{0, -1.3}, {1.1, 0}, {0, 1.3}, {-1.1, 0}},            // diamond
      {{0, 1.25}, {1.15, -0.8}, {-1.15, -0.8}},              // triangle down
      {{-.4, -1.2},
       {.4, -1.2},
       {.4, -.4},
       {1.2, -.4},
       {1.2, .4},
       {.4, .4},  // plus
       {.4, 1.2},
       {-.4, 1.2},
       {-.4, .4},
       {-1.2, .4},
       {-1.2, -.4},
       {-.4, -.4}},  //
      {{-.65, -1.2},
       {0, -.55},
       {.65, -1.2},
       {1.2, -.65},
       {.55, 0},
       {1.2, .65},  // cross
       {.65, 1.2},
       {0, .55},
       {-.65, 1.2},
       {-1.2, .65},
       {-.55, 0},
       {-1.2, -.65}},  //
      {{0, -1.4},
       {.36, -.5},
       {1.33, -.43},
       {.58, .19},
       {.82, 1.13},  // star
       {0, .62},
       {-.82, 1.13},
       {-.58, .19},
       {-1.33, -.43},
       {-.36, -.5}},                                                                        //
      {{1.25, 0}, {-0.8, 1.15}, {-0.8, -1.15}},                                             // triangle right
      {{-1.15, -0.95}, {0, -0.25}, {1.15, -0.95}, {1.15, 0.95}, {0, 0.25}, {-1.15, 0.95}},  // bow tie
  }};
  return all;
}

}  // namespace

std::string_view region_colour(int label) { return kRegionColours[static_cast<std::size_t>(label) % 10]; }

std::string_view point_colour(int label) { return kPointColours[static_cast<std::size_t>(label) % 10]; }

std::string mark(int label, double x, double y, double radius) {
  const Shape& shape = shapes()[static_cast<std::size_t>(label + label / 10) % 10];
  std::string path;
  if (shape.empty()) {
    const std::string r = pixels(radius);
    const std::string arc = "a" + r + " " + r + " 0 1 0 ";
    go_to(path, 'M', x - radius, y);
    path.append(arc).append(pixels(2 * radius)).append(" 0");
    path.append(arc).append(pixels(-2 * radius)).append(" 0z");
    return path;
  }
  for (const Corner& corner : shape)
    go_to(path, path.empty() ? 'M' : 'L', x + radius * corner.x, y + radius * corner.y);
  path += 'z';
  return path;
}

}  // namespace nadir::report
