// Features and weights are >= 0 and exponents >= 1: outputs, activations, their derivatives and all that
// back-propagation multiplies grow with every weight, so that lower ends come from lower ends and upper ends from upper
// ends. Matrix products are computed twice, with every rounding toward minus infinity and with every rounding toward
// plus infinity.
#include <algorithm>
#include <cfenv>
#include <cmath>

#include "nadir/verify/proof.hpp"

namespace nadir::verify {
namespace {
// u = 2^-53 is the relative error of one rounding. ln 2 = kLn2High + kLn2Low up to 2^-86; the high part has 32 bits, so
// that its product with an integer below 2^21 is exact.
constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;
/// Where y > 0 is normal and off by a relative error of at most 15 u.
Interval around(double y) { return {next_down(y * (1 - 0x1p-49)), next_up(y * (1 + 0x1p-49))}; }

constexpr std::size_t kBlock = 256;            // sums are taken in blocks, which keeps the enclosures narrow
constexpr std::size_t kMostEntries = 1 << 22;  // of a matrix that is made here; bounds the memory

/// out += a b. Never inlined: the compiler knows nothing of rounding modes, but it cannot move the work of an opaque
/// call that writes to memory across another opaque call. A factor that is exactly 0 adds exactly 0 and is skipped.
[[gnu::noinline]] void multiply(const Matrix& a, const Matrix& b, Matrix& out, std::vector<double>& partial) noexcept {
  const auto add_multiple = [size = b.columns](double factor, const double* __restrict from, double* __restrict to) {
    for (std::size_t i = 0; i < size; ++i) to[i] += factor * from[i];
  };
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t begin = 0; begin < a.columns; begin += kBlock) {
      std::fill(partial.begin(), partial.end(), 0.0);
      for (std::size_t k = begin; k < std::min(a.columns, begin + kBlock); ++k)
        if (a.row(i)[k] != 0) add_multiple(a.row(i)[k], b.row(k), partial.data());
      add_multiple(1, partial.data(), out.row(i));
    }
}

void add_product(const Bounds& a, const Bounds& b, Bounds& out) {
  std::vector<double> partial(b.lo.columns);
  std::fesetround(FE_DOWNWARD);
  multiply(a.lo, b.lo, out.lo, partial);
  std::fesetround(FE_UPWARD);
  multiply(a.hi, b.hi, out.hi, partial);
  std::fesetround(FE_TONEAREST);
}

Bounds zeros(std::size_t rows, std::size_t columns) { return {Matrix(rows, columns), Matrix(rows, columns)}; }

Bounds product(const Bounds& a, const Bounds& b) {
  Bounds out = zeros(a.lo.rows, b.lo.columns);
  add_product(a, b, out);
  return out;
}

Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.columns, matrix.rows);
  for (std::size_t i = 0; i < matrix.rows; ++i)
    for (std::size_t j = 0; j < matrix.columns; ++j) result.row(j)[i] = matrix.row(i)[j];
  return result;
}
Bounds transposed(const Bounds& bounds) { return {transposed(bounds.lo), transposed(bounds.hi)}; }

/// Sums of the units become their powers; returns the powers' derivatives.
Bounds activate(Bounds& sums, const std::vector<double>& exponents) {
  Bounds slopes = sums;
  for (std::size_t i = 0; i < sums.lo.values.size(); ++i) {
    const double alpha = exponents[i % exponents.size()], lo = sums.lo.values[i], hi = sums.hi.values[i];
    const Interval at_lo = power_of(lo, alpha), at_hi = power_of(hi, alpha);
    sums.lo.values[i] = at_lo.lo;
    sums.hi.values[i] = at_hi.hi;
    slopes.lo.values[i] = slope_of(lo, alpha, at_lo).lo;
    slopes.hi.values[i] = slope_of(hi, alpha, at_hi).hi;
  }
  return slopes;
}
/// f_k - f_r = sum over l of (w_kl - w_rl) a_l is at most the sum of d a_l.hi where d > 0 and d a_l.lo where d < 0,
/// with d the upper end of w_kl - w_rl. Column k K + r: d itself in `hi`, -d in `lo`, each where it is positive.
Bounds pair_weights(const Matrix& lower, const Matrix& upper) {
  const std::size_t classes = upper.values.size() * upper.rows <= kMostEntries ? upper.rows : 0;
  Bounds pairs = zeros(upper.columns, classes * classes);
  for (std::size_t l = 0; l < upper.columns; ++l)
    for (std::size_t pair = 0; pair < classes * classes; ++pair) {
      const double w = upper.row(pair / classes)[l], v = lower.row(pair % classes)[l];
      pairs.hi.row(l)[pair] = w > v ? next_up(w - v) : 0;
      pairs.lo.row(l)[pair] = v > w ? next_down(v - w) : 0;
    }
  return pairs;
}
/// The sum over k != r of exp(f_k - f_r - shift), where f_k - f_r <= above[k K + r].
Interval sum_of_others(const std::vector<double>& above, std::size_t classes, std::size_t r, double shift) {
  Interval sum{0, 0};
  for (std::size_t k = 0; k < classes; ++k) {
    if (k == r) continue;
    const Interval difference{-above[r * classes + k], above[k * classes + r]};
    const Interval term = exp_of(shift == 0 ? difference : difference - Interval{shift, shift});
    sum = {sum_down(sum.lo, term.lo), sum_up(sum.hi, term.hi)};
  }
  return sum;
}
/// Adds the losses of a block to `total`, if that is bounded, and turns its outputs f into the gradient 1 + [r = y] -
/// s_r of minus the loss, s the softmax: without cancellation, 1 - s_r = t / (1 + t) with t the sum over k != r of
/// exp(f_k - f_r); it grows with t. `pairs`: products with pair_weights.
void differentiate(Bounds& outputs, const Bounds& pairs, const std::int32_t* labels, Interval& total) {
  const std::size_t classes = outputs.lo.columns;
  std::vector<double> above(classes * classes);
  Interval block{0, 0};
  for (std::size_t i = 0; i < outputs.lo.rows; ++i) {
    double *lo = outputs.lo.row(i), *hi = outputs.hi.row(i), shift = 0;
    const auto label = static_cast<std::size_t>(labels[i]);
    for (std::size_t pair = 0; pair < above.size(); ++pair) {
      const std::size_t k = pair / classes, r = pair % classes;
      require(hi[k] <= kLargest, "outputs of the network overflow");
      above[pair] = next_up(pairs.hi.columns == 0 ? hi[k] - lo[r] : pairs.hi.row(i)[pair] - pairs.lo.row(i)[pair]);
      if (r == label && k != r) shift = std::max(shift, above[pair]);  // the largest f_k - f_y leaves the logarithm
    }
    Interval outputs_sum{0, 0}, by{shift, shift};
    for (std::size_t r = 0; r < classes; ++r) {
      outputs_sum = outputs_sum + Interval{lo[r], hi[r]};
      const Interval t = sum_of_others(above, classes, r, 0);
      const double least = std::min(t.lo, 0x1p900), more = r == label ? 1 : 0;
      lo[r] = sum_down(more, quotient_down(least, next_up(1 + least)));
      hi[r] = sum_up(more, t.hi < 0x1p900 ? std::min(1.0, quotient_up(t.hi, next_down(1 + t.hi))) : 1.0);
    }
    if (total.hi == kInfinity) continue;
    block = block + (by + log_of(exp_of(-shift) + sum_of_others(above, classes, label, shift)) - outputs_sum);
  }
  total = total + block;
}
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
  if (alpha > 64 || alpha != std::floor(alpha)) return exp_of(scaled(log_of(g), {alpha, alpha}));
  Interval result{g, g};
  for (double i = 1; i < alpha; ++i) result = {product_down(result.lo, g), product_up(result.hi, g)};
  return result;
}
Interval slope_of(double g, double alpha, Interval power) {
  if (alpha == 1) return {1, 1};
  if (g == 0) return {0, 0};
  return {quotient_down(product_down(power.lo, alpha), g), quotient_up(product_up(power.hi, alpha), g)};
}

Evaluation evaluate(const Document& document, const Dataset& dataset, const Weights& lower, const Weights& upper) {
  const std::size_t output = document.layers.size() - 1, n = dataset.labels.size(), width = dataset.features.columns;
  std::vector<Bounds> by_unit, by_input, sums;
  for (std::size_t j = 0; j <= output; ++j) {
    by_unit.push_back({lower[j], upper[j]});
    by_input.push_back(transposed(by_unit[j]));
    sums.push_back(zeros(upper[j].columns, upper[j].rows));
  }
  const Bounds pair_columns = pair_weights(lower[output], upper[output]);
  std::size_t rows = std::min(kBlock, 1 + kMostEntries / (upper[output].rows * upper[output].rows));
  for (const Matrix& matrix : upper) rows = std::min(rows, 1 + kMostEntries / std::max(matrix.rows, matrix.columns));
  Interval total = &lower == &upper ? Interval{0, 0} : Interval{-kInfinity, kInfinity};
  for (std::size_t first = 0; first < n; first += rows) {
    Matrix block(std::min(rows, n - first), width);
    std::copy_n(dataset.features.row(first), block.values.size(), block.values.data());
    std::vector<Bounds> inputs{{block, block}}, slopes;
    for (std::size_t j = 0; j < output; ++j) {
      inputs.push_back(product(inputs[j], by_input[j]));
      slopes.push_back(activate(inputs.back(), document.layers[j].exponents));
    }
    Bounds delta = product(inputs[output], by_input[output]);  // outputs; then the gradient by them and what is below
    differentiate(delta, product(inputs[output], pair_columns), &dataset.labels[first], total);
    for (std::size_t j = output;; --j) {
      add_product(transposed(inputs[j]), delta, sums[j]);
      if (j == 0) break;
      delta = product(delta, by_unit[j]);
      for (std::size_t i = 0; i < delta.lo.values.size(); ++i) {
        delta.lo.values[i] = product_down(delta.lo.values[i], slopes[j - 1].lo.values[i]);
        delta.hi.values[i] = product_up(delta.hi.values[i], slopes[j - 1].hi.values[i]);
      }
    }
  }
  const auto samples = static_cast<double>(n);
  Evaluation result{{next_down(total.lo / samples), next_up(total.hi / samples)}, {}};
  for (const Bounds& sum : sums) {
    Bounds& mean = result.gradient.emplace_back(transposed(sum));
    for (double& value : mean.lo.values) value = sum_down(quotient_down(value, samples), document.epsilon);
    for (double& value : mean.hi.values) value = sum_up(quotient_up(value, samples), document.epsilon);
    for (const double value : mean.hi.values) require(value <= kLargest, "the gradient overflows");
  }
  return result;
}
}  // namespace nadir::verify
