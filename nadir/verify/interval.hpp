#pragma once
// Numbers known to lie between two doubles. These operations expect round-to-nearest, where a result is off by at most
// half a unit in the last place, and widen it by one unit. What is not a number is refused, never carried on.
#include <bit>
#include <limits>

#include "nadir/verify/format.hpp"

namespace nadir::verify {
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kLargest = std::numeric_limits<double>::max();

inline double next_up(double x) {
  if (x == 0) return std::numeric_limits<double>::denorm_min();
  return x < kInfinity ? std::bit_cast<double>(std::bit_cast<std::int64_t>(x) + (x > 0 ? 1 : -1)) : x;
}
inline double next_down(double x) { return -next_up(-x); }

/// Of numbers that are not negative; an exact 0 stays 0.
inline double product_up(double a, double b) { return a == 0 || b == 0 ? 0 : next_up(a * b); }
inline double product_down(double a, double b) { return a * b > 0 ? next_down(a * b) : 0; }
inline double sum_up(double a, double b) { return a == 0 || b == 0 ? a + b : next_up(a + b); }
inline double sum_down(double a, double b) { return a == 0 || b == 0 ? a + b : next_down(a + b); }
inline double quotient_up(double a, double b) { return a == 0 ? 0 : next_up(a / b); }
inline double quotient_down(double a, double b) { return a / b > 0 ? next_down(a / b) : 0; }

struct Interval {
  double lo = 0, hi = 0;
};
inline Interval operator+(Interval a, Interval b) { return {next_down(a.lo + b.lo), next_up(a.hi + b.hi)}; }
inline Interval operator-(Interval a, Interval b) { return {next_down(a.lo - b.hi), next_up(a.hi - b.lo)}; }
Interval scaled(Interval a, Interval factor);  // factor > 0

Interval exp_of(double x);
Interval log_of(double x);  // x > 0
inline Interval exp_of(Interval x) { return {exp_of(x.lo).lo, exp_of(x.hi).hi}; }
inline Interval log_of(Interval x) { return {log_of(x.lo).lo, log_of(x.hi).hi}; }

/// g^alpha for g >= 0 and alpha >= 1, and its derivative alpha g^(alpha - 1). Both grow with g.
Interval power_of(double g, double alpha);
Interval slope_of(double g, double alpha, Interval power);
}  // namespace nadir::verify
