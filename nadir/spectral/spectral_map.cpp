#include "nadir/spectral/spectral_map.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nadir/spectral/concavity.hpp"

namespace nadir::spectral {

namespace {

/// (a − b) / (log a − log b), between the geometric and the arithmetic mean of a, b ≥ 0.
double logarithmic_mean(double a, double b) {
  if (std::fabs(a - b) <= 1e-4 * std::max(a, b)) return 0.5 * (a + b);
  if (a == 0 || b == 0) return 0;
  return (a - b) / std::log(a / b);
}

}  // namespace

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
  // the shares π = (z/ρ)^p. The metric is (p − 1) times the logarithmic mean of the two: near the minimizer, where they
  // are equal, the Hessian's diagonal; and everywhere such that gradient/metric is the spectral step G(z) − z, up to a
  // shift of the whole block.
  point.gradient.resize(packing.size()), point.metric.resize(packing.size());
  const Vector pull = gain_.cwiseProduct(weights);
  for (const Block& block : packing.blocks()) {
    const auto logs = point.position.segment(block.first, block.count).array();
    const double total = pull.segment(block.first, block.count).sum();
    for (Index j = block.first; j < block.first + block.count; ++j) {
      const double across = std::exp(block.p * logs[j - block.first]) * total;
      point.gradient[j] = across - pull[j];
      point.metric[j] = (block.p - 1) * logarithmic_mean(across, pull[j]) + 1e-300;
    }
  }
  point.lower_bound = concave_ ? point.objective - duality_gap(packing, point.position, gain_)
                               : -std::numeric_limits<double>::infinity();
}

}  // namespace nadir::spectral
