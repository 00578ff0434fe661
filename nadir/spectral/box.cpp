#include "nadir/spectral/box.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace nadir::spectral {
namespace {

// Every enclosure is widened by this, relatively: far more than all rounding errors of a step together (sums of n terms
// err by n · 1e-16). The verifier repeats the iteration in outward-rounded arithmetic and needs no such number.
constexpr double widening = 4e-12;

/// Lower and upper values of something non-negative.
struct Range {
  Matrix low, high;
};

Range product(const Range& a, const Matrix& b_low, const Matrix& b_high) { return {a.low * b_low, a.high * b_high}; }

/// ∂Φ/∂f_r over the box: c_r = δ_{ry} + T/(1+T), T = Σ_{k≠r} exp(f_k − f_r), increasing in every difference.
/// A difference is bounded by f_k − f_r and, tighter where rows of W are close, by Σ_l (w_kl − w_rl) a_l.
Range pulls_over(const Range& scores, const Range& output, const Range& activation, const std::vector<int>& labels) {
  const Index n = scores.low.rows(), classes = scores.low.cols();
  Range pulls{Matrix(n, classes), Matrix(n, classes)};
  for (Index r = 0; r < classes; ++r) {
    Vector total_low = Vector::Zero(n), total_high = Vector::Zero(n);
    for (Index k = 0; k < classes; ++k) {
      if (k == r) continue;
      const Vector high = output.high.row(k) - output.low.row(r), low = output.low.row(k) - output.high.row(r);
      const Vector by_rows_high = activation.high * high.cwiseMax(0) + activation.low * high.cwiseMin(0);
      const Vector by_rows_low = activation.low * low.cwiseMax(0) + activation.high * low.cwiseMin(0);
      const Vector size = scores.high.col(k) + scores.high.col(r);  // rounding errors are proportional to this
      const Vector highest = by_rows_high.cwiseMin(scores.high.col(k) - scores.low.col(r)) + widening * size;
      const Vector lowest = by_rows_low.cwiseMax(scores.low.col(k) - scores.high.col(r)) - widening * size;
      total_high.array() += highest.array().exp() * (1 + widening);
      total_low.array() += lowest.array().exp() * (1 - widening);
    }
    // T/(1+T) = 1/(1 + 1/T): also right where T overflows.
    pulls.high.col(r) = (1 + total_high.array().inverse()).inverse().min(1.0);
    pulls.low.col(r) = (1 + total_low.array().inverse()).inverse();
  }
  for (Index i = 0; i < n; ++i) {
    pulls.low(i, labels[static_cast<std::size_t>(i)]) += 1;
    pulls.high(i, labels[static_cast<std::size_t>(i)]) += 1;
  }
  return pulls;
}

/// −∂F/∂z over the box, packed: forward and back with lower and with upper values; all factors are non-negative.
struct GainRange {
  Vector low, high;
};
GainRange gains_over(const Objective& objective, const PolynomialNetwork& low, const PolynomialNetwork& high) {
  const std::size_t layers = low.hidden.size();
  const double n = static_cast<double>(objective.features().rows());
  std::vector<Range> activations(layers + 1), slopes(layers);
  activations[0] = {objective.features(), objective.features()};
  for (std::size_t j = 0; j < layers; ++j) {
    const Range sums = product(activations[j], low.hidden[j].weights.transpose(), high.hidden[j].weights.transpose());
    activations[j + 1] = slopes[j] = sums;
    Vector column, power(sums.low.rows()), slope(sums.low.rows());
    for (Index unit = 0; unit < sums.low.cols(); ++unit) {
      const double exponent = low.hidden[j].exponents[unit];
      for (const bool upper : {false, true}) {
        column = (upper ? sums.high : sums.low).col(unit) * (upper ? 1 + widening : 1 - widening);
        power_and_slope(column.data(), column.size(), exponent, power.data(), slope.data());
        (upper ? activations[j + 1].high : activations[j + 1].low).col(unit) = power;
        (upper ? slopes[j].high : slopes[j].low).col(unit) = slope;
      }
    }
  }
  const Range output{low.output, high.output};
  const Range scores = product(activations[layers], low.output.transpose(), high.output.transpose());
  Range errors = pulls_over(scores, output, activations[layers], objective.labels());

  PolynomialNetwork gain_low, gain_high;
  gain_low.output = errors.low.transpose() * activations[layers].low;
  gain_high.output = errors.high.transpose() * activations[layers].high;
  gain_low.hidden.resize(layers), gain_high.hidden.resize(layers);
  for (std::size_t j = layers; j-- > 0;) {
    const bool last = j + 1 == layers;
    errors =
        product(errors, last ? low.output : low.hidden[j + 1].weights, last ? high.output : high.hidden[j + 1].weights);
    errors.low.array() *= slopes[j].low.array(), errors.high.array() *= slopes[j].high.array();
    gain_low.hidden[j].weights = errors.low.transpose() * activations[j].low;
    gain_high.hidden[j].weights = errors.high.transpose() * activations[j].high;
  }
  const double epsilon = objective.architecture().epsilon;
  GainRange gains{objective.packing().pack(gain_low), objective.packing().pack(gain_high)};
  gains.low = gains.low.array() / n * (1 - widening) + epsilon;
  gains.high = gains.high.array() / n * (1 + widening) + epsilon;
  return gains;
}

/// For each j, log Σ_{l≠j} e^{t_l}, by sums from both ends so that nothing cancels.
Vector log_sum_of_others(const Vector& t) {
  const double top = t.maxCoeff();
  const Vector terms = (t.array() - top).exp();
  Vector others = Vector::Zero(t.size());
  double sum = 0;
  for (Index j = 0; j < t.size(); ++j) others[j] += sum, sum += terms[j];
  sum = 0;
  for (Index j = t.size(); j-- > 0;) others[j] += sum, sum += terms[j];
  return others.array().log() + top;
}

double log1p_exp(double t) { return t > 0 ? t + std::log1p(std::exp(-t)) : std::log1p(std::exp(t)); }

/// log G over the box in one block:  log G_j ≤ log ρ − (1/p) log(1 + Σ_{l≠j} (∇_l^low / ∇_j^high)^{p'}), and likewise
/// from below.
void cut_block(const Block& block, const GainRange& gains, Vector& log_low, Vector& log_high) {
  const double conjugate = block.p / (block.p - 1), log_radius = std::log(block.radius);
  const Vector low = conjugate * gains.low.segment(block.first, block.count).array().log();
  const Vector high = conjugate * gains.high.segment(block.first, block.count).array().log();
  const Vector others_low = log_sum_of_others(low), others_high = log_sum_of_others(high);
  for (Index j = 0; j < block.count; ++j) {
    const double error = 1e-14 * (4 + std::fabs(log_radius) + (std::fabs(low[j]) + std::fabs(high[j])) / block.p);
    const double highest = log_radius - log1p_exp(others_low[j] - high[j]) / block.p + error;
    const double lowest = log_radius - log1p_exp(others_high[j] - low[j]) / block.p - error;
    log_high[block.first + j] = std::min(log_high[block.first + j], highest);
    log_low[block.first + j] = std::max(log_low[block.first + j], lowest);
  }
}

}  // namespace

BoxResult box_iteration(Objective& objective, int max_steps) {
  const Packing& packing = objective.packing();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  BoxResult box;
  box.width = infinity;
  box.log_low = Vector::Constant(packing.size(), -infinity);
  box.log_high.resize(packing.size());
  for (const Block& block : packing.blocks())
    box.log_high.segment(block.first, block.count).setConstant(std::log(block.radius) + widening);

  PolynomialNetwork low = packing.empty_network(), high = low;
  const auto corners = [&] {
    packing.unpack(box.log_low.array().exp() * (1 - widening), low);
    packing.unpack(box.log_high.array().exp() * (1 + widening), high);
  };
  corners();
  double best_width = infinity;
  for (int stalled = 0; box.steps < max_steps && stalled < 10 && !(box.width <= 1e-11);) {
    const GainRange gains = gains_over(objective, low, high);
    for (const Block& block : packing.blocks()) cut_block(block, gains, box.log_low, box.log_high);
    ++box.steps;
    box.width = (box.log_high - box.log_low).maxCoeff();
    stalled = box.width < best_width * (1 - 1e-5) ? 0 : stalled + 1;
    best_width = std::min(best_width, box.width);
    corners();
  }
  Vector gain;
  const Objective::Value value = objective.evaluate(high, gain);
  box.bound.value = value.objective - objective.rounding_factor() * value.magnitude;
  return box;
}

}  // namespace nadir::spectral
