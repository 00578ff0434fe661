#include "nadir/polar/relaxation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "nadir/base/random.hpp"
#include "nadir/opt/lbfgs.hpp"

namespace nadir::polar {

/// The relaxation at one temperature δ, where |z| is √(z² + δ²), max(p, q) is ½(p + q + √((p − q)² + δ²)) and a
/// violation v costs ½(v + √(v² + δ²)). Sums over the samples are taken by blocks of rows.
class SmoothedRelaxation {
 public:
  SmoothedRelaxation(const Relaxation& data, const Signs& signs, double penalty, double temperature)
      : data_(data), rows_(data.rows_.view()), signs_(signs), penalty_(penalty), delta_(temperature) {
    for (std::size_t i = 0; i < signs.size(); ++i)
      if (signs[i] != 0) fixed_.push_back(static_cast<Index>(i));
  }

  /// The value at Z; its gradient as gradient_.
  double evaluate(const Matrix& Z) {
    begin(Z);
    look_at_fixed(Z);
    double sum = 0;
    Matrix inner = Matrix::Zero(Z.cols(), Z.cols());
    Eigen::MatrixXd slope = Eigen::MatrixXd::Zero(Z.rows(), Z.cols());
    rows_.for_each_block([&](Index first, const ConstMatrixView& X) {
      look_at(first, X, Z);
      R_.setZero(S_.rows(), S_.cols());
      own_.setZero(S_.rows());
      for (Index i = 0; i < S_.rows(); ++i) sum += add_sample(i);
      for_each_pair([&](std::size_t a, std::size_t b, double sign, double v, double weight) {
        if (is_here(fixed_[a])) {
          sum -= penalty_ * (v + size_of(v)) / 2;
          R_.row(fixed_[a] - first_) += (weight * sign) * of_fixed_.row(static_cast<Index>(b));
        }
        if (is_here(fixed_[b])) R_.row(fixed_[b] - first_) += (weight * sign) * of_fixed_.row(static_cast<Index>(a));
      });
      inner.noalias() += S_.transpose() * own_.asDiagonal() * S_;
      slope.noalias() += X.transpose() * R_;
    });
    slope.noalias() += Z * inner;
    gradient_ = slope;
    return sum;
  }

  const Matrix& gradient() const { return gradient_; }

  /// The derivatives at Z as parameters of a majorant: of a block of rows, and the pairs.
  Majorant part(Index first, const Matrix& Z) {
    Matrix room;
    look_at(first, rows_.block(first, std::min(rows_.summed_rows(), rows_.rows() - first), room), Z);
    const Index n = S_.rows();
    Majorant result{Vector::Ones(n), Vector::Zero(n), Matrix::Zero(n, Z.cols()), Z, {}, 0};
    for (Index i = 0; i < n; ++i) {
      const double size = data_.norms_[first + i], g = data_.scaled_[first + i], z = S_(i, 0), q = length(i);
      const auto sign = signs_[static_cast<std::size_t>(first + i)];
      if (!(size > 0)) continue;
      if (sign != 0) {
        result.t[i] = penalty_of(first + i) * violated(q - sign * z) / size;
        result.A.row(i) = (result.t[i] * sign / q) * S_.row(i);
      } else if (g > 0) {
        result.c[i] = size * std::sqrt(S_.row(i).squaredNorm() + delta_ * delta_);
      } else if (g < 0) {
        const double p = size_of(z), one = violated(p - q);
        result.t[i] = one * z / p;
        result.A.row(i) = ((1 - one) / q) * S_.row(i);
      }
    }
    make_valid(signs_, first, result);
    return result;
  }
  std::vector<Majorant::Pair> pairs(const Matrix& Z) {
    begin(Z);
    look_at_fixed(Z);
    std::vector<Majorant::Pair> result;
    for_each_pair([&](std::size_t a, std::size_t b, double, double, double weight) {
      const Index i = fixed_[a], j = fixed_[b];
      if (weight > 0) result.push_back({i, j, weight / (data_.norms_[i] * data_.norms_[j])});
    });
    return result;
  }
  /// What they make together.
  Quadratic quadratic(const Matrix& Z) {
    const std::vector<Majorant::Pair> all = pairs(Z);
    const auto made = [&](Index first, const ConstMatrixView&) { return part(first, Z); };
    return quadratic_of(data_.problem_, signs_, made, Z, all);
  }

  /// By how much each free sample's relaxed term exceeds its true one at u; of fixed ones the penalty.
  Vector excess(const Matrix& Z) {
    begin(Z);
    Vector result = Vector::Zero(rows_.rows());
    rows_.for_each_block([&](Index first, const ConstMatrixView& X) {
      look_at(first, X, Z);
      for (Index i = 0; i < S_.rows(); ++i) {
        const double g = data_.scaled_[first + i], z = S_(i, 0), q = length(i);
        const auto sign = signs_[static_cast<std::size_t>(first + i)];
        if (sign != 0)
          result[first + i] = penalty_of(first + i) * std::max(0.0, q - sign * z);
        else
          result[first + i] =
              std::fabs(g) / 2 * (S_.row(i).norm() - (g > 0 ? std::fabs(z) : std::max(std::fabs(z), q)));
      }
    });
    return result;
  }

 private:
  /// At another Z.
  void begin(const Matrix& Z) {
    inner_ = Z.transpose() * Z;
    first_ = -1;
  }
  /// At the samples from `first` on.
  void look_at(Index first, const ConstMatrixView& X, const Matrix& Z) {
    if (first == first_) return;
    first_ = first;
    S_ = X * Z;
    T_.noalias() = S_ * inner_;
  }
  bool is_here(Index sample) const { return sample >= first_ && sample < first_ + S_.rows(); }
  /// At those with a known sign, if they are to be compared with one another.
  void look_at_fixed(const Matrix& Z) {
    if (fixed_.size() < 2) return;
    of_fixed_.resize(static_cast<Index>(fixed_.size()), Z.cols());
    Matrix room;
    const Index most = rows_.summed_rows();
    for (std::size_t a = 0; a < fixed_.size(); ++a) {
      const Index first = fixed_[a] / most * most;
      if (first != first_) look_at(first, rows_.block(first, std::min(most, rows_.rows() - first), room), Z);
      of_fixed_.row(static_cast<Index>(a)) = S_.row(fixed_[a] - first);
    }
  }

  double length(Index i) const { return std::sqrt(std::max(S_.row(i).dot(T_.row(i)), 0.0) + delta_ * delta_); }
  /// Of a fixed sample: at a maximum on its plane its multiplier is of the size of its weight.
  double penalty_of(Index sample) const { return penalty_ + std::fabs(data_.scaled_[sample]); }
  double size_of(double v) const { return std::sqrt(v * v + delta_ * delta_); }  // numbers near 1: no overflow
  /// The derivative of ½(v + √(v² + δ²)).
  double violated(double v) const { return (1 + v / size_of(v)) / 2; }

  /// The one at place i of the block.
  double add_sample(Index i) {
    const double g = data_.scaled_[first_ + i], z = S_(i, 0);
    const auto sign = signs_[static_cast<std::size_t>(first_ + i)];
    if (sign != 0) {
      const double cost = penalty_of(first_ + i);
      const double q = length(i), v = q - sign * z, slope = cost * violated(v), linear = sign > 0 ? g : 0;
      R_.row(i) = (-slope / q) * T_.row(i);
      R_(i, 0) += linear + slope * sign;
      own_[i] = -slope / q;
      return linear * z - cost * (v + size_of(v)) / 2;
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

  /// visit(places of i and j among those fixed, σᵢσⱼ, violation, penalty times its derivative).
  template <class Visit>
  void for_each_pair(const Visit& visit) {
    for (std::size_t a = 0; a < fixed_.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) {
        const Index i = fixed_[a], j = fixed_[b];
        if (!(data_.norms_[i] > 0 && data_.norms_[j] > 0)) continue;
        const double sign = signs_[static_cast<std::size_t>(i)] * signs_[static_cast<std::size_t>(j)];
        const double v = -sign * of_fixed_.row(static_cast<Index>(a)).dot(of_fixed_.row(static_cast<Index>(b)));
        visit(a, b, sign, v, penalty_ * violated(v));
      }
  }

  const Relaxation& data_;
  SampleRows rows_;
  const Signs& signs_;
  double penalty_, delta_;
  std::vector<Index> fixed_;
  Index first_ = -1;       ///< of the samples that S and T are of; −1: none
  Matrix S_, T_, R_;       ///< S = XZ, T = XUZ, R: derivatives by S other than through U
  Vector own_;             ///< derivatives by ½‖Uxᵢ‖²
  Eigen::MatrixXd inner_;  ///< ZᵀZ
  Matrix of_fixed_;        ///< the rows of S of those fixed
  Matrix gradient_;
};

Relaxation::Relaxation(const ReluPolar& problem, double reference)
    : problem_(problem),
      norms_(row_norms(problem.features)),
      rows_(problem.features, norms_, RescaledRows::By::divisor),
      scaled_(problem.weights.cwiseProduct(norms_)),
      reference_(reference) {}

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
  SmoothedRelaxation smoothed(*this, signs, point.penalty, point.temperature);
  const Index n = problem_.samples();
  Majorant majorant{Vector(n),       Vector(n), Matrix(n, point.Z.cols()), point.Z, smoothed.pairs(point.Z),
                    point.multiplier};
  problem_.features.for_each_block([&](Index first, const ConstMatrixView& X) {
    const Majorant part = smoothed.part(first, point.Z);
    majorant.c.segment(first, X.rows()) = part.c;
    majorant.t.segment(first, X.rows()) = part.t;
    majorant.A.middleRows(first, X.rows()) = part.A;
  });
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
    const Quadratic quadratic = smoothed.quadratic(Z);
    const double mu = best_multiplier(quadratic), proven = proven_bound(quadratic, mu);
    if (proven < best.upper.value || best.upper.evidence.Z.size() == 0)
      best.upper = {proven, {Z, temperature, penalty, mu}};
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
