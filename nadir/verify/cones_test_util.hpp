#pragma once
// The formulas of section 6.4 of docs/certificate-format.md in long double.
#include <stdexcept>

#include "nadir/verify/gated_test_util.hpp"

namespace nadir::verify::planted {
inline Real inner(const std::vector<double>& a, const std::vector<double>& b) {
  Real sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += static_cast<Real>(a[j]) * b[j];
  return sum;
}
inline Real norm(const std::vector<double>& vector) { return std::sqrt(inner(vector, vector)); }
inline void demand(bool holds, const char* why) {
  if (!holds) throw std::runtime_error(why);
}

/// The formulas of section 6.4, each parameter as the page has it, nothing moved.
struct Polar {
  Rows<double> x;
  std::vector<double> g;

  Real value(const std::vector<double>& u) const {
    Real sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += g[i] * std::max<Real>(0, inner(x[i], u));
    return sum / norm(u);
  }
  bool contains(const std::vector<int>& signs, const std::vector<double>& u) const {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (signs[i] * inner(x[i], u) < 0) return false;
    return true;
  }
  Real linear(const std::vector<int>& signs, const std::vector<double>& t) const {
    std::vector<Real> b(x[0].size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      demand(signs[i] != 0 ? t[i] >= 0 : g[i] < 0 ? std::fabs(t[i]) <= 1 : g[i] == 0, "t");
      const Real factor =
          signs[i] == 0 ? g[i] * (1 + static_cast<Real>(t[i])) / 2 : (signs[i] > 0 ? g[i] : 0.0L) + signs[i] * t[i];
      for (std::size_t j = 0; j < b.size(); ++j) b[j] += factor * x[i][j];
    }
    return norm(b);
  }
  /// Good t, by coordinate descent.
  std::vector<double> multipliers(const std::vector<int>& signs) const {
    const std::size_t n = x.size(), d = x[0].size();
    std::vector<double> t(n);
    std::vector<Real> b(d);
    const auto unit = [&](std::size_t i) {
      return signs[i] != 0 ? static_cast<Real>(signs[i]) : std::min(g[i], 0.0) / 2;
    };
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < d; ++j) b[j] += (signs[i] > 0 ? g[i] : signs[i] == 0 ? g[i] / 2 : 0.0) * x[i][j];
    for (int sweep = 0; sweep < 300; ++sweep)
      for (std::size_t i = 0; i < n; ++i) {
        Real along = 0;
        for (std::size_t j = 0; j < d; ++j) along += b[j] * x[i][j];
        const Real square = inner(x[i], x[i]) * unit(i);
        if (square == 0) continue;
        const Real wanted = t[i] - along / square;
        const auto next =
            static_cast<double>(signs[i] != 0 ? std::max<Real>(0, wanted) : std::clamp<Real>(wanted, -1, 1));
        for (std::size_t j = 0; j < d; ++j) b[j] += unit(i) * (static_cast<Real>(next) - t[i]) * x[i][j];
        t[i] = next;
      }
    return t;
  }
  /// b, M and kappa; z[j]: row j of Z.
  void majorant(const std::vector<int>& signs, const Rows<double>& z, Real delta, Real pi0, std::vector<Real>& b,
                Rows<Real>& m, Real& kappa) const;
  /// max(0, mu + kappa + b^T (mu I - M)^-1 b / 4); infinite where mu I - M is not positive definite.
  Real quadratic(const std::vector<int>& signs, const Rows<double>& z, double delta, double pi0, double mu) const {
    std::vector<Real> b;
    Rows<Real> m;
    Real kappa = 0;
    majorant(signs, z, delta, pi0, b, m, kappa);
    return std::max<Real>(0, kappa + over_sphere(b, m, mu));
  }
  static Real over_sphere(const std::vector<Real>& b, const Rows<Real>& m, Real mu);
  /// A good mu, by ternary search: the bound is convex in it.
  double best_mu(const std::vector<int>& signs, const Rows<double>& z, double delta, double pi0) const {
    std::vector<Real> b;
    Rows<Real> m;
    Real kappa = 0, size = 1e-30L;  // where g = 0, more than 0
    majorant(signs, z, delta, pi0, b, m, kappa);
    for (const auto& row : m) size += norm(row);
    size += norm(b);
    Real low = -2 * size, high = 2 * size;
    for (int step = 0; step < 200; ++step) {
      const Real left = (2 * low + high) / 3, right = (low + 2 * high) / 3, at_left = over_sphere(b, m, left);
      if (at_left < HUGE_VALL && at_left <= over_sphere(b, m, right))
        high = right;
      else
        low = left;
    }
    return static_cast<double>(high);
  }
};

inline Real Polar::over_sphere(const std::vector<Real>& b, const Rows<Real>& m, Real mu) {
  const std::size_t d = b.size();
  Rows<Real> a(d, std::vector<Real>(d + 1));
  Real sum = 0;
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t k = 0; k < d; ++k) a[j][k] = (j == k ? mu : 0) - m[j][k];
    a[j][d] = b[j];
  }
  for (std::size_t i = 0; i < d; ++i) {  // Gauss: the pivots are those of L D L^T
    if (!(a[i][i] > 0)) return HUGE_VALL;
    sum += a[i][d] * a[i][d] / a[i][i];
    for (std::size_t k = i + 1; k < d; ++k) {
      const Real factor = a[k][i] / a[i][i];
      for (std::size_t j = i; j <= d; ++j) a[k][j] -= factor * a[i][j];
    }
  }
  return mu + sum / 4;
}

inline void Polar::majorant(const std::vector<int>& signs, const Rows<double>& z, Real delta, Real pi0,
                            std::vector<Real>& b, Rows<Real>& m, Real& kappa) const {
  const std::size_t n = x.size(), d = x[0].size(), r = z[0].size();
  demand(delta > 0 && pi0 >= 0, "delta or pi0");
  const auto h = [&](Real v) { return (1 + v / std::sqrt(v * v + delta * delta)) / 2; };
  b.assign(d, 0);
  m.assign(d, std::vector<Real>(d));
  kappa = 0;
  Rows<Real> s(n, std::vector<Real>(r));
  const auto add = [&](Real factor, const auto& v, const auto& w) {
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t k = 0; k < d; ++k) m[j][k] += factor * (v[j] * w[k] + w[j] * v[k]) / 2;
  };
  for (std::size_t i = 0; i < n; ++i) {
    const Real size = norm(x[i]);
    if (size == 0) continue;
    std::vector<Real> w(d), xi(x[i].begin(), x[i].end());
    for (std::size_t k = 0; k < r; ++k)
      for (std::size_t j = 0; j < d; ++j) s[i][k] += z[j][k] * xi[j] / size;
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t k = 0; k < r; ++k) w[j] += z[j][k] * s[i][k];
    const Real e = std::sqrt(norm(w) * norm(w) + delta * delta), p = std::sqrt(s[i][0] * s[i][0] + delta * delta);
    Real linear = signs[i] == 0 ? g[i] / 2.0L : signs[i] > 0 ? g[i] : 0.0L, share = 0;
    if (signs[i] == 0 && g[i] > 0) {
      const Real c = size * std::sqrt(norm(s[i]) * norm(s[i]) + delta * delta);
      add(g[i] / (4 * c), xi, xi);
      kappa += g[i] * c / 4;
    } else if (signs[i] == 0) {
      share = h(p - e);
      linear *= 1 + share * s[i][0] / p;
      for (Real& entry : w) entry *= (1 - share) / e;
      add(g[i] / 2.0L, w, xi);
    } else {
      const Real t = (pi0 / size + std::abs(g[i])) * h(e - signs[i] * s[i][0]);
      linear += signs[i] * t;
      for (Real& entry : w) entry *= signs[i] * t / e;
      add(-signs[i], w, xi);
      for (std::size_t l = 0; l < i; ++l) {
        if (signs[l] == 0 || norm(x[l]) == 0) continue;
        Real between = 0;
        for (std::size_t k = 0; k < r; ++k) between += s[i][k] * s[l][k];
        const int sign = signs[i] * signs[l];
        add(sign * pi0 * h(-sign * between) / (size * norm(x[l])), xi, std::vector<Real>(x[l].begin(), x[l].end()));
      }
    }
    for (std::size_t j = 0; j < d; ++j) b[j] += linear * xi[j];
  }
}
}  // namespace nadir::verify::planted
