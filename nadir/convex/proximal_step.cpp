#include "nadir/convex/proximal_step.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/convex/newton_entries.hpp"

namespace nadir::convex {
namespace {

/// The dual problem of one step. Notation: e the unknown (n × K), y(e) = G − W e, z = V₀ + σ Aᵀy, v = S(z) the
/// penalty's proximal map at level λσ, r = f₀ + e − A v. ψ(e) = −⟨y, f₀⟩ + ½⟨e, W e⟩ + ‖v‖²/(2σ) has the gradient W r.
class StepProblem {
 public:
  StepProblem(const GroupProblem& problem, NewtonData& data, double sigma, const Iterate& center, Matrix correlations,
              const GoOn& go_on, long& products)
      : problem_(problem),
        data_(data),
        sigma_(sigma),
        center_(center),
        W_(problem.loss.curvature(center.outputs)),
        e_(Matrix::Zero(center.outputs.rows(), center.outputs.cols())),
        We_(e_),
        T_(std::move(correlations)),
        go_on_(go_on),
        products_(products) {}

  /// Newton steps until ‖r‖_W is small against the proximal step itself.
  StepReport solve() {
    constexpr int most = 40;
    constexpr double share = 0.1;
    StepReport report;
    for (;; ++report.newton_steps) {
      threshold();
      residual();
      const double size = std::sqrt(r_.cwiseProduct(Wr_).sum());
      const double moved = (v_ - center_.weights).norm() / std::sqrt(sigma_);
      const double rounding = 1e-14 * std::sqrt(center_.outputs.cwiseProduct(weighted_outputs()).sum() + 1e-300);
      report.solved = size <= std::max(share * moved, rounding);
      if (report.solved || report.newton_steps == most || !go_on_() || !step()) return report;
    }
  }

  const Matrix& weights() const { return v_; }
  const Matrix& outputs() const { return Av_; }

 private:
  Matrix weighted_outputs() const {
    Matrix result;
    W_.apply(center_.outputs, result);
    return result;
  }

  /// v = S(z) at z = V₀ + σ T, and its rows other than 0.
  void threshold() {
    v_ = center_.weights + sigma_ * T_;
    shrink(problem_.penalty, center_.groups, v_, problem_.lambda * sigma_);
    groups_.clear();
    std::vector<Index> places;
    for (Index g = 0; g < v_.rows(); ++g) {
      if (v_.row(g).isZero(0)) continue;
      places.push_back(g);
      groups_.push_back(center_.groups[static_cast<std::size_t>(g)]);
    }
    values_ = v_(places, Eigen::all);
  }

  ActiveGroups active_groups() const {
    ActiveGroups active{groups_, Matrix(values_.rows(), values_.cols()), Vector(values_.rows()), sigma_};
    for (Index a = 0; a < values_.rows(); ++a) {
      const double norm = std::max(values_.row(a).norm(), 1e-150);
      active.directions.row(a) = values_.row(a) / norm;
      active.tangential[a] = 1 / (1 / sigma_ + problem_.lambda / norm);
    }
    return active;
  }

  Matrix newton_direction() {
    if (problem_.penalty == Penalty::l1) return newton_direction_of_entries(problem_, groups_, values_, sigma_, W_, r_);
    if (problem_.penalty == Penalty::features)
      return newton_direction_of_features(problem_, data_, center_.groups, v_, sigma_, W_, r_);
    return convex::newton_direction(problem_, data_, active_groups(), W_, r_, go_on_, products_);
  }

  void residual() {
    problem_.products.forward(groups_, values_, problem_.outputs(), Av_);
    r_ = center_.outputs + e_ - Av_;
    W_.apply(r_, Wr_);
  }

  double psi(const Matrix& e, const Matrix& We, const Matrix& T) const {
    const double square = shrunk_square(problem_.penalty, center_.weights + sigma_ * T, problem_.lambda * sigma_);
    return We.cwiseProduct(center_.outputs).sum() + e.cwiseProduct(We).sum() / 2 + square / (2 * sigma_);
  }

  /// A Newton step with Armijo's rule on ψ; false where rounding leaves nothing to gain.
  bool step() {
    if (problem_.penalty == Penalty::l1 && (values_.array() != 0).count() > most_entries) return false;
    const Matrix direction = newton_direction();
    Matrix weighted, change;
    W_.apply(direction, weighted);
    problem_.products.adjoint(center_.groups, weighted, change);
    const double slope = Wr_.cwiseProduct(direction).sum(), before = psi(e_, We_, T_);
    if (!(slope < 0)) return false;
    for (double t = 1; t > 1e-6; t /= 2) {
      if (psi(e_ + t * direction, We_ + t * weighted, T_ - t * change) > before + 1e-4 * t * slope) continue;
      e_ += t * direction, We_ += t * weighted, T_ -= t * change;
      return true;
    }
    return false;
  }

  const GroupProblem& problem_;
  NewtonData& data_;
  double sigma_;
  const Iterate& center_;
  Curvature W_;
  Matrix e_, We_, T_;  // T = Aᵀ y(e)
  const GoOn& go_on_;
  long& products_;
  Matrix v_, Av_, r_, Wr_;
  std::vector<Group> groups_;  // whose v is not 0
  Matrix values_;              // their v
};

}  // namespace

StepReport proximal_step(const GroupProblem& problem, NewtonData& data, double sigma, Iterate& at, Matrix& correlations,
                         const GoOn& go_on, long& products) {
  StepProblem model(problem, data, sigma, at, correlations, go_on, products);
  const StepReport report = model.solve();
  Iterate next = at;
  for (double t = 1; t > 1e-9; t /= 4) {
    next.weights = at.weights + t * (model.weights() - at.weights);
    next.outputs = at.outputs + t * (model.outputs() - at.outputs);
    evaluate(problem, next);
    if (next.objective <= at.objective) {
      at = std::move(next);
      problem.products.adjoint(at.groups, at.dual, correlations);
      break;
    }
  }
  return report;
}

}  // namespace nadir::convex
