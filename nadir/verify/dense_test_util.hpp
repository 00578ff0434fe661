#pragma once
// Small dense matrices in long double: products, and the spectrum of symmetric ones.
#include "nadir/verify/format.hpp"
#include "nadir/verify/test_util.hpp"

namespace nadir::verify::planted {
using Dense = Rows<Real>;

/// As the verifier keeps it: rounded to doubles.
template <class T>
Matrix matrix_of(const Rows<T>& rows) {
  Matrix result(rows.size(), rows[0].size());
  for (std::size_t i = 0; i < result.rows; ++i)
    for (std::size_t j = 0; j < result.columns; ++j) result.row(i)[j] = static_cast<double>(rows[i][j]);
  return result;
}

inline Dense zeros(std::size_t rows, std::size_t columns) { return Dense(rows, std::vector<Real>(columns)); }
inline Dense times(const Dense& a, const Dense& b) {
  Dense c = zeros(a.size(), b.empty() ? 0 : b[0].size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t l = 0; l < b.size(); ++l)
      for (std::size_t j = 0; j < c[i].size(); ++j) c[i][j] += a[i][l] * b[l][j];
  return c;
}
inline Dense transposed(const Dense& a, std::size_t columns) {
  Dense t = zeros(columns, a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < columns; ++j) t[j][i] = a[i][j];
  return t;
}
inline Real squares(const Dense& a) {
  Real sum = 0;
  for (const auto& row : a)
    for (const Real entry : row) sum += entry * entry;
  return sum;
}
/// Eigenvalues, falling, and eigenvectors as rows, of a symmetric matrix (Jacobi's rotations).
struct Eigen {
  std::vector<Real> values;
  Dense vectors;
};
inline Eigen eigen_of(Dense a) {
  const std::size_t n = a.size();
  Dense v = zeros(n, n);
  for (std::size_t i = 0; i < n; ++i) v[i][i] = 1;
  for (int sweep = 0; sweep < 60; ++sweep)
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a[p][q] == 0) continue;
        const Real tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const Real t = (tau >= 0 ? 1 : -1) / (std::fabs(tau) + std::sqrt(1 + tau * tau));
        const Real c = 1 / std::sqrt(1 + t * t), s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const Real x = a[k][p], y = a[k][q];
          a[k][p] = c * x - s * y, a[k][q] = s * x + c * y;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const Real x = a[p][k], y = a[q][k], g = v[p][k], h = v[q][k];
          a[p][k] = c * x - s * y, a[q][k] = s * x + c * y;
          v[p][k] = c * g - s * h, v[q][k] = s * g + c * h;
        }
      }
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return a[i][i] > a[j][j]; });
  Eigen result;
  for (const std::size_t i : order) {
    result.values.push_back(a[i][i]);
    result.vectors.push_back(v[i]);
  }
  return result;
}

}  // namespace nadir::verify::planted
