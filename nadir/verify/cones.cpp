#include "nadir/verify/cones.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/verify/gated.hpp"
#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
double square(const double* v, std::size_t d) {
  double sum = 0;
  for (std::size_t j = 0; j < d; ++j) sum += v[j] * v[j];
  return sum;
}
/// At least ||v||: d + 1 roundings on the way of each square, one of the root, and what underflows.
double norm_up(const double* v, std::size_t d) {
  return std::sqrt(square(v, d)) * (1 + gamma(d + 4)) + static_cast<double>(d) * 0x1p-530;
}
/// The slope of (v + sqrt(v^2 + delta^2)) / 2.
double slope(double v, double delta) { return (1 + v / std::sqrt(v * v + delta * delta)) / 2; }
void scale(double* v, std::size_t d, double factor) {
  for (std::size_t j = 0; j < d; ++j) v[j] *= factor;
}
}  // namespace

Cones::Cones(const Matrix& features)
    : n_(features.rows),
      d_(features.columns),
      rows_(whole(features.rows, 4), room(features.columns)),
      directions_(rows_),
      factors_(rows_) {
  for (std::size_t i = 0; i < n_; ++i) {
    norms_.push_back(norm_of(features.row(i), d_).hi);
    all_norms_ = sum_up(all_norms_, norms_[i]);
    for (std::size_t j = 0; j < d_; ++j) {
      rows_.row(i)[j] = features.row(i)[j];
      directions_.row(i)[j] = norms_[i] > 0 ? features.row(i)[j] / norms_[i] : 0;
    }
  }
}

double Cones::change(const std::vector<double>& g, std::size_t roundings) const {
  double size = 0;
  for (std::size_t i = 0; i < n_; ++i) size += std::fabs(g[i]) * norms_[i];
  require(size <= kLargest, "the dual point overflows");
  return size * gamma(roundings) + kTiniest * static_cast<double>(n_);
}
/// More than all that underflows, fewer than 2^60 times: each time less than 2^-1074 times one of the numbers that are
/// multiplied here, or their product. In the same way it covers g / (4 c) where 4 c overflows.
double Cones::lost(const std::vector<double>& g) const {
  double largest = 1;
  for (const double entry : g) largest = std::max(largest, std::fabs(entry));
  return 0x1p-1000 * (1 + all_norms_) * (1 + all_norms_) * largest;
}
/// The sum of factors_i x_i, where each product passes depth(n) roundings.
std::vector<double> Cones::sum_of(const std::vector<double>& factors) const {
  Matrix sums(4, rows_.columns);  // four times the same
  std::vector<double> padded = factors;
  padded.resize(rows_.rows);
  add_product(4, whole(d_), {padded.data(), 0, 1}, rows_, sums);
  return {sums.row(0), sums.row(0) + d_};
}

// A factor of x_i is off by at most two roundings, each relative to the factor itself.
double Cones::linear(const std::vector<double>& g, const Signs& signs, const double* t) const {
  std::vector<double> factors(n_);
  double size = 0;
  for (std::size_t i = 0; i < n_; ++i) {
    if (signs[i] != 0) {
      require(t[i] >= 0, "a negative multiplier of a fixed row");
      factors[i] = (signs[i] > 0 ? g[i] : 0) + signs[i] * t[i];
    } else {
      require(g[i] <= 0, "a linear bound where a row of a positive weight is free");
      require(g[i] == 0 || std::fabs(t[i]) <= 1, "a multiplier of a free row above 1");
      factors[i] = g[i] / 2 * (1 + t[i]);
    }
    if (norms_[i] == 0) factors[i] = 0;
    size += std::fabs(factors[i]) * norms_[i];
  }
  const double bound = norm_of(sum_of(factors).data(), d_).hi + size * gamma(depth(rows_.rows) + 4) + lost(g);
  require(bound <= kLargest, "a linear bound overflows");
  return next_up(next_up(bound));
}

void Cones::project(const Matrix& z) {
  Matrix columns(z.rows, room(z.columns)), rows(z.columns, rows_.columns);
  for (std::size_t j = 0; j < z.rows; ++j)
    for (std::size_t k = 0; k < z.columns; ++k) columns.row(j)[k] = rows.row(k)[j] = z.row(j)[k];
  projected_ = Matrix(rows_.rows, columns.columns);
  std::fill(factors_.values.begin(), factors_.values.end(), 0.0);
  add_product(rows_.rows, whole(z.columns), {directions_.values.data(), directions_.columns, 1}, columns, projected_);
  add_product(rows_.rows, whole(d_), {projected_.values.data(), projected_.columns, 1}, rows, factors_);
}

/// Takes Z S in row i of the factors; leaves what it is in M for the sake of this row alone, by at most two roundings.
void Cones::add_row(std::size_t i, double g, int sign, const Smoothing& smoothing, Majorant& majorant) {
  double* const w = factors_.row(i);
  const double *const s = projected_.row(i), *const x = rows_.row(i);
  const double delta = smoothing.delta, along = s[0], norm = norms_[i];
  if (norm == 0 || (sign == 0 && g == 0)) return scale(w, d_, 0);
  if (sign == 0 && g > 0) {
    const double c = norm * std::sqrt(square(s, projected_.columns) + delta * delta), factor = g / (4 * c);
    require(c > 0 && c <= kLargest && factor <= kLargest, "a parameter c is not positive, or overflows");
    for (std::size_t j = 0; j < d_; ++j) w[j] = factor * x[j];
    majorant.linear[i] = g / 2;
    majorant.kappa += g * c / 4;
    majorant.size += norm * (norm * factor) + norm * g / 2;  // norm * norm may underflow where factor is large
    return;
  }
  const double e = std::sqrt(square(w, d_) + delta * delta);
  double t = 0, length = 0;
  if (sign == 0) {  // |t| + ||w|| <= 1
    const double p = std::sqrt(along * along + delta * delta), share = slope(p - e, delta);
    t = share * along / p;
    scale(w, d_, (1 - share) / e);
    length = norm_up(w, d_);
    if (const double sum = std::fabs(t) + length; sum > 1 - 0x1p-50) {
      t *= (1 - 0x1p-46) / sum;
      scale(w, d_, (1 - 0x1p-46) / sum);
      length = norm_up(w, d_);
    }
    require(next_up(std::fabs(t) + length) <= 1, "parameters t and w of a free row are not small enough");
    majorant.linear[i] = g / 2 * (1 + t);
    scale(w, d_, g / 2);
    length *= -g / 2;
  } else {  // ||w|| <= t
    t = (smoothing.pi0 / norm + std::fabs(g)) * slope(e - sign * along, delta);
    scale(w, d_, sign * t / e);
    length = norm_up(w, d_);
    t = std::max(t, length);
    require(t >= length && t <= kLargest, "parameters t and w of a fixed row are no numbers");
    majorant.linear[i] = (sign > 0 ? g : 0) + sign * t;
    scale(w, d_, -sign);
  }
  majorant.size += norm * (std::fabs(majorant.linear[i]) + length);
}

/// Adds to the factors of x_i, for each pair of fixed rows i and j, the multiple of x_j.
void Cones::add_pairs(const Signs& signs, const Smoothing& smoothing, Majorant& majorant) {
  std::vector<std::size_t> fixed;
  for (std::size_t i = 0; i < n_; ++i) {
    if (signs[i] == 0 || norms_[i] == 0) continue;
    const double *const s = projected_.row(i), scaled = smoothing.pi0 / norms_[i];
    for (const std::size_t j : fixed) {
      double inner = 0;
      for (std::size_t k = 0; k < projected_.columns; ++k) inner += s[k] * projected_.row(j)[k];
      const int sign = signs[i] * signs[j];
      const double pi = scaled * slope(-sign * inner, smoothing.delta) / norms_[j];
      require(pi >= 0 && pi <= kLargest, "a parameter of a pair is no number");
      for (std::size_t l = 0; l < d_; ++l) factors_.row(i)[l] += sign * pi * rows_.row(j)[l];
      majorant.size += pi * norms_[i] * norms_[j];
    }
    fixed.push_back(i);
  }
}

// On the sphere, b.u + u.M u + kappa as computed is off by at most gamma(the roundings of a product) times the sum of
// the products' sizes, for |u.x| |u.w| <= ||x|| ||w||: two roundings in a factor of x_i and one for each fixed row,
// those of the product of matrices, and one of the symmetric part. The sizes are those of up to 2^43 terms: 1.01 is for
// their sum.
double Cones::quadratic(const std::vector<double>& g, const Signs& signs, const Matrix& z, const Smoothing& smoothing) {
  require(smoothing.delta > 0 && smoothing.pi0 >= 0, "delta is not positive, or pi0 is negative");
  project(z);
  Majorant majorant{std::vector<double>(n_)};
  for (std::size_t i = 0; i < n_; ++i) add_row(i, g[i], signs[i], smoothing, majorant);
  add_pairs(signs, smoothing, majorant);
  Matrix products(whole(d_, 4), rows_.columns), bordered(d_, d_ + 1);
  add_product(products.rows, whole(d_), {rows_.values.data(), 1, rows_.columns}, factors_, products);
  const std::vector<double> b = sum_of(majorant.linear);
  for (std::size_t j = 0; j < d_; ++j) {
    for (std::size_t k = j; k < d_; ++k) bordered.row(j)[k] = -(products.row(j)[k] + products.row(k)[j]) / 2;
    bordered.row(j)[j] += smoothing.mu;
    bordered.row(j)[d_] = b[j] / 2;
  }
  const auto fixed = n_ - static_cast<std::size_t>(std::count(signs.begin(), signs.end(), 0));
  const double error =
      1.01 * majorant.size * gamma(depth(rows_.rows) + fixed + 5) + majorant.kappa * gamma(n_ + 4) + lost(g);
  const double sum = next_up(next_up(smoothing.mu + maximum_of(bordered)) + next_up(majorant.kappa + error));
  require(sum <= kLargest, "a quadratic bound overflows");
  return std::max(0.0, sum);
}

// If [A, b/2; b^T/2, s] is positive semidefinite, then b.u - u.A u <= s: its quadratic form at (u, -1). Let L be the
// Cholesky factor computed of this matrix less `shift` on the diagonal, where s - shift is chosen last and so large
// that its pivot is not negative. If all other pivots are positive, then (Demmel 1989; Rump 2006) entries of the
// shifted matrix and of L L^T differ by at most gamma(d + 2) |L_i| |L_j|, in whatever order the sums are taken, and
// |L_i|^2 is at most a_ii / (1 - gamma(d + 2)): in norm they differ by at most gamma(d + 3) times the trace. Two
// roundings of a diagonal entry add gamma(3) times the trace and the shift. So gamma(d + 8) (trace + s) is enough, if s
// is at most what was expected; and a little that underflows.
double maximum_of(const Matrix& bordered) {
  const std::size_t d = bordered.rows;
  double trace = 0;
  for (std::size_t i = 0; i < d; ++i) trace += bordered.row(i)[i];
  require(trace > 0, "a matrix is not proven to be positive definite");
  double expected = 2 * trace;
  for (int round = 0; round < 4; ++round) {
    const double shift = gamma(d + 8) * (trace + expected) + 0x1p-1000 * (1 + trace);
    Matrix factor = bordered;
    double sum = 0;
    for (std::size_t i = 0; i < d; ++i) factor.row(i)[i] -= shift;
    for (std::size_t i = 0; i < d; ++i) {
      double* const pivot = factor.row(i);
      require(pivot[i] > 0 && pivot[i] <= kLargest, "a matrix is not proven to be positive definite");
      const double root = std::sqrt(pivot[i]);
      for (std::size_t j = i; j <= d; ++j) pivot[j] /= root;
      for (std::size_t k = i + 1; k < d; ++k) {
        double* const below = factor.row(k);
        for (std::size_t j = k; j <= d; ++j) below[j] -= pivot[k] * pivot[j];
      }
      sum += pivot[d] * pivot[d];
    }
    const double s = next_up(sum * (1 + gamma(d + 2)) + static_cast<double>(d) * kTiniest + shift);
    if (s <= expected) return s;
    require(s <= kLargest, "a quadratic bound overflows");
    expected = 2 * s;
  }
  throw Refusal("mu is too near the largest eigenvalue of M");
}
}  // namespace nadir::verify
