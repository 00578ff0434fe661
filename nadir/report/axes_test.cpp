#include "nadir/report/axes.hpp"

#include <gtest/gtest.h>

#include "nadir/report/test_util.hpp"

namespace nadir::report {
namespace {

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> all;
  for (const Tick& tick : axis.ticks) all.push_back(tick.label);
  return all;
}

TEST(Axes, TicksAreWhereTheirNumbersAre) {
  const Axis across{"time", {{0.25, "1"}, {1, "4"}}};
  const Axis up{"cost", {{0.2, "2"}}};
  Svg svg(400, 400, "");
  draw_axes(svg, {100, 10, 200, 50}, across, up);
  const std::string document = svg.finish();
  EXPECT_EQ(test::xml_complaint(document), "");
  EXPECT_EQ(test::count(document, "<line x1=\"150\" y1=\"60\" x2=\"150\" y2=\"65\""), 1);
  EXPECT_EQ(test::count(document, "<line x1=\"300\" y1=\"60\" x2=\"300\" y2=\"65\""), 1);
  EXPECT_EQ(test::count(document, "<line x1=\"95\" y1=\"50\" x2=\"100\" y2=\"50\""), 1);
  EXPECT_EQ(test::count(document, ">time</text>") + test::count(document, ">cost</text>"), 2);
}

TEST(Axes, LabelsDoNotOverlap) {
  for (const double length : {60.0, 150.0, 480.0})
    for (const double low : {0.0, 1e5, 1e5 + 0.25, -1e-8}) {
      const Axis axis = linear_axis("", low, low + 0.5, length, Direction::across);
      ASSERT_FALSE(axis.ticks.empty());
      for (std::size_t i = 1; i < axis.ticks.size() && axis.ticks.size() > 2; ++i) {
        const double apart = (axis.ticks[i].place - axis.ticks[i - 1].place) * length;
        EXPECT_GT(apart, text_width(axis.ticks[i].label, Svg::font_size)) << low << " on " << length;
      }
    }
}

TEST(Axes, CountsAreWhole) {
  EXPECT_EQ(labels(count_axis("", 0, 1, 500)), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(labels(count_axis("", 0, 3, 500)), (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_EQ(labels(count_axis("", 0, 100, 500)), (std::vector<std::string>{"0", "20", "40", "60", "80", "100"}));
}

TEST(Axes, PowersOfTenAreMultiplesOfOneStep) {
  EXPECT_EQ(labels(logarithmic_axis("", -2.5, 0.5)), (std::vector<std::string>{"-2", "-1", "0"}));
  EXPECT_EQ(labels(logarithmic_axis("", -13.2, 0.3)),
            (std::vector<std::string>{"-12", "-10", "-8", "-6", "-4", "-2", "0"}));
  EXPECT_DOUBLE_EQ(logarithmic_axis("", -3, 1).ticks[1].place, 0.25);
  EXPECT_LE(logarithmic_axis("", -300, 300).ticks.size(), 9U);
}

TEST(Axes, RoomGrowsWithLabelsAndName) {
  const Axis narrow{"", {{0, "1"}}};
  const Axis wide{"", {{0, "1000000"}}};
  const Axis named{"name", {{0, "1"}}};
  EXPECT_LT(room_left(narrow), room_left(wide));
  EXPECT_LT(room_left(narrow), room_left(named));
  EXPECT_LT(room_below(narrow), room_below(named));
}

}  // namespace
}  // namespace nadir::report
