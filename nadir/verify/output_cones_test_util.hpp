#pragma once
// The directions and cones of output weights that a file lists (section 6.4), read once more, and what follows from
// bounds in these directions, in long double.
#include "nadir/verify/cones_test_util.hpp"

namespace nadir::verify::planted {
struct OutputWeights {
  Rows<double> directions;
  std::vector<std::vector<std::size_t>> cones;  // none: an output alone, with both signs

  std::size_t place_of(const std::vector<double>& v) {
    for (std::size_t k = 0; k < directions.size(); ++k)
      if (directions[k] == v) return k;
    directions.push_back(v);
    return directions.size() - 1;
  }
};

/// Each output alone where `nodes` is empty. Throws where they are no list of cones.
inline OutputWeights output_weights(const Rows<double>& nodes, std::size_t outputs) {
  OutputWeights read;
  for (std::size_t k = 0; nodes.empty() && k < outputs; ++k)
    for (const double s : {1.0, -1.0}) {
      read.directions.emplace_back(outputs);
      read.directions.back()[k] = s;
    }
  if (nodes.empty()) return read;
  std::size_t next = 0;
  const std::function<void(std::vector<std::size_t>)> walk = [&](std::vector<std::size_t> cone) {
    const std::vector<double>& row = nodes.at(next++);
    demand(row.size() == 2, "columns of cones");
    if (row[0] == 0 && row[1] == 0) return read.cones.push_back(cone);
    demand(row[0] >= 0 && row[0] < row[1] && row[1] < static_cast<double>(outputs), "pair");
    for (const double entry : row) demand(entry == std::floor(entry), "whole");
    const auto a = static_cast<std::size_t>(row[0]), b = static_cast<std::size_t>(row[1]);
    std::vector<double> sum = read.directions[cone[a]];
    for (std::size_t k = 0; k < outputs; ++k) sum[k] += read.directions[cone[b]][k];
    std::vector<std::size_t> first = cone, second = cone;
    first[b] = second[a] = read.place_of(sum);
    walk(first);
    walk(second);
  };
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < outputs; ++k) order.push_back(k);
  do
    for (const double s : {1.0, -1.0}) {
      std::vector<std::size_t> cone;
      std::vector<double> sum(outputs);
      for (std::size_t j = 0; j + 1 < outputs; ++j) {
        sum[order[j]] = 1;
        cone.push_back(read.place_of(sum));
      }
      cone.push_back(read.place_of(std::vector<double>(outputs, s)));
      walk(cone);
    }
  while (std::next_permutation(order.begin(), order.end()));
  demand(next == nodes.size(), "cones left over");
  return read;
}

/// The least ||z|| with v.z >= r: by projections onto one condition after the other (Dykstra), long enough for tests.
inline Real least_norm(const Rows<double>& generators, const std::vector<Real>& bounds) {
  constexpr int sweeps = 20000;
  const std::size_t outputs = generators.at(0).size();
  std::vector<Real> z(outputs), multipliers(generators.size());
  Real moved = 1;
  for (int sweep = 0; sweep < sweeps && moved > 0; ++sweep) {
    moved = 0;
    for (std::size_t j = 0; j < generators.size(); ++j) {
      Real product = 0, square = 0;
      for (std::size_t k = 0; k < outputs; ++k)
        product += generators[j][k] * z[k], square += Real(generators[j][k]) * generators[j][k];
      const Real next = std::max<Real>(0, multipliers[j] + (bounds[j] - product) / square);
      for (std::size_t k = 0; k < outputs; ++k) z[k] += (next - multipliers[j]) * generators[j][k];
      if (std::fabs(next - multipliers[j]) > 1e-18L * (next + multipliers[j])) moved = 1;
      multipliers[j] = next;
    }
  }
  Real square = 0;
  for (const Real entry : z) square += entry * entry;
  return std::sqrt(square);
}

/// The q that follows from bounds in the directions of the cones.
inline Real over_cones(const OutputWeights& weights, const std::vector<Real>& bounds) {
  Real largest = 0;
  for (const auto& cone : weights.cones) {
    Rows<double> generators;
    std::vector<Real> theirs;
    for (const std::size_t v : cone) generators.push_back(weights.directions[v]), theirs.push_back(bounds[v]);
    largest = std::max(largest, least_norm(generators, theirs));
  }
  return largest;
}
}  // namespace nadir::verify::planted
