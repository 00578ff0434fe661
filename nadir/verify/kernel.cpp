#include "nadir/verify/kernel.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
constexpr std::size_t kTile = 128, kFew = 32;
constexpr double kPi = 0x1.921fb54442d18p+1, kOverTwoPi = 0x1.45f306dc9c883p-3;
/// J / (2 pi): by how much it is off for an error of the cosine, by rounding, and its largest value.
struct Power {
  double slope, rounding, largest;
};
constexpr Power kPowers[] = {{1.15, 12, 0.5}, {0.5, 12, 0.5}, {2, 40, 1.5}};

/// Of so many terms: 40 + ceil(count / 128) roundings at most on the way of each, the one of a product included.
template <class OfPlace>
double sum(std::size_t count, OfPlace of_place) {
  double total = 0, tile = 0, few = 0;
  for (std::size_t i = 0; i < count; ++i) {
    few += of_place(i);
    if (i % kFew == kFew - 1) tile += few, few = 0;
    if (i % kTile == kTile - 1) total += tile, tile = 0;
  }
  return total + (tile + few);
}

/// The angle in [0, pi] of which these are the sine and the cosine of the half.
double angle(double half_sine, double half_cosine) {
  constexpr double inverse[] = {1,        1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11,
                                1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23};
  double t = half_sine / (1 + half_cosine), series = 0;  // of a quarter of the angle the tangent
  for (int halving = 0; halving < 2; ++halving) t /= 1 + std::sqrt(1 + t * t);
  for (int i = 11; i >= 0; --i) series = inverse[i] - t * t * series;
  return 16 * (t * series);
}
/// The angle between u and v, and between u and -v where `sign` is -1, of unit vectors that are near one another.
double small_angle(const double* u, const double* v, std::size_t size, double sign) {
  double square = 0;
  for (std::size_t j = 0; j < size; ++j) square += (u[j] - sign * v[j]) * (u[j] - sign * v[j]);
  const double half = std::sqrt(square) / 2;
  return angle(half, std::sqrt(1 - half * half));
}

/// Rows over their norms, and rho: the norms to the power, over the root of kappa.
struct Directions {
  Matrix rows;
  std::vector<double> sizes;
};
Directions directions_of(const Matrix& features, int power) {
  const auto d = static_cast<double>(features.columns);
  Directions result{Matrix(whole(features.rows, kTile), room(features.columns)), {}};
  for (std::size_t i = 0; i < features.rows; ++i) {
    const double* const x = features.row(i);
    double square = 0;
    for (std::size_t first = 0; first < features.columns; first += kRun) {
      double run = 0;
      for (std::size_t j = first; j < std::min(first + kRun, features.columns); ++j) run += x[j] * x[j];
      square += run;
    }
    const bool zero = std::all_of(x, x + features.columns, [](double entry) { return entry == 0; });
    require(zero || (square >= 0x1p-800 && square <= 0x1p800), "the norm of a row is not in 2^-400 ... 2^400");
    const double norm = std::sqrt(square);
    result.sizes.push_back(zero         ? 0
                           : power == 0 ? 1
                           : power == 1 ? norm / std::sqrt(d)
                                        : norm * norm / std::sqrt(d * (d + 2)));
    for (std::size_t j = 0; !zero && j < features.columns; ++j) result.rows.row(i)[j] = x[j] / norm;
  }
  return result;
}

/// J / (2 pi) for two tiles of rows.
void kernel_tile(const Directions& x, std::size_t first, std::size_t second, std::size_t d, int power, Matrix& values) {
  Matrix columns(d, kTile);
  for (std::size_t j = 0; j < kTile; ++j)
    for (std::size_t l = 0; l < d; ++l) columns.row(l)[j] = x.rows.row(second + j)[l];
  std::fill(values.values.begin(), values.values.end(), 0.0);
  add_product(kTile, kTile, {x.rows.row(first), x.rows.columns, 1}, columns, values);
  for (std::size_t i = 0; i < kTile; ++i)
    for (std::size_t j = 0; j < kTile; ++j) {
      double& value = values.row(i)[j];
      const double c = std::clamp(value, -1.0, 1.0);
      double theta = angle(std::sqrt((1 - c) / 2), std::sqrt((1 + c) / 2));
      if (power == 0 && c > 0.99) theta = small_angle(x.rows.row(first + i), x.rows.row(second + j), d, 1);
      if (power == 0 && c < -0.99) theta = kPi - small_angle(x.rows.row(first + i), x.rows.row(second + j), d, -1);
      const double rest = kPi - theta, sine = std::sqrt((1 - c) * (1 + c));
      value = kOverTwoPi * (power == 0   ? rest
                            : power == 1 ? sine + rest * c
                                         : 3 * (sine * c) + rest * (1 + 2 * (c * c)));
    }
}
/// E of docs/math/kernel.md, section 6.
double relative_error(std::size_t n, std::size_t d, int power) {
  const auto depth_of_row = static_cast<double>(1 + std::min(d, kRun) + quotient_over(d, kRun));
  const auto depth_of_sum = static_cast<double>(40 + quotient_over(n, kTile));
  const Power& of = kPowers[power];
  return 0x1.06p-53 * (of.slope * (2.02 * depth_of_row + static_cast<double>(d) / 8 + 14) + of.rounding +
                       of.largest * (2 * depth_of_sum + 2.1 * (1.1 * depth_of_row + 12)));
}
/// For each row at least |the sum of its coefficients| |x|^alpha kappa^-1/2 t^1/2, added up.
double own_error(const Matrix& coefficients, const std::vector<double>& sizes, double largest) {
  double total = 0;
  for (std::size_t i = 0; i < coefficients.rows; ++i) {
    double all = 0, size = 0;
    for (std::size_t k = 0; k < coefficients.columns; ++k) {
      all += coefficients.row(i)[k];
      size = sum_up(size, std::fabs(coefficients.row(i)[k]));
    }
    total = sum_up(total, product_up(std::fabs(all) + size * gamma(coefficients.columns + 1), sizes[i]));
  }
  return total * (std::sqrt(largest) * 1.01);
}
}  // namespace

Matrix read_coefficients(const Container& container, const Document& document, const Dataset& dataset) {
  const Matrix samples = read_matrix(container, "samples", dataset.features.columns);
  Matrix coefficients = read_matrix(container, "coefficients", document.outputs);
  require(samples.rows == dataset.features.rows && coefficients.rows == samples.rows,
          "not a sample and its coefficients for each training row");
  require(std::memcmp(samples.values.data(), dataset.features.values.data(), 8 * samples.values.size()) == 0,
          "the samples are not the features of the training rows");
  return coefficients;
}

KernelValues kernel_values(const Document& document, const Dataset& dataset, const Matrix& coefficients) {
  const std::size_t n = dataset.features.rows, d = dataset.features.columns, outputs = coefficients.columns;
  const auto rows = static_cast<double>(n);
  require(rows * rows * static_cast<double>(d + outputs + 64) <= 0x1p43,
          "a larger problem than this verifier takes on");
  const Directions x = directions_of(dataset.features, document.power);
  Matrix b(x.rows.rows, outputs), sums(x.rows.rows, outputs), values(kTile, kTile);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < outputs; ++k) b.row(i)[k] = x.sizes[i] * coefficients.row(i)[k];
  for (std::size_t first = 0; first < n; first += kTile)
    for (std::size_t second = first; second < n; second += kTile) {
      kernel_tile(x, first, second, d, document.power, values);
      for (std::size_t k = 0; k < outputs; ++k)
        for (std::size_t i = 0; i < kTile; ++i) {
          sums.row(first + i)[k] += sum(kTile, [&](auto j) { return values.row(i)[j] * b.row(second + j)[k]; });
          if (first < second)
            sums.row(second + i)[k] += sum(kTile, [&](auto j) { return values.row(j)[i] * b.row(first + j)[k]; });
        }
    }
  KernelValues result{{Matrix(n, outputs), {}}, {}, 0};
  const double error = relative_error(n, d, document.power), largest = kPowers[document.power].largest;
  double most = 0;
  for (std::size_t k = 0; k < outputs; ++k) {
    double size = 0;
    for (std::size_t i = 0; i < n; ++i) size = sum_up(size, std::fabs(b.row(i)[k]));
    const double square = sum(n, [&](auto i) { return b.row(i)[k] * sums.row(i)[k]; });
    const double off = product_up(error, product_up(size, size));
    require(off <= kLargest, "the coefficients overflow");
    result.norms.push_back({next_down(square - off), next_up(square + off)});
    most = std::max(most, size);
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < outputs; ++k) result.outputs.values.row(i)[k] = x.sizes[i] * sums.row(i)[k];
    result.outputs.errors.push_back(product_up(product_up(x.sizes[i], most), error));
  }
  if (document.loss == Loss::softmax) result.own = own_error(coefficients, x.sizes, largest);
  return result;
}

Interval kernel_objective(const Document& document, const Dataset& dataset, const KernelValues& values) {
  Interval norm;
  for (const Interval of_output : values.norms) norm = norm + of_output;
  return mean_loss(document, dataset, values.outputs) + scaled(norm, {document.lambda / 2, document.lambda / 2});
}

void require_dual_coefficients(const Document& document, const Dataset& dataset, const Matrix& coefficients) {
  dual_mean(document, dataset, coefficients, document.lambda * kMostScale);
}

double kernel_bound(const Document& document, const Dataset& dataset, const Matrix& coefficients,
                    const KernelValues& values) {
  const double scale = document.lambda * kMostScale;  // of whatever is near it a bound follows
  double norm = 0;
  for (const Interval of_output : values.norms) norm = sum_up(norm, std::max(of_output.hi, 0.0));
  const double root = sum_up(next_up(std::sqrt(norm)), values.own);
  const double taken = quotient_up(product_up(product_up(scale, root), product_up(scale, root)), 2 * document.lambda);
  require(taken <= kLargest, "the coefficients overflow");
  return next_down(dual_mean(document, dataset, coefficients, scale) - taken);
}
}  // namespace nadir::verify
