#include "nadir/report/regions.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/report/axes.hpp"
#include "nadir/report/marks.hpp"
#include "nadir/report/outline.hpp"
#include "nadir/report/svg.hpp"
#include "nadir/report/ticks.hpp"

namespace nadir::report {
namespace {

constexpr double plot_size = 480;
constexpr double swatch = 16;
constexpr double entry_height = 23;
constexpr double widest_name = 180;
constexpr Index most_points = 2000;

void check(const RegionPlot& plot) {
  const auto is_range = [](double low, double high) { return high - low > 0 && std::isfinite(high - low); };
  if (!is_range(plot.x_low, plot.x_high) || !is_range(plot.y_low, plot.y_high))
    throw InputError("decision regions: the ranges of '" + plot.x_name + "' and '" + plot.y_name +
                     "' must be finite and not empty");
  if (plot.columns < 1 || plot.rows < 1 || static_cast<Index>(plot.classes.size()) / plot.columns != plot.rows ||
      static_cast<Index>(plot.classes.size()) % plot.columns != 0)
    throw InputError("decision regions: " + std::to_string(plot.classes.size()) + " classes given for a grid of " +
                     std::to_string(plot.rows) + " x " + std::to_string(plot.columns) + " cells");
  const int count = static_cast<int>(plot.class_names.size());
  const auto check_label = [&](int label) {
    if (label < 0 || label >= count)
      throw InputError("decision regions: class " + std::to_string(label) + " has no name, there are " +
                       std::to_string(count) + " names");
  };
  for (const int label : plot.classes) check_label(label);
  for (const auto& sample : plot.samples) check_label(sample.label);
}

void draw_regions(Svg& svg, const Frame& frame, const RegionPlot& plot) {
  const int count = static_cast<int>(plot.class_names.size());
  std::vector<Index> cells(count, 0);
  for (const int label : plot.classes) ++cells[label];
  const auto ground = static_cast<int>(std::max_element(cells.begin(), cells.end()) - cells.begin());
  svg.element("rect", {{"x", frame.left},
                       {"y", frame.top},
                       {"width", frame.width},
                       {"height", frame.height},
                       {"fill", region_colour(ground)}});

  const std::vector<std::string> paths = outlines(plot.classes, plot.rows, plot.columns, count);
  svg.open("g", {{"transform", "translate(" + pixels(frame.left) + " " + pixels(frame.top) + ") scale(" +
                                   significant(frame.width / static_cast<double>(plot.columns), 9) + " " +
                                   significant(frame.height / static_cast<double>(plot.rows), 9) + ")"},
                 {"shape-rendering", "crispEdges"}});
  for (int label = 0; label < count; ++label)
    if (label != ground && !paths[label].empty())
      svg.element("path", {{"fill", region_colour(label)}, {"d", paths[label]}});
  svg.close();
}

bool inside(const RegionPlot& plot, const RegionPlot::Sample& s) {
  return s.x >= plot.x_low && s.x <= plot.x_high && s.y >= plot.y_low && s.y <= plot.y_high;
}

Index points_inside(const RegionPlot& plot) {
  return std::count_if(plot.samples.begin(), plot.samples.end(), [&](const auto& s) { return inside(plot, s); });
}

/// Of each class one point in so many is drawn.
Index stride_for(Index points) { return std::max<Index>(1, (points + most_points - 1) / most_points); }

std::string thinning_note(const RegionPlot& plot) {
  const Index stride = stride_for(points_inside(plot));
  return stride == 1 ? "" : "Of each class, one training point in " + std::to_string(stride) + " is drawn.";
}

void draw_points(Svg& svg, const Frame& frame, const RegionPlot& plot) {
  const Index total = points_inside(plot);
  const Index stride = stride_for(total);
  const double radius = total <= 200 ? 4 : total <= 800 ? 3.3 : 2.7;

  std::vector<std::string> paths(plot.class_names.size());
  std::vector<Index> seen(plot.class_names.size(), 0);
  for (const auto& sample : plot.samples) {
    if (!inside(plot, sample) || seen[sample.label]++ % stride != 0) continue;
    const double x = frame.left + frame.width * ((sample.x - plot.x_low) / (plot.x_high - plot.x_low));
    const double y = frame.bottom() - frame.height * ((sample.y - plot.y_low) / (plot.y_high - plot.y_low));
    paths[sample.label] += mark(sample.label, x, y, radius);
  }
  svg.open("g", {{"stroke", "#FFFFFF"}, {"stroke-width", 0.7}});
  for (std::size_t label = 0; label < paths.size(); ++label)
    if (!paths[label].empty())
      svg.element("path", {{"fill", point_colour(static_cast<int>(label))}, {"d", paths[label]}});
  svg.close();
}

/// Columns of entries, as many as the height of the plot asks for.
struct Legend {
  Index per_column = 1;
  double column_width = 0;
  double width = 0;

  explicit Legend(const std::vector<std::string>& names) {
    per_column = static_cast<Index>(plot_size / entry_height);
    double widest = 0;
    for (const std::string& name : names) widest = std::max(widest, text_width(name, Svg::font_size));
    column_width = swatch + 8 + std::min(widest, widest_name) + margin;
    const Index columns = (static_cast<Index>(names.size()) + per_column - 1) / per_column;
    width = column_width * static_cast<double>(columns);
  }

  void draw(Svg& svg, double left, double top, const std::vector<std::string>& names) const {
    for (Index label = 0; label < static_cast<Index>(names.size()); ++label) {
      const Index column = label / per_column;
      const double x = left + column_width * static_cast<double>(column);
      const double y = top + entry_height * static_cast<double>(label % per_column);
      const int which = static_cast<int>(label);
      svg.element("rect", {{"x", x}, {"y", y}, {"width", swatch}, {"height", swatch}, {"fill", region_colour(which)}});
      svg.element("path", {{"fill", point_colour(which)}, {"d", mark(which, x + swatch / 2, y + swatch / 2, 4)}});
      svg.text(x + swatch + 8, y + swatch - 3.5, names[label], {}, widest_name);
    }
  }
};

}  // namespace

std::string regions_svg(const RegionPlot& plot) {
  check(plot);
  const Axis across = linear_axis(plot.x_name, plot.x_low, plot.x_high, plot_size, Direction::across);
  const Axis up = linear_axis(plot.y_name, plot.y_low, plot.y_high, plot_size, Direction::up);
  const Legend legend(plot.class_names);
  const Frame frame{room_left(up), plot.title.empty() ? margin : 44, plot_size, plot_size};
  const double width = frame.right() + margin + legend.width;
  const std::string note = thinning_note(plot);
  const double height = frame.bottom() + room_below(across) + (note.empty() ? 0 : 18);

  Svg svg(width, height, plot.title.empty() ? "decision regions" : plot.title);
  svg.text(frame.left, 28, plot.title, {{"font-weight", "bold"}}, 0.92 * (width - frame.left - margin));
  draw_regions(svg, frame, plot);
  draw_points(svg, frame, plot);
  draw_axes(svg, frame, across, up);
  legend.draw(svg, frame.right() + margin, frame.top, plot.class_names);
  if (!note.empty()) svg.text(frame.left, height - 8, note, {{"fill", "#555555"}, {"font-size", 11}});
  return svg.finish();
}

}  // namespace nadir::report
