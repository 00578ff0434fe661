#pragma once
// One fold of the cross-validation: coefficients that begin where the last lambda's ended.
#include <utility>

#include "nadir/kernel/solver.hpp"
#include "nadir/path/path.hpp"

namespace nadir::kernel {

class CoefficientTrainer : public path::FoldTrainer {
 public:
  explicit CoefficientTrainer(TrainingLoss loss)
      : loss_(std::move(loss)), coefficients_(Matrix::Zero(loss_.samples(), loss_.outputs())) {}

  Matrix train(double lambda, const Watch& watch) override {
    SolverOptions options;
    options.gap = 1e-4;  // leaves cross-validation nothing to see
    const Solution solution = solve({gram(), loss_, lambda}, options, &coefficients_, watch);
    if (solution.stop == Stop::told_to) return {};
    coefficients_ = solution.coefficients;
    return at_validation(coefficients_);
  }
  path::State state() const override {
    path::State state;
    state.set("coefficients", coefficients_);
    return state;
  }
  void restore(const path::State& state) override {
    coefficients_ = state.matrix("coefficients", loss_.samples(), loss_.outputs());
  }

 private:
  /// Of the fold's training rows.
  virtual Gram gram() const = 0;
  /// Outputs for the rows left out.
  virtual Matrix at_validation(const Matrix& coefficients) const = 0;

  TrainingLoss loss_;
  Matrix coefficients_;
};

}  // namespace nadir::kernel
