#include "nadir/convex/proximal_step.hpp"

#include <algorithm>
#include <cmath>

namespace nadir::convex {
namespace {

/// The dual problem of one step. Notation: e the unknown (n × K), y(e) = G − W e, z = V₀ + σ Aᵀy, v = S_{λσ}(z) the
/// block soft threshold, r = f₀ + e − A v. ψ(e) = −⟨y, f₀⟩ + ½⟨e, W e⟩ + ‖v‖²/(2σ) has the gradient W r.
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

  /// v and the active groups from z = V₀ + σ T.
  void threshold() {
    const double level = problem_.lambda * sigma_;
    v_ = center_.weights + sigma_ * T_;
    active_.groups.clear();
    places_.clear();
    for (Index g = 0; g < v_.rows(); ++g) {
      const double norm = v_.row(g).norm();
      if (norm > level) {
        v_.row(g) *= 1 - level / norm;
        places_.push_back(g);
        active_.groups.push_back(center_.groups[static_cast<std::size_t>(g)]);
      } else {
        v_.row(g).setZero();
      }
    }
    const Index A = active_.size();
    active_.directions.resize(A, v_.cols());
    active_.tangential.resize(A);
    active_.radial = sigma_;
    values_.resize(A, v_.cols());
    for (Index a = 0; a < A; ++a) {
      values_.row(a) = v_.row(places_[static_cast<std::size_t>(a)]);
      const double norm = std::max(values_.row(a).norm(), 1e-150);
      active_.directions.row(a) = values_.row(a) / norm;
      active_.tangential[a] = 1 / (1 / sigma_ + problem_.lambda / norm);
    }
  }

  void residual() {
    problem_.products.forward(active_.groups, values_, problem_.outputs(), Av_);
    r_ = center_.outputs + e_ - Av_;
    W_.apply(r_, Wr_);
  }

  double psi(const Matrix& e, const Matrix& We, const Matrix& T) const {
    const double level = problem_.lambda * sigma_;
    double sum = 0;
    for (Index g = 0; g < T.rows(); ++g) {
      const double excess = (center_.weights.row(g) + sigma_ * T.row(g)).norm() - level;
      if (excess > 0) sum += excess * excess;
    }
    return We.cwiseProduct(center_.outputs).sum() + e.cwiseProduct(We).sum() / 2 + sum / (2 * sigma_);
  }

  /// A Newton step with Armijo's rule on ψ; false where rounding leaves nothing to gain.
  bool step() {
    const Matrix direction = newton_direction(problem_, data_, active_, W_, r_, go_on_, products_);
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
  ActiveGroups active_;
  std::vector<Index> places_;  // of the active groups in the iterate
  Matrix values_;              // v of the active groups
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
