#include "nadir/relu/master.hpp"

#include <Eigen/Cholesky>
#include <cmath>
#include <optional>

namespace nadir::relu {
namespace {

/// minimize ½ cᵀQc + pᵀc over c ≥ 0, from c.
void solve_quadratic(const Eigen::MatrixXd& Q, const Vector& p, Vector& c) {
  constexpr int sweeps = 200;
  constexpr double tolerance = 1e-10;
  Vector slope = Q * c + p;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    double moved = 0;
    for (Index j = 0; j < c.size(); ++j) {
      const double next = std::max(0.0, c[j] - slope[j] / Q(j, j)), step = next - c[j];
      if (step == 0) continue;
      slope += step * Q.col(j);
      c[j] = next;
      moved += std::fabs(step);
    }
    if (!(moved > tolerance * c.cwiseAbs().sum())) break;
  }
}

/// minimize ½ cᵀQc + pᵀc over c ≥ 0 with Σ c ≤ radius, from c: where the sum would be larger, with the multiplier μ of
/// that constraint added to p. The sum falls as μ grows, and is 0 at μ = max −p.
void solve_quadratic_in_ball(const Eigen::MatrixXd& Q, const Vector& p, double radius, Vector& c) {
  constexpr int most_steps = 60;
  constexpr double near = 1e-12;  // of the radius
  const auto excess_at = [&](double multiplier) {
    solve_quadratic(Q, (p.array() + multiplier).matrix(), c);
    return c.sum() - radius;
  };
  double low = 0, above = excess_at(0);
  if (above <= 0) return;
  double high = std::max(0.0, -p.minCoeff()), below = -radius;
  for (int step = 0; step < most_steps && high - low > near * high; ++step) {
    const double multiplier = low + (high - low) * above / (above - below), excess = excess_at(multiplier);
    if (std::fabs(excess) <= near * radius) break;
    // The end that stays has its value halved (the Illinois rule), lest the other one creeps.
    if (excess > 0)
      low = multiplier, above = excess, below /= 2;
    else
      high = multiplier, below = excess, above /= 2;
  }
  if (c.sum() > radius) c *= radius / c.sum();
}

/// V in a Newton step for sizes c and linear part V together: with A_k = XᵀW_kX + γI and B_k = XᵀW_kH_kS, of the
/// columns of H that feed output k, V_k moves by −A_k⁻¹(∇V_k + B_k Δc), and what is left is a program for c alone.
class LinearPart {
 public:
  /// `coupling`: B, a column for each unit.
  LinearPart(const Problem& problem, const Iterate& at, const Curvature& curvature, double damping,
             Eigen::MatrixXd coupling)
      : slope_(problem.skip_weight * at.skip), coupling_(std::move(coupling)) {
    const Index d = problem.inputs(), K = problem.outputs();
    std::vector<Eigen::MatrixXd> A(static_cast<std::size_t>(K), Eigen::MatrixXd::Zero(d, d));
    double squares = 0;
    problem.features.for_each_block([&](Index first, const ConstMatrixView& rows) {
      const Eigen::MatrixXd X = rows;
      slope_.noalias() -= rows.transpose() * rows_of(at.dual, first, rows.rows());
      squares += X.squaredNorm();
      for (Index k = 0; k < K; ++k)
        A[static_cast<std::size_t>(k)] +=
            X.transpose() * curvature.diagonal.col(k).segment(first, X.rows()).asDiagonal() * X;
    });
    for (Eigen::MatrixXd& one : A) {
      one.diagonal().array() += problem.skip_weight + damping * (squares / static_cast<double>(problem.samples() * d));
      factors_.emplace_back(one);
    }
  }

  /// Takes from the units' program what V answers to their sizes.
  void eliminate(const std::vector<Index>& outputs, Eigen::MatrixXd& Q, Vector& slope) const {
    Eigen::MatrixXd answers(coupling_.rows(), coupling_.cols());
    for (Index j = 0; j < coupling_.cols(); ++j) {
      const Index k = outputs[static_cast<std::size_t>(j)];
      answers.col(j) = factors_[static_cast<std::size_t>(k)].solve(coupling_.col(j));
      slope[j] -= answers.col(j).dot(slope_.col(k));
    }
    const Eigen::MatrixXd taken = coupling_.transpose() * answers;
    for (Index j = 0; j < Q.rows(); ++j)
      for (Index l = 0; l < Q.cols(); ++l)
        if (outputs[static_cast<std::size_t>(j)] == outputs[static_cast<std::size_t>(l)]) Q(j, l) -= taken(j, l);
  }

  /// V's step beside this step of the sizes.
  Matrix step(const std::vector<Index>& outputs, const Vector& sizes) const {
    Matrix right = -slope_;
    for (Index j = 0; j < sizes.size(); ++j)
      right.col(outputs[static_cast<std::size_t>(j)]) -= sizes[j] * coupling_.col(j);
    for (Index k = 0; k < right.cols(); ++k)
      right.col(k) = factors_[static_cast<std::size_t>(k)].solve(right.col(k).eval());
    return right;
  }
  const Matrix& slope() const { return slope_; }

 private:
  Matrix slope_;                                      // of F in V, d × K
  Eigen::MatrixXd coupling_;                          // d × m
  std::vector<Eigen::LLT<Eigen::MatrixXd>> factors_;  // of A, by output
};

/// A step of the sizes and of the linear part, and by how much F falls along it to first order.
struct Step {
  Vector sizes;
  Matrix skip;  // empty: there is none
  double fall;
};

/// Sums over the samples of products of activations, which change with the curvature alone.
struct Products {
  Eigen::MatrixXd Q;         ///< hⱼᵀW_k h_l of units j and l that feed the same output k
  Eigen::MatrixXd coupling;  ///< XᵀWH; empty without a linear part
  double squares = 0;        ///< ‖H‖²
};

Products products_of(const Iterate& at, const Activations& activations, const Curvature& curvature) {
  const std::vector<Index>& outputs = at.units.outputs;
  const Index m = at.units.count(), d = at.skip.rows();
  const Matrix roots = curvature.diagonal.cwiseSqrt();
  Products sums{Eigen::MatrixXd::Zero(m, m), Eigen::MatrixXd::Zero(d, d > 0 ? m : 0)};
  Eigen::MatrixXd weighted;
  const auto weigh = [&](Eigen::MatrixXd& columns, Index first) {
    for (Index j = 0; j < m; ++j)
      columns.col(j).array() *= roots.col(outputs[static_cast<std::size_t>(j)]).segment(first, columns.rows()).array();
  };
  activations.for_each_block([&](Index first, const ConstMatrixView& X, const Eigen::MatrixXd& H) {
    weighted = H;
    weigh(weighted, first);
    sums.Q.selfadjointView<Eigen::Lower>().rankUpdate(weighted.transpose());
    sums.squares += H.squaredNorm();
    if (d == 0) return;
    weigh(weighted, first);
    sums.coupling.noalias() += X.transpose() * weighted;
  });
  for (Index j = 0; j < m; ++j)
    for (Index l = 0; l < j; ++l) {
      if (outputs[static_cast<std::size_t>(j)] != outputs[static_cast<std::size_t>(l)]) sums.Q(j, l) = 0;
      sums.Q(l, j) = sums.Q(j, l);
    }
  return sums;
}

/// hⱼᵀg_k of each unit j and its output k.
Vector correlations_of(const Iterate& at, const Activations& activations) {
  Vector sums = Vector::Zero(at.units.count());
  activations.for_each_block([&](Index first, const ConstMatrixView&, const Eigen::MatrixXd& H) {
    for (Index j = 0; j < sums.size(); ++j)
      sums[j] += H.col(j).dot(at.dual.col(at.units.outputs[static_cast<std::size_t>(j)]).segment(first, H.rows()));
  });
  return sums;
}

/// The Newton step from sizes c ≥ 0 of units with these sums and signs s, `slope` that of F in c; damping makes it
/// shorter.
Step newton_step(const Problem& problem, const Iterate& at, const Curvature& curvature, const Products& sums,
                 const Vector& slope, const Vector& s, const Vector& c, double damping) {
  const std::vector<Index>& outputs = at.units.outputs;
  Eigen::MatrixXd Q = s.asDiagonal() * sums.Q * s.asDiagonal();
  std::optional<LinearPart> linear;
  Vector left = slope;
  if (at.skip.size() > 0) {
    linear.emplace(problem, at, curvature, damping, sums.coupling * s.asDiagonal());
    linear->eliminate(outputs, Q, left);
  }
  // Curvatures are at most the shares, and may all be 0 (Huber's far from the targets).
  const double numbers = static_cast<double>(problem.samples() * c.size());
  const double scale = numbers > 0 ? sums.squares / numbers : 0;
  Q.diagonal().array() += damping * scale + 1e-200;  // moves no solution, as steps are from c
  Vector next = c;
  if (problem.constrained())
    solve_quadratic_in_ball(Q, left - Q * c, problem.radius, next);
  else
    solve_quadratic(Q, left - Q * c, next);
  Step step{next - c, {}, 0};
  step.fall = -slope.dot(step.sizes);
  if (!linear) return step;
  step.skip = linear->step(outputs, step.sizes);
  step.fall -= linear->slope().cwiseProduct(step.skip).sum();
  return step;
}

}  // namespace

void solve_master(const Problem& problem, Iterate& at, const std::vector<int>& signs) {
  constexpr int newton_steps = 50;
  constexpr double negligible = 1e-12, least_damping = 1e-9;
  const Index m = at.units.count();
  if (m == 0 && at.skip.size() == 0) return evaluate(problem, at);
  const Units given = at.units;
  const Activations H(problem, given);
  const Vector s = Eigen::Map<const Eigen::VectorXi>(signs.data(), m).cast<double>();
  Vector c = s.cwiseProduct(at.units.weights);
  const bool is_constant = problem.loss.kind() == LossKind::squared;  // the curvature
  Curvature curvature;
  Products sums;
  double damping = least_damping;
  for (int round = 0; round < newton_steps; ++round) {
    if (round == 0 || !is_constant) {
      curvature = problem.loss.curvature(at.outputs);
      sums = products_of(at, H, curvature);
    }
    const Vector slope = problem.lambda - s.array() * correlations_of(at, H).array();
    const Step step = newton_step(problem, at, curvature, sums, slope, s, c, damping);
    const double before = at.objective;
    if (!(step.fall > negligible * std::fabs(before))) {
      // In the ball a program solved inexactly may not fall where shorter, better posed steps do.
      if (!problem.constrained() || damping > 1e3) break;
      damping *= 1e3;
      continue;
    }
    Iterate trial = at;
    double length = 1;
    for (; length > 1e-3; length /= 2) {
      trial.units.weights = s.cwiseProduct(c + length * step.sizes);
      if (step.skip.size() > 0) trial.skip = at.skip + length * step.skip;
      evaluate(problem, H, trial);
      if (trial.objective <= before - 1e-4 * length * step.fall) break;
    }
    if (!(trial.objective < before)) {
      if (damping > 1e3) break;
      damping *= 1e3;
      continue;
    }
    damping = std::max(damping / 10, least_damping);
    at = std::move(trial);
    c += length * step.sizes;
  }
  std::vector<bool> used;
  for (Index j = 0; j < m; ++j) used.push_back(at.units.weights[j] != 0);
  at.units.keep(used);
  evaluate(problem, at);
}

}  // namespace nadir::relu
