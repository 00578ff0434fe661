#include "nadir/verify/relu.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/verify/cones.hpp"
#include "nadir/verify/output_cones.hpp"
#include "nadir/verify/powers.hpp"
#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
/// Refuses more than 2^43 products in all.
void spend(double& spent, std::size_t a, std::size_t b, std::size_t c) {
  spent += static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c);
  require(spent <= 0x1p43, "a larger problem than this verifier takes on");
}
/// The features that bounds are proven of: where hidden biases cost nothing, with the number bias_scale as the
/// constant.
Matrix seen_features(const Document& document, const Dataset& dataset) {
  Matrix features = dataset.features;
  for (std::size_t i = 0; document.free_hidden && i < features.rows; ++i)
    features.row(i)[features.columns - 1] = document.claims.bias_scale;
  return features;
}
/// By which q is larger for it: (1 + R^2 / M^2)^(1/2), R the largest norm of a row without the constant.
double room_of_biases(const Document& document, const Dataset& dataset) {
  if (!document.free_hidden) return 1;
  double most = 0;
  for (std::size_t i = 0; i < dataset.features.rows; ++i)
    most = std::max(most, norm_of(dataset.features.row(i), dataset.features.columns - 1).hi);
  const double pair[] = {1, quotient_up(most, document.claims.bias_scale)};
  return norm_of(pair, 2).hi;
}
/// Whether unit j has no weight in the outputs of this direction.
bool feeds_none(const ReluNetwork& network, std::size_t j, const std::vector<double>& direction) {
  for (std::size_t k = 0; k < direction.size(); ++k)
    if (direction[k] != 0 && network.outputs.row(j)[k] != 0) return false;
  return true;
}

/// The tree of section 6.4, read in the order of its rows.
class Tree {
 public:
  Tree(const Container& container, const Matrix& features)
      : features_(features),
        cones_(features),
        nodes_(read_matrix(container, "tree", 5)),
        relaxed_(read_matrix(container, "relaxed", container.find("relaxed")->shape[1])),
        linear_(read_matrix(container, "linear", features.rows)),
        split_(features.rows) {
    require(nodes_.rows <= std::size_t{1} << 22, "more than 2^22 nodes");
  }
  /// The number q of section 6.4; with the scalings of section 6.11, a number for each direction, the q of that.
  double largest(const Matrix& dual, const OutputDirections& directions, const std::vector<double>& scalings) {
    std::vector<double> bounds;
    for (std::size_t v = 0; v < directions.count(); ++v) {
      const Combination one = directions.of(dual, v);
      const double of_units = scalings.empty() ? over(one.g) : over_parts(one.g, scalings[v]);
      bounds.push_back(next_up(of_units + cones_.change(one.sizes, one.roundings)));
    }
    require(node_ == nodes_.rows, "nodes are left over");
    require(relaxed_row_ == relaxed_.rows, "rows of relaxed are left over");
    require(linear_row_ == linear_.rows, "rows of linear are left over");
    return directions.combine(bounds);
  }

 private:
  /// At least max(rho(h+ - scaling h-), scaling rho(h-)): entries above those of h+ - scaling h- do not lower rho.
  double over_parts(std::vector<double> h, double scaling) {
    std::vector<double> below(h.size());
    for (std::size_t i = 0; i < h.size(); ++i) {
      if (!(h[i] < 0)) continue;
      below[i] = -h[i];
      h[i] = -product_down(below[i], scaling);
    }
    const double rest = over(h);
    return scaling > 0 ? std::max(rest, product_up(scaling, over(below))) : rest;
  }
  struct Step {
    std::size_t row;
    std::int8_t sign;
  };
  /// At least rho(g): the next tree of the list, in preorder; a leaf ends all subtrees of which it is the last.
  double over(const std::vector<double>& g) {
    double largest = 0;
    path_.clear();
    do {
      require(node_ < nodes_.rows, "the tree lacks a node");
      const double* const node = nodes_.row(node_++);
      if (node[0] == 0) {
        const std::size_t row = whole_number(node[1], features_.rows - 1);
        require(node[2] == 0 && node[3] == 0 && node[4] == 0, "a split with further numbers");
        require(split_[row] == 0, "a row is split twice");
        path_.push_back({row, 1});
        split_[row] = 1;
        continue;
      }
      largest = std::max(largest, leaf(g, node));
      while (!path_.empty() && path_.back().sign < 0) {
        split_[path_.back().row] = 0;
        path_.pop_back();
      }
      if (path_.empty()) return largest;
      path_.back().sign = -1;
    } while (true);
  }
  double leaf(const std::vector<double>& g, const double* node) {
    require(node[0] == 1 || node[0] == 2, "a node of no kind");
    const std::size_t known = whole_number(node[1], path_.size()), n = features_.rows, d = features_.columns;
    Signs signs(n);
    for (std::size_t a = 0; a < known; ++a) signs[path_[a].row] = path_[a].sign;
    if (node[0] == 2) {
      require(node[2] == 0 && node[3] == 0 && node[4] == 0, "a leaf with a linear bound and further numbers");
      require(linear_row_ < linear_.rows, "linear lacks a row");
      spend(spent_, n, d, 1);
      return cones_.linear(g, signs, linear_.row(linear_row_++));
    }
    require(relaxed_.columns > 0 && d <= relaxed_.rows - relaxed_row_, "relaxed lacks rows");
    spend(spent_, n, d, d + 4 * relaxed_.columns);
    spend(spent_, known, known, d + relaxed_.columns);
    Matrix z(d, relaxed_.columns);
    std::copy_n(relaxed_.row(relaxed_row_), z.values.size(), z.values.data());
    relaxed_row_ += d;
    return cones_.quadratic(g, signs, z, {node[2], node[3], node[4]});
  }
  static std::size_t whole_number(double value, std::size_t most) {
    require(value >= 0 && value <= static_cast<double>(most) && value == std::floor(value),
            "a number of a node is not whole, or too large");
    return static_cast<std::size_t>(value);
  }

  const Matrix& features_;
  Cones cones_;
  Matrix nodes_, relaxed_, linear_;
  std::size_t node_ = 0, relaxed_row_ = 0, linear_row_ = 0;  // that come next
  std::vector<Step> path_;                                   // the splits above; sign 1 in the first child
  Flags split_;                                              // by training row: is in the path
  double spent_ = 0;
};
}  // namespace

ReluNetwork read_relu_network(const Container& container, const Document& document) {
  ReluNetwork network{read_matrix(container, "units", document.recipe.features()),
                      read_matrix(container, "unit_outputs", document.outputs),
                      {},
                      {},
                      document.power};
  require(network.units.rows == network.outputs.rows, "unit_outputs does not have a row for each unit");
  /// Zeros, where the objective has no such part.
  const auto read_part = [&](const char* name, bool there, std::size_t rows) {
    require((container.find(name) != nullptr) == there, std::string(name) + " is not where the objective says");
    Matrix part = there ? read_matrix(container, name, document.outputs) : Matrix(rows, document.outputs);
    require(part.rows == rows, std::string(name) + " has another number of rows");
    return part;
  };
  network.biases = read_part("output_bias", document.biased, 1);
  network.skip = read_part("skip", document.skip_weight > 0, document.recipe.features());
  return network;
}

// |f_ik - exact| <= gamma (|c_k| + |x_i| (|V_k| + sum over j of |u_j| |w_jk|)): max(0, u.x) is off by no more than u.x.
// A product passes d roundings in u.x, and then those of the sum over the units, which begins with c_k + V_k.x.
Outputs relu_outputs(const Matrix& features, const ReluNetwork& network) {
  if (network.power != 1) return power_outputs(features, network);
  const std::size_t n = features.rows, d = features.columns, m = network.units.rows, outputs = network.outputs.columns;
  double spent = 0, size = 0, factors = 0;  // the sums over units and outputs of |u_j| |w_jk| and |w_jk|
  spend(spent, n, m, d + outputs);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t k = 0; k < outputs; ++k) {
      const double factor = std::fabs(network.outputs.row(j)[k]);
      size = sum_up(size, product_up(norm_of(network.units.row(j), d).hi, factor));
      factors = sum_up(factors, factor);
    }
  Outputs result{Matrix(n, outputs), {}};
  const double tiny = (static_cast<double>(d + 2) * factors + static_cast<double>(d + m + 2)) * kTiniest;
  const double bias = norm_of(network.biases.row(0), outputs).hi;
  size = sum_up(size, norm_of(network.skip.row(0), network.skip.values.size()).hi);
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(network.biases.row(0), outputs, result.values.row(i));
    for (std::size_t l = 0; l < d; ++l)
      for (std::size_t k = 0; k < outputs; ++k) result.values.row(i)[k] += network.skip.row(l)[k] * features.row(i)[l];
    for (std::size_t j = 0; j < m; ++j) {
      double product = 0;
      for (std::size_t l = 0; l < d; ++l) product += network.units.row(j)[l] * features.row(i)[l];
      require(std::isfinite(product), "outputs of the network overflow");
      for (std::size_t k = 0; k < outputs; ++k)
        result.values.row(i)[k] += network.outputs.row(j)[k] * std::max(product, 0.0);
    }
    result.errors.push_back((norm_of(features.row(i), d).hi * size + bias) * gamma(d + m + 4) + tiny);
  }
  return result;
}

Interval relu_norm(const ReluNetwork& network, bool shared, bool free_hidden) {
  const std::size_t outputs = network.outputs.columns, group = shared ? outputs : 1;
  Interval norm;
  for (std::size_t j = 0; j < network.units.rows; ++j)
    for (std::size_t k = 0; k < outputs; k += group) {
      Interval unit = norm_of(network.units.row(j), network.units.columns - (free_hidden ? 1 : 0));
      if (network.power == 0) unit = {1, 1};
      if (network.power == 2) unit = {product_down(unit.lo, unit.lo), product_up(unit.hi, unit.hi)};
      const Interval factor = norm_of(network.outputs.row(j) + k, group);
      norm = norm + Interval{product_down(unit.lo, factor.lo), product_up(unit.hi, factor.hi)};
    }
  return norm;
}

Interval relu_objective(const Document& document, const Dataset& dataset, const ReluNetwork& network) {
  const Interval loss = mean_loss(document, dataset, relu_outputs(dataset.features, network));
  if (document.lambda == 0) return loss;
  const Interval units =
      scaled(relu_norm(network, document.shared, document.free_hidden), {document.lambda, document.lambda});
  const auto half_square = [](const Matrix& part, double weight) {
    if (weight == 0) return Interval{};
    const Interval norm = norm_of(part.row(0), part.values.size());
    const Interval square = scaled({product_down(norm.lo, norm.lo), product_up(norm.hi, norm.hi)}, {weight, weight});
    return Interval{next_down(square.lo / 2), next_up(square.hi / 2)};
  };
  return loss + units + half_square(network.biases, document.bias_weight) +
         half_square(network.skip, document.skip_weight);
}

void require_nonnegative(const ReluNetwork& network) {
  for (const double weight : network.outputs.values) require(weight >= 0, "an output weight is negative");
}

double nonnegative_bound(const Dataset& dataset) {
  double sum = 0;
  for (const double y : dataset.targets)
    if (y < 0) sum = sum_down(sum, product_down(y, y));
  return std::max(0.0, next_down(sum / 2 / static_cast<double>(dataset.targets.size())));
}

double over_units(const Container& container, const Document& document, const Matrix& features, const Matrix& dual,
                  const std::vector<double>& scalings) {
  const OutputDirections directions(container, document);
  require(scalings.empty() || scalings.size() == directions.count(), "scalings does not have a row for each direction");
  return Tree(container, features).largest(dual, directions, scalings);
}

DualBound relu_bound(const Container& container, const Document& document, const Dataset& dataset, const Matrix& dual) {
  const bool simplices = container.find("simplices") != nullptr;
  for (const char* const part : {"tree", "relaxed", "linear"})
    require(!simplices || container.find(part)->shape[0] == 0, "two proofs of one bound");
  require(!simplices || !document.shared || dual.columns == 1, "simplicial cones of shared units");
  const Matrix features = seen_features(document, dataset);
  const double q =
      simplices ? largest_by_cones(container, features, dual, 1) : over_units(container, document, features, dual, {});
  return bound_at(document, dataset, dual, product_up(q, room_of_biases(document, dataset)), document.claims.tau);
}

DualBound patterns_bound(const Container& container, const Document& document, const Dataset& dataset,
                         const ReluNetwork& network, const Matrix& dual) {
  const Matrix x = seen_features(document, dataset), cells = read_matrix(container, "cells", x.rows);
  const OutputDirections directions(container, document);
  double spent = 0;
  spend(spent, cells.rows, x.rows, x.columns);
  require(static_cast<double>(x.rows) * static_cast<double>(network.units.rows) <= 0x1p30, "too many units and rows");
  const Flags patterns = patterns_of(dataset.features, network.units);
  const Cones cones(x);
  double largest = 0;
  std::size_t row = 0;
  Signs signs(x.rows);
  for (std::size_t j = 0; j < network.units.rows; ++j) {
    std::vector<double> bounds(directions.count());
    for (std::size_t i = 0; i < x.rows; ++i) signs[i] = patterns[j * x.rows + i] == 1 ? 1 : -1;
    for (std::size_t v = 0; v < bounds.size(); ++v) {
      if (!document.shared && feeds_none(network, j, directions.direction(v))) continue;
      require(row < cells.rows, "cells lacks a row");
      const Combination one = directions.of(dual, v);
      bounds[v] = next_up(cones.linear(one.g, signs, cells.row(row++)) + cones.change(one.sizes, one.roundings));
    }
    largest = std::max(largest, directions.combine(bounds));
  }
  require(row == cells.rows, "rows of cells are left over");
  return bound_at(document, dataset, dual, product_up(largest, room_of_biases(document, dataset)),
                  document.claims.patterns_tau);
}
}  // namespace nadir::verify
