#pragma once
// Where a convex function of one number is least, by its slope.

namespace nadir {

/// The last place in [low, high], to 2⁻⁵⁰ of its length, where a slope that does not fall is known to be at most 0;
/// `low` where there is none.
template <class Slope>
double zero_of_rising(const Slope& slope, double low, double high) {
  constexpr int halvings = 50;
  for (int k = 0; k < halvings; ++k) {
    const double middle = (low + high) / 2;
    (slope(middle) > 0 ? high : low) = middle;
  }
  return low;
}

/// The same on [0, ∞), for a slope that is below 0 at 0.
template <class Slope>
double positive_zero_of_rising(const Slope& slope) {
  constexpr int doublings = 200;
  double low = 0, high = 1;
  for (int k = 0; k < doublings && slope(high) < 0; ++k) low = high, high *= 2;
  return zero_of_rising(slope, low, high);
}

}  // namespace nadir
