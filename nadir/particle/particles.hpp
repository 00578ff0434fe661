#pragma once
// Two-layer networks as clouds of particles (Berthier 2018, section 4.3, equation (9); Chizat and Bach 2018):
//   f(x) = (1/m) Σⱼ wⱼ σ(vⱼ·x),
// a particle is θⱼ = (wⱼ, vⱼ) with wⱼ ∈ ℝ and vⱼ ∈ ℝᵈ. Features are as the particles see them: a bias is the weight of
// a last feature that is 1. Definitions, scaling and what is claimed: docs/math/particle.md.
#include "nadir/base/matrix.hpp"
#include "nadir/base/random.hpp"
#include "nadir/net/relu.hpp"

namespace nadir::particle {

/// σ(z) = max(0, z), its second and third power, and 1/(1 + e^(−z)). The slope of ReLU at 0 is taken to be 0.
enum class Activation { relu, squared_relu, cubed_relu, sigmoid };

struct Particles {
  Activation activation = Activation::relu;
  Vector weights;    ///< w, m
  Matrix positions;  ///< v, m × d

  Index count() const { return weights.size(); }
  Index inputs() const { return positions.cols(); }
};

/// Uniform on the sphere of a radius > 0 around 0 in ℝ^(d+1), of (w, v): what proposition 4.1 wants, for ReLU.
Particles start_on_sphere(Activation activation, Index count, Index inputs, double radius, Random& random);

/// w = 0 and v standard normal: what proposition 4.2 wants, for sigmoid.
Particles start_without_weight(Activation activation, Index count, Index inputs, Random& random);

/// f, n, of features n × d.
Vector outputs(const Particles& particles, const Matrix& features);

/// J = (1/n) Σᵢ ½ (f(xᵢ) − yᵢ)² + (λ/2m) Σⱼ (wⱼ² + ‖vⱼ‖²), n ≥ 1 samples.
double objective(const Particles& particles, const Matrix& features, const Vector& targets, double lambda);

/// m ∇J, which is what a particle's velocity is minus of: as `weights` (m ∂J/∂wⱼ) and `positions` (m ∂J/∂vⱼ).
Particles scaled_gradient(const Particles& particles, const Matrix& features, const Vector& targets, double lambda);

/// The same function, for ReLU: units v/√m, output weights w/√m. Its weight decay (λ/2) Σ (‖u‖² + w²) is the particles'
/// penalty, and so J is the objective of docs/certificate-format.md, section 5.2, before units are balanced, and no
/// less than that after. Throws UsageError for other activations.
ReluNetwork to_relu(const Particles& particles);

}  // namespace nadir::particle
