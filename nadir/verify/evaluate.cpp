// Features and weights are >= 0 and exponents >= 1: outputs, activations, their derivatives and all that
// back-propagation multiplies grow with every weight, so that lower ends come from lower ends and upper ends from upper
// ends. Matrix products are computed twice, with every rounding toward minus infinity and with every rounding toward
// plus infinity.
#include "nadir/verify/evaluate.hpp"

#include <algorithm>
#include <cfenv>

namespace nadir::verify {
namespace {

constexpr std::size_t kBlockRows = 256, kTerms = 64;  // sums are taken in blocks, which keeps the enclosures narrow
constexpr std::size_t kMostPairClasses = 32;          // above, K^2 columns of differences of weights cost too much

void add_multiple(double factor, const double* __restrict from, double* __restrict to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] += factor * from[i];
}

// The kernels are never inlined: the compiler knows nothing of rounding modes, but it cannot move the work of an opaque
// call that writes to memory across another opaque call. A factor that is exactly 0 adds exactly 0 and is skipped.

/// out = a b.
[[gnu::noinline]] void multiply(const Matrix& a, const Matrix& b, Matrix& out, std::vector<double>& partial) noexcept {
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t begin = 0; begin < a.columns; begin += kTerms) {
      std::fill(partial.begin(), partial.end(), 0.0);
      for (std::size_t k = begin; k < std::min(a.columns, begin + kTerms); ++k)
        if (a.row(i)[k] != 0) add_multiple(a.row(i)[k], b.row(k), partial.data(), b.columns);
      add_multiple(1, partial.data(), out.row(i), b.columns);
    }
}

/// total += a^T b.
[[gnu::noinline]] void gather(const Matrix& a, const Matrix& b, Matrix& total, std::vector<double>& partial) noexcept {
  std::fill(partial.begin(), partial.end(), 0.0);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t k = 0; k < a.columns; ++k)
      if (a.row(i)[k] != 0) add_multiple(a.row(i)[k], b.row(i), partial.data() + k * b.columns, b.columns);
  add_multiple(1, partial.data(), total.values.data(), partial.size());
}

template <class Kernel>
void enclose(Kernel kernel, const Bounds& a, const Bounds& b, Bounds& out, std::size_t room) {
  std::vector<double> partial(room);
  std::fesetround(FE_DOWNWARD);
  kernel(a.lo, b.lo, out.lo, partial);
  std::fesetround(FE_UPWARD);
  kernel(a.hi, b.hi, out.hi, partial);
  std::fesetround(FE_TONEAREST);
}

Bounds zeros(std::size_t rows, std::size_t columns) { return {Matrix(rows, columns), Matrix(rows, columns)}; }

Bounds product(const Bounds& a, const Bounds& b) {
  Bounds out = zeros(a.lo.rows, b.lo.columns);
  enclose(multiply, a, b, out, b.lo.columns);
  return out;
}

Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.columns, matrix.rows);
  for (std::size_t i = 0; i < matrix.rows; ++i)
    for (std::size_t j = 0; j < matrix.columns; ++j) result.row(j)[i] = matrix.row(i)[j];
  return result;
}

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
Bounds pair_weights(const Bounds& output) {
  const std::size_t classes = output.hi.rows;
  if (classes > kMostPairClasses) return {};
  Bounds pairs = zeros(output.hi.columns, classes * classes);
  for (std::size_t l = 0; l < output.hi.columns; ++l)
    for (std::size_t k = 0; k < classes; ++k)
      for (std::size_t r = 0; r < classes; ++r) {
        const double w = output.hi.row(k)[l], v = output.lo.row(r)[l];
        pairs.hi.row(l)[k * classes + r] = w > v && k != r ? next_up(w - v) : 0;
        pairs.lo.row(l)[k * classes + r] = v > w && k != r ? next_down(v - w) : 0;
      }
  return pairs;
}

/// One sample's outputs f in [lo, hi], with differences f_k - f_r <= above[k K + r].
struct Outputs {
  const double *lo, *hi;
  std::size_t classes, label;
  std::vector<double> above;

  // With M the largest upper end of f_k - f_y (0 for k = y):
  //   loss = M + log(sum over k of exp(f_k - f_y - M)) - sum over r of f_r.
  Interval loss() const {
    double shift = 0;
    for (std::size_t k = 0; k < classes; ++k) shift = std::max(shift, above[k * classes + label]);
    const Interval by{shift, shift};
    Interval sum = exp_of(-shift), outputs{0, 0};
    for (std::size_t k = 0; k < classes; ++k) {
      outputs = outputs + Interval{lo[k], hi[k]};
      if (k != label) sum = sum + exp_of(Interval{-above[label * classes + k], above[k * classes + label]} - by);
    }
    return by + log_of(sum) - outputs;
  }

  // 1 + [r = y] - s_r, the gradient of minus the loss by f_r, where s is the softmax. Without cancellation, 1 - s_r =
  // t / (1 + t) with t = sum over k != r of exp(f_k - f_r); it grows with t.
  Interval gradient(std::size_t r) const {
    double lo_sum = 0, hi_sum = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      if (k == r) continue;
      lo_sum = sum_down(lo_sum, exp_of(-above[r * classes + k]).lo);
      hi_sum = sum_up(hi_sum, exp_of(above[k * classes + r]).hi);
    }
    lo_sum = std::min(lo_sum, 0x1p900);
    const double lo_part = quotient_down(lo_sum, next_up(1 + lo_sum));
    const double hi_part = hi_sum < 0x1p900 ? std::min(1.0, quotient_up(hi_sum, next_down(1 + hi_sum))) : 1.0;
    return r == label ? Interval{next_down(1 + lo_part), next_up(1 + hi_part)} : Interval{lo_part, hi_part};
  }
};

/// Adds the losses of a block to `total` and turns its outputs into their gradients. `pairs`: products with
/// pair_weights.
void differentiate(Bounds& outputs, const Bounds& pairs, const std::int32_t* labels, Interval& total) {
  const std::size_t classes = outputs.lo.columns;
  Interval block{0, 0};
  for (std::size_t i = 0; i < outputs.lo.rows; ++i) {
    Outputs sample{outputs.lo.row(i), outputs.hi.row(i), classes, static_cast<std::size_t>(labels[i]), {}};
    for (std::size_t pair = 0; pair < classes * classes; ++pair) {
      const double hi = sample.hi[pair / classes], lo = sample.lo[pair % classes];
      require(hi <= kLargest, "outputs of the network overflow");
      sample.above.push_back(next_up(pairs.hi.rows == 0 ? hi - lo : pairs.hi.row(i)[pair] - pairs.lo.row(i)[pair]));
    }
    if (total.hi < kInfinity) block = block + sample.loss();
    std::vector<Interval> gradient;
    for (std::size_t r = 0; r < classes; ++r) gradient.push_back(sample.gradient(r));
    for (std::size_t r = 0; r < classes; ++r) {
      outputs.lo.row(i)[r] = gradient[r].lo;
      outputs.hi.row(i)[r] = gradient[r].hi;
    }
  }
  total = total + block;
}

}  // namespace

Evaluation evaluate(const Dataset& dataset, const std::vector<std::vector<double>>& exponents, const Weights& lower,
                    const Weights& upper, bool with_gradient) {
  const std::size_t hidden = exponents.size(), n = dataset.labels.size(), width = dataset.features.columns;
  std::vector<Bounds> by_unit, by_input, sums;
  for (std::size_t j = 0; j <= hidden; ++j) {
    by_unit.push_back({lower[j], upper[j]});
    by_input.push_back({transposed(lower[j]), transposed(upper[j])});
    sums.push_back(zeros(upper[j].columns, upper[j].rows));
  }
  const Bounds pair_columns = pair_weights(by_unit[hidden]);
  Interval total = &lower == &upper ? Interval{0, 0} : Interval{-kInfinity, kInfinity};
  for (std::size_t first = 0; first < n; first += kBlockRows) {
    Matrix block(std::min(kBlockRows, n - first), width);
    std::copy_n(dataset.features.row(first), block.values.size(), block.values.data());
    std::vector<Bounds> inputs{{block, block}}, slopes;
    for (std::size_t j = 0; j < hidden; ++j) {
      inputs.push_back(product(inputs[j], by_input[j]));
      slopes.push_back(activate(inputs.back(), exponents[j]));
    }
    Bounds delta = product(inputs[hidden], by_input[hidden]);  // outputs; then the gradient by them and what is below
    const Bounds pairs = pair_columns.hi.rows == 0 ? Bounds{} : product(inputs[hidden], pair_columns);
    differentiate(delta, pairs, &dataset.labels[first], total);
    for (std::size_t j = hidden; with_gradient; --j) {
      enclose(gather, inputs[j], delta, sums[j], sums[j].lo.values.size());
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
    result.gradient.push_back({transposed(sum.lo), transposed(sum.hi)});
    for (double& value : result.gradient.back().lo.values) value = quotient_down(value, samples);
    for (double& value : result.gradient.back().hi.values) {
      require(value <= kLargest, "the gradient overflows");
      value = quotient_up(value, samples);
    }
  }
  return result;
}

}  // namespace nadir::verify
