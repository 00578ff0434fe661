#include "nadir/report/marks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace nadir::report {
namespace {

using Triple = std::array<double, 3>;

Triple times(const std::array<Triple, 3>& matrix, const Triple& v) {
  Triple out{};
  for (std::size_t i = 0; i < 3; ++i) out[i] = matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2];
  return out;
}

constexpr std::array<Triple, 3> unchanged = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

/// Machado, Oliveira and Fernandes (2009), severity 1: no red, no green, no blue cones; on linear light.
constexpr std::array<std::array<Triple, 3>, 3> confusions = {{
    {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
}};

/// CIE L*a*b* of a colour #RRGGBB as such a reader sees it.
Triple seen(std::string_view colour, const std::array<Triple, 3>& confusion) {
  Triple light{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double c = std::stoi(std::string(colour.substr(1 + 2 * i, 2)), nullptr, 16) / 255.0;
    light[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  light = times(confusion, light);
  for (double& c : light) c = std::clamp(c, 0.0, 1.0);
  Triple xyz = times({{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}}, light);
  xyz = {xyz[0] / 0.95047, xyz[1], xyz[2] / 1.08883};
  for (double& t : xyz) t = t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116;
  return {116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])};
}

double least_distance(std::string_view (*colour)(int), const std::array<Triple, 3>& confusion) {
  double least = 1e9;
  for (int i = 0; i < 10; ++i)
    for (int j = 0; j < i; ++j) {
      const Triple a = seen(colour(i), confusion);
      const Triple b = seen(colour(j), confusion);
      least = std::min(least, std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
    }
  return least;
}

TEST(Colours, StayApartForEveryReader) {
  EXPECT_GT(least_distance(point_colour, unchanged), 20);
  EXPECT_GT(least_distance(region_colour, unchanged), 12);
  for (const auto& confusion : confusions) {
    EXPECT_GT(least_distance(point_colour, confusion), 16);
    EXPECT_GT(least_distance(region_colour, confusion), 8);
  }
}

TEST(Colours, PointsAreDarkerThanEveryRegion) {
  for (int i = 0; i < 10; ++i)
    for (int j = 0; j < 10; ++j)
      EXPECT_LT(seen(point_colour(i), unchanged)[0] + 10, seen(region_colour(j), unchanged)[0]) << i << " on " << j;
}

TEST(Marks, AHundredClassesDifferInColourOrShape) {
  std::set<std::string> shapes;
  std::set<std::string> pairs;
  for (int label = 0; label < 100; ++label) {
    const std::string shape = mark(label, 0, 0, 10);
    EXPECT_TRUE(shape.starts_with("M") && shape.ends_with("z")) << shape;
    shapes.insert(shape);
    pairs.insert(shape + std::string(point_colour(label)));
  }
  EXPECT_EQ(shapes.size(), 10U);
  EXPECT_EQ(pairs.size(), 100U);
}

}  // namespace
}  // namespace nadir::report
