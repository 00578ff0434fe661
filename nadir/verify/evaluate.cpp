// Features and weights are >= 0 and exponents >= 1: outputs, activations, their derivatives and all that
// back-propagation multiplies grow with every weight, so that lower ends come from lower ends and upper ends from upper
// ends. Matrix products are computed twice, with every rounding toward minus infinity and with every rounding toward
// plus infinity.
#include <algorithm>
#include <cfenv>

#include "nadir/verify/proof.hpp"

namespace nadir::verify {
namespace {
constexpr std::size_t kBlock = 256;           // sums are taken in blocks, which keeps the enclosures narrow
constexpr std::size_t kMostPairClasses = 32;  // above, K^2 columns of differences of weights cost too much

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
  const std::size_t classes = upper.rows <= kMostPairClasses ? upper.rows : 0;
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
    const Interval by{shift, shift};
    Interval outputs_sum{0, 0};
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

Evaluation evaluate(const Document& document, const Dataset& dataset, const Weights& lower, const Weights& upper) {
  const std::size_t output = document.layers.size() - 1, n = dataset.labels.size(), width = dataset.features.columns;
  std::vector<Bounds> by_unit, by_input, sums;
  for (std::size_t j = 0; j <= output; ++j) {
    by_unit.push_back({lower[j], upper[j]});
    by_input.push_back(transposed(by_unit[j]));
    sums.push_back(zeros(upper[j].columns, upper[j].rows));
  }
  const Bounds pair_columns = pair_weights(lower[output], upper[output]);
  Interval total = &lower == &upper ? Interval{0, 0} : Interval{-kInfinity, kInfinity};
  for (std::size_t first = 0; first < n; first += kBlock) {
    Matrix block(std::min(kBlock, n - first), width);
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
