#include "nadir/polar/output_cones.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "nadir/base/error.hpp"

namespace nadir::polar {

LeastPoint least_point(const Matrix& generators, const Vector& bounds) {
  constexpr double room = 1e-13;
  const Index K = generators.rows();
  const double size = room * (1 + bounds.cwiseAbs().maxCoeff());
  LeastPoint best;
  for (unsigned set = (1U << static_cast<unsigned>(K)) - 1; set > 0; --set) {  // all of them first: they have a point
    std::vector<Index> active;
    for (Index j = 0; j < K; ++j)
      if ((set >> static_cast<unsigned>(j) & 1U) != 0) active.push_back(j);
    const Matrix V = generators(active, Eigen::all);
    const Vector c = (V * V.transpose()).ldlt().solve(Vector(bounds(active)));
    const Vector z = V.transpose() * c;
    const bool meets = ((generators * z - bounds).array() >= -size).all() && (c.array() >= 0).all();
    if (best.z.size() > 0 && !(meets && z.norm() < best.z.norm())) continue;
    best = {z, Vector::Zero(K)};
    best.multipliers(active) = c.cwiseMax(0);
  }
  return best;
}

OutputCones::OutputCones(Index outputs) : outputs_(outputs) {
  if (outputs < 1 || outputs > most_outputs) throw UsageError("cones of output weights are for 1 to 4 outputs");
  std::vector<Index> order(static_cast<std::size_t>(outputs));
  std::iota(order.begin(), order.end(), Index{0});
  do {
    for (const double sign : {1.0, -1.0}) {
      Node node;
      Vector sum = Vector::Zero(outputs);
      for (Index j = 0; j + 1 < outputs; ++j) {
        sum[order[static_cast<std::size_t>(j)]] = 1;
        node.generators.push_back(number_of(sum));
      }
      node.generators.push_back(number_of(Vector::Constant(outputs, sign)));
      leaves_.push_back(static_cast<Index>(nodes_.size()));
      nodes_.push_back(std::move(node));
    }
  } while (std::next_permutation(order.begin(), order.end()));
  first_cones_ = nodes_.size();
}

Index OutputCones::number_of(const Vector& direction) {
  const auto found = std::find(directions_.begin(), directions_.end(), direction);
  if (found == directions_.end()) {
    directions_.push_back(direction);
    return static_cast<Index>(directions_.size()) - 1;
  }
  return found - directions_.begin();
}

Matrix OutputCones::generator_rows(Index node) const {
  Matrix rows(outputs_, outputs_);
  for (Index j = 0; j < outputs_; ++j)
    rows.row(j) = directions_[static_cast<std::size_t>(generators(node)[static_cast<std::size_t>(j)])].transpose();
  return rows;
}

Index OutputCones::split(Index leaf, Index a, Index b) {
  const Matrix rows = generator_rows(leaf);
  const Index sum = number_of(rows.row(a).transpose() + rows.row(b).transpose());
  Node first{generators(leaf)}, second{generators(leaf)};
  first.generators[static_cast<std::size_t>(b)] = sum;
  second.generators[static_cast<std::size_t>(a)] = sum;
  Node& node = nodes_[static_cast<std::size_t>(leaf)];
  node.a = a, node.b = b;
  node.first = static_cast<Index>(nodes_.size()), node.second = node.first + 1;
  *std::find(leaves_.begin(), leaves_.end(), leaf) = node.first;
  leaves_.push_back(node.second);
  nodes_.push_back(std::move(first));
  nodes_.push_back(std::move(second));
  return sum;
}

void OutputCones::list(Index number, std::vector<bool>& met, std::vector<std::pair<Index, Index>>& rows,
                       Listing& listing) const {
  const Node& node = nodes_[static_cast<std::size_t>(number)];
  for (const Index direction : node.generators)
    if (!met[static_cast<std::size_t>(direction)]) {
      met[static_cast<std::size_t>(direction)] = true;
      listing.order.push_back(direction);
    }
  rows.emplace_back(node.a, node.b);
  if (node.first < 0) return;
  list(node.first, met, rows, listing);
  list(node.second, met, rows, listing);
}

OutputCones::Listing OutputCones::listing() const {
  Listing listing;
  std::vector<bool> met(directions_.size(), false);
  std::vector<std::pair<Index, Index>> rows;
  for (std::size_t k = 0; k < first_cones_; ++k) list(static_cast<Index>(k), met, rows, listing);
  listing.nodes.resize(static_cast<Index>(rows.size()), 2);
  for (std::size_t k = 0; k < rows.size(); ++k)
    listing.nodes.row(static_cast<Index>(k)) << static_cast<double>(rows[k].first), static_cast<double>(rows[k].second);
  return listing;
}

Vector in_direction(const Matrix& G, const Vector& v) {
  Vector g = Vector::Zero(G.rows());
  for (Index i = 0; i < G.rows(); ++i) {
    double size = 0;
    for (Index k = 0; k < G.cols(); ++k) {
      const double product = v[k] * G(i, k);
      g[i] += product;
      size += std::fabs(product);
    }
    if (std::fabs(g[i]) <= 0x1p-44 * size) g[i] = 0;
  }
  return g;
}

LargestCone largest_bound(const OutputCones& cones, const Vector& bounds) {
  LargestCone largest;
  for (const Index leaf : cones.leaves()) {
    LeastPoint point = least_point(cones.generator_rows(leaf), bounds(cones.generators(leaf)));
    if (const double value = point.z.norm(); value > largest.value) largest = {leaf, std::move(point), value};
  }
  return largest;
}

}  // namespace nadir::polar
