#include "nadir/report/regions.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/report/marks.hpp"
#include "nadir/report/test_util.hpp"

namespace nadir::report {
namespace {

/// Classes in concentric rings, `size` cells a side, and one training point per cell of a coarse grid.
RegionPlot rings(int count, Index size) {
  RegionPlot plot{"Rings", "length (cm)", "width (cm)", -2, 2, 10, 30, size, size, {}, {}, {}};
  const auto label_at = [&](double x, double y) { return static_cast<int>(std::hypot(x, y) * 0.7 * count) % count; };
  for (Index row = 0; row < size; ++row)
    for (Index column = 0; column < size; ++column)
      plot.classes.push_back(label_at((static_cast<double>(column) + 0.5) / static_cast<double>(size),
                                      (static_cast<double>(row) + 0.5) / static_cast<double>(size)));
  for (int i = 0; i < 15; ++i)
    for (int j = 0; j < 15; ++j)
      plot.samples.push_back({-2 + 4 * i / 14.0, 10 + 20 * j / 14.0, label_at(i / 14.0, j / 14.0)});
  for (int label = 0; label < count; ++label) plot.class_names.push_back("ring " + std::to_string(label));
  return plot;
}

TEST(Regions, DrawsAWellFormedFigureWithAllItsTexts) {
  for (const int count : {1, 2, 3, 10}) {
    const std::string svg = regions_svg(rings(count, 50));
    EXPECT_EQ(test::xml_complaint(svg), "");
    for (int label = 0; label < count; ++label) {
      EXPECT_EQ(test::count(svg, ">ring " + std::to_string(label) + "</text>"), 1);
      EXPECT_GE(test::count(svg, point_colour(label)), 1);
      EXPECT_GE(test::count(svg, region_colour(label)), 2) << "area and legend";
    }
    EXPECT_EQ(test::count(svg, ">Rings</text>"), 1);
    EXPECT_EQ(test::count(svg, ">length (cm)</text>"), 1);
    EXPECT_EQ(test::count(svg, ">width (cm)</text>"), 1);
    EXPECT_EQ(test::count(svg, ">-2.0</text>"), 1);
    EXPECT_EQ(test::count(svg, ">30</text>"), 1);
  }
}

TEST(Regions, NamesAreTextNotMarkup) {
  RegionPlot plot = rings(3, 20);
  plot.class_names = {"a<b & \"c\"", "</svg>", "\xFF'"};
  plot.x_name = "<x>";
  plot.y_name = "&y";
  plot.title = "\"t\"";
  const std::string svg = regions_svg(plot);
  EXPECT_EQ(test::xml_complaint(svg), "") << svg;
  EXPECT_EQ(test::count(svg, ">a&lt;b &amp; &quot;c&quot;</text>"), 1);
  EXPECT_EQ(test::count(svg, ">&lt;/svg&gt;</text>"), 1);
  EXPECT_EQ(test::count(svg, "</svg>"), 1);
}

TEST(Regions, EveryClassIsInTheLegendHoweverMany) {
  RegionPlot plot = rings(64, 20);
  plot.class_names[3] = std::string(300, 'w');
  plot.class_names[5] = "";
  const std::string svg = regions_svg(plot);
  EXPECT_EQ(test::xml_complaint(svg), "");
  for (int label = 6; label < 64; ++label)
    EXPECT_EQ(test::count(svg, ">ring " + std::to_string(label) + "</text>"), 1) << label;
  EXPECT_EQ(test::count(svg, "<title>" + std::string(300, 'w') + "</title>"), 1);
}

TEST(Regions, FilesStaySmall) {
  EXPECT_LT(regions_svg(rings(10, 200)).size(), 60000U);
  RegionPlot noise = rings(2, 200);
  for (std::size_t cell = 0; cell < noise.classes.size(); ++cell)
    noise.classes[cell] = static_cast<int>((cell / 200 + cell) % 2);  // a chess board: nothing can be merged
  EXPECT_LT(regions_svg(noise).size(), 300000U);
}

TEST(Regions, ManyPointsAreThinnedEvenlyAcrossClassesAndThatIsSaid) {
  RegionPlot plot = rings(2, 10);
  plot.samples.clear();
  for (int i = 0; i < 8000; ++i) plot.samples.push_back({0, 20, i % 2});
  const std::string svg = regions_svg(plot);
  EXPECT_EQ(test::count(svg, "one training point in 4 is drawn"), 1);
  EXPECT_EQ(test::count(svg, "a2.7 2.7 0 1 0 5.4 0"), 1000) << "circles";
  EXPECT_EQ(test::count(svg, "L"), 3 * 1000 + 3) << "squares, and the one of the legend";
  EXPECT_LT(svg.size(), 300000U);
  EXPECT_EQ(test::count(regions_svg(rings(2, 10)), "is drawn"), 0);
}

TEST(Regions, PointsOutsideAreNotDrawn) {
  RegionPlot plot = rings(2, 10);
  plot.samples.clear();
  const std::string without = regions_svg(plot);
  plot.samples = {{-2.01, 20, 0}, {0, 31, 1}, {std::nan(""), 20, 0}, {0, -std::numeric_limits<double>::infinity(), 1}};
  EXPECT_EQ(regions_svg(plot), without);
  plot.samples.push_back({-2, 30, 0});
  EXPECT_NE(regions_svg(plot), without);
}

TEST(Regions, RowZeroIsAtTheBottom) {
  RegionPlot plot{"", "", "", 0, 1, 0, 1, 1, 2, {0, 1}, {"below", "above"}, {}};
  const std::string svg = regions_svg(plot);
  EXPECT_EQ(test::count(svg, "fill=\"" + std::string(region_colour(1)) + "\" d=\"M0 1v-1h1v1z\""), 1) << svg;
}

TEST(Regions, SameBytesForTheSamePlot) { EXPECT_EQ(regions_svg(rings(5, 80)), regions_svg(rings(5, 80))); }

TEST(Regions, RefusesWhatDoesNotFitTogether) {
  const auto refused = [](auto change) {
    RegionPlot plot = rings(3, 20);
    change(plot);
    try {
      regions_svg(plot);
    } catch (const InputError& error) {
      return std::string(error.what()).find('\n') == std::string::npos;
    }
    return false;
  };
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(refused([](RegionPlot&) {}));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.x_high = p.x_low; }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.y_low = std::nan(""); }));
  EXPECT_TRUE(refused([&](RegionPlot& p) { p.x_high = infinity; }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.x_low = -1.5e308, p.x_high = 1.5e308; }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.columns = 0; }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.rows = 19; }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.rows = p.columns = Index{1} << 32; }));  // the product overflows
  EXPECT_TRUE(refused([](RegionPlot& p) { p.classes.push_back(0); }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.classes[7] = 3; }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.classes[7] = -1; }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.samples[0].label = 3; }));
  EXPECT_TRUE(refused([](RegionPlot& p) { p.class_names.clear(); }));
}

}  // namespace
}  // namespace nadir::report
