#include "nadir/linear/partial_products.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "nadir/base/error.hpp"

namespace nadir::linear {

PartialProducts partial_products(const Problem& problem, const LinearChain& chain) {
  require_chain(chain);
  if (chain.inputs() != problem.inputs || chain.outputs() != problem.outputs)
    throw InputError("linear network: leads from " + std::to_string(chain.inputs()) + " features to " +
                     std::to_string(chain.outputs()) + " targets, but the data have " + std::to_string(problem.inputs) +
                     " and " + std::to_string(problem.outputs));
  PartialProducts at;
  const std::size_t layers = chain.weights.size();
  Index widest = 1;
  for (std::size_t i = 0; i < layers; ++i) {
    at.layers.emplace_back(i == 0 ? Dense(chain.weights[0] * problem.S) : Dense(chain.weights[i]));
    // What rounding leaves is in proportion to ‖W_1‖‖S‖, also where W_1 S is much less.
    at.norms.push_back(spectral_norm(Dense(chain.weights[i])) * (i == 0 ? spectral_norm(problem.S) : 1));
    widest = std::max({widest, chain.weights[i].rows(), chain.weights[i].cols()});
  }
  at.below.emplace_back(Dense::Identity(problem.rank(), problem.rank()));
  at.below_norms.push_back(1);
  for (std::size_t i = 0; i < layers; ++i) {
    at.below.emplace_back(at.layers[i] * at.below[i]);
    at.below_norms.push_back(at.norms[i] * at.below_norms[i]);
  }
  at.above.assign(layers + 1, Dense::Identity(problem.outputs, problem.outputs));
  at.above_norms.assign(layers + 1, 1);
  for (std::size_t i = layers; i-- > 0;) {
    at.above[i] = at.above[i + 1] * at.layers[i];
    at.above_norms[i] = at.above_norms[i + 1] * at.norms[i];
  }
  at.residual = at.product() - problem.T;
  at.rounding = 4 * std::numeric_limits<double>::epsilon() * static_cast<double>(layers + 1) *
                std::sqrt(static_cast<double>(widest));
  return at;
}

}  // namespace nadir::linear
