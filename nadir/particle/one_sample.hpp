#pragma once
// Steps on one sample each, where the two products have no time to lose. Particles lie in lanes of 8, and the update of
// the positions by one sample is done in the same pass as the products with the next one: every position is read and
// written once a step, with 4 m d operations. The result is that of the two passes one after the other, bit for bit.
#include <span>

#include "nadir/particle/particles.hpp"

namespace nadir::particle {

class OneSample {
 public:
  /// θ ← θ − step · m ∇ of the sample's loss and of the penalty (λ/2m) Σ (w² + ‖v‖²).
  OneSample(const Particles& particles, double step, double lambda);

  /// A step for each of these rows, in this order; returns the sum of ½ (f − y)², each before its own step.
  double take(const Matrix& features, const Vector& targets, std::span<const Index> rows);

  /// Where the particles are now.
  Particles particles();

 private:
  static constexpr int width = 8;
  using Lane = Eigen::Array<double, width, 1>;
  using Lanes = Eigen::Array<double, width, Eigen::Dynamic>;

  template <class Sigma, bool decays>
  double take(const Matrix& features, const Vector& targets, std::span<const Index> rows);
  /// v ← keep v − (last sample) c, and z = v · x; a column of z for each lane.
  template <bool decays>
  void pass(const double* x);
  void finish();

  Activation activation_;
  Index m_, d_;
  double step_, keep_;
  Lanes v_;           // column k·d + l: feature l of the particles 8k, .., 8k + 7
  Lanes w_, z_, c_;   // column k: of these particles; beyond the last one w = 0 and c = 0
  Vector last_;       // the sample whose update is due
  bool due_ = false;  // whether there is one
};

}  // namespace nadir::particle
