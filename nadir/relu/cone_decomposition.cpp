#include "nadir/relu/cone_decomposition.hpp"

#include <algorithm>

#include "nadir/base/threads.hpp"
#include "nadir/opt/cone_projection.hpp"

namespace nadir::relu {
namespace {

/// Rows of (2D − I)X, each of norm 1 or 0.
Matrix cone_rows(const Matrix& features, const std::vector<bool>& open) {
  Matrix rows = features;
  for (Index i = 0; i < rows.rows(); ++i) {
    const double norm = rows.row(i).norm();
    if (norm > 0) rows.row(i) *= (open[static_cast<std::size_t>(i)] ? 1 : -1) / norm;
  }
  return rows;
}

}  // namespace

ConeDifference split_over_cone(const Matrix& features, const std::vector<bool>& open, const Vector& v, int steps) {
  constexpr double negligible = 1e-15, settled = 1e-12;
  const Matrix rows = cone_rows(features, open);
  const Vector sums = rows * v, zero = Vector::Zero(v.size());
  const double size = v.norm();
  if (!(sums.size() > 0) || sums.minCoeff() >= -negligible * size) return {true, v, zero, size};
  if (sums.maxCoeff() <= negligible * size) return {true, zero, -v, size};
  ConeDifference best;
  double share = 0.5;  // θ = ‖b‖/(‖a‖ + ‖b‖); then b = c − θv, with the shortest c for which a and b are in the cone
  for (int step = 0; step < steps; ++step) {
    const std::optional<Vector> c = shortest_above(rows, (share * sums).cwiseMax((share - 1) * sums));
    if (!c) break;
    ConeDifference next{true, *c + (1 - share) * v, *c - share * v, 0};
    next.norms = next.a.norm() + next.b.norm();
    const bool falls = !best.found || next.norms < best.norms * (1 - settled);
    if (!best.found || next.norms < best.norms) best = std::move(next);
    if (!falls || !(best.norms > 0)) break;
    share = std::clamp(best.b.norm() / best.norms, 1e-6, 1 - 1e-6);
  }
  return best;
}

Decomposition decompose(const Matrix& features, const GatedNetwork& network, int threads) {
  const Index K = network.outputs, all = network.weights.rows();
  const Patterns patterns(features, network.gates.topRows(network.active()).eval(), threads);
  std::vector<ConeDifference> parts(static_cast<std::size_t>(all));
  for_each_task(static_cast<int>(all), threads, [&](int task) {
    const Vector v = network.weights.row(task).transpose();
    if (v.isZero(0)) return;
    std::vector<bool> open;
    for (Index i = 0; i < features.rows(); ++i) open.push_back(patterns.open(task / K, i));
    parts[static_cast<std::size_t>(task)] = split_over_cone(features, open, v);
  });
  Decomposition result;
  result.units.directions.resize(0, features.cols());
  for (Index g = 0; g < all; ++g) {
    const ConeDifference& part = parts[static_cast<std::size_t>(g)];
    const double size = network.weights.row(g).norm();
    if (!(size > 0)) continue;
    if (!part.found) {
      if (result.not_split.empty() || result.not_split.back() != g / K) result.not_split.push_back(g / K);
      continue;
    }
    result.gated_norm += size, result.relu_norm += part.norms;
    if (const double norm = part.a.norm(); norm > 0) result.units.add(part.a / norm, norm, g % K);
    if (const double norm = part.b.norm(); norm > 0) result.units.add(part.b / norm, -norm, g % K);
  }
  return result;
}

}  // namespace nadir::relu
