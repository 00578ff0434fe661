#pragma once
// The map of the nonlinear spectral method, in log-shares log(z/ρ) (Gautier, Nguyen, Hein 2016, equations (3) and (8)):
//   log(G_j/ρ) = (p' − 1) log ∇_j − (1/p) log Σ_l ∇_l^{p'}     in each block, p' = p/(p−1), ∇ = −∂F/∂z.
// Fixed points of G are the critical points of F on the feasible set's outer surface.
#include "nadir/opt/fixed_point.hpp"
#include "nadir/spectral/objective.hpp"

namespace nadir::spectral {

/// log(G/ρ) from −∂F/∂z (packed, positive).
Vector log_image(const Packing& packing, const Vector& gain);

/// The spectral method as a problem for opt/fixed_point. Lower bounds are −∞ where hidden concavity does not hold.
class SpectralMap final : public FixedPointProblem {
 public:
  explicit SpectralMap(Objective& objective);
  void evaluate(Point& point) override;
  /// Draws back to the spheres; e^−600 is small enough for any weight, and is still a double.
  void restore(Vector& position) const override {
    position = position.cwiseMax(-600);
    normalize(objective_.packing(), position);
  }

 private:
  Objective& objective_;
  bool concave_;
  PolynomialNetwork network_;
  Vector gain_;
};

}  // namespace nadir::spectral
