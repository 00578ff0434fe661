#include "nadir/report/ticks.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "nadir/report/test_util.hpp"

namespace nadir::report {
namespace {

using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;
using test::infinity;

TEST(NiceTicks, StepsAreOneTwoOrFive) {
  EXPECT_EQ(nice_ticks(0, 1, 5), (Numbers{0, 0.2, 0.4, 0.6, 0.8, 1}));
  EXPECT_EQ(nice_ticks(0, 1, 10), (Numbers{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}));
  EXPECT_EQ(nice_ticks(0, 4, 8), (Numbers{0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4}));
  EXPECT_EQ(nice_ticks(4.1, 8.2, 5), (Numbers{5, 6, 7, 8}));
  EXPECT_EQ(nice_ticks(-7, 13, 4), (Numbers{-5, 0, 5, 10}));
  EXPECT_EQ(nice_ticks(0.1, 0.3, 2), (Numbers{0.1, 0.2, 0.3}));  // the ends belong to the range
}

TEST(NiceTicks, AreNeverMoreThanAskedForAndInsideTheRange) {
  for (const double low : {-3.7, 0.0, 1e-5, 123.0})
    for (const double length : {1e-3, 0.7, 2.0, 5.1, 9.99, 4e7})
      for (int count = 1; count <= 12; ++count) {
        const Numbers ticks = nice_ticks(low, low + length, count);
        EXPECT_LE(static_cast<int>(ticks.size()), count + 1);
        for (std::size_t i = 0; i < ticks.size(); ++i) {
          EXPECT_GE(ticks[i], low - 1e-9 * length);
          EXPECT_LE(ticks[i], low + length + 1e-9 * length);
          EXPECT_TRUE(i == 0 || ticks[i] > ticks[i - 1]);
        }
        EXPECT_TRUE(count < 3 || !ticks.empty()) << low << " " << length << " " << count;
      }
}

TEST(NiceTicks, ZeroHasNoSign) {
  for (const Numbers& ticks : {nice_ticks(-1, 1, 4), nice_ticks(-1, -0.0, 4), nice_ticks(-0.0, -0.0, 4)}) {
    int zeros = 0;
    for (const double tick : ticks)
      if (tick == 0) {
        ++zeros;
        EXPECT_FALSE(std::signbit(tick));
      }
    EXPECT_EQ(zeros, 1);
  }
}

TEST(NiceTicks, DegenerateRanges) {
  EXPECT_EQ(nice_ticks(3, 3, 5), (Numbers{3}));
  EXPECT_EQ(nice_ticks(1, 0, 2), (Numbers{0, 0.5, 1}));
  EXPECT_EQ(nice_ticks(0, 10, 0), (Numbers{0, 10}));
  EXPECT_EQ(nice_ticks(0, std::nan(""), 5), Numbers{});
  EXPECT_EQ(nice_ticks(-infinity, 0, 5), Numbers{});
  const double next = std::nextafter(1.0, 2.0);
  EXPECT_EQ(nice_ticks(1, next, 5), (Numbers{1, next}));
  EXPECT_EQ(nice_ticks(1e16, 1e16 + 2, 5), (Numbers{1e16, 1e16 + 2}));
}

TEST(NiceTicks, HugeAndTinyNumbers) {
  EXPECT_EQ(nice_ticks(0, 1e300, 2), (Numbers{0, 5e299, 1e300}));
  EXPECT_EQ(nice_ticks(0, 1e-12, 2), (Numbers{0, 5e-13, 1e-12}));
  EXPECT_EQ(nice_ticks(-1.5e308, 1.5e308, 3), (Numbers{-1e308, 0, 1e308}));  // the range's length overflows
  EXPECT_EQ(nice_ticks(0, 5e-324, 3), (Numbers{0, 5e-324}));
  const double largest = std::numeric_limits<double>::max();
  for (const double tick : nice_ticks(-largest, largest, 1)) EXPECT_TRUE(std::isfinite(tick));
}

TEST(TickLabels, ShareTheirDecimals) {
  EXPECT_EQ(tick_labels({-0.5, 0, 0.5, 1}), (Texts{"-0.5", "0.0", "0.5", "1.0"}));
  EXPECT_EQ(tick_labels({-0.0, 10, 20}), (Texts{"0", "10", "20"}));
  EXPECT_EQ(tick_labels({0, 5e-7, 1e-6}), (Texts{"0", "5e-7", "1e-6"}));
  EXPECT_EQ(tick_labels({-1e6, 0, 1.5e6}), (Texts{"-1e6", "0", "1.5e6"}));
  EXPECT_EQ(tick_labels({1e300}), (Texts{"1e300"}));
  EXPECT_EQ(tick_labels({}), Texts{});
}

TEST(Significant, DropsWhatSaysNothing) {
  EXPECT_EQ(significant(0.69314718056, 6), "0.693147");
  EXPECT_EQ(significant(-0.3, 6), "-0.3");
  EXPECT_EQ(significant(-0.0, 6), "0");
  EXPECT_EQ(significant(120000, 6), "120000");
  EXPECT_EQ(significant(1.5e-9, 6), "1.5e-9");
  EXPECT_EQ(significant(2.5e20, 6), "2.5e20");
  EXPECT_EQ(significant(std::nan(""), 6), "nan");
  EXPECT_EQ(significant(-std::nan(""), 6), "nan");
  EXPECT_EQ(significant(-infinity, 6), "-inf");
}

TEST(RoundedUp, NeverShowsASmallerGap) {
  EXPECT_EQ(rounded_up(1.2e-10), "1.2e-10");
  EXPECT_EQ(rounded_up(1.2000001e-10), "1.3e-10");
  EXPECT_EQ(rounded_up(1.9000001e-3), "2.0e-3");
  EXPECT_EQ(rounded_up(9.91e-10), "1.0e-9");
  EXPECT_EQ(rounded_up(1), "1.0e0");
  EXPECT_EQ(rounded_up(0), "0");
  EXPECT_EQ(rounded_up(-2.5e-17), "-2.5e-17");
  EXPECT_EQ(rounded_up(infinity), "inf");
  for (double gap = 1e-300; gap < 1e300; gap *= 7.77) {
    EXPECT_GE(std::stod(rounded_up(gap)), gap);
    EXPECT_LE(std::stod(rounded_up(gap)), 1.1000001 * gap);
  }
}

}  // namespace
}  // namespace nadir::report
