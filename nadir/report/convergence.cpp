#include "nadir/report/convergence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/report/axes.hpp"
#include "nadir/report/svg.hpp"
#include "nadir/report/ticks.hpp"

namespace nadir::report {
namespace {

constexpr double plot_width = 560;
constexpr double plot_height = 360;
constexpr double smallest_drawn = 1e-17;  // below the rounding of any objective
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::string_view gap_colour = "#1568BE";
constexpr std::string_view distance_colour = "#CF7F00";
constexpr std::string_view target_colour = "#555555";

struct Point {
  double iteration, value;
};
using Curve = std::vector<Point>;

void check(const ConvergencePlot& plot) {
  if (plot.trace.rows() == 0) throw InputError("convergence: the trace is empty, there is nothing to draw");
  if (plot.trace.cols() != 3)
    throw InputError("convergence: the trace has " + std::to_string(plot.trace.cols()) +
                     " columns instead of iteration, objective and lower bound");
  if (!(plot.trace.col(0).array().abs() <= 1e15).all())
    throw InputError("convergence: the trace has an iteration that is not a number, or beyond 1e15");
  if (!std::isfinite(plot.objective_at_zero))
    throw InputError("convergence: the objective of the zero network is not finite");
  if (!(plot.target_gap >= 0 && plot.target_gap <= 1))
    throw InputError("convergence: the target gap " + significant(plot.target_gap, 6) + " is not between 0 and 1");
}

/// value / scale, or nothing where that says nothing.
std::optional<double> ratio(double value, double scale) {
  if (!(scale > 0) || !std::isfinite(scale) || !std::isfinite(value)) return std::nullopt;
  const double quotient = value / scale;
  return std::isfinite(quotient) ? std::optional(quotient) : std::nullopt;
}

Curve relative_gaps(const ConvergencePlot& plot) {
  Curve curve;
  double best = -infinity;
  for (Index k = 0; k < plot.trace.rows(); ++k) {
    if (plot.trace(k, 2) > best && plot.trace(k, 2) < infinity) best = plot.trace(k, 2);
    if (const auto gap = ratio(plot.trace(k, 1) - best, plot.objective_at_zero - best))
      curve.push_back({plot.trace(k, 0), *gap});
  }
  return curve;
}

/// Without the points where the objective already is the last one, or below it.
Curve distances_to_last(const ConvergencePlot& plot) {
  Curve curve;
  const double last = plot.trace(plot.trace.rows() - 1, 1);
  for (Index k = 0; k < plot.trace.rows(); ++k) {
    const auto distance = ratio(plot.trace(k, 1) - last, plot.objective_at_zero - last);
    if (distance && *distance > 0) curve.push_back({plot.trace(k, 0), *distance});
  }
  return curve;
}

/// The scales of the figure: iterations across, powers of ten up.
struct Scale {
  Frame frame;
  double first = 0, last = 1;  ///< iteration
  double low = 0, high = 1;    ///< exponent of ten

  double x(double iteration) const { return frame.left + frame.width * ((iteration - first) / (last - first)); }
  double y(double value) const { return frame.bottom() - frame.height * ((std::log10(value) - low) / (high - low)); }

  Scale(const ConvergencePlot& plot, const Curve& gaps, const Curve& distances) {
    first = plot.trace.col(0).minCoeff();
    last = plot.trace.col(0).maxCoeff();
    if (!(last > first)) last = first + 1;
    double smallest = plot.target_gap > 0 ? plot.target_gap : 1;
    double largest = smallest;
    for (const Curve* curve : {&gaps, &distances})
      for (const Point& point : *curve) {
        if (!(point.value > 0)) continue;
        smallest = std::min(smallest, point.value);
        largest = std::max(largest, point.value);
      }
    low = std::log10(std::max(smallest, smallest_drawn));
    high = std::log10(std::max(largest, smallest_drawn));
    if (high - low < 2) {  // so that some powers of ten are inside
      low = std::floor(low) - 0.5;
      high = std::ceil(high) + 0.5;
    }
    const double space = 0.04 * (high - low);
    low -= space;
    high += space;
  }
};

/// A line through the points, broken where values are not positive; a point on the last drawn one is left out.
void draw_curve(Svg& svg, const Scale& scale, const Curve& curve, std::string_view colour) {
  std::string path;
  bool drawing = false;
  double last_x = 0;
  double last_y = 0;
  for (std::size_t k = 0; k < curve.size(); ++k) {
    const auto [iteration, value] = curve[k];
    if (!(value >= smallest_drawn)) {
      drawing = false;
      continue;
    }
    const double x = scale.x(iteration);
    const double y = scale.y(value);
    if (drawing && k + 1 < curve.size() && std::hypot(x - last_x, y - last_y) < 0.7) continue;
    go_to(path, drawing ? 'L' : 'M', x, y);
    if (!drawing) path += "h0";  // a lone point is a dot
    drawing = true;
    last_x = x;
    last_y = y;
    if (curve.size() <= 40) svg.element("circle", {{"cx", x}, {"cy", y}, {"r", 2.7}, {"fill", colour}});
  }
  if (path.empty()) return;
  svg.element("path", {{"d", path},
                       {"fill", "none"},
                       {"stroke", colour},
                       {"stroke-width", 2},
                       {"stroke-linejoin", "round"},
                       {"stroke-linecap", "round"}});
}

void add_triangle(std::string& path, double x, double y) {
  go_to(path, 'M', x - 4, y - 7);
  path += "h8l-4 7z";
}

bool below_scale(const Point& point) { return !(point.value >= smallest_drawn); }

/// Open triangles on the lower edge where the gap is zero or less.
void draw_vanished(Svg& svg, const Scale& scale, const Curve& gaps) {
  std::string path;
  double last = -infinity;
  for (const Point& point : gaps) {
    const double x = scale.x(point.iteration);
    if (!below_scale(point) || x - last < 9) continue;
    add_triangle(path, x, scale.frame.bottom());
    last = x;
  }
  if (!path.empty()) svg.element("path", {{"d", path}, {"fill", "#FFFFFF"}, {"stroke", gap_colour}});
}

enum class Key { line, dashes, triangle, nothing };

struct Entry {
  Key key;
  std::string_view colour;
  std::string text;
};

std::vector<Entry> legend_entries(const ConvergencePlot& plot, const Curve& gaps, const Curve& distances) {
  std::vector<Entry> entries;
  if (gaps.empty())
    entries.push_back({Key::nothing, gap_colour, "no relative gap: no finite lower bound below the zero network"});
  else
    entries.push_back({Key::line, gap_colour, "relative gap to the bound"});
  if (!distances.empty()) entries.push_back({Key::line, distance_colour, "distance to the last objective"});
  if (plot.target_gap > 0) entries.push_back({Key::dashes, target_colour, "target " + significant(plot.target_gap, 3)});
  if (std::any_of(gaps.begin(), gaps.end(), below_scale))
    entries.push_back({Key::triangle, gap_colour, "gap zero or below: rounding"});
  return entries;
}

/// Entries side by side, as many as fit on a line. Answers how high they are; draws only if `svg` is given.
double lay_out(const std::vector<Entry>& entries, double left, double top, Svg* svg) {
  constexpr double key_width = 24;
  constexpr double space = 14;
  constexpr double line_height = 21;
  double x = left;
  double y = top;
  for (const auto& [key, colour, text] : entries) {
    const double width = (key == Key::nothing ? 0 : key_width + 7) + text_width(text, Svg::font_size);
    if (x > left && x + width > left + plot_width) {
      x = left;
      y += line_height;
    }
    if (svg != nullptr) {
      const double middle = y + 9;
      if (key == Key::triangle) {
        std::string path;
        add_triangle(path, x + key_width / 2, middle + 4);
        svg->element("path", {{"d", path}, {"fill", "#FFFFFF"}, {"stroke", colour}});
      } else if (key != Key::nothing)
        svg->element("line", {{"x1", x},
                              {"y1", middle},
                              {"x2", x + key_width},
                              {"y2", middle},
                              {"stroke", colour},
                              {"stroke-width", key == Key::line ? 2 : 1.3},
                              {"stroke-dasharray", key == Key::line ? "none" : "6 4"}});
      svg->text(key == Key::nothing ? x : x + key_width + 7, middle + 4.5, text);
    }
    x += width + space;
  }
  return y + line_height - top;
}

}  // namespace

std::string convergence_svg(const ConvergencePlot& plot) {
  check(plot);
  const Curve gaps = relative_gaps(plot);
  const Curve distances = distances_to_last(plot);
  Scale scale(plot, gaps, distances);
  const Axis across = count_axis("iteration", scale.first, scale.last, plot_width);
  const Axis up = logarithmic_axis("relative to the zero network", scale.low, scale.high);
  const std::vector<Entry> entries = legend_entries(plot, gaps, distances);
  const double legend_top = plot.title.empty() ? margin : 42;
  const double legend_height = lay_out(entries, 0, 0, nullptr);
  scale.frame = {room_left(up), legend_top + legend_height + 8, plot_width, plot_height};
  const Frame& frame = scale.frame;

  const double width = frame.right() + 2 * margin;
  Svg svg(width, frame.bottom() + room_below(across), plot.title.empty() ? "convergence" : plot.title);
  svg.text(frame.left, 28, plot.title, {{"font-weight", "bold"}}, 0.92 * plot_width);
  lay_out(entries, frame.left, legend_top, &svg);
  draw_grid(svg, frame, across, up);
  if (plot.target_gap >= smallest_drawn) {
    const double y = scale.y(plot.target_gap);
    svg.element("line", {{"x1", frame.left},
                         {"y1", y},
                         {"x2", frame.right()},
                         {"y2", y},
                         {"stroke", target_colour},
                         {"stroke-width", 1.3},
                         {"stroke-dasharray", "6 4"}});
  }
  draw_axes(svg, frame, across, up);
  draw_curve(svg, scale, distances, distance_colour);
  draw_curve(svg, scale, gaps, gap_colour);
  draw_vanished(svg, scale, gaps);
  return svg.finish();
}

}  // namespace nadir::report
