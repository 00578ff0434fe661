#include "nadir/net/gated.hpp"

#include "nadir/base/sha256.hpp"
#include "nadir/net/masked_products.hpp"

namespace nadir {

Matrix outputs(const GatedNetwork& network, const Matrix& features, int threads) {
  const Patterns patterns(features, network.gates.topRows(network.active()), threads);
  const MaskedProducts products(features, patterns, threads);
  std::vector<Group> groups;
  for (Index g = 0; g < network.weights.rows(); ++g) groups.push_back({g / network.outputs, g % network.outputs});
  Matrix f;
  products.forward(groups, network.weights, network.outputs, f);
  return f;
}

std::string weights_sha256(const GatedNetwork& network) {
  Sha256 hash;
  hash.add("nadir-weights 2\n");
  hash.add(network.gates);
  hash.add(network.weights);
  return hash.finish();
}

}  // namespace nadir
