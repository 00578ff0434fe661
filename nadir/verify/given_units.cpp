#include "nadir/verify/given_units.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
/// max(0, u_j.x_i)^power, n x m.
struct Activations {
  Matrix values;
  std::vector<double> errors;  // by row: the 2-norm of what its values may be off by
};

// A product passes d roundings relative to ||u|| ||x||, its square two more than twice as many; powers of 0 are exact.
Activations activations_of(const Matrix& features, const ReluNetwork& network) {
  const std::size_t n = features.rows, d = features.columns, m = network.units.rows;
  require(static_cast<double>(n) * static_cast<double>(m) * static_cast<double>(d) <= 0x1p43, "too many products");
  require(static_cast<double>(n) * static_cast<double>(m) <= 0x1p31, "too many units and rows");
  Activations result{Matrix(n, m), std::vector<double>(n)};
  if (network.power == 0) {
    Matrix opposite = network.units;
    for (double& entry : opposite.values) entry = -entry;
    const Flags off = patterns_of(features, opposite);  // -u.x >= 0
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < m; ++j) result.values.row(i)[j] = off[j * n + i] == 1 ? 0 : 1;
    return result;
  }
  const bool squares = network.power == 2;
  double size = 0;  // the sum over units of ||u||^(2 power)
  for (std::size_t j = 0; j < m; ++j) {
    const double norm = norm_of(network.units.row(j), d).hi, of_unit = squares ? product_up(norm, norm) : norm;
    size = sum_up(size, product_up(of_unit, of_unit));
  }
  const double all = next_up(std::sqrt(size));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      double product = 0;
      for (std::size_t l = 0; l < d; ++l) product += network.units.row(j)[l] * features.row(i)[l];
      const double z = std::max(product, 0.0), value = squares ? z * z : z;
      require(product <= kLargest && value <= kLargest, "outputs of the network overflow");
      result.values.row(i)[j] = value;
    }
    const double norm = norm_of(features.row(i), d).hi, of_row = squares ? product_up(norm, norm) : norm;
    const double tiny = 0x1p-1000 * static_cast<double>(m) * (1 + norm) * (1 + all);  // what underflows
    result.errors[i] = sum_up(product_up(product_up(of_row, all), gamma(2 * d + 8)), next_up(tiny));
  }
  return result;
}
/// lambda m, enclosed.
Interval weight_of_squares(const Document& document, const ReluNetwork& network) {
  const auto m = static_cast<double>(network.units.rows);
  return {product_down(document.lambda, m), product_up(document.lambda, m)};
}
}  // namespace

Interval given_units_objective(const Document& document, const Dataset& dataset, const ReluNetwork& network) {
  const Interval norm = norm_of(network.outputs.row(0), network.outputs.values.size());
  const Interval square =
      scaled({product_down(norm.lo, norm.lo), product_up(norm.hi, norm.hi)}, weight_of_squares(document, network));
  return mean_loss(document, dataset, relu_outputs(dataset.features, network)) +
         Interval{next_down(square.lo / 2), next_up(square.hi / 2)};
}

DualBound given_units_bound(const Document& document, const Dataset& dataset, const ReluNetwork& network,
                            const Matrix& dual) {
  require(network.units.rows > 0, "no units");
  const Activations phi = activations_of(dataset.features, network);
  std::vector<double> off(dual.columns);
  for (std::size_t k = 0; k < off.size(); ++k)
    for (std::size_t i = 0; i < dual.rows; ++i)
      off[k] = sum_up(off[k], product_up(std::fabs(dual.row(i)[k]), phi.errors[i]));
  // Entries of a row's own class are off by dual.columns roundings: taken_by counts them, and gamma has room for them.
  const double taken = taken_by(phi.values, dual, weight_of_squares(document, network).lo, off);
  const double mean = dual_mean(document, dataset, dual, kMostScale);
  return {next_down(mean - product_up(taken, product_up(kMostScale, kMostScale))), taken, kMostScale};
}
}  // namespace nadir::verify
