#include "nadir/spectral/contraction.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"

namespace nadir::spectral {
namespace {

double conjugate(double p) { return p / (p - 1); }

/// max over the rows of ‖x‖_q, q ≥ 1.
double largest_row_norm(const Matrix& features, double q) {
  double largest = 0;
  for (Index i = 0; i < features.rows(); ++i) {
    const auto row = features.row(i).array();
    const double top = row.maxCoeff();
    if (top > 0) largest = std::max(largest, top * std::pow((row / top).pow(q).sum(), 1 / q));
  }
  return largest;
}

/// C_j and D_j below the last layer: C_j = ‖α⁽ʲ⁾‖ C_{j+1}, D_j = ‖α⁽ʲ⁾‖ D_{j+1}.
void extend_downward(const Architecture& architecture, Sizes& sizes) {
  sizes.degrees.push_back(architecture.hidden.back().exponents.maxCoeff());
  for (std::size_t j = architecture.hidden.size() - 1; j-- > 0;) {
    const double steepest = architecture.hidden[j].exponents.maxCoeff();
    sizes.layers.push_back(steepest * sizes.layers.back());
    sizes.degrees.push_back(steepest * sizes.degrees.back());
  }
}

double sum_of_powers(const Vector& exponents, const Vector& delta, double t) {
  double sum = 0;
  for (Index l = 0; l < exponents.size(); ++l) sum += delta[l] * std::pow(t, exponents[l]);
  return sum;
}

/// p of the hidden layers from L down to 1.
std::vector<double> hidden_p_downward(const Architecture& architecture) {
  std::vector<double> p;
  for (std::size_t j = architecture.hidden.size(); j-- > 0;) p.push_back(architecture.hidden[j].p[0]);
  return p;
}

/// 2^{1/p_w} σ with σ = e^F/(e^F + K − 1) ≥ every softmax value, F = C_w.
double softmax_ceiling(const Architecture& architecture, double output_size) {
  return 1 / (1 + (architecture.classes - 1) * std::exp(-output_size));
}

}  // namespace

double psi(const Vector& exponents, const Vector& delta, double t, double p, double q) {
  // In logs: the exponent p q / (q − ᾱ p) can be huge.
  double alpha_bar = std::numeric_limits<double>::infinity(), rest = -alpha_bar;
  const auto log_term = [&](Index l) { return std::log(delta[l]) + exponents[l] * std::log(t); };
  for (Index l = 0; l < exponents.size(); ++l) {
    if (exponents[l] * p <= q)
      alpha_bar = std::min(alpha_bar, exponents[l]);
    else
      rest = std::max(rest, p * log_term(l));
  }
  double inner = -std::numeric_limits<double>::infinity();
  if (std::isfinite(alpha_bar)) {
    const double share = 1 - alpha_bar * p / q;  // 0 where ᾱ p = q: the sum becomes a maximum
    double top = inner;
    for (Index l = 0; l < exponents.size(); ++l)
      if (exponents[l] * p <= q) top = std::max(top, p * log_term(l));
    double sum = 0;
    if (share > 0)
      for (Index l = 0; l < exponents.size(); ++l)
        if (exponents[l] * p <= q) sum += std::exp((p * log_term(l) - top) / share);
    inner = top + (share > 0 ? share * std::log(sum) : 0);
  }
  const double top = std::max(inner, rest);
  return std::exp((top + std::log(std::exp(inner - top) + std::exp(rest - top))) / p);
}

Sizes sizes_by_sums(const Architecture& architecture, const Matrix& features) {
  Sizes sizes;
  sizes.rho_x = largest_row_norm(features, 1);
  double t = architecture.hidden[0].radius * sizes.rho_x;
  for (std::size_t j = 0; j + 1 < architecture.hidden.size(); ++j) {
    const Vector& alpha = architecture.hidden[j].exponents;
    t = architecture.hidden[j + 1].radius * sum_of_powers(alpha, Vector::Ones(alpha.size()), t);
  }
  const Vector& alpha = architecture.hidden.back().exponents;
  sizes.output = architecture.output_radius * sum_of_powers(alpha, Vector::Ones(alpha.size()), t);
  sizes.layers.push_back(architecture.output_radius * sum_of_powers(alpha, alpha, t));
  extend_downward(architecture, sizes);
  return sizes;
}

Sizes sizes_by_psi(const Architecture& architecture, const Matrix& features) {
  Sizes sizes;
  sizes.rho_x = largest_row_norm(features, conjugate(architecture.hidden[0].p[0]));
  double t = architecture.hidden[0].radius * sizes.rho_x;
  for (std::size_t j = 0; j + 1 < architecture.hidden.size(); ++j) {
    const auto &layer = architecture.hidden[j], &next = architecture.hidden[j + 1];
    t = next.radius * psi(layer.exponents, Vector::Ones(layer.units()), t, conjugate(next.p[0]), layer.p[0]);
  }
  const auto& last = architecture.hidden.back();
  const double p = conjugate(architecture.output_p), radius = architecture.output_radius;
  sizes.output = radius * psi(last.exponents, Vector::Ones(last.units()), t, p, last.p[0]);
  sizes.layers.push_back(radius * psi(last.exponents, last.exponents, t, p, last.p[0]));
  extend_downward(architecture, sizes);
  return sizes;
}

Matrix theorem_matrix(const Architecture& architecture, const Sizes& sizes) {
  const Index classes = architecture.classes, layers = static_cast<Index>(sizes.layers.size());
  const std::vector<double> p = hidden_p_downward(architecture);
  Matrix a(classes + layers, classes + layers);
  for (Index i = 0; i < a.rows(); ++i) {
    const double p_i = i < classes ? architecture.output_p : p[static_cast<std::size_t>(i - classes)];
    for (Index k = 0; k < a.cols(); ++k) {
      const std::size_t j = static_cast<std::size_t>(k - classes);
      double q = 2 * sizes.output + (i < classes ? 0 : 1);
      if (k >= classes) q = 2 * sizes.layers[j] + sizes.degrees[j] - (i == k ? 1 : 0);
      a(i, k) = 2 / (p_i - 1) * q;
    }
  }
  return a;
}

Matrix thompson_matrix(const Architecture& architecture, const Sizes& sizes) {
  const Index layers = static_cast<Index>(sizes.layers.size());
  const double sigma = softmax_ceiling(architecture, sizes.output), classes = std::min(architecture.classes, 2);
  const double spread = std::exp2(1 / architecture.output_p) * sigma;
  const std::vector<double> p = hidden_p_downward(architecture);
  Matrix a(1 + layers, 1 + layers);
  for (Index i = 0; i <= layers; ++i) {
    const double scale = 2 / ((i == 0 ? architecture.output_p : p[static_cast<std::size_t>(i - 1)]) - 1);
    a(i, 0) = scale * (classes * sigma * sizes.output + (i == 0 ? 0 : 1));
    for (Index k = 1; k <= layers; ++k) {
      const std::size_t j = static_cast<std::size_t>(k - 1);
      a(i, k) = scale * (spread * sizes.layers[j] + sizes.degrees[j] - (i == k ? 1 : 0));
    }
  }
  return a;
}

Matrix hilbert_matrix(const Architecture& architecture, const Sizes& sizes) {
  const Index layers = static_cast<Index>(sizes.layers.size());
  const int classes = architecture.classes;
  const double sigma = softmax_ceiling(architecture, sizes.output);
  const std::vector<double> p = hidden_p_downward(architecture);
  Matrix a(1 + layers, 1 + layers);
  for (Index i = 0; i <= layers; ++i) {
    const double scale = 1 / ((i == 0 ? architecture.output_p : p[static_cast<std::size_t>(i - 1)]) - 1);
    a(i, 0) = scale *
              (i == 0 ? std::min(classes, 3) * sigma * sizes.output : 4 * sigma * sizes.output + std::min(classes, 2));
    for (Index k = 1; k <= layers; ++k) {
      const std::size_t j = static_cast<std::size_t>(k - 1);
      const double factor = (i == 0 ? std::exp2(1 / architecture.output_p) : 2) * sigma;
      a(i, k) = scale * (factor * sizes.layers[j] + sizes.degrees[j] - (i == k ? 1 : 0));
    }
  }
  return a;
}

SpectralRadius spectral_radius(const Matrix& nonnegative) {
  const Index size = nonnegative.rows();
  SpectralRadius result{std::numeric_limits<double>::infinity(), Vector::Ones(size)};
  if (!nonnegative.allFinite()) return result;
  // The shift keeps the power iteration from oscillating; the quotient below is a bound for any γ > 0.
  const double shift = 0.1 * nonnegative.diagonal().maxCoeff() + 1e-300;
  for (int step = 0; step < 20000; ++step) {
    const Vector image = nonnegative.transpose() * result.left;
    const auto quotients = image.array() / result.left.array();
    const double highest = quotients.maxCoeff();
    result.upper = std::min(result.upper, highest);
    if (highest - quotients.minCoeff() <= 1e-14 * highest) break;
    Vector next = image + shift * result.left;
    result.left = next / next.maxCoeff();
  }
  return result;
}

std::vector<ContractionReport> contraction_certificates(const Architecture& architecture, const Matrix& features) {
  for (const auto& layer : architecture.hidden)
    if (layer.scope != NormScope::matrix) return {};
  const Sizes sums = sizes_by_sums(architecture, features), sharp = sizes_by_psi(architecture, features);
  return {{"theorem_1", spectral_radius(theorem_matrix(architecture, sums)).upper},
          {"theorem_4_5", spectral_radius(theorem_matrix(architecture, sharp)).upper},
          {"thompson", spectral_radius(thompson_matrix(architecture, sharp)).upper},
          {"hilbert", spectral_radius(hilbert_matrix(architecture, sharp)).upper}};
}

void set_published_p(Architecture& architecture, const Matrix& features, double factor) {
  const Sizes sizes = sizes_by_sums(architecture, features);
  const double layers = static_cast<double>(architecture.hidden.size());
  const double both = architecture.classes + layers;
  architecture.output_p = factor * (4 * both * sizes.output + 2 * layers + 1);
  for (std::size_t j = 0; j < architecture.hidden.size(); ++j) {
    const std::size_t down = architecture.hidden.size() - 1 - j;
    const double p = factor * (2 * both * (2 * sizes.layers[down] + sizes.degrees[down]) - 1);
    auto& layer = architecture.hidden[j];
    layer.p.assign(layer.scope == NormScope::matrix ? 1 : static_cast<std::size_t>(layer.units()), p);
  }
}

namespace {

/// μ(z, z̃) = Σ_b γ_b ‖log z_b − log z̃_b‖_∞ and min_b γ_b/ρ_b. Packed blocks are U_1 .. U_L, w_1 .. w_K; γ is in the
/// order w_1 .. w_K, U_L .. U_1.
struct WeightedDistance {
  double distance = 0, smallest = std::numeric_limits<double>::infinity();
};
WeightedDistance weighted_distance(const Architecture& architecture, const Vector& gamma, const Vector& log_a,
                                   const Vector& log_b) {
  const Packing packing(architecture);
  const auto& blocks = packing.blocks();
  const std::size_t layers = architecture.hidden.size();
  if (blocks.size() != static_cast<std::size_t>(gamma.size()))
    throw UsageError("the published stop rule needs one norm per hidden layer");
  WeightedDistance result;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const std::size_t place = b < layers ? blocks.size() - 1 - b : b - layers;
    const double weight = gamma[static_cast<Index>(place)];
    const auto change =
        log_a.segment(blocks[b].first, blocks[b].count) - log_b.segment(blocks[b].first, blocks[b].count);
    result.distance += weight * change.lpNorm<Eigen::Infinity>();
    result.smallest = std::min(result.smallest, weight / blocks[b].radius);
  }
  return result;
}

}  // namespace

double theorem_3_constant(const Architecture& architecture, const SpectralRadius& radius, const Vector& log_z0,
                          const Vector& log_z1) {
  const WeightedDistance first = weighted_distance(architecture, radius.left, log_z1, log_z0);
  return first.distance / ((1 - radius.upper) * first.smallest);
}

long published_iterations(double R, double radius, double tau) {
  if (!(radius < 1)) return std::numeric_limits<long>::max();
  if (R <= tau) return 1;
  return std::max(1L, static_cast<long>(std::ceil(std::log(tau / R) / std::log(radius))));
}

double a_posteriori_bound(const Architecture& architecture, const SpectralRadius& radius, const Vector& log_previous,
                          const Vector& log_current) {
  const WeightedDistance last = weighted_distance(architecture, radius.left, log_current, log_previous);
  return radius.upper / (1 - radius.upper) * last.distance / last.smallest;
}

}  // namespace nadir::spectral
