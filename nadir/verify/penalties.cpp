#include "nadir/verify/penalties.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/verify/gated.hpp"
#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
double dot(const double* a, const double* b, std::size_t size) {
  double sum = 0;
  for (std::size_t j = 0; j < size; ++j) sum += a[j] * b[j];
  return sum;
}
/// At least what `dot` is off by, for vectors that are not longer.
double dot_error(double a_norm, double b_norm, std::size_t size) {
  return sum_up(product_up(product_up(a_norm, b_norm), gamma(size)), static_cast<double>(size) * kTiniest);
}

/// Rotates pairs of rows until the first d columns of all rows are orthogonal, as far as that goes (Hestenes 1958).
/// Nothing that is proven depends on it.
void rotate(Matrix& rows, std::size_t d) {
  double most = 0;
  for (std::size_t i = 0; i < rows.rows; ++i) most = std::max(most, dot(rows.row(i), rows.row(i), d));
  bool moved = true;
  for (int sweep = 0; sweep < 30 && moved; ++sweep) {
    moved = false;
    for (std::size_t i = 0; i < rows.rows; ++i)
      for (std::size_t j = i + 1; j < rows.rows; ++j) {
        double *const x = rows.row(i), *const y = rows.row(j);
        const double a = dot(x, x, d), b = dot(y, y, d), c = dot(x, y, d);
        if (!(std::fabs(c) > 0x1p-52 * std::sqrt(a) * std::sqrt(b) && std::min(a, b) > 0x1p-98 * most)) continue;
        const double zeta = (b - a) / (2 * c), t = std::copysign(1 / (std::fabs(zeta) + std::hypot(1, zeta)), zeta);
        const double cosine = 1 / std::hypot(1, t), sine = cosine * t;
        for (std::size_t l = 0; l < rows.columns; ++l) {
          const double before = x[l];
          x[l] = cosine * before - sine * y[l];
          y[l] = sine * before + cosine * y[l];
        }
        moved = true;
      }
  }
}

/// At least the sum of the norms of the rows of M - J^T B, `rows` being [B, J]. An entry passes K + 1 roundings.
double remainder(const Matrix& matrix, const Matrix& rows, const std::vector<Interval>& norms) {
  const std::size_t d = matrix.columns, count = matrix.rows;
  double total = 0;
  for (std::size_t k = 0; k < count; ++k) {
    std::vector<double> left(matrix.row(k), matrix.row(k) + d);
    double size = norm_of(matrix.row(k), d).hi;
    for (std::size_t i = 0; i < count; ++i) {
      const double factor = rows.row(i)[d + k];
      for (std::size_t j = 0; j < d; ++j) left[j] -= factor * rows.row(i)[j];
      size = sum_up(size, product_up(std::fabs(factor), norms[i].hi));
    }
    const double lost = static_cast<double>(d * (count + 1)) * kTiniest;
    total = sum_up(total, sum_up(norm_of(left.data(), d).hi, sum_up(product_up(size, gamma(count + 1)), lost)));
  }
  return total;
}
/// The rotations of so many matrices are done in minutes.
void require_work(std::size_t gates, std::size_t outputs, std::size_t d) {
  const auto k = static_cast<double>(outputs), work = static_cast<double>(gates) * k * k;
  require(work * (static_cast<double>(d) + k) <= 0x1p36, "a larger problem than this verifier takes on");
}
}  // namespace

// (16) of docs/math/two-layer.md, for B and J as they come out of the rotations.
SingularValues singular_values(const Matrix& matrix) {
  const std::size_t d = matrix.columns, count = matrix.rows;
  Matrix rows(count, d + count);  // [B, J]
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(matrix.row(i), d, rows.row(i));
    rows.row(i)[d + i] = 1;
  }
  rotate(rows, d);
  std::vector<Interval> norms, of_j;
  double most = 0;
  for (std::size_t i = 0; i < count; ++i) {
    most = std::max(most, norms.emplace_back(norm_of(rows.row(i), d)).hi);
    of_j.push_back(norm_of(rows.row(i) + d, count));
  }
  const auto is_kept = [&](std::size_t i) { return norms[i].lo > 0x1p-45 * most; };
  double square = 0, omega = 0, eta = 0, all = 0, kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    double own = product_up(norms[i].hi, norms[i].hi), own_omega = 0;
    double own_eta =
        std::max(next_up(product_up(of_j[i].hi, of_j[i].hi) - 1), next_up(1 - product_down(of_j[i].lo, of_j[i].lo)));
    for (std::size_t j = 0; j < count; ++j) {
      if (j == i) continue;
      const double inner = sum_up(std::fabs(dot(rows.row(i), rows.row(j), d)), dot_error(norms[i].hi, norms[j].hi, d));
      own = sum_up(own, inner);
      if (is_kept(i) && is_kept(j))
        own_omega = sum_up(own_omega, quotient_up(inner, product_down(norms[i].lo, norms[j].lo)));
      own_eta = sum_up(own_eta, sum_up(std::fabs(dot(rows.row(i) + d, rows.row(j) + d, count)),
                                       dot_error(of_j[i].hi, of_j[j].hi, count)));
    }
    require(own <= kLargest && own_omega <= kLargest && own_eta < 1, "singular values are not enclosed");
    square = std::max(square, own), omega = std::max(omega, own_omega), eta = std::max(eta, own_eta);
    all = sum_up(all, norms[i].hi);
    kept = is_kept(i) ? sum_down(kept, norms[i].lo) : kept;
  }
  const double left = remainder(matrix, rows, norms), factor = next_up(1 + eta);
  const double low = quotient_down(product_down(kept, next_down(1 - eta)), next_up(1 + omega));
  const SingularValues values{sum_up(product_up(factor, next_up(std::sqrt(square))), left),
                              {std::max(0.0, next_down(low - left)), sum_up(product_up(factor, all), left)}};
  require(values.sum.hi <= kLargest && values.largest <= kLargest, "singular values overflow");
  return values;
}

Interval norm_of_weights(Penalty penalty, const Matrix& weights, std::size_t outputs) {
  Interval sum;
  if (penalty == Penalty::nuclear) require_work(weights.rows / outputs, outputs, weights.columns);
  for (std::size_t i = 0; penalty == Penalty::group && i < weights.rows; ++i)
    sum = sum + norm_of(weights.row(i), weights.columns);
  for (std::size_t i = 0; penalty == Penalty::nuclear && i < weights.rows; i += outputs) {
    Matrix gate(outputs, weights.columns);
    std::copy_n(weights.row(i), gate.values.size(), gate.values.data());
    sum = sum + singular_values(gate).sum;
  }
  for (const double weight : weights.values)
    if (penalty == Penalty::l1) sum = sum + Interval{std::fabs(weight), std::fabs(weight)};
  for (std::size_t j = 0; penalty == Penalty::features && j < weights.columns; ++j) {
    std::vector<double> column;
    for (std::size_t i = 0; i < weights.rows; ++i) column.push_back(weights.row(i)[j]);
    sum = sum + norm_of(column.data(), column.size());
  }
  return sum;
}

Polar::Polar(Penalty penalty, std::size_t gates, std::size_t d, const std::vector<double>& errors)
    : penalty_(penalty), errors_(errors), error_(norm_of(errors.data(), errors.size()).hi), squares_(d) {
  if (penalty == Penalty::nuclear) require_work(gates, errors.size(), d);
}

void Polar::take(const Matrix& adjoint) {
  const double frobenius = sum_up(norm_of(adjoint.values.data(), adjoint.values.size()).hi, error_);
  require(frobenius <= kLargest, "the adjoint overflows");
  for (std::size_t k = 0; penalty_ == Penalty::group && k < adjoint.rows; ++k)
    largest_ = std::max(largest_, sum_up(norm_of(adjoint.row(k), adjoint.columns).hi, errors_[k]));
  for (std::size_t i = 0; penalty_ == Penalty::l1 && i < adjoint.values.size(); ++i)
    largest_ = std::max(largest_, sum_up(std::fabs(adjoint.values[i]), errors_[i / adjoint.columns]));
  if (penalty_ == Penalty::features) {  // the errors of all adjoints together: sqrt(taken_) times that of one
    taken_ += 1;
    for (std::size_t i = 0; i < adjoint.values.size(); ++i) {
      double& square = squares_[i % adjoint.columns];
      square = sum_up(square, product_up(std::fabs(adjoint.values[i]), std::fabs(adjoint.values[i])));
      require(square <= kLargest, "the adjoint overflows");
    }
    const double most = *std::max_element(squares_.begin(), squares_.end());
    largest_ = sum_up(next_up(std::sqrt(most)), product_up(error_, next_up(std::sqrt(taken_))));
  }
  if (penalty_ == Penalty::nuclear && frobenius > largest_)  // else it raises nothing
    largest_ = std::max(largest_, sum_up(singular_values(adjoint).largest, error_));
}
}  // namespace nadir::verify
