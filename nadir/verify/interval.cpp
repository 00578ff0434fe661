#include <cmath>

#include "nadir/verify/proof.hpp"

namespace nadir::verify {
namespace {
// u = 2^-53 is the relative error of one rounding. ln 2 = kLn2High + kLn2Low up to 2^-86; the high part has 32 bits, so
// that its product with an integer below 2^21 is exact.
constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;

/// Where y > 0 is normal and off by a relative error of at most 15 u.
Interval around(double y) { return {next_down(y * (1 - 0x1p-49)), next_up(y * (1 + 0x1p-49))}; }
}  // namespace

Interval scaled(Interval a, Interval factor) {
  require(factor.lo > 0 && a.lo <= a.hi, "arithmetic failed: not an interval");
  return {next_down(a.lo * (a.lo < 0 ? factor.hi : factor.lo)), next_up(a.hi * (a.hi < 0 ? factor.lo : factor.hi))};
}

// x = k ln 2 + r with |r| <= 0.347, and e^r by its Taylor polynomial of degree 13. Relative errors of the result: r is
// off by at most 2^-54 + 2^-74 (a rounding below 1/2, one below 2^-22), together u/2; the polynomial's remainder is
// below 0.347^14 / 14! / 0.7 < u/16; Horner's scheme 1 + r/1 (1 + r/2 (...)), with three roundings a step, is off by at
// most u (sum over i of (3i + 1) |r|^i / i!) / e^r = u (1 + 3 |r|) e^(2|r|) < 4.1 u. Together below 5 u.
Interval exp_of(double x) {
  if (x < -690) return {0, 0x1p-990};         // e^-690 < 2^-995
  if (x > 709) return {0x1p1022, kInfinity};  // e^709 > 2^1022
  require(x <= 709, "arithmetic failed: exponential of what is not a number");
  const int k = static_cast<int>(x * 0x1.71547652b82fep+0 + (x < 0 ? -0.5 : 0.5));
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1;
  for (int i = 13; i > 0; --i) sum = 1 + sum * r / i;
  return around(sum * std::bit_cast<double>(static_cast<std::uint64_t>(1023 + k) << 52));
}

// x = 2^e m with m in [sqrt(1/2), sqrt(2)], and log m = 2 s (1 + s^2/3 + s^4/5 + ...) with s = (m - 1) / (m + 1), so
// that |s| < 0.1716 and s^2 < 0.0295. m - 1 is exact, s off by 2 u, s^2 by 5 u; the series up to s^20 leaves a
// remainder below 10^-18 and is off by 2.2 u; so log m by 5.3 u. Where e is not 0, |e ln 2| >= 0.69 and |log m| <=
// 0.347: log m is off by less than 5.4 u of the sum, and two additions add 1.1 u each. Together below 8 u.
Interval log_of(double x) {
  require(x > 0, "arithmetic failed: logarithm of what is not positive");
  if (x == kInfinity) return {709, kInfinity};
  if (x == 1) return {0, 0};
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent), m = fraction < 0x1.6a09e667f3bcdp-1 ? 2 * fraction : fraction;
  const int e = m == fraction ? exponent : exponent - 1;
  const double s = (m - 1) / (m + 1);
  double sum = 0;
  for (int i = 10; i >= 0; --i) sum = sum * (s * s) + 1.0 / (2 * i + 1);
  const double log_m = 2 * s * sum, result = e == 0 ? log_m : e * kLn2High + (e * kLn2Low + log_m);
  const Interval size = around(std::fabs(result));
  return result > 0 ? size : Interval{-size.hi, -size.lo};
}

Interval power_of(double g, double alpha) {
  require(g >= 0 && g <= kLargest, "outputs of the network overflow");
  if (g == 0 || alpha == 1) return {g, g};
  const double whole = std::floor(alpha);
  if (whole > 64 || (alpha != whole && alpha != whole + 0.5)) return exp_of(scaled(log_of(g), {alpha, alpha}));
  Interval result{1, 1}, square{g, g};
  if (alpha != whole) result = {next_down(std::sqrt(g)), next_up(std::sqrt(g))};
  for (auto rest = static_cast<unsigned>(whole); rest > 0; rest /= 2) {
    if (rest % 2 == 1) result = {product_down(result.lo, square.lo), product_up(result.hi, square.hi)};
    square = {product_down(square.lo, square.lo), product_up(square.hi, square.hi)};
  }
  return result;
}

Interval slope_of(double g, double alpha, Interval power) {
  if (alpha == 1) return {1, 1};
  if (g == 0) return {0, 0};
  return {quotient_down(product_down(power.lo, alpha), g), quotient_up(product_up(power.hi, alpha), g)};
}
}  // namespace nadir::verify
