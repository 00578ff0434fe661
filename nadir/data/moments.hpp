#pragma once
// Mean and standard deviation of numbers that are gone through twice: neither overflows nor cancels where the numbers
// are large and near one another.
#include <algorithm>
#include <cmath>
#include <limits>

#include "nadir/base/matrix.hpp"

namespace nadir {

class Moments {
 public:
  /// First time through: extent and mean, value by value.
  void add(double value) {
    least = std::min(least, value), greatest = std::max(greatest, value);
    ++count;
    mean += value / static_cast<double>(count) - mean / static_cast<double>(count);
  }

  /// Second time, the same values: deviations from the mean, in units of a power of two that is as large as they get.
  void add_again(double value) {
    if (again_ == 0) {
      mean = std::clamp(mean, least, greatest);
      const double farthest = std::max(greatest - mean, mean - least);
      exponent_ = farthest > 0 && std::isfinite(farthest) ? std::ilogb(farthest) : 0;
    }
    ++again_;
    const double deviation = std::scalbn(value - mean, -exponent_);
    sum_ += deviation, squares_ += deviation * deviation;
  }

  /// After the second time: the mean without the rounding of the first.
  double refined_mean() const {
    return std::clamp(mean + std::scalbn(sum_ / static_cast<double>(again_), exponent_), least, greatest);
  }

  /// After the second time: the population's standard deviation: 0 exactly where all values are equal, and not finite
  /// where doubles cannot hold the deviations.
  double deviation() const {
    if (least == greatest) return 0;
    const auto n = static_cast<double>(again_);
    const double variance = (squares_ - sum_ * sum_ / n) / n;
    if (!std::isfinite(variance)) return variance;
    const double result = std::scalbn(std::sqrt(std::max(variance, 0.0)), exponent_);
    return result > 0 ? result : greatest - least;  // where even the smallest double is too large
  }

  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();
  double mean = 0;
  Index count = 0;

 private:
  Index again_ = 0;
  int exponent_ = 0;
  double sum_ = 0, squares_ = 0;
};

}  // namespace nadir
