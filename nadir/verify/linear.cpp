#include "nadir/verify/linear.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/verify/cones.hpp"
#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
constexpr std::size_t kRows = 8 * kRun;  // of a block
constexpr double kLost = 0x1p-900;       // more than all that underflows: fewer than 2^60 times, each less than 2^-1074

double square(double x) { return x * x; }
/// At least the root of a sum of up to 2^35 squares; its excess covers the roundings of formulas of few operations.
double norm_up(double squares) { return std::sqrt(squares) * (1 + 0x1p-14) + 0x1p-450; }
double squares_of(const Matrix& matrix) {
  double sum = 0;
  for (const double entry : matrix.values) sum += entry * entry;
  return sum;
}
/// y as section 5.2 has it.
double target(const Dataset& dataset, std::size_t row, std::size_t k) {
  if (dataset.labels.empty()) return dataset.targets[row];
  return static_cast<std::size_t>(dataset.labels[row]) == k ? 1 : 0;
}

/// The Gram matrix of [B Y 1], in plain doubles: a product passes `roundings` of them into its sum.
struct Gram {
  Matrix values;
  std::size_t roundings = 0;
  double beta = 0;  // at least the error of B as a norm
};
Gram gram_of(const Dataset& dataset, const Reduction& reduction, std::size_t outputs, bool biased) {
  const Matrix& features = dataset.features;
  const std::size_t n = features.rows, r = reduction.columns.size(), width = r + outputs + 1;
  Matrix x(kRows, room(r)), x_sizes = x, g(r, room(r)), g_sizes = g, z(kRows, room(width)), z_sizes = x;
  std::vector<double> shifts(r + outputs);  // any numbers near the means
  for (std::size_t i = 0; biased && i < n; ++i)
    for (std::size_t j = 0; j < r + outputs; ++j)
      shifts[j] += (j < r ? features.row(i)[reduction.columns[j]] : target(dataset, i, j - r)) / static_cast<double>(n);
  for (std::size_t i = 0; i < r; ++i)
    for (std::size_t j = 0; j < r; ++j) {
      g.row(i)[j] = reduction.triangle.row(i)[j];
      g_sizes.row(i)[j] = std::fabs(g.row(i)[j]);
    }
  Gram gram{Matrix(whole(width, 4), room(width)), depth(n) + quotient_over(kRows, kRun), 0};
  double sizes = 0;
  for (std::size_t first = 0; first < n; first += kRows) {
    const std::size_t count = std::min(kRows, n - first);
    for (Matrix* matrix : {&x, &x_sizes, &z, &z_sizes}) std::fill(matrix->values.begin(), matrix->values.end(), 0.0);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < r; ++j) {
        x.row(i)[j] = features.row(first + i)[reduction.columns[j]] - shifts[j];
        x_sizes.row(i)[j] = std::fabs(x.row(i)[j]);
      }
    add_product(kRows, whole(r), {x.values.data(), x.columns, 1}, g, z);
    add_product(kRows, whole(r), {x_sizes.values.data(), x_sizes.columns, 1}, g_sizes, z_sizes);
    sizes += squares_of(z_sizes);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < outputs; ++k) z.row(i)[r + k] = target(dataset, first + i, k) - shifts[r + k];
      z.row(i)[r + outputs] = 1;
    }
    add_product(gram.values.rows, whole(width), {z.values.data(), 1, z.columns}, z, gram.values);
  }
  gram.beta = gamma(depth(r) + 1) * norm_up(sizes) + kLost;
  return gram;
}

/// What the Gram matrix says of B and C = Y^T B, in exact numbers and less their means: norms, rounded up.
struct Spectrum {
  double omega = 0;                          // of B^T B - I
  double explained = 0, error = 0;           // of C as computed; of its error
  double targets_low = 0, targets_high = 0;  // of Y, squared, enclosed
};
Spectrum spectrum_of(const Gram& gram, std::size_t n, std::size_t r, std::size_t outputs, bool biased) {
  const Matrix& w = gram.values;
  double off = 0, b_squares = 0, c_squares = 0, y_squares = 0, b_sums = 0, y_sums = 0;
  for (std::size_t i = 0; i < r; ++i) {
    b_squares += w.row(i)[i];
    b_sums += square(w.row(i)[r + outputs]);
    for (std::size_t j = 0; j < r; ++j) off += square(w.row(i)[j] - (i == j ? 1 : 0));
    for (std::size_t k = r; k < r + outputs; ++k) c_squares += square(w.row(i)[k]);
  }
  for (std::size_t k = r; k < r + outputs; ++k) {
    y_squares += w.row(k)[k];
    y_sums += square(w.row(k)[r + outputs]);
  }
  const double once = biased ? gamma(1) : 0, m = gamma(gram.roundings), beta = gram.beta,
               count = static_cast<double>(n);
  const double b = norm_up(b_squares), y = norm_up(y_squares), root = norm_up(count);
  const double b_sum = biased ? norm_up(b_sums) + root * (m * b + beta) : 0;
  const double y_sum = biased ? norm_up(y_sums) + root * (m + once) * y : 0;
  Spectrum s;
  s.omega = norm_up(off) + m * b * b + 2 * b * beta + beta * beta + b_sum * b_sum / count + kLost;
  s.explained = norm_up(c_squares);
  s.error = m * b * y + beta * y + once * y * (b + beta) + b_sum * y_sum / count + kLost;
  const double more = gamma(gram.roundings + 16);  // two roundings of centring, and those of the sum and of this
  s.targets_low = next_down(next_down(y_squares * (1 - more) - kLost) - next_up(y_sum * y_sum / count));
  s.targets_high = next_up(y_squares * (1 + more) + kLost);
  require(s.omega < 1, "omega " + std::to_string(s.omega) + " is not below 1: the features are nearly dependent");
  require(s.error <= kLargest && s.targets_high <= kLargest, "the targets overflow");
  return s;
}

/// Refuses unless (t - eta) I + Z Z^T - C C^T is proven to be positive definite. A sum of r and Z's columns of products
/// and its diagonal's t pass so many roundings.
void require_level(const Gram& gram, const Spectrum& s, const Reduction& reduction, double level) {
  const Matrix& z = reduction.factor;
  const std::size_t r = reduction.columns.size(), outputs = z.rows;
  const double size = square(norm_up(squares_of(z))) + square(s.explained) + level;
  const double eta = 2 * s.explained * s.error + square(s.error) + gamma(r + z.columns + 8) * size + kLost;
  Matrix bordered(outputs, outputs + 1);
  for (std::size_t k = 0; k < outputs; ++k)
    for (std::size_t l = k; l < outputs; ++l) {
      double sum = 0;
      for (std::size_t j = 0; j < z.columns; ++j) sum += z.row(k)[j] * z.row(l)[j];
      for (std::size_t i = 0; i < r; ++i) sum -= gram.values.row(i)[r + k] * gram.values.row(i)[r + l];
      bordered.row(k)[l] = k == l ? sum + (level - eta * (1 + 0x1p-20)) : sum;
    }
  maximum_of(bordered);
}

/// That every feature which is not in `columns` is what `relations` says: both signs of 0 are open, exactly.
bool all_dependent(const Matrix& features, const Reduction& reduction) {
  const std::size_t n = features.rows, d = features.columns, r = reduction.columns.size(), all = d - r;
  const std::size_t group = std::max<std::size_t>(1, (std::size_t{1} << 27) / n);  // bounds the memory
  std::vector<std::size_t> others;
  for (std::size_t j = 0; j < d; ++j)
    if (!std::binary_search(reduction.columns.begin(), reduction.columns.end(), j)) others.push_back(j);
  Matrix extended(all > 0 ? n : 0, d + 1);
  for (std::size_t i = 0; i < extended.rows; ++i) {
    std::copy_n(features.row(i), d, extended.row(i));
    extended.row(i)[d] = 1;
  }
  for (std::size_t first = 0; first < all; first += group) {
    Matrix gates(2 * std::min(group, all - first), d + 1);
    for (std::size_t row = 0; row < gates.rows; row += 2) {
      const double* const relation = reduction.relations.row(first + row / 2);
      for (std::size_t l = 0; l <= r; ++l) gates.row(row)[l < r ? reduction.columns[l] : d] = relation[l];
      gates.row(row)[others[first + row / 2]] = -1;
      for (std::size_t l = 0; l <= d; ++l) gates.row(row + 1)[l] = -gates.row(row)[l];
    }
    const Flags open = patterns_of(extended, gates);
    if (std::count(open.begin(), open.end(), 0) > 0) return false;
  }
  return true;
}
}  // namespace

LinearNetwork read_linear_network(const Container& container, const Document& document) {
  LinearNetwork network;
  std::size_t inputs = document.recipe.features();
  for (std::size_t i = 1; i <= container.layers; ++i) {
    const std::string number = std::to_string(i), bias = "bias." + number;
    const Matrix& weights = network.layers.emplace_back(read_matrix(container, "layer." + number, inputs));
    inputs = weights.rows;
    require(inputs > 0, "a layer without units");
    const bool has_bias = container.find(bias) != nullptr;
    network.biased = network.biased || has_bias;
    network.biases.push_back(has_bias ? read_matrix(container, bias, inputs) : Matrix(1, inputs));
    require(network.biases.back().rows == 1, bias + " does not have one row");
  }
  require(inputs == document.outputs, "the last layer does not have a unit for each output");
  return network;
}

// With e_l errors of a layer's inputs h_l: output j is off by at most the sum over l of |w_jl| e_l, and gamma times the
// sum of |w_jl| |h_l| and |b_j| for the roundings of its own sum. What s makes of h_l is off by no more than h_l, and
// one rounding of it, which gamma has room for.
Outputs chain_outputs(const Matrix& features, const std::vector<Matrix>& layers, const std::vector<Matrix>& biases,
                      double slope) {
  const std::size_t n = features.rows, outputs = layers.back().rows;
  double work = 0;
  for (const Matrix& weights : layers)
    work += static_cast<double>(n) * static_cast<double>(weights.rows) * static_cast<double>(weights.columns);
  require(work <= 0x1p43, "a larger problem than this verifier takes on");
  Outputs result{Matrix(n, outputs), {}};
  std::vector<double> h, next, errors, next_errors;
  for (std::size_t i = 0; i < n; ++i) {
    h.assign(features.row(i), features.row(i) + features.columns);
    errors.assign(h.size(), 0);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const Matrix& weights = layers[layer];
      const double bound = gamma(weights.columns + 4);
      next.assign(weights.rows, 0);
      if (!biases.empty()) std::copy_n(biases[layer].row(0), weights.rows, next.data());
      next_errors.assign(weights.rows, kLost);
      for (std::size_t l = 0; l < h.size(); ++l) {
        if (layer > 0 && h[l] < 0) {
          h[l] *= slope;
          errors[l] += slope == 0 ? 0 : kTiniest;
        }
        errors[l] += bound * std::fabs(h[l]);
      }
      for (std::size_t j = 0; j < weights.rows; ++j) {
        next_errors[j] += bound * std::fabs(next[j]);
        for (std::size_t l = 0; l < weights.columns; ++l) {
          next[j] += weights.row(j)[l] * h[l];
          next_errors[j] += std::fabs(weights.row(j)[l]) * errors[l];
        }
        next_errors[j] *= 1 + 0x1p-20;  // the roundings of this sum
      }
      h.swap(next);
      errors.swap(next_errors);
    }
    std::copy(h.begin(), h.end(), result.values.row(i));
    for (const double error : errors) require(error <= kLargest, "outputs of the network overflow");
    result.errors.push_back(*std::max_element(errors.begin(), errors.end()));
  }
  return result;
}

Interval linear_objective(const Document& document, const Dataset& dataset, const LinearNetwork& network) {
  return mean_loss(document, dataset, chain_outputs(dataset.features, network.layers, network.biases, 1));
}

Reduction read_reduction(const Container& container, const Document& document, const LinearNetwork& network) {
  const std::size_t d = document.recipe.features(), r = document.claims.columns.size();
  Reduction reduction{document.claims.columns, read_matrix(container, "triangle", r),
                      read_matrix(container, "relations", r + 1),
                      read_matrix(container, "factor", container.find("factor")->shape[1])};
  for (std::size_t i = 0; i < r; ++i)
    require(reduction.columns[i] < d && (i == 0 || reduction.columns[i - 1] < reduction.columns[i]),
            "columns are out of order or out of range");
  require(reduction.triangle.rows == r, "triangle is not square");
  for (std::size_t i = 0; i < r; ++i) {
    for (std::size_t j = 0; j < i; ++j) require(reduction.triangle.row(i)[j] == 0, "triangle is not upper triangular");
    require(reduction.triangle.row(i)[i] != 0, "triangle has a 0 on its diagonal");
  }
  require(reduction.relations.rows == d - r, "relations does not have a row for each other feature");
  for (std::size_t i = 0; i < d - r; ++i)
    require(network.biased || reduction.relations.row(i)[r] == 0,
            "a relation to the constant, but there are no biases");
  require(reduction.factor.rows == document.outputs, "factor does not have a row for each output");
  return reduction;
}

RankBound rank_bound(const Document& document, const Dataset& dataset, const LinearNetwork& network,
                     const Reduction& reduction) {
  const std::size_t n = dataset.features.rows, r = reduction.columns.size(), outputs = document.outputs;
  const auto width = static_cast<double>(r + outputs + 1), size = static_cast<double>(r);
  require(static_cast<double>(n) * (2 * size * size + width * width) <= 0x1p43 && width * width <= 0x1p28 &&
              static_cast<double>(outputs * outputs) * static_cast<double>(reduction.factor.columns) <= 0x1p43,
          "a larger problem than this verifier takes on");
  const Gram gram = gram_of(dataset, reduction, outputs, network.biased);
  const Spectrum s = spectrum_of(gram, n, r, outputs, network.biased);
  const double level = document.claims.level;
  require_level(gram, s, reduction, level);
  std::size_t rank = r;
  for (const Matrix& weights : network.layers) rank = std::min(rank, weights.rows);
  double sum = product_up(static_cast<double>(rank), level);
  for (const double entry : reduction.factor.values) sum = sum_up(sum, product_up(std::fabs(entry), std::fabs(entry)));
  double bound = next_down(s.targets_low - quotient_up(sum, next_down(1 - s.omega)));
  const bool dependent = all_dependent(dataset.features, reduction);
  if (!dependent) {
    double explained = 0;  // at most ||C||^2
    for (std::size_t i = 0; i < r; ++i)
      for (std::size_t k = r; k < r + outputs; ++k)
        explained =
            sum_down(explained, product_down(std::fabs(gram.values.row(i)[k]), std::fabs(gram.values.row(i)[k])));
    const double left = std::max(0.0, next_down(next_down(std::sqrt(explained)) - s.error));
    bound = next_down(bound - next_up(s.targets_high - quotient_down(product_down(left, left), next_up(1 + s.omega))));
  }
  require(bound <= kLargest && bound >= -kLargest, "the bound overflows");
  return {std::max(0.0, next_down(bound / 2 / static_cast<double>(n))), s.omega, dependent};
}
}  // namespace nadir::verify
