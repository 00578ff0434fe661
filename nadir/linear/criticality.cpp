#include "nadir/linear/criticality.hpp"

#include <algorithm>

namespace nadir::linear {
namespace {

/// A_i E B_i of the reduced problem, i = 1, .., H+1.
Dense reduced_gradient(const PartialProducts& at, std::size_t i) {
  return at.above[i].transpose() * at.residual * at.below[i - 1].transpose();
}

}  // namespace

std::vector<Matrix> gradients(const Problem& problem, const PartialProducts& at) {
  std::vector<Matrix> all;
  for (std::size_t i = 1; i <= at.layers.size(); ++i) {
    const Dense G = reduced_gradient(at, i);
    all.emplace_back(i == 1 ? Dense(G * problem.S.transpose()) : G);
  }
  return all;
}

Criticality criticality(const Problem& problem, const PartialProducts& at) {
  Criticality result;
  const std::vector<Matrix> raw = gradients(problem, at);
  const double size = at.product().norm() + std::max(problem.T.norm(), problem.least_size());
  for (std::size_t i = 1; i <= at.layers.size(); ++i) {
    LayerCriticality layer;
    layer.gradient = raw[i - 1].norm();
    const double others = at.above_norms[i] * at.below_norms[i - 1];
    layer.rounding = others * (at.rounding * size + at.residual_rounding(problem));
    const double excess = reduced_gradient(at, i).norm() - layer.rounding;
    if (!(excess <= 0)) layer.ratio = excess / (at.above[i].norm() * size * at.below[i - 1].norm());
    result.largest_ratio = std::max(result.largest_ratio, layer.ratio);
    result.layers.push_back(layer);
  }
  return result;
}

}  // namespace nadir::linear
