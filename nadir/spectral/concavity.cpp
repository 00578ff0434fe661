#include "nadir/spectral/concavity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nadir/base/rounding.hpp"

namespace nadir::spectral {

double degree(const Architecture& architecture) {
  const RoundUpward upward;
  // theta[m]: the activation of unit m, to the power 1/theta[m], is concave in the transformed weights.
  std::vector<double> below(static_cast<std::size_t>(architecture.inputs), 0.0);
  for (const auto& layer : architecture.hidden) {
    std::vector<double> theta(static_cast<std::size_t>(layer.units()));
    for (Index unit = 0; unit < layer.units(); ++unit) {
      double highest = 0;
      for (std::size_t input = 0; input < below.size(); ++input)
        if (layer.exists(unit, static_cast<Index>(input))) highest = std::max(highest, below[input]);
      const double alpha = layer.exponents[unit];  // the activation's degree is α times the sum's 1/p + highest
      theta[static_cast<std::size_t>(unit)] = alpha / layer.p_of(unit) + alpha * highest;
    }
    below = std::move(theta);
  }
  return 1 / architecture.output_p + *std::max_element(below.begin(), below.end());
}

BlockGap block_gap(const Block& block, const Eigen::Ref<const Vector>& log_shares,
                   const Eigen::Ref<const Vector>& gain) {
  const auto steepness = gain.array().log() + (1 - block.p) * log_shares.array();
  const double top = block.radius * std::exp(steepness.maxCoeff()) / block.p;
  const double bottom = block.radius * (gain.array() * log_shares.array().exp()).sum() / block.p;
  // A logarithm's error, a few units in the last place of it, enters multiplied by p; rounding_factor(), which this is
  // multiplied by, is more than 100 times a unit in the last place.
  const double amplified = 1 + block.p * (1 + log_shares.cwiseAbs().maxCoeff());
  return {top - bottom, bottom + top * (1 + amplified * 1e-2)};
}

double duality_gap(const Packing& packing, const Vector& log_shares, const Vector& gain) {
  double gap = 0;
  for (const Block& block : packing.blocks())
    gap += block_gap(block, log_shares.segment(block.first, block.count), gain.segment(block.first, block.count)).gap;
  return gap;
}

ProvenInterval prove(Objective& objective, const PolynomialNetwork& network) {
  Vector gain;
  const Objective::Value value = objective.evaluate(network, gain);
  const Vector logs = log_shares(objective.packing(), network);
  double gap = 0, magnitude = value.magnitude;
  for (const Block& block : objective.packing().blocks()) {
    const BlockGap part =
        block_gap(block, logs.segment(block.first, block.count), gain.segment(block.first, block.count));
    gap += part.gap, magnitude += part.magnitude;
  }
  const double factor = objective.rounding_factor();
  ProvenInterval interval;
  interval.objective = value.objective + factor * value.magnitude;
  const bool concave = degree(objective.architecture()) <= 1;
  interval.bound.value =
      concave ? value.objective - gap - factor * magnitude : -std::numeric_limits<double>::infinity();
  return interval;
}

}  // namespace nadir::spectral
