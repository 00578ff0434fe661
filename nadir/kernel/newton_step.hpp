#pragma once
// The step Δ of λΔ + L″(f) KΔ = −ρ (docs/math/kernel.md, (7) and (8)).
#include <Eigen/Cholesky>
#include <optional>

#include "nadir/kernel/solver.hpp"

namespace nadir::kernel {

class NewtonStep {
 public:
  explicit NewtonStep(const Problem& problem) : problem_(problem) {}
  /// `residual`: ρ = ∇L(f) + λA. `exactness`: of softmax's steps, which are iterative.
  Matrix at(const Curvature& curvature, const Matrix& residual, double exactness);

 private:
  using Factor = Eigen::LLT<Eigen::MatrixXd>;
  /// λI + S^½ K S^½ for weights S.
  Factor factor(const Vector& weights) const;
  Matrix direct(const Curvature& curvature, const Matrix& residual) const;
  Matrix iterative(const Curvature& curvature, const Matrix& residual, double exactness);

  const Problem& problem_;
  std::optional<Factor> preconditioner_;
};

}  // namespace nadir::kernel
