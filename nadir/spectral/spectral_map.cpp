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
    part = (part.array() / (block.p - 1) + (std::log(block.radius) - norm)).matrix().eval();
  }
  return image;
}

SpectralMap::SpectralMap(Objective& objective)
    : objective_(objective),
      concave_(degree(objective.architecture()) <= 1),
      network_(objective.packing().empty_network()) {}

void SpectralMap::evaluate(Point& point) {
  const Packing& packing = objective_.packing();
  const Vector weights = point.position.array().exp();
  packing.unpack(weights, network_);
  const Objective::Value value = objective_.evaluate(network_, gain_);
  point.objective = value.objective;
  point.rounding = 4e-16 * value.magnitude;
  point.image = log_image(packing, gain_);
  // Near the minimizer the second derivative in log z is about ∇ z (p − 1).
  point.metric = gain_.cwiseProduct(weights);
  point.slope = 0;
  for (const Block& block : packing.blocks()) {
    auto pull = point.metric.segment(block.first, block.count);
    const Vector step = (point.image - point.position).segment(block.first, block.count);
    const Vector share = (block.p * (point.position.segment(block.first, block.count).array() - std::log(block.radius))).exp();
    // dΦ/dt along the geodesic z^{1−t} G^t drawn back to the sphere: (1/(p−1)) Cov(∇_a, log ∇_a) ≥ 0 in the shares.
    point.slope += pull.dot(step) - pull.sum() * share.dot(step);
    pull *= block.p - 1;
  }
  point.lower_bound = concave_ ? point.objective - duality_gap(packing, point.position, gain_)
                               : -std::numeric_limits<double>::infinity();
}

}  // namespace nadir::spectral
