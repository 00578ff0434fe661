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
Vector norms_of(const Majorant& part, const Matrix& Z) {
  const Matrix W = part.A * Z.transpose();
  const double error = 4 * static_cast<double>(W.cols() + Z.cols() + 4) * unit;
  return W.rowwise().norm() * (1 + error) + part.A.rowwise().norm() * (error * Z.norm());
}

/// What is known so far of the majorant as a quadratic.
struct Sums {
  Quadratic result;
  Matrix mixed;      ///< Xᵀ diag(mixed) A
  double size = 0;   ///< Σ of the sizes of what b and M are sums of, but for pairs and `mixed`
  double sizes = 0;  ///< of `mixed`
  bool valid = true;
};

/// How much of each sample of a block is in b and M.
struct Coefficients {
  Vector linear;     ///< of xᵢ in b
  Vector quadratic;  ///< of xᵢxᵢᵀ in M
  Vector mixed;      ///< of the symmetric part of wᵢxᵢᵀ in M
};

Coefficients coefficients(const ReluPolar& problem, const Signs& signs, Index first, const Majorant& part,
                          const Vector& norms, Sums& sums) {
  const Index n = norms.size();
  Coefficients of{Vector::Zero(n), Vector::Zero(n), Vector::Zero(n)};
  for (Index i = 0; i < n; ++i) {
    const double g = problem.weights[first + i], c = part.c[i], t = part.t[i];
    const auto sign = signs[static_cast<std::size_t>(first + i)];
    if (sign != 0) {
      sums.valid = sums.valid && norms[i] <= t;
      of.linear[i] = (sign > 0 ? g : 0) + sign * t;
      of.mixed[i] = -sign;
    } else if (g > 0) {
      sums.valid = sums.valid && c > 0;
      of.linear[i] = g / 2;
      of.quadratic[i] = g / (4 * c);
      sums.result.kappa += g * c / 4;
    } else if (g < 0) {
      sums.valid = sums.valid && std::fabs(t) + norms[i] <= 1;
      of.linear[i] = g / 2 + g * t / 2;
      of.mixed[i] = g / 2;
    }
  }
  return of;
}

}  // namespace

void make_valid(const Signs& signs, Majorant& majorant) { make_valid(signs, 0, majorant); }

void make_valid(const Signs& signs, Index first, Majorant& part) {
  const double margin = 1 + 8 * unit;
  const Vector norms = norms_of(part, part.Z);
  for (Index i = 0; i < norms.size(); ++i) {
    if (signs[static_cast<std::size_t>(first + i)] != 0) {
      part.t[i] = std::max(part.t[i], norms[i] * margin);
      continue;
    }
    const double sum = (std::fabs(part.t[i]) + norms[i]) * margin;
    if (!(sum > 1)) continue;
    part.t[i] /= sum * margin;
    part.A.row(i) /= sum * margin;
  }
}

Quadratic quadratic_of(const ReluPolar& problem, const Signs& signs, const Majorant& majorant) {
  const MajorantPart part = [&](Index first, const ConstMatrixView& rows) -> Majorant {
    const Index count = rows.rows();
    return {majorant.c.segment(first, count),
            majorant.t.segment(first, count),
            majorant.A.middleRows(first, count),
            {},
            {},
            0};
  };
  return quadratic_of(problem, signs, part, majorant.Z, majorant.pairs);
}

Quadratic quadratic_of(const ReluPolar& problem, const Signs& signs, const MajorantPart& part, const Matrix& Z,
                       const std::vector<Majorant::Pair>& pairs) {
  const Index n = problem.samples(), d = problem.dimension();
  Sums sums{{Vector::Zero(d), Eigen::MatrixXd::Zero(d, d)}, Matrix::Zero(d, Z.cols())};
  Quadratic& result = sums.result;
  problem.features.for_each_block([&](Index first, const ConstMatrixView& X) {
    const Majorant some = part(first, X);
    const Coefficients of = coefficients(problem, signs, first, some, norms_of(some, Z), sums);
    result.b.noalias() += X.transpose() * of.linear;
    sums.mixed.noalias() += X.transpose() * of.mixed.asDiagonal() * some.A;
    if (first + X.rows() == n) {
      const Eigen::MatrixXd half = sums.mixed * Z.transpose() / 2;
      result.M += half + half.transpose();
    }
    const Matrix weighted = of.quadratic.asDiagonal() * X;
    result.M.noalias() += X.transpose() * weighted;
    const Vector sizes = X.rowwise().norm();
    sums.size += sizes.dot(of.linear.cwiseAbs()) + sizes.cwiseAbs2().dot(of.quadratic);
    sums.sizes += sizes.cwiseProduct(of.mixed.cwiseAbs()).dot(some.A.rowwise().norm());
  });
  double size_of_pairs = 0;
  Matrix room, other;
  for (const Majorant::Pair& pair : pairs) {
    const int sign = signs[static_cast<std::size_t>(pair.first)] * signs[static_cast<std::size_t>(pair.second)];
    sums.valid = sums.valid && sign != 0 && pair.weight >= 0;
    const auto x = problem.features.row(pair.first, room).transpose();
    const auto y = problem.features.row(pair.second, other).transpose();
    result.M += (sign * pair.weight / 2) * (x * y.transpose() + y * x.transpose());
    size_of_pairs += pair.weight * x.norm() * y.norm();
  }
  // Every entry is a sum of products in some order: its error is at most the number of operations times the unit times
  // the sum of sizes. The matrix as it is used is symmetric: only its lower half is read.
  const double terms = static_cast<double>(n + d + Z.cols()) + static_cast<double>(pairs.size()) + 16;
  const double size = sums.size + result.kappa + size_of_pairs + Z.norm() * sums.sizes;
  result.rounding = 4 * unit * terms * size;
  if (!sums.valid) result.kappa = no_bound;
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
  const SampleRows& X = problem.features;
  Majorant result = linear_majorant_at(problem, signs, Vector::Zero(X.rows()));
  Vector b = quadratic_of(problem, signs, result).b;
  const Vector squares = squared_row_norms(X);
  const auto factor_of = [&](Index i) {
    const auto sign = signs[static_cast<std::size_t>(i)];
    return sign != 0 ? sign : std::min(problem.weights[i], 0.0) / 2;
  };
  std::vector<Index> all, inside;  // those that may move, and those that a sweep leaves off their borders
  for (Index i = 0; i < X.rows(); ++i)
    if (std::fabs(factor_of(i)) * squares[i] > 0) all.push_back(i);
  Matrix room;
  const auto descend = [&](const std::vector<Index>& places) {
    for (const Index i : places) {
      const auto x = X.row(i, room);
      const double factor = factor_of(i), wanted = result.t[i] - x.dot(b) / (factor * squares[i]);
      const bool fixed = signs[static_cast<std::size_t>(i)] != 0;
      const double next = fixed ? std::max(wanted, 0.0) : std::clamp(wanted, -1.0, 1.0);
      if (next == result.t[i]) continue;
      b += (factor * (next - result.t[i])) * x.transpose();
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
  const double bound = proven_bound(quadratic_of(problem, signs, majorant), majorant.mu);
  return {bound, std::move(majorant)};
}

double proven_bound(const Quadratic& q, double mu) {
  const Index d = q.b.size();
  // s ≥ ¼ bᵀ(μI − M)⁻¹b if [μI − M, −b/2; −bᵀ/2, s] is positive semidefinite; it is if the factorization of itself less
  // `shift` on the diagonal succeeds (Rump 2006, Verification of positive definiteness).
  Eigen::MatrixXd S(d + 1, d + 1);
  S.topLeftCorner(d, d) = -q.M;
  S.topLeftCorner(d, d).diagonal().array() += mu;
  S.bottomLeftCorner(1, d) = -q.b.transpose() / 2;
  const Vector solution = S.topLeftCorner(d, d).selfadjointView<Eigen::Lower>().llt().solve(q.b);
  const double least = q.b.dot(solution) / 4;
  const double largest = q.M.diagonal().cwiseAbs().maxCoeff();
  for (double room = 2; room < 1e9; room *= 8) {
    const double sizes = 2 * std::fabs(least) + static_cast<double>(d) * (std::fabs(mu) + largest);
    const double shift = 8 * unit * static_cast<double>(d + 4) * sizes + 0x1p-1000;
    const double s = least + room * shift * (1 + solution.squaredNorm() / 4);
    if (!(s <= 2 * std::fabs(least) + sizes)) break;
    Eigen::MatrixXd shifted = S;
    shifted(d, d) = s;
    shifted.diagonal().array() -= shift;
    if (Eigen::LLT<Eigen::MatrixXd, Eigen::Lower>(shifted).info() != Eigen::Success) continue;
    const double bound = mu + s + q.kappa + q.rounding;
    const double rounding = 8 * unit * (std::fabs(mu) + std::fabs(s) + q.kappa + q.rounding);
    if (std::isfinite(bound)) return std::max(0.0, bound + rounding);
    break;
  }
  return no_bound;
}

}  // namespace nadir::polar
