// Patterns, outputs and adjoints of gates: blocks of rows against blocks of gates, so that the memory is bounded and
// nothing is computed twice within a pass.
#include <gmpxx.h>

#include <algorithm>
#include <cmath>

#include "nadir/verify/gated.hpp"
#include "nadir/verify/penalties.hpp"
#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
constexpr std::size_t kRowsAtOnce = 128, kGatesAtOnce = 128;  // of a block

/// Rows first, first + step, ... of a matrix as columns.
Matrix columns_of(const Matrix& from, std::size_t first, std::size_t step, std::size_t count) {
  Matrix result(from.columns, room(count));
  for (std::size_t p = 0; p < count; ++p)
    for (std::size_t j = 0; j < from.columns; ++j) result.row(j)[p] = from.row(first + p * step)[j];
  return result;
}
/// Patterns of the first `count` gates, by blocks.
class Sweep {
 public:
  Sweep(const Matrix& features, const Matrix& gates, std::size_t count, std::size_t outputs)
      : rows(kRowsAtOnce, room(features.columns)), features_(features), gates_(gates), count_(count) {
    const auto n = static_cast<double>(features.rows), d = static_cast<double>(features.columns),
               k = static_cast<double>(outputs), work = n * d * static_cast<double>(count) * (1 + k);
    require(work <= 0x1p43 && n * k <= 0x1p28 && d * k <= 0x1p23, "a larger problem than this verifier takes on");
    step = std::clamp((std::size_t{1} << 20) / (outputs * features.columns) / 16 * 16, std::size_t{16}, kGatesAtOnce);
    for (std::size_t i = 0; i < features.rows; ++i) norms.push_back(norm_of(features.row(i), features.columns).hi);
    for (std::size_t p = 0; p < count; ++p) gate_norms_.push_back(norm_of(gates.row(p), gates.columns).hi);
  }
  void take_gates(std::size_t first) {
    first_gate = first;
    taken = std::min(step, count_ - first);
    columns_ = columns_of(gates_, first, 1, taken);
    open = products_ = Matrix(kRowsAtOnce, room(taken));
  }
  void take_rows(std::size_t first) {
    const std::size_t count = std::min(kRowsAtOnce, features_.rows - first), d = features_.columns;
    for (Matrix* matrix : {&rows, &open, &products_}) std::fill(matrix->values.begin(), matrix->values.end(), 0.0);
    for (std::size_t i = 0; i < count; ++i) std::copy_n(features_.row(first + i), d, rows.row(i));
    add_product(kRowsAtOnce, whole(taken), {rows.values.data(), rows.columns, 1}, columns_, products_);
    const double bound = gamma(depth(d)), tiny = static_cast<double>(d + 2) * kTiniest;
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t p = 0; p < taken; ++p) {
        const double product = products_.row(i)[p],
                     error = norms[first + i] * gate_norms_[first_gate + p] * bound + tiny;
        const bool above = product > error && product <= kLargest, below = product < -error && product >= -kLargest;
        open.row(i)[p] = above || (!below && opens(features_.row(first + i), gates_.row(first_gate + p))) ? 1 : 0;
      }
  }

  // Rows and gates beyond the last are 0, and closed.
  Matrix rows, open;                            // of the block: kRowsAtOnce x inputs, kRowsAtOnce x gates
  std::vector<double> norms;                    // of all rows, rounded up
  std::size_t step, taken = 0, first_gate = 0;  // gates of a block; of this one

 private:
  /// By the exact inner product.
  bool opens(const double* x, const double* g) {
    mpz_class sum, term;
    for (std::size_t j = 0; j < features_.columns; ++j) {
      if (x[j] == 0 || g[j] == 0) continue;
      int x_exponent = 0, g_exponent = 0;
      term = static_cast<long>(std::ldexp(std::frexp(x[j], &x_exponent), 53));
      term *= static_cast<long>(std::ldexp(std::frexp(g[j], &g_exponent), 53));
      term <<= static_cast<unsigned>(x_exponent + g_exponent + 2 * 1074);  // in units of 2^(-106 - 2148)
      sum += term;
      require(++exact_terms_ <= std::size_t{1} << 32, "too many inner products too near 0");
    }
    return sum >= 0;
  }

  const Matrix &features_, &gates_;
  std::size_t count_, exact_terms_ = 0;
  std::vector<double> gate_norms_;
  Matrix columns_, products_;  // gates of the block as columns; inner products
};
}  // namespace

Interval norm_of(const double* vector, std::size_t size) {
  Interval sum;
  for (std::size_t j = 0; j < size; ++j) {
    const double entry = std::fabs(vector[j]);
    sum = {sum_down(sum.lo, product_down(entry, entry)), sum_up(sum.hi, product_up(entry, entry))};
  }
  return {sum.lo > 0 ? next_down(std::sqrt(sum.lo)) : 0, sum.hi == 0 ? 0 : next_up(std::sqrt(sum.hi))};
}

// |f_ik - exact| <= gamma sum over p of |x_i| |v_pk|: a product passes its inner product's roundings, and those of the
// sums over the gates of a block and over the blocks.
Outputs outputs_of(const Matrix& features, const GatedNetwork& network, std::size_t outputs) {
  const Matrix& weights = network.weights;
  const std::size_t active = weights.rows / outputs, d = features.columns;
  Sweep sweep(features, network.gates, active, outputs);
  Outputs result{Matrix(features.rows, outputs), {}};
  for (std::size_t gate = 0; gate < active; gate += sweep.step) {
    sweep.take_gates(gate);
    std::vector<Matrix> columns;
    for (std::size_t k = 0; k < outputs; ++k)
      columns.push_back(columns_of(weights, gate * outputs + k, outputs, sweep.taken));
    for (std::size_t row = 0; row < features.rows; row += kRowsAtOnce) {
      sweep.take_rows(row);
      for (std::size_t k = 0; k < outputs; ++k) {
        Matrix products(kRowsAtOnce, room(sweep.taken));
        add_product(kRowsAtOnce, whole(sweep.taken), {sweep.rows.values.data(), sweep.rows.columns, 1}, columns[k],
                    products);
        for (std::size_t i = 0; i < std::min(kRowsAtOnce, features.rows - row); ++i) {
          double sum = 0;
          for (std::size_t p = 0; p < sweep.taken; ++p) sum += sweep.open.row(i)[p] * products.row(i)[p];
          result.values.row(row + i)[k] += sum;
        }
      }
    }
  }
  std::vector<double> sizes(outputs);
  for (std::size_t i = 0; i < weights.rows; ++i)
    sizes[i % outputs] = sum_up(sizes[i % outputs], norm_of(weights.row(i), d).hi);
  const double size = *std::max_element(sizes.begin(), sizes.end());
  const double bound = gamma(depth(d) + kGatesAtOnce + quotient_over(active, sweep.step));
  for (const double norm : sweep.norms)
    result.errors.push_back(norm * size * bound + static_cast<double>(active * d + 2) * kTiniest);
  return result;
}

Flags patterns_of(const Matrix& features, const Matrix& gates) {
  Flags patterns(features.rows * gates.rows);
  Sweep sweep(features, gates, gates.rows, 1);
  for (std::size_t gate = 0; gate < gates.rows; gate += sweep.step) {
    sweep.take_gates(gate);
    for (std::size_t row = 0; row < features.rows; row += kRowsAtOnce) {
      sweep.take_rows(row);
      for (std::size_t i = 0; i < std::min(kRowsAtOnce, features.rows - row); ++i)
        for (std::size_t p = 0; p < sweep.taken; ++p)
          patterns[(gate + p) * features.rows + row + i] = sweep.open.row(i)[p] > 0 ? 1 : 0;
    }
  }
  return patterns;
}

// The error of X^T D_p g_k is at most gamma sum over i of |x_i| |g_ik|, for every pattern.
double adjoint_norm(Penalty penalty, const Matrix& features, const Matrix& gates, const Matrix& dual,
                    std::size_t roundings) {
  const std::size_t n = features.rows, d = features.columns, outputs = dual.columns;
  Sweep sweep(features, gates, gates.rows, outputs);
  std::vector<double> errors(outputs);
  for (std::size_t i = 0; i < n * outputs; ++i)
    errors[i % outputs] = sum_up(errors[i % outputs], product_up(sweep.norms[i / outputs], std::fabs(dual.values[i])));
  for (double& error : errors) error = error * gamma(depth(n) + roundings) + static_cast<double>(n * d + 2) * kTiniest;
  Polar polar(penalty, gates.rows, d, errors);
  Matrix adjoint(outputs, d);
  for (std::size_t gate = 0; gate < gates.rows; gate += sweep.step) {
    sweep.take_gates(gate);
    std::vector<Matrix> sums(outputs, Matrix(whole(sweep.taken), room(d)));
    Matrix factors(kRowsAtOnce, room(sweep.taken));
    for (std::size_t row = 0; row < n; row += kRowsAtOnce) {
      sweep.take_rows(row);
      for (std::size_t k = 0; k < outputs; ++k) {
        for (std::size_t i = 0; i < kRowsAtOnce; ++i)
          for (std::size_t p = 0; p < sweep.taken; ++p)
            factors.row(i)[p] = row + i < n ? sweep.open.row(i)[p] * dual.row(row + i)[k] : 0;
        add_product(quotient_over(sweep.taken, 4) * 4, whole(d), {factors.values.data(), 1, factors.columns},
                    sweep.rows, sums[k]);
      }
    }
    for (std::size_t p = 0; p < sweep.taken; ++p) {
      for (std::size_t k = 0; k < outputs; ++k) std::copy_n(sums[k].row(p), d, adjoint.row(k));
      polar.take(adjoint);
    }
  }
  return polar.largest();
}
}  // namespace nadir::verify
