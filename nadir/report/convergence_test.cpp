#include "nadir/report/convergence.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/report/test_util.hpp"

namespace nadir::report {
namespace {

using test::infinity;

/// Objective 1 + q^k and bound 1 − q^k: with objective_at_zero = 3 the first gap is 2/3.
ConvergencePlot geometric(Index rows, double q) {
  ConvergencePlot plot{"Convergence", Matrix(rows, 3), 3, 1e-6};
  for (Index k = 0; k < rows; ++k) {
    const double power = std::pow(q, static_cast<double>(k));
    plot.trace.row(k) << static_cast<double>(k), 1 + power, 1 - power;
  }
  return plot;
}

int paths_of(const std::string& svg, const std::string& colour) {
  return test::count(svg, "fill=\"none\" stroke=\"" + colour + "\"");
}
int gap_curves(const std::string& svg) { return paths_of(svg, "#1568BE"); }
int distance_curves(const std::string& svg) { return paths_of(svg, "#CF7F00"); }

TEST(Convergence, DrawsBothCurvesAndTheTarget) {
  const std::string svg = convergence_svg(geometric(30, 0.5));
  EXPECT_EQ(test::xml_complaint(svg), "");
  EXPECT_EQ(gap_curves(svg), 1);
  EXPECT_EQ(distance_curves(svg), 1);
  EXPECT_EQ(test::count(svg, ">target 1e-6</text>"), 1);
  EXPECT_EQ(test::count(svg, ">iteration</text>"), 1);
  EXPECT_EQ(test::count(svg, ">Convergence</text>"), 1);
  EXPECT_EQ(test::count(svg, "<circle"), 30 + 29) << "the last objective has no distance to itself";
  EXPECT_EQ(test::count(svg, "rounding"), 0);
  EXPECT_EQ(svg, convergence_svg(geometric(30, 0.5)));
}

/// The y coordinates of the dots of a short trace, in the order of the trace; gaps first if there are no distances.
std::vector<double> heights(const std::string& svg) {
  std::vector<double> all;
  for (auto at = svg.find("cy=\""); at != std::string::npos; at = svg.find("cy=\"", at + 1))
    all.push_back(std::stod(svg.substr(at + 4)));
  return all;
}

TEST(Convergence, TheScaleIsLogarithmic) {
  ConvergencePlot plot = geometric(3, 0.5);
  plot.trace << 0, 1, 0.9, 1, 1, 0.99, 2, 1, 0.999;  // objective constant: gaps are 0.1/2.1, 0.01/2.01, 0.001/2.001
  const std::vector<double> y = heights(convergence_svg(plot));
  ASSERT_EQ(y.size(), 3U);
  const double first = std::log10((0.1 / 2.1) / (0.01 / 2.01));
  const double second = std::log10((0.01 / 2.01) / (0.001 / 2.001));
  EXPECT_NEAR((y[1] - y[0]) / (y[2] - y[1]), first / second, 1e-3);
}

TEST(Convergence, KeepsTheBestBound) {
  ConvergencePlot plot = geometric(3, 0.5);
  plot.trace << 0, 1, 0.9, 1, 1, 0.5, 2, 1, -infinity;
  const std::vector<double> y = heights(convergence_svg(plot));
  ASSERT_EQ(y.size(), 3U);
  EXPECT_EQ(y[0], y[1]);
  EXPECT_EQ(y[0], y[2]);
}

TEST(Convergence, GapsOfZeroOrLessAreMarked) {
  ConvergencePlot plot = geometric(4, 0.1);
  plot.trace.row(2) << 2, 1.001, 1.001;
  plot.trace.row(3) << 3, 1.001 - 1e-16, 1.001;
  const std::string svg = convergence_svg(plot);
  EXPECT_EQ(test::xml_complaint(svg), "");
  EXPECT_EQ(test::count(svg, ">gap zero or below: rounding</text>"), 1);
  EXPECT_EQ(test::count(svg, "h8l-4 7z"), 2 + 1) << "two iterations and the legend";
  EXPECT_EQ(gap_curves(svg), 1);
  plot.trace.col(2) = plot.trace.col(1);  // no gap at all
  EXPECT_EQ(gap_curves(convergence_svg(plot)), 0);
}

TEST(Convergence, LeavesOutWhatCannotBeComputed) {
  ConvergencePlot plot = geometric(20, 0.5);
  plot.trace(0, 2) = -infinity;
  plot.trace(1, 2) = std::nan("");
  plot.trace(2, 2) = infinity;
  plot.trace(3, 1) = std::nan("");
  plot.trace(4, 1) = infinity;
  std::string svg = convergence_svg(plot);
  EXPECT_EQ(test::xml_complaint(svg), "");
  EXPECT_EQ(heights(svg).size(), 15U + 17U) << "gaps of 5 .. 19, distances of 0 .. 18 but 3 and 4";
  EXPECT_EQ(test::count(svg, "nan") + test::count(svg, "inf"), 0);

  plot.trace.col(2).setConstant(-infinity);
  svg = convergence_svg(plot);
  EXPECT_EQ(test::xml_complaint(svg), "");
  EXPECT_EQ(gap_curves(svg), 0);
  EXPECT_EQ(distance_curves(svg), 1);
  EXPECT_EQ(test::count(svg, "no finite lower bound"), 1);

  plot.trace.col(1).setConstant(std::nan(""));
  svg = convergence_svg(plot);
  EXPECT_EQ(test::xml_complaint(svg), "");
  EXPECT_EQ(distance_curves(svg), 0);

  plot = geometric(5, 0.5);
  plot.objective_at_zero = -1;  // below every bound
  EXPECT_EQ(gap_curves(convergence_svg(plot)), 0);
}

TEST(Convergence, OnePointIsADot) {
  ConvergencePlot plot = geometric(1, 0.5);
  plot.target_gap = 0;
  const std::string svg = convergence_svg(plot);
  EXPECT_EQ(test::xml_complaint(svg), "");
  EXPECT_EQ(heights(svg).size(), 1U);
  EXPECT_EQ(test::count(svg, "target"), 0);
  plot.trace(0, 0) = 17;
  EXPECT_EQ(test::count(convergence_svg(plot), ">17</text>"), 1);
}

TEST(Convergence, LongTracesStaySmallAndExtremeNumbersDrawable) {
  EXPECT_LT(convergence_svg(geometric(100000, 0.9999)).size(), 60000U);
  ConvergencePlot plot = geometric(3, 0.5);
  plot.trace << 0, 1e300, -1e300, 1, 1e-300, -1e-300, 2, 1e-300, 0;
  plot.objective_at_zero = 1e-200;
  plot.target_gap = 1e-300;
  EXPECT_EQ(test::xml_complaint(convergence_svg(plot)), "");
  plot.trace.col(0) << -1e15, 0, 1e15;
  EXPECT_EQ(test::xml_complaint(convergence_svg(plot)), "");
  plot.trace.col(0) << 1e15, 1e15, 1e15;
  EXPECT_EQ(test::xml_complaint(convergence_svg(plot)), "");
}

TEST(Convergence, RefusesWhatMakesNoSense) {
  const auto refused = [](auto change) {
    ConvergencePlot plot = geometric(5, 0.5);
    change(plot);
    try {
      convergence_svg(plot);
    } catch (const InputError& error) {
      return std::string(error.what()).find('\n') == std::string::npos;
    }
    return false;
  };
  EXPECT_FALSE(refused([](ConvergencePlot&) {}));
  EXPECT_TRUE(refused([](ConvergencePlot& p) { p.trace.resize(0, 3); }));
  EXPECT_TRUE(refused([](ConvergencePlot& p) { p.trace.resize(0, 0); }));
  EXPECT_TRUE(refused([](ConvergencePlot& p) { p.trace = Matrix::Zero(4, 2); }));
  EXPECT_TRUE(refused([](ConvergencePlot& p) { p.trace(1, 0) = std::nan(""); }));
  EXPECT_TRUE(refused([](ConvergencePlot& p) { p.trace(1, 0) = 1e17; }));
  EXPECT_TRUE(refused([](ConvergencePlot& p) { p.objective_at_zero = infinity; }));
  EXPECT_TRUE(refused([](ConvergencePlot& p) { p.target_gap = std::nan(""); }));
  EXPECT_TRUE(refused([](ConvergencePlot& p) { p.target_gap = -1e-9; }));
}

}  // namespace
}  // namespace nadir::report
