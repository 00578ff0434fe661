// Patterns, outputs and adjoints of gates: blocks of rows against blocks of gates, so that the memory is bounded and
// nothing is computed twice within a pass.
#include <gmpxx.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nadir/verify/gated.hpp"

namespace nadir::verify {
namespace {
constexpr std::size_t kRows = 128, kGates = 128;  // of a block; sums run over at most kRows entries at a time
constexpr double kTiniest = 0x1p-1074;            // twice what a product loses by underflow

std::size_t quotient_over(std::size_t count, std::size_t by) { return (count + by - 1) / by; }
std::size_t whole(std::size_t count) { return quotient_over(count, 16) * 16; }
/// Room for so many columns: whole tiles, an odd number of them, so that rows do not fall into the same cache sets.
std::size_t room(std::size_t count) { return (quotient_over(count, 16) | 1) * 16; }
/// Roundings on the way of each product into a sum of so many by add_product.
std::size_t depth(std::size_t terms) { return 1 + kRows + quotient_over(terms, kRows); }

using Lanes = double __attribute__((vector_size(64)));
/// A factor of products: entry (m, i) is at[m * down + i * along].
struct Factor {
  const double* at;
  std::size_t down, along;
};
/// c += a b for 4 rows and 16 columns, held in registers.
void add_tile(std::size_t inner, Factor a, const double* b, std::size_t b_room, double* c, std::size_t c_room) {
  Lanes low0{}, low1{}, low2{}, low3{}, high0{}, high1{}, high2{}, high3{}, low, high;
  const auto multiply = [&](double factor, Lanes& to_low, Lanes& to_high) {
    to_low += low * factor;
    to_high += high * factor;
  };
  const auto add = [&](double* to, const Lanes& more_low, const Lanes& more_high) {
    std::memcpy(&low, to, sizeof low);
    std::memcpy(&high, to + 8, sizeof high);
    low += more_low;
    high += more_high;
    std::memcpy(to, &low, sizeof low);
    std::memcpy(to + 8, &high, sizeof high);
  };
  for (std::size_t i = 0; i < inner; ++i, a.at += a.along, b += b_room) {
    std::memcpy(&low, b, sizeof low);
    std::memcpy(&high, b + 8, sizeof high);
    multiply(a.at[0], low0, high0);
    multiply(a.at[a.down], low1, high1);
    multiply(a.at[2 * a.down], low2, high2);
    multiply(a.at[3 * a.down], low3, high3);
  }
  add(c, low0, high0);
  add(c + c_room, low1, high1);
  add(c + 2 * c_room, low2, high2);
  add(c + 3 * c_room, low3, high3);
}
/// c += a b, `rows` of c, a multiple of 4, by `columns`, a multiple of 16; the rows of b are the inner ones.
void add_product(std::size_t rows, std::size_t columns, Factor a, const Matrix& b, Matrix& c) {
  for (std::size_t first = 0; first < b.rows; first += kRows)
    for (std::size_t j = 0; j < columns; j += 16)
      for (std::size_t m = 0; m < rows; m += 4)
        add_tile(std::min(kRows, b.rows - first), {a.at + m * a.down + first * a.along, a.down, a.along},
                 b.row(first) + j, b.columns, c.row(m) + j, c.columns);
}
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
      : rows(kRows, room(features.columns)), features_(features), gates_(gates), count_(count) {
    const auto n = static_cast<double>(features.rows), d = static_cast<double>(features.columns),
               k = static_cast<double>(outputs), work = n * d * static_cast<double>(count) * (1 + k);
    require(work <= 0x1p43 && n * k <= 0x1p28 && d * k <= 0x1p23, "a larger problem than this verifier takes on");
    step = std::clamp((std::size_t{1} << 20) / (outputs * features.columns) / 16 * 16, std::size_t{16}, kGates);
    for (std::size_t i = 0; i < features.rows; ++i) norms.push_back(norm_of(features.row(i), features.columns).hi);
    for (std::size_t p = 0; p < count; ++p) gate_norms_.push_back(norm_of(gates.row(p), gates.columns).hi);
  }
  void take_gates(std::size_t first) {
    first_gate = first;
    taken = std::min(step, count_ - first);
    columns_ = columns_of(gates_, first, 1, taken);
    open = products_ = Matrix(kRows, room(taken));
  }
  void take_rows(std::size_t first) {
    const std::size_t count = std::min(kRows, features_.rows - first), d = features_.columns;
    for (Matrix* matrix : {&rows, &open, &products_}) std::fill(matrix->values.begin(), matrix->values.end(), 0.0);
    for (std::size_t i = 0; i < count; ++i) std::copy_n(features_.row(first + i), d, rows.row(i));
    add_product(kRows, whole(taken), {rows.values.data(), rows.columns, 1}, columns_, products_);
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
  Matrix rows, open;                            // of the block: kRows x inputs, kRows x gates
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
    for (std::size_t row = 0; row < features.rows; row += kRows) {
      sweep.take_rows(row);
      for (std::size_t k = 0; k < outputs; ++k) {
        Matrix products(kRows, room(sweep.taken));
        add_product(kRows, whole(sweep.taken), {sweep.rows.values.data(), sweep.rows.columns, 1}, columns[k], products);
        for (std::size_t i = 0; i < std::min(kRows, features.rows - row); ++i) {
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
  const double bound = gamma(depth(d) + kGates + quotient_over(active, sweep.step));
  for (const double norm : sweep.norms)
    result.errors.push_back(norm * size * bound + static_cast<double>(active * d + 2) * kTiniest);
  return result;
}

// The error of X^T D_p g_k is at most gamma sum over i of |x_i| |g_ik|, for every pattern.
double adjoint_norm(const Matrix& features, const Matrix& gates, const Matrix& dual, std::size_t roundings) {
  const std::size_t n = features.rows, d = features.columns, outputs = dual.columns;
  Sweep sweep(features, gates, gates.rows, outputs);
  std::vector<double> errors(outputs);
  for (std::size_t i = 0; i < n * outputs; ++i)
    errors[i % outputs] = sum_up(errors[i % outputs], product_up(sweep.norms[i / outputs], std::fabs(dual.values[i])));
  for (double& error : errors) error = error * gamma(depth(n) + roundings) + static_cast<double>(n * d + 2) * kTiniest;
  double largest = 0;
  for (std::size_t gate = 0; gate < gates.rows; gate += sweep.step) {
    sweep.take_gates(gate);
    std::vector<Matrix> sums(outputs, Matrix(whole(sweep.taken), room(d)));
    Matrix factors(kRows, room(sweep.taken));
    for (std::size_t row = 0; row < n; row += kRows) {
      sweep.take_rows(row);
      for (std::size_t k = 0; k < outputs; ++k) {
        for (std::size_t i = 0; i < kRows; ++i)
          for (std::size_t p = 0; p < sweep.taken; ++p)
            factors.row(i)[p] = row + i < n ? sweep.open.row(i)[p] * dual.row(row + i)[k] : 0;
        add_product(quotient_over(sweep.taken, 4) * 4, whole(d), {factors.values.data(), 1, factors.columns},
                    sweep.rows, sums[k]);
      }
    }
    for (std::size_t k = 0; k < outputs; ++k)
      for (std::size_t p = 0; p < sweep.taken; ++p) {
        const double norm = sum_up(norm_of(sums[k].row(p), d).hi, errors[k]);
        require(norm <= kLargest, "the adjoint overflows");
        largest = std::max(largest, norm);
      }
  }
  return largest;
}
}  // namespace nadir::verify
