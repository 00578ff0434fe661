#include "nadir/homogeneous/layer_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nadir/homogeneous/unit_bounds.hpp"
#include "nadir/polar/branch_and_bound.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::homogeneous {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What sums of so many terms, all of one sign, may be below their value, as a factor.
double rounded_up(Index terms) { return 1 + 4 * 0x1p-53 * static_cast<double>(terms + 64); }

bool ends_linear(const std::vector<Layer>& layers) {
  return layers.size() > 1 && layers.back().map == Map::linear && layers.back().pool == 1;
}

bool all_hidden_are_relu(const std::vector<Layer>& layers) {
  return ends_linear(layers) &&
         std::all_of(layers.begin(), layers.end() - 1, [](const Layer& layer) { return layer.map == Map::relu; });
}

/// Whether |σ(z)| ≤ |z|^α for every map, α = 1 but for powers.
bool is_contained(const Subnetwork& subnetwork) {
  return std::none_of(subnetwork.layers().begin(), subnetwork.layers().end(), [](const Layer& layer) {
    return layer.map == Map::leaky_relu && !(std::fabs(layer.parameter) <= 1);
  });
}

/// What the bounds know of the features: patches below one another, so many for each sample.
struct Seen {
  Matrix rows;      ///< (n places) × inputs of the first layer
  Index places;     ///< 1 without an image
  Vector farthest;  ///< by sample, the largest norm of its rows
  double size;      ///< at least ‖A¹‖_F / ‖W₁‖_F for a 1-Lipschitz map

  explicit Seen(const Problem& problem)
      : rows(problem.subnetwork.seen(problem.features)), places(problem.subnetwork.places()) {
    const Vector norms = rows.rowwise().norm() * rounded_up(rows.cols());
    farthest = ConstMatrixView(norms.data(), norms.size() / places, places).rowwise().maxCoeff();
    size = polar::proven_singular_value(rows);
    if (places > 1) size = std::min(size, farthest.norm() * rounded_up(farthest.size()));
  }
};

/// ‖X‖^e ‖G‖, or with one output after a map without negative values the larger norm of g₊ and g₋.
double by_norms(const Problem& problem, const Matrix& G, const Seen& seen) {
  const std::vector<Layer>& layers = problem.subnetwork.layers();
  const double size = std::pow(seen.size, problem.subnetwork.degree_in(0)) * rounded_up(G.size());
  if (!ends_linear(layers)) return size * G.norm();
  const Map before = layers[layers.size() - 2].map;
  if (layers.back().outputs > 1 || (before != Map::relu && before != Map::power))
    return size * polar::proven_singular_value(G);
  return size * std::max(G.cwiseMax(0).norm(), G.cwiseMin(0).norm());
}

/// Σᵢ ‖Gᵢ‖ ‖xᵢ‖^e; with one output after a map without negative values, positive and negative gᵢ apart.
double by_rows(const Problem& problem, const Matrix& G, const Seen& seen) {
  const std::vector<Layer>& layers = problem.subnetwork.layers();
  const Vector reach = seen.farthest.array().pow(problem.subnetwork.degree_in(0));
  const double rounding = rounded_up(2 * G.size());
  const bool split = ends_linear(layers) && layers.back().outputs == 1 &&
                     (layers[layers.size() - 2].map == Map::relu || layers[layers.size() - 2].map == Map::power);
  if (!split) return reach.dot(G.rowwise().norm()) * rounding;
  return std::hypot(reach.dot(Vector(G.col(0).cwiseMax(0))), reach.dot(Vector(G.col(0).cwiseMin(0)))) * rounding;
}

/// The root of Σ_k max(ρ(g_k), ρ(−g_k))² for an image, of which ρ(h) ≤ ρ(h₊) is bounded by norms.
double by_units_of_image(const Matrix& G, const Seen& seen) {
  double sum = 0;
  for (Index k = 0; k < G.cols(); ++k) {
    double most = 0;
    for (const double sign : {1.0, -1.0}) {
      const Vector positive = (sign * G.col(k)).cwiseMax(0);
      most = std::max(most, std::min(seen.size * positive.norm(), seen.farthest.dot(positive)));
    }
    sum += most * most;
  }
  return std::sqrt(sum) * rounded_up(2 * G.size());
}

/// The largest Σᵢ |G_ik| |x_id|; where all hidden maps are ReLU, of each sign of G_ik and x_id apart; where all maps
/// are linear, |XᵀG|_dk.
double by_paths(const Problem& problem, const Matrix& G, const Seen& seen) {
  const std::vector<Layer>& layers = problem.subnetwork.layers();
  const bool linear = std::all_of(layers.begin(), layers.end(),
                                  [](const Layer& layer) { return layer.map == Map::linear && layer.pool == 1; });
  const double slack = rounded_up(2 * G.rows());
  if (linear && seen.places == 1) {
    const Matrix signless = seen.rows.cwiseAbs().transpose() * G.cwiseAbs();
    return ((seen.rows.transpose() * G).cwiseAbs() + (slack - 1) * signless).maxCoeff() * slack;
  }
  // The largest over places of each input, as it is or its parts of one sign.
  const auto over_places = [&](const Matrix& part) {
    Matrix largest(G.rows(), part.cols());
    for (Index i = 0; i < G.rows(); ++i)
      largest.row(i) = part.middleRows(i * seen.places, seen.places).colwise().maxCoeff();
    return largest;
  };
  if (!all_hidden_are_relu(layers))
    return (over_places(seen.rows.cwiseAbs()).transpose() * G.cwiseAbs()).maxCoeff() * slack;
  double most = 0;
  for (const double sign : {1.0, -1.0}) {
    const Matrix X = over_places((sign * seen.rows).cwiseMax(0));
    for (const double side : {1.0, -1.0}) most = std::max(most, (X.transpose() * (side * G).cwiseMax(0)).maxCoeff());
  }
  return most * slack;
}

}  // namespace

PolarUpper bound_relu_unit(const Matrix& features, const Vector& g, double level, long nodes, const GoOn& go_on) {
  polar::BranchOptions options;
  options.level = level, options.max_nodes = nodes, options.tolerance = 1e-9;
  if (go_on) options.watch = [&](const polar::BranchProgress& /*progress*/) { return go_on(); };
  PolarUpper upper{0, "branch and bound"};
  for (const int sign : {1, -1}) {
    const polar::BranchResult result =
        polar::bound_by_branching({features, sign * g}, Matrix(0, features.cols()), options);
    upper.value = std::max(upper.value, result.upper.value);
    if (result.witnesses.empty() || !(result.witnesses.front().value > upper.found.value)) continue;
    upper.found = {Vector(features.cols() + 1), result.witnesses.front().value};
    upper.found.weights << result.witnesses.front().u, sign;
  }
  return upper;
}

PolarUpper bound_by_layers(const Problem& problem, const Matrix& G, double level, long nodes, const GoOn& go_on) {
  const std::vector<Layer>& layers = problem.subnetwork.layers();
  if (!is_contained(problem.subnetwork)) return {infinity, "none"};
  const Seen seen(problem);
  if (problem.regularizer.combination == Combination::path) return {by_paths(problem, G, seen), "paths"};
  const double over = problem.regularizer.product_over_value(problem.subnetwork);
  PolarUpper upper{over * by_norms(problem, G, seen), "layer norms"};
  const auto take = [&](double value, const char* by) {
    if (value < upper.value) upper = {value, by};
  };
  take(over * by_rows(problem, G, seen), "rows");
  const bool pooled = std::any_of(layers.begin(), layers.end(), [](const Layer& layer) { return layer.pool > 1; });
  if (upper.value > level && all_hidden_are_relu(layers) && !pooled)
    take(over * (seen.places > 1 ? by_units_of_image(G, seen)
                                 : bound_by_units(problem, G, {level / over, 2 * nodes, infinity, go_on}).polar),
         "units");
  return upper;
}

}  // namespace nadir::homogeneous
