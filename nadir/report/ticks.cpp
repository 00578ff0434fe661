#include "nadir/report/ticks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace nadir::report {
namespace {

struct Step {
  int factor;    ///< 1, 2 or 5
  int exponent;  ///< of ten
  double size;
};

/// multiple · 10^exponent, rounded once: through its decimal text.
double decimal(double multiple, int exponent) {
  if (!(std::abs(multiple) > 0)) return 0;
  std::array<char, 64> text{};
  char* end = std::to_chars(text.data(), text.data() + text.size(), multiple, std::chars_format::fixed, 0).ptr;
  *end++ = 'e';
  end = std::to_chars(end, text.data() + text.size(), exponent).ptr;
  double value = std::numeric_limits<double>::quiet_NaN();  // stays where the text overflows
  std::from_chars(text.data(), end, value);
  return value;
}

/// The smallest nice step that is at least `length`.
Step nice_step(double length) {
  const int exponent = static_cast<int>(std::floor(std::log10(length)));
  for (const int factor : {1, 2, 5}) {
    const double size = decimal(factor, exponent);
    if (size >= length * (1 - 1e-9)) return {factor, exponent, size};
  }
  return {1, exponent + 1, decimal(1, exponent + 1)};
}

/// The text of to_chars with the exponent as short as it can be: 1e-9 rather than 1e-09, 1e20 rather than 1e+20.
std::string short_exponent(std::string text) {
  const auto e = text.find('e');
  if (e == std::string::npos) return text;
  const bool negative = text[e + 1] == '-';
  auto digits = text.find_first_not_of("+-0", e + 1);
  if (digits == std::string::npos) digits = text.size() - 1;
  return text.substr(0, e + 1) + (negative ? "-" : "") + text.substr(digits);
}

template <class... Format>
std::string as_text(double value, Format... format) {
  std::array<char, 400> buffer{};
  char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format...).ptr;
  return std::string(buffer.data(), end);
}

}  // namespace

std::vector<double> nice_ticks(double low, double high, int count) {
  if (!std::isfinite(low) || !std::isfinite(high)) return {};
  if (low > high) std::swap(low, high);
  const auto without_minus = [](double zero) { return zero + 0.0; };  // -0 + 0 = +0
  if (low == high) return {without_minus(low)};

  const double intervals = std::max(count, 1);
  const double length = high / intervals - low / intervals;  // high - low may overflow
  const double largest = std::max(std::abs(low), std::abs(high));
  const bool no_step =
      !(length > 8 * std::numeric_limits<double>::epsilon() * largest) || length < 1e-300 || !std::isfinite(length);
  const Step step = no_step ? Step{} : nice_step(length);
  if (no_step || !std::isfinite(step.size)) return {without_minus(low), without_minus(high)};

  std::vector<double> ticks;
  const double slack = 1e-9 * step.size;
  for (double k = std::floor(low / step.size) - 1; k <= std::ceil(high / step.size) + 1; ++k) {
    const double tick = decimal(k * step.factor, step.exponent);
    if (tick >= low - slack && tick <= high + slack) ticks.push_back(tick);
  }
  return ticks;
}

std::vector<std::string> tick_labels(const std::vector<double>& ticks) {
  double largest = 0;
  double smallest = std::numeric_limits<double>::infinity();
  std::size_t decimals = 0;
  for (const double tick : ticks) {
    const double size = std::abs(tick);
    largest = std::max(largest, size);
    if (size > 0) smallest = std::min(smallest, size);
    const std::string text = as_text(tick, std::chars_format::fixed);
    if (const auto point = text.find('.'); point != std::string::npos)
      decimals = std::max(decimals, text.size() - point - 1);
  }
  const bool exponents = largest >= 1e6 || smallest < 1e-4;
  std::vector<std::string> labels;
  for (const double tick : ticks) {
    const bool zero = !(std::abs(tick) > 0);
    labels.push_back(zero && exponents ? "0"
                     : exponents       ? short_exponent(as_text(tick, std::chars_format::scientific))
                                 : as_text(zero ? 0.0 : tick, std::chars_format::fixed, static_cast<int>(decimals)));
  }
  return labels;
}

std::string significant(double value, int digits) {
  if (std::isnan(value)) return "nan";
  if (!(std::abs(value) > 0)) return "0";
  return short_exponent(as_text(value, std::chars_format::general, digits));
}

std::string rounded_up(double value) {
  if (!std::isfinite(value) || !(std::abs(value) > 0)) return significant(value, 2);
  std::string text = as_text(value, std::chars_format::scientific, 1);  // d.de+dd
  double shown = std::numeric_limits<double>::infinity();
  std::from_chars(text.data(), text.data() + text.size(), shown);
  if (value > 0 && shown < value) {
    const int digits = (text[0] - '0') * 10 + (text[2] - '0') + 1;
    const int exponent = std::stoi(text.substr(text.find('e') + 1)) + digits / 100;
    const std::string up = digits == 100 ? "10" : std::to_string(digits);
    text = up.substr(0, 1) + "." + up.substr(1) + "e" + std::to_string(exponent);
  }
  return short_exponent(text);
}

}  // namespace nadir::report
