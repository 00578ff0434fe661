#include "nadir/polar/non_negative.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <vector>

#include "nadir/opt/lbfgs.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::polar {
namespace {

constexpr double closed = 1 + 1e-10;   ///< bounds within this factor of the best witness are as good as it
constexpr double tied_within = 1e-11;  ///< relative: so far apart, two leading eigenvalues are taken as one

Matrix part_of(const Matrix& H, const std::vector<Index>& support) { return H(support, support); }

/// Of a vector perhaps of the other sign: the non-negative part, normalized; zero where there is none.
Vector non_negative_part(const Vector& z) {
  const Vector part = (z.sum() < 0 ? Vector(-z) : z).cwiseMax(0);
  const double size = part.norm();
  return size > 0 ? Vector(part / size) : Vector::Zero(z.size());
}

/// N ≥ 0 with a small λ_max(H + N): N = (A + Aᵀ)∘(A + Aᵀ)/4 off the diagonal, by L-BFGS in A on
/// log Σ exp(p λᵢ) / p, for growing p.
Matrix relaxation_of(const Matrix& H, int steps, const GoOn& go_on) {
  const Index d = H.rows();
  const double size = std::max(H.cwiseAbs().maxCoeff(), std::numeric_limits<double>::min());
  Vector roots = Vector::Constant(d * (d - 1) / 2, 0.1);
  const auto matrix_of = [d](const Vector& a) {
    Matrix N = Matrix::Zero(d, d);
    Index k = 0;
    for (Index i = 0; i < d; ++i)
      for (Index j = 0; j < i; ++j, ++k) N(i, j) = N(j, i) = a[k] * a[k];
    return N;
  };
  for (const double sharpness : {30.0, 300.0, 3e3, 3e4, 3e5}) {
    const double p = sharpness;
    const auto smoothed = [&](const Vector& a, Vector& gradient) {
      const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(H / size + matrix_of(a));
      const double most = eigen.eigenvalues()[d - 1];
      const Vector shares = (p * (eigen.eigenvalues().array() - most)).exp();
      const Matrix slope =
          eigen.eigenvectors() * (shares / shares.sum()).asDiagonal() * eigen.eigenvectors().transpose();
      Index k = 0;
      for (Index i = 0; i < d; ++i)
        for (Index j = 0; j < i; ++j, ++k) gradient[k] = 4 * slope(i, j) * a[k];
      return most + std::log(shares.sum()) / p;
    };
    LbfgsOptions options;
    options.max_iterations = steps, options.least_decrease = 1e-3 / p, options.memory = 20, options.go_on = go_on;
    roots = minimize_by_lbfgs(smoothed, roots, options).position;
  }
  return size * matrix_of(roots);
}

/// What computed eigenvalues θ and eigenvectors Q of H, of whatever accuracy, prove: H Q − Q θ and QᵀQ − I are
/// measured.
struct LeadingPair {
  bool mixed = false;  ///< no leading eigenvector is ≥ 0
  double apart = 0;    ///< at least λ₁ − λ₂; infinite for one dimension
};

LeadingPair look_at_leading(const Matrix& H, const Eigen::MatrixXd& Q, const Eigen::VectorXd& theta) {
  const Index d = H.rows();
  if (d == 1) return {false, std::numeric_limits<double>::infinity()};
  const double rounding = 16 * 0x1p-53 * static_cast<double>(d + 16);
  const Eigen::VectorXd off = (H * Q - Q * theta.asDiagonal()).colwise().norm().array() + rounding * H.norm();
  const double skew = (Q.transpose() * Q - Eigen::MatrixXd::Identity(d, d)).norm() + rounding * static_cast<double>(d);
  const double least = theta[d - 1] - 2 * off[d - 1];  // of λ₁
  LeadingPair leading{false, theta[d - 1] - theta[d - 2] + 4 * (off.norm() + skew * H.norm())};
  double beside = 0;  // what of the leading eigenvector lies along the others
  for (Index j = 0; j + 1 < d; ++j) {
    const double apart = least - theta[j];
    if (!(apart > 0)) return leading;
    beside += std::pow(off[j] / apart, 2);
  }
  const double error = 4 * (std::sqrt(beside) + skew);
  leading.mixed = error < 0.25 && Q.col(d - 1).maxCoeff() > error && Q.col(d - 1).minCoeff() < -error;
  return leading;
}

/// A maximizer's support lies in `support`, its first `kept` entries being part of it.
struct SupportNode {
  std::vector<Index> support;
  std::size_t kept = 0;
  double bound = 0;
  long number = 0;  ///< for ties
};

struct LargestSupportFirst {
  bool operator()(const SupportNode& a, const SupportNode& b) const {
    return a.bound != b.bound ? a.bound < b.bound : a.number > b.number;
  }
};

class SupportBranching {
 public:
  SupportBranching(const Matrix& H, const NonNegativeOptions& options) : H_(H), options_(options) {}

  NonNegativeBound run() {
    std::vector<Index> all(static_cast<std::size_t>(H_.rows()));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Index>(i);
    double bound = proven_largest_eigenvalue(H_);
    consider_leading(H_, all);
    if (bound > enough() && options_.relaxation_steps > 0) {
      result_.added = relaxation_of(H_, options_.relaxation_steps, options_.go_on);
      relaxed_ = H_ + result_.added;
      bound = std::min(bound, proven_largest_eigenvalue(relaxed_));
      seek(relaxed_);
    }
    push({std::move(all), 0, bound, 0});
    while (!open_.empty() && open_.top().bound > enough()) {
      if (result_.nodes >= options_.max_nodes || (options_.go_on && !options_.go_on())) break;
      const SupportNode node = open_.top();
      open_.pop();
      ++result_.nodes;
      split(node);
    }
    result_.upper = std::max({0.0, settled_, result_.found.value * closed, open_.empty() ? 0 : open_.top().bound}) +
                    slack_ * static_cast<double>(H_.rows());
    return std::move(result_);
  }

 private:
  double enough() const { return std::max(options_.level, result_.found.value * closed); }

  void push(SupportNode node) {
    node.number = ++numbers_;
    if (node.bound > enough())
      open_.push(std::move(node));
    else
      settled_ = std::max(settled_, node.bound);
  }

  void consider(const Vector& z) {
    if (z.sum() == 0) return;
    const double value = z.dot(H_ * z);
    if (value > result_.found.value) result_.found = {z, value};
  }

  /// The non-negative part of the leading eigenvector of a part of H.
  void consider_leading(const Matrix& part, const std::vector<Index>& support) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(part);
    Vector z = Vector::Zero(H_.rows());
    z(support) = non_negative_part(eigen.eigenvectors().col(part.rows() - 1));
    consider(z);
  }

  /// From the leading eigenvectors of the relaxation, where it is tight, and from each entry.
  void seek(const Matrix& relaxed) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(relaxed), own(H_, Eigen::EigenvaluesOnly);
    const double shift = std::max(0.0, -own.eigenvalues()[0]);
    const Index d = H_.rows();
    for (Index j = std::max<Index>(0, d - 5); j < d; ++j)
      for (const int sign : {1, -1}) {
        const Vector from = (sign * eigen.eigenvectors().col(j)).cwiseMax(0);
        const NonNegativeWitness found = ascend_non_negative(H_, shift, from);
        if (found.value > result_.found.value) result_.found = found;
      }
  }

  /// Children: the first removable entry is not in the support; it is, and the second is not; and so on. That all are
  /// in it is what the leading eigenvector tells of; where there are two, a smaller support does as well.
  void split(const SupportNode& node) {
    const Matrix part = part_of(H_, node.support);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(part);
    const auto top = eigen.eigenvectors().col(part.rows() - 1);
    Vector z = Vector::Zero(H_.rows());
    z(node.support) = non_negative_part(top);
    consider(z);
    const double own = proven_largest_eigenvalue(part);
    const double bound = std::min(node.bound, own);
    const LeadingPair leading = look_at_leading(part, eigen.eigenvectors(), eigen.eigenvalues());
    const bool tied = leading.apart <= tied_within * own;
    if (bound <= enough() || !(leading.mixed || tied)) {
      settled_ = std::max(settled_, bound);
      return;
    }
    if (!leading.mixed) slack_ = std::max(slack_, leading.apart);
    SupportNode child{node.support, node.kept, 0, 0};
    // Those of the lesser sign go first: without them the bound falls the most.
    const double sign = top.sum() < 0 ? -1 : 1;
    std::vector<std::pair<double, Index>> order;
    for (std::size_t i = node.kept; i < node.support.size(); ++i)
      order.emplace_back(sign * top[static_cast<Index>(i)], node.support[i]);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i) child.support[node.kept + i] = order[i].second;
    for (std::size_t i = node.kept; i < child.support.size(); ++i) {
      SupportNode next{child.support, i, 0, 0};
      next.support.erase(next.support.begin() + static_cast<std::ptrdiff_t>(i));
      if (next.support.empty()) continue;
      next.bound = std::min(bound, proven_largest_eigenvalue(part_of(H_, next.support)));
      if (next.bound > enough() && relaxed_.size() > 0)
        next.bound = std::min(next.bound, proven_largest_eigenvalue(part_of(relaxed_, next.support)));
      push(std::move(next));
    }
  }

  const Matrix& H_;
  const NonNegativeOptions& options_;
  Matrix relaxed_;  ///< H + N, N ≥ 0; none where it was not needed
  std::priority_queue<SupportNode, std::vector<SupportNode>, LargestSupportFirst> open_;
  double settled_ = 0;  ///< the largest bound of a node that is not split further
  double slack_ = 0;    ///< what a smaller support may lose, for each entry, where leading eigenvalues are tied
  long numbers_ = 0;
  NonNegativeBound result_;
};

}  // namespace

NonNegativeWitness ascend_non_negative(const Matrix& H, double shift, const Vector& from, int steps) {
  Vector z = non_negative_part(from);
  double value = z.dot(H * z);
  for (int k = 0; k < steps; ++k) {
    const Vector next = non_negative_part((H * z + shift * z).cwiseMax(0));
    const double raised = next.dot(H * next);
    if (!(raised > value)) break;
    const bool little = raised <= value * (1 + 1e-14);
    z = next, value = raised;
    if (little) break;
  }
  std::vector<Index> support;
  for (Index i = 0; i < z.size(); ++i)
    if (z[i] > 1e-9) support.push_back(i);
  if (!support.empty()) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(part_of(H, support));
    Vector exact = Vector::Zero(z.size());
    exact(support) = non_negative_part(eigen.eigenvectors().col(static_cast<Index>(support.size()) - 1));
    if (const double better = exact.dot(H * exact); better > value) z = exact, value = better;
  }
  return value > 0 ? NonNegativeWitness{z, value} : NonNegativeWitness{};
}

Matrix non_negative_relaxation(const Matrix& H, const GoOn& go_on) {
  return relaxation_of(H, NonNegativeOptions().relaxation_steps, go_on);
}

NonNegativeBound bound_non_negative(const Matrix& H, const NonNegativeOptions& options) {
  if (!H.allFinite()) return {std::numeric_limits<double>::infinity(), {}};
  if (H.size() == 0) return {};
  return SupportBranching(H, options).run();
}

}  // namespace nadir::polar
