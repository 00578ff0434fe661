#include "nadir/report/axes.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/report/ticks.hpp"

namespace nadir::report {
namespace {

constexpr double tick_length = 5;
constexpr double line_height = 18;
constexpr double least_space = 14;  // between two labels, in pixels

std::vector<Tick> with_labels(const std::vector<double>& numbers, double low, double high) {
  const std::vector<std::string> labels = tick_labels(numbers);
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double place = (numbers[i] - low) / (high - low);
    ticks.push_back({std::clamp(place, 0.0, 1.0), labels[i]});
  }
  return ticks;
}

bool labels_fit(const std::vector<Tick>& ticks, double length) {
  for (std::size_t i = 1; i < ticks.size(); ++i) {
    const double half_widths =
        (text_width(ticks[i].label, Svg::font_size) + text_width(ticks[i - 1].label, Svg::font_size)) / 2;
    if ((ticks[i].place - ticks[i - 1].place) * length < half_widths + least_space) return false;
  }
  return true;
}

}  // namespace

Axis linear_axis(std::string name, double low, double high, double length, Direction direction) {
  std::vector<Tick> ticks;
  for (int count = 8; count >= 1; --count) {
    ticks = with_labels(nice_ticks(low, high, count), low, high);
    if (direction == Direction::up || labels_fit(ticks, length)) break;
  }
  return {std::move(name), std::move(ticks)};
}

Axis count_axis(std::string name, double low, double high, double length) {
  Axis axis = linear_axis(std::move(name), low, high, length, Direction::across);
  const auto fraction = [](const Tick& tick) { return tick.label.find('.') != std::string::npos; };
  if (high - low < 8 && std::any_of(axis.ticks.begin(), axis.ticks.end(), fraction)) {
    std::vector<double> whole;
    for (double k = std::ceil(low); k <= high; ++k) whole.push_back(k);
    axis.ticks = with_labels(whole, low, high);
  }
  return axis;
}

Axis logarithmic_axis(std::string name, double low, double high) {
  std::vector<Tick> ticks;
  const int step = std::max(1, static_cast<int>(std::ceil((high - low) / 8)));
  const int last = static_cast<int>(std::floor(high));
  for (int exponent = static_cast<int>(std::ceil(low)); exponent <= last; ++exponent)
    if (exponent % step == 0) ticks.push_back({(exponent - low) / (high - low), std::to_string(exponent)});
  return {std::move(name), std::move(ticks), true};
}

double room_left(const Axis& up) {
  double widest = 0;
  for (const Tick& tick : up.ticks) widest = std::max(widest, text_width(tick.label, Svg::font_size));
  if (up.logarithmic) widest += 12;
  return widest + tick_length + 12 + (up.name.empty() ? 0 : line_height + 4);
}

double room_below(const Axis& across) {
  return tick_length + line_height + 10 + (across.name.empty() ? 0 : line_height + 4);
}

void draw_grid(Svg& svg, const Frame& frame, const Axis& across, const Axis& up) {
  for (const Tick& tick : across.ticks) {
    const double x = frame.left + tick.place * frame.width;
    svg.line(x, frame.top, x, frame.bottom(), "#E6E6E6");
  }
  for (const Tick& tick : up.ticks) {
    const double y = frame.bottom() - tick.place * frame.height;
    svg.line(frame.left, y, frame.right(), y, "#E6E6E6");
  }
}

void draw_axes(Svg& svg, const Frame& frame, const Axis& across, const Axis& up) {
  svg.element("rect", {{"x", frame.left},
                       {"y", frame.top},
                       {"width", frame.width},
                       {"height", frame.height},
                       {"fill", "none"},
                       {"stroke", "#222222"}});
  svg.open("g", {{"text-anchor", "middle"}});
  for (const Tick& tick : across.ticks) {
    const double x = frame.left + tick.place * frame.width;
    svg.line(x, frame.bottom(), x, frame.bottom() + tick_length, "#222222");
    svg.text(x, frame.bottom() + tick_length + 15, tick.label);
  }
  if (!across.name.empty())
    svg.text(frame.left + frame.width / 2, frame.bottom() + tick_length + 2 * line_height + 3, across.name, {},
             frame.width);
  svg.close();

  svg.open("g", {{"text-anchor", "end"}});
  for (const Tick& tick : up.ticks) {
    const double y = frame.bottom() - tick.place * frame.height;
    svg.line(frame.left - tick_length, y, frame.left, y, "#222222");
    if (up.logarithmic)
      svg.power_of_ten(frame.left - tick_length - 4, y + 5, std::stoi(tick.label));
    else
      svg.text(frame.left - tick_length - 4, y + 4.5, tick.label);
  }
  svg.close();
  if (up.name.empty()) return;
  const double x = frame.left - room_left(up) + line_height;
  const double y = frame.top + frame.height / 2;
  svg.text(x, y, up.name, {{"text-anchor", "middle"}, {"transform", "rotate(-90 " + pixels(x) + " " + pixels(y) + ")"}},
           frame.height);
}

}  // namespace nadir::report
