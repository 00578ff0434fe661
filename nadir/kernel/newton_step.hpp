#pragma once
// The step Δ of λΔ + L″(f) KΔ = −ρ (docs/math/kernel.md, (7) to (9)).
#include <Eigen/Cholesky>
#include <optional>

#include "nadir/kernel/solver.hpp"

namespace nadir::kernel {

/// Σ_ik a_ik b_ik.
inline double inner(const Matrix& a, const Matrix& b) { return a.cwiseProduct(b).sum(); }

class NewtonStep {
 public:
  explicit NewtonStep(const Problem& problem) : problem_(problem) {}
  /// `residual`: ρ = ∇L(f) + λA. Softmax's steps are iterative, to this exactness.
  Matrix at(const Curvature& curvature, const Matrix& residual, double exactness);
  /// Of softmax by factorizations, where K is given as a matrix and they fit into memory; else empty.
  Matrix exact(const Curvature& curvature, const Matrix& residual) const;

 private:
  using Factor = Eigen::LLT<Eigen::MatrixXd>;
  Matrix times_kernel(const Matrix& x) const { return problem_.kernel.times(x, problem_.threads); }
  /// Of K's system for weights S.
  Factor factor(const Vector& weights) const {
    return problem_.kernel.factor(weights, problem_.lambda, problem_.threads);
  }
  /// (λI + SK)⁻¹ x, by the factor for these weights.
  Matrix solved(const Factor& factor, const Vector& weights, const Matrix& x) const;
  Matrix direct(const Curvature& curvature, const Matrix& residual) const;
  Matrix iterative(const Curvature& curvature, const Matrix& residual, double exactness);

  const Problem& problem_;
  std::optional<Factor> preconditioner_;
};

}  // namespace nadir::kernel
