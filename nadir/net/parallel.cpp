#include "nadir/net/parallel.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/base/threads.hpp"

namespace nadir {

ConstMatrixView ParallelNetwork::weights(Index subnetwork, std::size_t layer) const {
  const Matrix& all = layers[layer];
  const Index rows = all.rows() / count();
  return rows_of(all, subnetwork * rows, rows);
}

std::vector<Index> ParallelNetwork::widths() const {
  std::vector<Index> widths;
  for (const Matrix& layer : layers) widths.push_back(layer.cols());
  widths.push_back(outputs);
  return widths;
}

void require_parallel(const ParallelNetwork& network) {
  if (network.layers.size() < 2) throw InputError("parallel sub-networks have two layers or more");
  if (!(std::fabs(network.slope) <= 1)) throw InputError("the slope of parallel sub-networks is not in -1 ... 1");
  if (network.outputs < 1 || network.layers.back().rows() % network.outputs != 0)
    throw InputError("the last layer does not have a unit for each sub-network and output");
  const Index count = network.count();
  for (std::size_t k = 0; k < network.layers.size(); ++k) {
    const Matrix& layer = network.layers[k];
    const std::string name = "layer " + std::to_string(k + 1) + " of the sub-networks ";
    if (count == 0 ? layer.rows() > 0 : layer.rows() == 0 || layer.rows() % count != 0)
      throw InputError(name + "does not have as many units for each of them");
    if (count > 0 && k > 0 && layer.cols() != network.layers[k - 1].rows() / count)
      throw InputError(name + "does not take what the one before it gives");
    if (!layer.allFinite()) throw InputError(name + "has a weight that is not a finite number");
  }
}

Matrix outputs(const ParallelNetwork& network, const Matrix& features, int threads) {
  constexpr Index rows = 1024;
  const Index n = features.rows();
  Matrix f = Matrix::Zero(n, network.outputs);
  for_each_task(static_cast<int>((n + rows - 1) / rows), threads, [&](int task) {
    const Index first = task * rows, size = std::min(rows, n - first);
    for (Index i = 0; i < network.count(); ++i) {
      Matrix at = features.middleRows(first, size) * network.weights(i, 0).transpose();
      for (std::size_t k = 1; k < network.layers.size(); ++k) {
        at = (at.array() > 0).select(at, network.slope * at).eval();
        at = at * network.weights(i, k).transpose();
      }
      f.middleRows(first, size) += at;
    }
  });
  return f;
}

std::string weights_sha256(const ParallelNetwork& network) {
  Sha256 hash;
  hash.add("nadir-weights 6\n");
  for (const Matrix& layer : network.layers) hash.add(layer);
  return hash.finish();
}

}  // namespace nadir
