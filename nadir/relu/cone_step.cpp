#include "nadir/relu/cone_step.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <utility>

#include "nadir/base/threads.hpp"

namespace nadir::relu {
namespace {

std::vector<Group> places_of(const std::vector<ConeGroup>& groups) {
  std::vector<Group> places;
  for (const ConeGroup& group : groups) places.push_back(group.at);
  return places;
}

/// A dual point of one step and what follows from it: e (n × K), T = Aᵀ(G − W e), z = V₀ + σ T, v = the soft threshold
/// of z's nearest points, ψ = ⟨e, W f₀⟩ + ½⟨e, W e⟩ + ‖v‖²/(2σ), which has the gradient W (f₀ + e − A v).
struct DualPoint {
  Matrix e, correlations, weights;
  std::vector<ConePoint> points;
  double psi = 0;
};

class Step {
 public:
  Step(const ConeProgram& program, double sigma, const ConeIterate& center, const GoOn& go_on)
      : program_(program),
        sigma_(sigma),
        center_(center),
        W_(program.problem.loss.curvature(center.outputs)),
        go_on_(go_on) {
    now_.e = Matrix::Zero(center.outputs.rows(), center.outputs.cols());
    now_.correlations = correlations(program, center.groups, center.dual);
    now_.points = center.points;
    threshold(now_);
  }

  /// Newton steps until ‖r‖_W is small against the proximal step itself.
  ConeStepReport solve() {
    constexpr int most = 40;
    constexpr double share = 0.1;
    ConeStepReport report;
    for (;; ++report.newton_steps) {
      outputs_ = outputs_of(program_, center_.groups, now_.weights);
      r_ = center_.outputs + now_.e - outputs_;
      W_.apply(r_, Wr_);
      const double size = std::sqrt(std::max(0.0, Wr_.cwiseProduct(r_).sum()));
      const double moved = (now_.weights - center_.weights).norm() / std::sqrt(sigma_);
      const double rounding = 1e-14 * std::sqrt(weighted(center_.outputs).cwiseProduct(center_.outputs).sum() + 1e-300);
      report.solved = size <= std::max(share * moved, rounding);
      if (report.solved || report.newton_steps == most || !go_on_() || !step()) return report;
    }
  }

  const Matrix& weights() const { return now_.weights; }
  const Matrix& outputs() const { return outputs_; }
  std::vector<ConePoint>& points() { return now_.points; }

 private:
  Matrix weighted(const Matrix& direction) const {
    Matrix result;
    W_.apply(direction, result);
    return result;
  }
  double level() const { return program_.problem.lambda * sigma_; }

  /// Weights and ψ of a point from its correlations; its points are where the projections start.
  void threshold(DualPoint& at) const {
    const Index m = center_.weights.rows();
    at.weights = center_.weights + sigma_ * at.correlations;
    for_each_task(static_cast<int>(m), program_.products.threads(), [&](int task) {
      const auto place = static_cast<std::size_t>(task);
      ConePoint& point = at.points[place];
      point.multipliers *= sigma_;  // they are kept as those of z/σ, which σ does not change
      point = project(program_, center_.groups[place], at.weights.row(task).transpose(), std::move(point), level());
      point.multipliers /= sigma_;
      const double norm = point.point.norm();
      if (norm > level())
        at.weights.row(task) = (1 - level() / norm) * point.point.transpose();
      else
        at.weights.row(task).setZero();
    });
    const Matrix We = weighted(at.e);
    at.psi = We.cwiseProduct(center_.outputs).sum() + at.e.cwiseProduct(We).sum() / 2 +
             at.weights.squaredNorm() / (2 * sigma_);
  }

  /// D_p X times the square root of the proximal map's derivative, an n × r matrix for a face of r dimensions:
  /// σ (1 − c) on the face, but σ along v, c = λσ/‖w‖ for the nearest point w.
  Eigen::MatrixXd columns(Index g) const {
    const auto place = static_cast<std::size_t>(g);
    const ConePoint& point = now_.points[place];
    Eigen::MatrixXd face = face_basis(program_.rows, point.active);
    const double norm = point.point.norm(), root = std::sqrt(std::max(0.0, 1 - level() / norm));
    const Vector along = point.point / norm;
    const Eigen::RowVectorXd shares = along.transpose() * face;
    face = std::sqrt(sigma_) * (root * face + (1 - root) * along * shares);
    Eigen::MatrixXd result = program_.problem.features.whole() * face;
    const Patterns& patterns = program_.products.patterns();
    for (Index i = 0; i < result.rows(); ++i)
      if (!patterns.open(center_.groups[place].at.gate, i)) result.row(i).setZero();
    return result;
  }

  /// The columns of all groups with weights that feed an output, side by side.
  Eigen::MatrixXd columns_to(Index output) const {
    std::vector<Index> active;
    for (Index g = 0; g < now_.weights.rows(); ++g)
      if (center_.groups[static_cast<std::size_t>(g)].at.output == output && !now_.weights.row(g).isZero(0))
        active.push_back(g);
    std::vector<Eigen::MatrixXd> parts(active.size());
    for_each_task(static_cast<int>(active.size()), program_.products.threads(), [&](int task) {
      parts[static_cast<std::size_t>(task)] = columns(active[static_cast<std::size_t>(task)]);
    });
    Index all = 0, first = 0;
    for (const Eigen::MatrixXd& part : parts) all += part.cols();
    Eigen::MatrixXd C(r_.rows(), all);
    for (const Eigen::MatrixXd& part : parts) C.middleCols(first, part.cols()) = part, first += part.cols();
    return C;
  }

  /// The solution of (I + C CᵀW) de = −r, where W is diagonal, for each output alone: −r − C u, (I + CᵀWC) u = −CᵀW r;
  /// where C has more columns than rows, u from the other order.
  Matrix direction_by_output() const {
    const Index n = r_.rows();
    Matrix move = -r_;
    for (Index k = 0; k < r_.cols(); ++k) {
      const Eigen::MatrixXd C = columns_to(k);
      const Vector roots = W_.diagonal.col(k).cwiseSqrt();
      const Eigen::MatrixXd rooted = roots.asDiagonal() * C;
      const Vector right = -roots.cwiseProduct(r_.col(k));
      const bool wide = C.cols() > n;
      const Index size = wide ? n : C.cols();
      Eigen::MatrixXd M = Eigen::MatrixXd::Identity(size, size);
      if (wide)
        M.selfadjointView<Eigen::Lower>().rankUpdate(rooted);
      else
        M.selfadjointView<Eigen::Lower>().rankUpdate(rooted.transpose());
      const Eigen::LLT<Eigen::MatrixXd> factor(M);
      const Vector u =
          wide ? Vector(rooted.transpose() * factor.solve(right)) : Vector(factor.solve(rooted.transpose() * right));
      move.col(k) -= C * u;
    }
    return move;
  }

  /// The same where W couples the outputs, as softmax does: block (k, l) of CᵀWC is C_kᵀ W_kl C_l.
  Matrix direction_of_all() const {
    const Index K = r_.cols();
    std::vector<Eigen::MatrixXd> C;
    std::vector<Index> first{0};
    for (Index k = 0; k < K; ++k) C.push_back(columns_to(k)), first.push_back(first.back() + C.back().cols());
    Eigen::MatrixXd M = Eigen::MatrixXd::Identity(first.back(), first.back());
    Vector right(first.back());
    const auto part = [&](Index k) {
      return std::pair(first[static_cast<std::size_t>(k)], C[static_cast<std::size_t>(k)].cols());
    };
    for (Index k = 0; k < K; ++k) {
      const Eigen::MatrixXd& left = C[static_cast<std::size_t>(k)];
      right.segment(part(k).first, part(k).second) = -left.transpose() * Wr_.col(k);
      for (Index l = 0; l <= k; ++l) {
        Vector W = -W_.diagonal.col(k).cwiseProduct(W_.diagonal.col(l)).cwiseQuotient(W_.shares);
        if (l == k) W += W_.diagonal.col(k);
        M.block(part(k).first, part(l).first, part(k).second, part(l).second) +=
            left.transpose() * W.asDiagonal() * C[static_cast<std::size_t>(l)];
      }
    }
    const Vector u = Eigen::LLT<Eigen::MatrixXd>(M).solve(right);
    Matrix move = -r_;
    for (Index k = 0; k < K; ++k)
      move.col(k) -= C[static_cast<std::size_t>(k)] * u.segment(part(k).first, part(k).second);
    return move;
  }

  /// A Newton step with Armijo's rule on ψ; false where rounding leaves nothing to gain.
  bool step() {
    const Matrix move = W_.softmax ? direction_of_all() : direction_by_output();
    const double slope = Wr_.cwiseProduct(move).sum();
    if (!(slope < 0)) return false;
    const Matrix change = correlations(program_, center_.groups, weighted(move));
    for (double t = 1; t > 1e-6; t /= 2) {
      DualPoint trial{now_.e + t * move, now_.correlations - t * change, {}, now_.points};
      threshold(trial);
      if (trial.psi > now_.psi + 1e-4 * t * slope) continue;
      now_ = std::move(trial);
      return true;
    }
    return false;
  }

  const ConeProgram& program_;
  double sigma_;
  const ConeIterate& center_;
  const Curvature W_;
  const GoOn& go_on_;
  DualPoint now_;
  Matrix outputs_, r_, Wr_;
};

}  // namespace

ConeProgram::ConeProgram(const Problem& problem_of_units, const MaskedProducts& masked)
    : problem(problem_of_units), products(masked), rows(problem.features.whole()) {
  for (Index i = 0; i < rows.rows(); ++i)
    if (const double norm = rows.row(i).norm(); norm > 0) rows.row(i) /= norm;
}

ConePoint project(const ConeProgram& program, const ConeGroup& group, const Vector& z, ConePoint start, double enough) {
  const Patterns& patterns = program.products.patterns();
  Vector signs(program.rows.rows());
  for (Index i = 0; i < signs.size(); ++i) signs[i] = patterns.open(group.at.gate, i) ? group.sign : -group.sign;
  return project_on_cone(program.rows, signs, z, std::move(start), enough);
}

Matrix correlations(const ConeProgram& program, const std::vector<ConeGroup>& groups, const Matrix& G) {
  Matrix result;
  program.products.adjoint(places_of(groups), G, result);
  return result;
}

Matrix outputs_of(const ConeProgram& program, const std::vector<ConeGroup>& groups, const Matrix& weights) {
  Matrix result;
  program.products.forward(places_of(groups), weights, program.problem.outputs(), result);
  return result;
}

void evaluate(const ConeProgram& program, ConeIterate& at) {
  program.problem.loss.gradient(at.outputs, at.dual);
  at.dual = -at.dual;
  at.objective = program.problem.loss.value(at.outputs) + program.problem.lambda * at.weights.rowwise().norm().sum();
}

ConeStepReport cone_step(const ConeProgram& program, double sigma, ConeIterate& at, const GoOn& go_on) {
  Step model(program, sigma, at, go_on);
  const ConeStepReport report = model.solve();
  ConeIterate next = at;
  for (double t = 1; t > 1e-9; t /= 4) {
    next.weights = at.weights + t * (model.weights() - at.weights);
    next.outputs = at.outputs + t * (model.outputs() - at.outputs);
    evaluate(program, next);
    if (!(next.objective <= at.objective)) continue;
    next.points = std::move(model.points());
    at = std::move(next);
    break;
  }
  return report;
}

}  // namespace nadir::relu
