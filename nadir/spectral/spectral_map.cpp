#include "nadir/spectral/spectral_map.hpp"

#include <cmath>
#include <limits>

#include "nadir/spectral/concavity.hpp"

namespace nadir::spectral {

Vector log_image(const Packing& packing, const Vector& gain) {
  Vector image = gain.array().log();
  for (const Block& block : packing.blocks()) {
    auto part = image.segment(block.first, block.count);
    const double conjugate = block.p / (block.p - 1);
    const double norm = log_norm(part, conjugate) * conjugate / block.p;  // (1/p) log Σ ∇^{p'}
    part = (part.array() / (block.p - 1) - norm).matrix().eval();
  }
  return image;
}

SpectralMap::SpectralMap(Objective& objective)
    : objective_(objective),
      concave_(degree(objective.architecture()) <= 1),
      network_(objective.packing().empty_network()) {}

void SpectralMap::evaluate(Point& point) {
  const Packing& packing = objective_.packing();
  const Vector weights = weights_of(packing, point.position);
  packing.unpack(weights, network_);
  const Objective::Value value = objective_.evaluate(network_, gain_);
  point.objective = value.objective;
  point.rounding = 4e-15 * value.magnitude;
  point.image = log_image(packing, gain_);
  // In log-weights ∂F/∂log z_j = −∇_j z_j; along the spheres, minus its part across them: −(∇_j z_j − π_j Σ_b ∇ z) with
  // the shares π = (z/ρ)^p. The Hessian there is about diag((p − 1) π Σ_b ∇ z), for which G(z) − z is Newton's step.
  point.gradient.resize(packing.size()), point.metric.resize(packing.size());
  const Vector pull = gain_.cwiseProduct(weights);
  for (const Block& block : packing.blocks()) {
    const auto logs = point.position.segment(block.first, block.count).array();
    const Vector across = (block.p * logs).exp() * pull.segment(block.first, block.count).sum();
    point.gradient.segment(block.first, block.count) = across - pull.segment(block.first, block.count);
    point.metric.segment(block.first, block.count) = (block.p - 1) * across.array() + 1e-300;
  }
  point.lower_bound = concave_ ? point.objective - duality_gap(packing, point.position, gain_)
                               : -std::numeric_limits<double>::infinity();
}

}  // namespace nadir::spectral
