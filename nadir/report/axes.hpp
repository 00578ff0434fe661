#pragma once
// The frame of a figure with its two axes.
#include <string>
#include <vector>

#include "nadir/report/svg.hpp"

namespace nadir::report {

/// Around a figure, in pixels.
inline constexpr double margin = 16;

/// Where the plot lies in the figure, in pixels.
struct Frame {
  double left, top, width, height;

  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

struct Tick {
  double place;       ///< along the axis, from 0 to 1
  std::string label;  ///< for a logarithmic axis the exponent of ten
};

struct Axis {
  std::string name;
  std::vector<Tick> ticks;
  bool logarithmic = false;
};

enum class Direction { across, up };

/// As many round numbers as find room with their labels on `length` pixels.
Axis linear_axis(std::string name, double low, double high, double length, Direction direction);

/// Round numbers that are whole: for counts.
Axis count_axis(std::string name, double low, double high, double length);

/// Powers of ten, at most nine, from 10^low to 10^high.
Axis logarithmic_axis(std::string name, double low, double high);

/// Room that the axis takes left of its plot, or below it.
double room_left(const Axis& up);
double room_below(const Axis& across);

void draw_grid(Svg& svg, const Frame& frame, const Axis& across, const Axis& up);
void draw_axes(Svg& svg, const Frame& frame, const Axis& across, const Axis& up);

}  // namespace nadir::report
