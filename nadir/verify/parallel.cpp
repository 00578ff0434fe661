#include "nadir/verify/parallel.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/verify/cones.hpp"
#include "nadir/verify/linear.hpp"
#include "nadir/verify/products.hpp"
#include "nadir/verify/relu.hpp"

namespace nadir::verify {
namespace {
constexpr std::size_t kGramRows = 8 * kRun;  // of a block
constexpr std::size_t kMostColumns = 4096;   // of a Gram matrix
constexpr double kHuge = 0x1p500;            // entries below it have squares and sums of them that do not overflow

/// At least the Frobenius norm.
double size_of(const Matrix& matrix) { return norm_of(matrix.values.data(), matrix.values.size()).hi; }

/// M^T M, or M M^T where that is smaller, in plain doubles: an entry is off by gamma(roundings) times the sum of its
/// products' sizes.
struct GramMatrix {
  Matrix values;
  std::size_t size = 0, roundings = 0;
};
GramMatrix gram_of(const Matrix& matrix) {
  const bool tall = matrix.rows >= matrix.columns;
  const std::size_t rows = std::max(matrix.rows, matrix.columns), columns = std::min(matrix.rows, matrix.columns);
  GramMatrix gram{Matrix(whole(columns, 4), room(columns)), columns, depth(rows) + quotient_over(rows, kGramRows)};
  Matrix block(kGramRows, room(columns));
  for (std::size_t first = 0; first < rows; first += kGramRows) {
    std::fill(block.values.begin(), block.values.end(), 0.0);
    for (std::size_t i = 0; i < std::min(kGramRows, rows - first); ++i)
      for (std::size_t j = 0; j < columns; ++j)
        block.row(i)[j] = tall ? matrix.row(first + i)[j] : matrix.row(j)[first + i];
    add_product(gram.values.rows, whole(columns), {block.values.data(), 1, block.columns}, block, gram.values);
  }
  return gram;
}
}  // namespace

// norm^2 I - M^T M positive definite. In norm the Gram matrix is off by at most gamma times the one of |M|, and so
// gamma ||M||_F^2; a diagonal entry is off by two roundings more.
void require_largest_singular_value(const Matrix& matrix, double norm) {
  const double size = size_of(matrix);
  require(norm >= 0 && norm <= kHuge && size <= kHuge, "a norm overflows");
  if (size <= norm) return;  // the Frobenius norm is not below it
  const auto rows = static_cast<double>(matrix.rows), columns = static_cast<double>(matrix.columns);
  require(std::min(rows, columns) <= kMostColumns && rows * columns * std::min(rows, columns) <= 0x1p43,
          "a larger problem than this verifier takes on");
  const GramMatrix gram = gram_of(matrix);
  const double error = gamma(gram.roundings + 4) * 1.001 * (size * size + norm * norm) + 0x1p-900;
  Matrix bordered(gram.size, gram.size + 1);
  for (std::size_t k = 0; k < gram.size; ++k)
    for (std::size_t l = k; l < gram.size; ++l)
      bordered.row(k)[l] = (k == l ? norm * norm - error : 0) - gram.values.row(k)[l];
  try {
    maximum_of(bordered);
  } catch (const Refusal&) {
    throw Refusal("a largest singular value is not proven to be at most " + std::to_string(norm));
  }
}

ParallelNetwork read_parallel_network(const Container& container, const Document& document) {
  require(container.layers >= 2, "fewer than two layers");
  const std::size_t rows = container.find("parallel." + std::to_string(container.layers))->shape[0];
  require(rows % document.outputs == 0, "the last layer does not have a unit for each sub-network and output");
  ParallelNetwork network{std::vector<std::vector<Matrix>>(rows / document.outputs)};
  const std::size_t count = network.subnetworks.size();
  std::size_t inputs = document.recipe.features();
  for (std::size_t k = 1; k <= container.layers; ++k) {
    const std::string name = "parallel." + std::to_string(k);
    if (count == 0 && k > 1) inputs = container.find(name)->shape[1];
    const Matrix all = read_matrix(container, name, inputs);
    require(count == 0 ? all.rows == 0 : all.rows > 0 && all.rows % count == 0,
            name + " does not have as many units for each sub-network");
    inputs = count == 0 ? 0 : all.rows / count;
    for (std::size_t i = 0; i < count; ++i) {
      Matrix& layer = network.subnetworks[i].emplace_back(inputs, all.columns);
      std::copy_n(all.row(i * inputs), layer.values.size(), layer.values.data());
    }
  }
  return network;
}

Interval parallel_objective(const Document& document, const Dataset& dataset, const ParallelNetwork& network) {
  const std::size_t n = dataset.features.rows, count = network.subnetworks.size();
  Outputs sum{Matrix(n, document.outputs), std::vector<double>(n)};
  Interval cost;
  for (const std::vector<Matrix>& layers : network.subnetworks) {
    const Outputs part = chain_outputs(dataset.features, layers, {}, document.slope);
    for (std::size_t i = 0; i < n; ++i) {
      double most = 0;
      for (std::size_t k = 0; k < document.outputs; ++k) {
        sum.values.row(i)[k] += part.values.row(i)[k];
        most = std::max(most, std::fabs(part.values.row(i)[k]));
      }
      sum.errors[i] = sum_up(sum.errors[i], next_up(part.errors[i] + product_up(gamma(count + 1), most)));
    }
    Interval product{1, 1};
    for (const Matrix& layer : layers) {
      const Interval norm = norm_of(layer.values.data(), layer.values.size());
      product = {product_down(product.lo, norm.lo), product_up(product.hi, norm.hi)};
    }
    cost = {sum_down(cost.lo, product.lo), sum_up(cost.hi, product.hi)};
  }
  require(cost.hi <= kLargest, "the norms overflow");
  return mean_loss(document, dataset, sum) + scaled(cost, {document.lambda, document.lambda});
}

// A row's own class is off by the roundings of a sum of K entries: its row by gamma(K) K times the row's norm.
DualBound parallel_bound(const Document& document, const Dataset& dataset, const Matrix& dual) {
  const double x = document.claims.features_norm;
  require_largest_singular_value(dataset.features, x);
  double g = document.claims.dual_norm;
  if (document.outputs > 1) {
    require_largest_singular_value(dual, g);
    const auto outputs = static_cast<double>(document.outputs);
    g = sum_up(g, product_up(gamma(document.outputs) * outputs * 1.001, size_of(dual)));
  } else if (document.slope == 0) {
    std::vector<double> above, below;
    for (const double entry : dual.values) (entry > 0 ? above : below).push_back(entry);
    g = std::max(norm_of(above.data(), above.size()).hi, norm_of(below.data(), below.size()).hi);
  } else {
    g = size_of(dual);
  }
  return bound_at(document, dataset, dual, product_up(x, g), 0);
}

DualBound parallel_units_bound(const Container& container, const Document& document, const Dataset& dataset,
                               const Matrix& dual) {
  std::vector<double> scalings;
  require((container.find("scalings") != nullptr) == (container.layers > 2), "scalings belong to more than two layers");
  if (container.layers > 2) scalings = read_matrix(container, "scalings", 1).values;
  for (const double scaling : scalings) require(scaling >= 0 && scaling <= 1, "a scaling that is not in 0 ... 1");
  return bound_at(document, dataset, dual, over_units(container, document, dataset.features, dual, scalings), 0);
}
}  // namespace nadir::verify
