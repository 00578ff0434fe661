#include "nadir/polar/majorant.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace nadir::polar {
namespace {

constexpr double unit = 0x1p-53, no_bound = std::numeric_limits<double>::infinity();

/// Upper bounds on ‖wᵢ‖.
Vector norms_of(const Majorant& majorant) {
  const Matrix W = majorant.A * majorant.Z.transpose();
  const double error = 4 * static_cast<double>(W.cols() + majorant.Z.cols() + 4) * unit;
  return W.rowwise().norm() * (1 + error) + majorant.A.rowwise().norm() * (error * majorant.Z.norm());
}

struct Sums {
  Vector linear;     ///< of xᵢ in b
  Vector quadratic;  ///< of xᵢxᵢᵀ in M
  Vector mixed;      ///< of the symmetric part of wᵢxᵢᵀ in M
  double kappa = 0;
  bool valid = true;
};

Sums coefficients(const ReluPolar& problem, const Signs& signs, const Majorant& majorant) {
  const Index n = problem.samples();
  const Vector norms = norms_of(majorant);
  Sums sums{Vector::Zero(n), Vector::Zero(n), Vector::Zero(n)};
  for (Index i = 0; i < n; ++i) {
    const double g = problem.weights[i], c = majorant.c[i], t = majorant.t[i];
    const auto sign = signs[static_cast<std::size_t>(i)];
    if (sign != 0) {
      sums.valid = sums.valid && norms[i] <= t;
      sums.linear[i] = (sign > 0 ? g : 0) + sign * t;
      sums.mixed[i] = -sign;
    } else if (g > 0) {
      sums.valid = sums.valid && c > 0;
      sums.linear[i] = g / 2;
      sums.quadratic[i] = g / (4 * c);
      sums.kappa += g * c / 4;
    } else if (g < 0) {
      sums.valid = sums.valid && std::fabs(t) + norms[i] <= 1;
      sums.linear[i] = g / 2 + g * t / 2;
      sums.mixed[i] = g / 2;
    }
  }
  return sums;
}

}  // namespace

void make_valid(const Signs& signs, Majorant& majorant) {
  const double margin = 1 + 8 * unit;
  const Vector norms = norms_of(majorant);
  for (Index i = 0; i < norms.size(); ++i) {
    if (signs[static_cast<std::size_t>(i)] != 0) {
      majorant.t[i] = std::max(majorant.t[i], norms[i] * margin);
      continue;
    }
    const double sum = (std::fabs(majorant.t[i]) + norms[i]) * margin;
    if (!(sum > 1)) continue;
    majorant.t[i] /= sum * margin;
    majorant.A.row(i) /= sum * margin;
  }
}

Quadratic quadratic_of(const ReluPolar& problem, const Signs& signs, const Majorant& majorant) {
  const Matrix& X = problem.features;
  const Index n = X.rows(), d = X.cols();
  Sums sums = coefficients(problem, signs, majorant);
  Quadratic result;
  result.b = X.transpose() * sums.linear;
  const Matrix mixed = X.transpose() * sums.mixed.asDiagonal() * majorant.A;
  const Eigen::MatrixXd half = mixed * majorant.Z.transpose() / 2;
  const Matrix weighted = sums.quadratic.asDiagonal() * X;
  result.M = half + half.transpose() + X.transpose() * weighted;
  const Vector sizes = X.rowwise().norm();
  double pairs = 0;
  for (const Majorant::Pair& pair : majorant.pairs) {
    const int sign = signs[static_cast<std::size_t>(pair.first)] * signs[static_cast<std::size_t>(pair.second)];
    sums.valid = sums.valid && sign != 0 && pair.weight >= 0;
    const auto x = X.row(pair.first).transpose(), y = X.row(pair.second).transpose();
    result.M += (sign * pair.weight / 2) * (x * y.transpose() + y * x.transpose());
    pairs += pair.weight * sizes[pair.first] * sizes[pair.second];
  }
  result.kappa = sums.valid ? sums.kappa : no_bound;
  // Every entry is a sum of products in some order: its error is at most the number of operations times the unit times
  // the sum of sizes. The matrix as it is used is symmetric: only its lower half is read.
  const double terms = static_cast<double>(n + d + majorant.Z.cols()) + static_cast<double>(majorant.pairs.size()) + 16;
  const double size = sizes.dot(sums.linear.cwiseAbs()) + sizes.cwiseAbs2().dot(sums.quadratic) + sums.kappa + pairs +
                      majorant.Z.norm() * sizes.cwiseProduct(sums.mixed.cwiseAbs()).dot(majorant.A.rowwise().norm());
  result.rounding = 4 * unit * terms * size;
  return result;
}

Majorant linear_majorant_at(const ReluPolar& problem, const Signs& signs, Vector t) {
  const Index n = problem.samples(), d = problem.dimension();
  Majorant result{Vector::Ones(n), std::move(t), Matrix::Zero(n, 1), Matrix::Zero(d, 1), {}, 0};
  result.mu = best_multiplier(quadratic_of(problem, signs, result));
  return result;
}

Majorant linear_majorant(const ReluPolar& problem, const Signs& signs, int sweeps) {
  constexpr double tolerance = 1e-13;
  constexpr int inner = 50;
  const Matrix& X = problem.features;
  Majorant result = linear_majorant_at(problem, signs, Vector::Zero(X.rows()));
  Vector b = quadratic_of(problem, signs, result).b;
  const Vector squares = X.rowwise().squaredNorm();
  const auto factor_of = [&](Index i) {
    const auto sign = signs[static_cast<std::size_t>(i)];
    return sign != 0 ? sign : std::min(problem.weights[i], 0.0) / 2;
  };
  std::vector<Index> all, inside;  // those that may move, and those that a sweep leaves off their borders
  for (Index i = 0; i < X.rows(); ++i)
    if (std::fabs(factor_of(i)) * squares[i] > 0) all.push_back(i);
  const auto descend = [&](const std::vector<Index>& places) {
    for (const Index i : places) {
      const double factor = factor_of(i), wanted = result.t[i] - X.row(i).dot(b) / (factor * squares[i]);
      const bool fixed = signs[static_cast<std::size_t>(i)] != 0;
      const double next = fixed ? std::max(wanted, 0.0) : std::clamp(wanted, -1.0, 1.0);
      if (next == result.t[i]) continue;
      b += (factor * (next - result.t[i])) * X.row(i).transpose();
      result.t[i] = next;
    }
    return b.squaredNorm();
  };
  double size = b.squaredNorm();
  for (int sweep = 0; sweep < sweeps;) {
    const double before = size;
    size = descend(all), ++sweep;
    inside.clear();
    for (const Index i : all)
      if (result.t[i] != 0 && (signs[static_cast<std::size_t>(i)] != 0 || std::fabs(result.t[i]) < 1))
        inside.push_back(i);
    for (int k = 0; k < inner && !inside.empty(); ++k) {
      const double last = std::exchange(size, descend(inside));
      if (!(last - size > tolerance * before)) break;
    }
    if (!(before - size > tolerance * before)) break;
  }
  return linear_majorant_at(problem, signs, std::move(result.t));
}

double best_multiplier(const Quadratic& quadratic) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(quadratic.M);
  const Vector& m = solver.eigenvalues();
  const Vector beta = solver.eigenvectors().transpose() * quadratic.b;
  const double top = m[m.size() - 1];
  const double scale = std::max({m.cwiseAbs().maxCoeff(), quadratic.b.norm(), 0x1p-500});  // b and M may be 0
  double low = 1e-13 * scale, high = std::max(quadratic.b.norm() / 2, low);                // of μ − top
  for (int k = 0; k < 100 && high > low * (1 + 1e-12); ++k) {
    const double middle = std::sqrt(low * high);
    const double slope = 1 - ((beta.array() / (middle + (top - m.array()))).square().sum()) / 4;
    (slope < 0 ? low : high) = middle;
  }
  return top + high;
}

ProvenUpper<Majorant> prove(const ReluPolar& problem, const Signs& signs, Majorant majorant) {
  const Quadratic q = quadratic_of(problem, signs, majorant);
  const Index d = q.b.size();
  // s ≥ ¼ bᵀ(μI − M)⁻¹b if [μI − M, −b/2; −bᵀ/2, s] is positive semidefinite; it is if the factorization of itself less
  // `shift` on the diagonal succeeds (Rump 2006, Verification of positive definiteness).
  Eigen::MatrixXd S(d + 1, d + 1);
  S.topLeftCorner(d, d) = -q.M;
  S.topLeftCorner(d, d).diagonal().array() += majorant.mu;
  S.bottomLeftCorner(1, d) = -q.b.transpose() / 2;
  const Vector solution = S.topLeftCorner(d, d).selfadjointView<Eigen::Lower>().llt().solve(q.b);
  const double least = q.b.dot(solution) / 4;
  const double largest = q.M.diagonal().cwiseAbs().maxCoeff();
  for (double room = 2; room < 1e9; room *= 8) {
    const double sizes = 2 * std::fabs(least) + static_cast<double>(d) * (std::fabs(majorant.mu) + largest);
    const double shift = 8 * unit * static_cast<double>(d + 4) * sizes + 0x1p-1000;
    const double s = least + room * shift * (1 + solution.squaredNorm() / 4);
    if (!(s <= 2 * std::fabs(least) + sizes)) break;
    Eigen::MatrixXd shifted = S;
    shifted(d, d) = s;
    shifted.diagonal().array() -= shift;
    if (Eigen::LLT<Eigen::MatrixXd, Eigen::Lower>(shifted).info() != Eigen::Success) continue;
    const double bound = majorant.mu + s + q.kappa + q.rounding;
    const double rounding = 8 * unit * (std::fabs(majorant.mu) + std::fabs(s) + q.kappa + q.rounding);
    if (std::isfinite(bound)) return {std::max(0.0, bound + rounding), std::move(majorant)};
    break;
  }
  return {no_bound, std::move(majorant)};
}

}  // namespace nadir::polar
