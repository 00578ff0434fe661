#include "nadir/polar/relaxation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "nadir/base/random.hpp"
#include "nadir/opt/lbfgs.hpp"

namespace nadir::polar {

/// The relaxation at one temperature δ, where |z| is √(z² + δ²), max(p, q) is ½(p + q + √((p − q)² + δ²)) and a
/// violation v costs ½(v + √(v² + δ²)).
class SmoothedRelaxation {
 public:
  SmoothedRelaxation(const Relaxation& data, const Signs& signs, double penalty, double temperature)
      : data_(data), signs_(signs), penalty_(penalty), delta_(temperature) {
    for (std::size_t i = 0; i < signs.size(); ++i)
      if (signs[i] != 0) fixed_.push_back(static_cast<Index>(i));
  }

  /// The value at Z; its gradient as gradient_.
  double evaluate(const Matrix& Z) {
    prepare(Z);
    double sum = 0;
    for (Index i = 0; i < S_.rows(); ++i) sum += add_sample(i);
    for_each_pair([&](Index i, Index j, double sign, double v, double weight) {
      sum -= penalty_ * (v + size_of(v)) / 2;
      R_.row(i) += (weight * sign) * S_.row(j);
      R_.row(j) += (weight * sign) * S_.row(i);
    });
    const Matrix inner = S_.transpose() * own_.asDiagonal() * S_;
    gradient_ = data_.rows_.transpose() * R_ + Z * inner;
    return sum;
  }

  const Matrix& gradient() const { return gradient_; }

  /// The derivatives at Z as parameters of a majorant.
  Majorant parameters(const Matrix& Z) {
    prepare(Z);
    const Index n = S_.rows();
    Majorant result{Vector::Ones(n), Vector::Zero(n), Matrix::Zero(n, Z.cols()), Z, {}, 0};
    for (Index i = 0; i < n; ++i) {
      const double size = data_.norms_[i], g = data_.scaled_[i], z = S_(i, 0), q = length(i);
      const auto sign = signs_[static_cast<std::size_t>(i)];
      if (!(size > 0)) continue;
      if (sign != 0) {
        result.t[i] = penalty_of(i) * violated(q - sign * z) / size;
        result.A.row(i) = (result.t[i] * sign / q) * S_.row(i);
      } else if (g > 0) {
        result.c[i] = size * std::sqrt(S_.row(i).squaredNorm() + delta_ * delta_);
      } else if (g < 0) {
        const double p = size_of(z), first = violated(p - q);
        result.t[i] = first * z / p;
        result.A.row(i) = ((1 - first) / q) * S_.row(i);
      }
    }
    for_each_pair([&](Index i, Index j, double, double, double weight) {
      if (weight > 0) result.pairs.push_back({i, j, weight / (data_.norms_[i] * data_.norms_[j])});
    });
    return result;
  }

  /// By how much each free sample's relaxed term exceeds its true one at u; of fixed ones the penalty.
  Vector excess(const Matrix& Z) {
    prepare(Z);
    Vector result = Vector::Zero(S_.rows());
    for (Index i = 0; i < S_.rows(); ++i) {
      const double g = data_.scaled_[i], z = S_(i, 0), q = length(i);
      const auto sign = signs_[static_cast<std::size_t>(i)];
      if (sign != 0)
        result[i] = penalty_of(i) * std::max(0.0, q - sign * z);
      else
        result[i] = std::fabs(g) / 2 * (S_.row(i).norm() - (g > 0 ? std::fabs(z) : std::max(std::fabs(z), q)));
    }
    return result;
  }

 private:
  void prepare(const Matrix& Z) {
    S_ = data_.rows_ * Z;
    T_.noalias() = S_ * (Z.transpose() * Z);
    R_.setZero(S_.rows(), S_.cols());
    own_.setZero(S_.rows());
  }
  double length(Index i) const { return std::sqrt(std::max(S_.row(i).dot(T_.row(i)), 0.0) + delta_ * delta_); }
  /// Of a fixed sample: at a maximum on its plane its multiplier is of the size of its weight.
  double penalty_of(Index i) const { return penalty_ + std::fabs(data_.scaled_[i]); }
  double size_of(double v) const { return std::sqrt(v * v + delta_ * delta_); }  // numbers near 1: no overflow
  /// The derivative of ½(v + √(v² + δ²)).
  double violated(double v) const { return (1 + v / size_of(v)) / 2; }

  double add_sample(Index i) {
    const double g = data_.scaled_[i], z = S_(i, 0);
    const auto sign = signs_[static_cast<std::size_t>(i)];
    if (sign != 0) {
      const double q = length(i), v = q - sign * z, slope = penalty_of(i) * violated(v), linear = sign > 0 ? g : 0;
      R_.row(i) = (-slope / q) * T_.row(i);
      R_(i, 0) += linear + slope * sign;
      own_[i] = -slope / q;
      return linear * z - penalty_of(i) * (v + size_of(v)) / 2;
    }
    if (g > 0) {
      const double size = std::sqrt(S_.row(i).squaredNorm() + delta_ * delta_);
      R_.row(i) = (g / (2 * size)) * S_.row(i);
      R_(i, 0) += g / 2;
      return g / 2 * (z + size);
    }
    if (g < 0) {
      const double p = size_of(z), q = length(i), first = violated(p - q);
      own_[i] = g / 2 * (1 - first) / q;
      R_.row(i) = own_[i] * T_.row(i);
      R_(i, 0) += g / 2 * (1 + first * z / p);
      return g / 2 * (z + (p + q + size_of(p - q)) / 2);
    }
    return 0;
  }

  /// visit(i, j, σᵢσⱼ, violation, penalty times its derivative).
  template <class Visit>
  void for_each_pair(const Visit& visit) {
    for (std::size_t a = 0; a < fixed_.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) {
        const Index i = fixed_[a], j = fixed_[b];
        if (!(data_.norms_[i] > 0 && data_.norms_[j] > 0)) continue;
        const double sign = signs_[static_cast<std::size_t>(i)] * signs_[static_cast<std::size_t>(j)];
        const double v = -sign * S_.row(i).dot(S_.row(j));
        visit(i, j, sign, v, penalty_ * violated(v));
      }
  }

  const Relaxation& data_;
  const Signs& signs_;
  double penalty_, delta_;
  std::vector<Index> fixed_;
  Matrix S_, T_, R_, gradient_;  ///< S = XZ, T = XUZ, R: derivatives by S other than through U
  Vector own_;                   ///< derivatives by ½‖Uxᵢ‖²
};

Relaxation::Relaxation(const ReluPolar& problem, double reference)
    : problem_(problem),
      rows_(problem.features),
      norms_(problem.features.rowwise().norm()),
      scaled_(problem.weights.cwiseProduct(norms_)),
      reference_(reference) {
  for (Index i = 0; i < rows_.rows(); ++i)
    if (norms_[i] > 0) rows_.row(i) /= norms_[i];
}

Matrix Relaxation::start_at(const Vector& u, const RelaxationOptions& options) const {
  constexpr double aside = 0.3;
  const Index rank = std::min<Index>(options.rank, u.size() + 1);
  Random random(1);
  Matrix Z = Matrix::NullaryExpr(u.size(), rank, [&] { return random.uniform(-1, 1); });
  Z *= aside / Z.norm();
  Z.col(0) += u;
  return Z;
}

Majorant Relaxation::majorant_at(const Signs& signs, const RelaxedPoint& point) const {
  Majorant majorant = SmoothedRelaxation(*this, signs, point.penalty, point.temperature).parameters(point.Z);
  make_valid(signs, majorant);
  majorant.mu = point.multiplier;
  return majorant;
}

Relaxed Relaxation::solve(const Signs& signs, Matrix start, std::optional<double> enough,
                          const RelaxationOptions& options) const {
  const Index d = start.rows(), k = start.cols();
  constexpr double little = 0.1;
  const double penalty = (options.penalty > 0 ? options.penalty : default_penalty(d)) * reference_;
  Relaxed best{{std::numeric_limits<double>::infinity(), {}}, std::move(start), 0, 0, {}};
  Matrix& Z = best.Z;
  Z /= Z.norm();
  for (const double temperature : options.temperatures) {
    SmoothedRelaxation smoothed(*this, signs, penalty, temperature);
    Matrix point;
    // Over Y with Z = Y/‖Y‖, without a constraint.
    const auto function = [&](const Vector& y, Vector& gradient) {
      const double norm = y.norm();
      point = ConstMatrixView(y.data(), d, k) / norm;
      const double value = smoothed.evaluate(point);
      MatrixView out(gradient.data(), d, k);
      out = (point * smoothed.gradient().cwiseProduct(point).sum() - smoothed.gradient()) / norm;
      return -value;
    };
    LbfgsOptions lbfgs;
    lbfgs.max_iterations = options.iterations, lbfgs.least_decrease = options.least_decrease;
    if (temperature < options.last_hope) lbfgs.max_iterations *= 5, lbfgs.least_decrease *= 1e-3;
    const LbfgsResult found = minimize_by_lbfgs(function, Eigen::Map<const Vector>(Z.data(), d * k), lbfgs);
    if (found.ending == Ending::numerical_failure) break;
    Z = ConstMatrixView(found.position.data(), d, k) / found.position.norm();
    Majorant majorant = smoothed.parameters(Z);
    make_valid(signs, majorant);
    majorant.mu = best_multiplier(quadratic_of(problem_, signs, majorant));
    const double proven = prove(problem_, signs, majorant).value;
    if (proven < best.upper.value || best.upper.evidence.Z.size() == 0)
      best.upper = {proven, {Z, temperature, penalty, majorant.mu}};
    SmoothedRelaxation plain(*this, signs, penalty, 0x1p-500);
    best.value = plain.evaluate(Z);
    if (!enough) continue;
    const double out_of_reach = best.value - *enough;
    if (best.upper.value <= *enough || best.upper.value - best.value < little * out_of_reach) break;
    if (temperature <= options.last_hope && out_of_reach > 0) break;
  }
  best.ambiguity = SmoothedRelaxation(*this, signs, penalty, 0).excess(Z);
  for (std::size_t i = 0; i < signs.size(); ++i)
    if (signs[i] != 0) best.violation += std::exchange(best.ambiguity[static_cast<Index>(i)], 0.0);
  return best;
}

}  // namespace nadir::polar
