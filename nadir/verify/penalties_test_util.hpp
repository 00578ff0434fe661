#pragma once
// The penalties of gated networks in extended precision, by their definitions: rows v_pk of some gates, k of each.
#include <utility>

#include "nadir/verify/test_util.hpp"

namespace nadir::verify::planted {

inline Real norm(const std::vector<Real>& vector) {
  Real square = 0;
  for (const Real value : vector) square += value * value;
  return std::sqrt(square);
}

/// Pairs of rows of a matrix are turned until all are orthogonal: their lengths are then its singular values.
struct Turned {
  Rows<Real> rows, turns;  // turns: the orthogonal matrix U of rows = U V
  explicit Turned(const Rows<Real>& v) : rows(v), turns(v.size(), std::vector<Real>(v.size())) {
    for (std::size_t k = 0; k < v.size(); ++k) turns[k][k] = 1;
    bool moved = true;
    for (int sweep = 0; sweep < 40 && std::exchange(moved, false); ++sweep)
      for (std::size_t i = 0; i < v.size(); ++i)
        for (std::size_t j = i + 1; j < v.size(); ++j) {
          const Real a = product(rows[i], rows[i]), b = product(rows[j], rows[j]), c = product(rows[i], rows[j]);
          if (!(std::fabs(c) > 1e-19L * std::sqrt(a * b))) continue;
          moved = true;
          const Real angle = std::atan2(2 * c, a - b) / 2;
          for (Rows<Real>* matrix : {&rows, &turns})
            for (std::size_t l = 0; l < (*matrix)[i].size(); ++l) {
              const Real x = (*matrix)[i][l], y = (*matrix)[j][l];
              (*matrix)[i][l] = std::cos(angle) * x + std::sin(angle) * y;
              (*matrix)[j][l] = std::cos(angle) * y - std::sin(angle) * x;
            }
        }
  }
  static Real product(const std::vector<Real>& a, const std::vector<Real>& b) {
    Real sum = 0;
    for (std::size_t l = 0; l < a.size(); ++l) sum += a[l] * b[l];
    return sum;
  }
};

inline Rows<Real> gate_at(const Rows<Real>& v, std::size_t row, std::size_t k) {
  return {v.begin() + static_cast<std::ptrdiff_t>(row), v.begin() + static_cast<std::ptrdiff_t>(row + k)};
}
/// Of all rows, so that each feature has a row.
inline Rows<Real> turned_over(const Rows<Real>& v) {
  Rows<Real> columns(v.empty() ? 0 : v[0].size());
  for (std::size_t j = 0; j < columns.size(); ++j)
    for (const auto& row : v) columns[j].push_back(row[j]);
  return columns;
}
/// The numbers whose sum the penalty is, and whose largest its polar.
inline std::vector<Real> parts(const std::string& penalty, std::size_t k, const Rows<Real>& v) {
  std::vector<Real> all;
  const auto add = [&](const Rows<Real>& rows) {
    for (const auto& row : rows) all.push_back(norm(row));
  };
  if (penalty == "group") add(v);
  if (penalty == "features") add(turned_over(v));
  for (std::size_t g = 0; penalty == "nuclear" && g < v.size(); g += k) add(Turned(gate_at(v, g, k)).rows);
  for (std::size_t g = 0; penalty == "l1" && g < v.size(); ++g)
    for (const Real entry : v[g]) all.push_back(std::fabs(entry));
  return all;
}
inline Real omega(const std::string& penalty, std::size_t k, const Rows<Real>& v) {
  Real sum = 0;
  for (const Real part : parts(penalty, k, v)) sum += part;
  return sum;
}
inline Real polar(const std::string& penalty, std::size_t k, const Rows<Real>& v) {
  Real largest = 0;
  for (const Real part : parts(penalty, k, v)) largest = std::max(largest, part);
  return largest;
}

/// The proximal map at that level.
inline void shrink(const std::string& penalty, std::size_t k, Rows<Real>& v, Real level) {
  const auto factor = [&](Real size) { return size > level ? 1 - level / size : 0; };
  const auto scale = [&](std::vector<Real>& row) {
    const Real own = factor(norm(row));
    for (Real& entry : row) entry *= own;
  };
  if (penalty == "group")
    for (auto& row : v) scale(row);
  if (penalty == "l1")
    for (auto& row : v)
      for (Real& entry : row) entry *= factor(std::fabs(entry));
  if (penalty == "features") {
    Rows<Real> columns = turned_over(v);
    for (auto& column : columns) scale(column);
    v = turned_over(columns);
  }
  for (std::size_t g = 0; penalty == "nuclear" && g < v.size(); g += k) {
    Turned turned(gate_at(v, g, k));
    for (auto& row : turned.rows) scale(row);
    for (std::size_t l = 0; l < k; ++l)
      for (std::size_t j = 0; j < v[g].size(); ++j) {
        v[g + l][j] = 0;
        for (std::size_t i = 0; i < k; ++i) v[g + l][j] += turned.turns[i][l] * turned.rows[i][j];
      }
  }
}

}  // namespace nadir::verify::planted
