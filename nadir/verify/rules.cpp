#include <gmpxx.h>
#include <mpfr.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "nadir/verify/proof.hpp"

namespace nadir::verify {
namespace {
/// A number of 128 bits; every operation on it names its direction of rounding. A double is taken exactly.
class Big {
 public:
  explicit Big(double value = 0) {
    mpfr_init2(value_, 128);
    mpfr_set_d(value_, value, MPFR_RNDN);
  }
  ~Big() { mpfr_clear(value_); }
  Big(const Big&) = delete;
  Big& operator=(const Big&) = delete;
  operator mpfr_ptr() { return value_; }  // NOLINT(google-explicit-constructor): handed to every mpfr function

 private:
  mpfr_t value_;
};
/// out >= p log(above / below), for positive numbers.
void scaled_log_up(Big& out, double p, double above, double below) {
  Big divisor(below);
  mpfr_set_d(out, above, MPFR_RNDN);
  mpfr_log(out, out, MPFR_RNDU);
  mpfr_log(divisor, divisor, MPFR_RNDD);
  mpfr_sub(out, out, divisor, MPFR_RNDU);
  if (above == below) mpfr_set_zero(out, 1);
  mpfr_mul_d(out, out, p, MPFR_RNDU);
}
/// out >= radius^p max over j of nabla_j z_j^(1-p), by its logarithm log nabla_j + log z_j + p log(radius / z_j).
void peak_up(Big& out, const Block& block, const Matrix& nabla, const Matrix& weights) {
  Big highest, sum, term;
  mpfr_set_inf(highest, -1);
  for (const std::size_t entry : block.entries) {
    if (nabla.values[entry] == 0) continue;
    scaled_log_up(sum, block.p, block.radius, weights.values[entry]);
    for (const double factor : {nabla.values[entry], weights.values[entry]}) {
      scaled_log_up(term, 1, factor, 1);
      mpfr_add(sum, sum, term, MPFR_RNDU);
    }
    mpfr_max(highest, highest, sum, MPFR_RNDU);
  }
  mpfr_exp(out, highest, MPFR_RNDU);
}
/// The blocks of one layer, each weight as section 4 asks. `exists`: empty where every weight does.
void add_blocks(const Layer& layer, std::size_t place, const Flags& exists, Network& network) {
  const Matrix& matrix = network.weights[place];
  for (std::size_t unit = 0; unit < matrix.rows; ++unit) {
    if (unit == 0 || layer.norm_per_unit)
      network.blocks.push_back({place, layer.p[layer.norm_per_unit ? unit : 0], layer.radius, {}});
    std::vector<std::size_t>& entries = network.blocks.back().entries;
    const std::size_t before = entries.size();
    for (std::size_t i = unit * matrix.columns; i < (unit + 1) * matrix.columns; ++i) {
      const double weight = matrix.values[i];
      require(weight <= kLargest && !std::signbit(weight), "a weight is negative or not finite");
      if (exists.empty() || exists[i] == 1)
        entries.push_back(i);
      else
        require(weight == 0, "a weight under a mask of 0");
    }
    require(entries.size() > before, "a unit without any existing weight");
  }
}
/// Each term >= 0 becomes the sum of the others: sums before and after it need no subtraction.
void sums_of_others(std::vector<Interval>& terms) {
  const auto add = [](Interval a, Interval b) { return Interval{sum_down(a.lo, b.lo), sum_up(a.hi, b.hi)}; };
  std::vector<Interval> after(terms.size() + 1);
  for (std::size_t j = terms.size(); j-- > 0;) after[j] = add(after[j + 1], terms[j]);
  Interval before;
  for (std::size_t j = 0; j < terms.size(); ++j)
    before = add(before, std::exchange(terms[j], add(before, after[j + 1])));
}
/// The box becomes its intersection with G over it. Returns whether anything moved. With q = p / (p - 1),
///   G_j = radius (1 + sum over l != j of (nabla_l / nabla_j)^q)^(-1/p),
/// largest where nabla_j is largest and the others are least, and the other way round.
bool cut(const Block& block, const Bounds& nabla, Matrix& lower, Matrix& upper) {
  const Interval q{next_down(block.p / next_up(block.p - 1)), next_up(block.p / next_down(block.p - 1))};
  std::vector<Interval> logs;  // q log nabla_j
  double shift = -kInfinity;   // keeps the exponentials in range; it cancels
  for (const std::size_t entry : block.entries) {
    logs.push_back(scaled(log_of(Interval{nabla.lo.values[entry], nabla.hi.values[entry]}), q));
    shift = std::max(shift, logs.back().hi);
  }
  std::vector<Interval> others;
  for (const Interval log : logs) others.push_back(exp_of(log - Interval{shift, shift}));
  sums_of_others(others);
  bool moved = false;
  for (std::size_t j = 0; j < logs.size(); ++j) {
    const Interval factor = exp_of(Interval{shift, shift} - logs[j]);
    const Interval ratios{product_down(others[j].lo, factor.lo), product_up(others[j].hi, factor.hi)};
    const Interval log_sum = log_of(Interval{sum_down(1, ratios.lo), sum_up(1, ratios.hi)});
    const Interval root = exp_of(Interval{next_down(-log_sum.hi / block.p), next_up(-log_sum.lo / block.p)});
    double &lo = lower.values[block.entries[j]], &hi = upper.values[block.entries[j]];
    const Interval box{lo, hi};
    lo = std::max(lo, product_down(block.radius, root.lo));
    hi = std::min(hi, product_up(block.radius, root.hi));
    require(lo <= hi, "a box came out empty");
    moved = moved || lo > box.lo || hi < box.hi;
  }
  return moved;
}
}  // namespace

Network read_network(const Container& container, const Document& document) {
  require(container.layers + 1 == document.layers.size(), "tensors and document differ in the number of layers");
  Network network;
  std::size_t inputs = document.recipe.features();
  for (std::size_t j = 0; j <= container.layers; ++j) {
    const bool output = j == container.layers;
    const Layer& layer = document.layers[j];
    const std::size_t units = output ? layer.p.size() : layer.exponents.size();
    const std::string number = std::to_string(j + 1);
    const Tensor& weights = *container.find(output ? "output" : "hidden." + number);
    const Tensor* const mask = container.find("mask." + number);
    require(weights.shape[0] == units && weights.shape[1] == inputs, "weights do not have the shape of their layer");
    network.weights.emplace_back(units, inputs);
    std::memcpy(network.weights[j].values.data(), weights.bytes.data(), weights.bytes.size());
    add_blocks(layer, j, mask == nullptr ? Flags{} : mask->flags(), network);
    inputs = units;
  }
  return network;
}

std::string require_feasible(const Network& network) {
  for (const Block& block : network.blocks) {
    Big sum, term;
    for (const std::size_t entry : block.entries) {
      const double weight = network.weights[block.layer].values[entry];
      if (weight == 0) continue;
      scaled_log_up(term, block.p, weight, block.radius);
      mpfr_exp(term, term, MPFR_RNDU);
      mpfr_add(sum, sum, term, MPFR_RNDU);
    }
    require(mpfr_cmp_ui(sum, 1) <= 0, "a norm in layer " + std::to_string(block.layer + 1) + " is not proven feasible");
  }
  return std::to_string(network.blocks.size()) + " norms within their radii";
}
// theta of a unit or an output is 1/p of its block plus the largest alpha theta of the units it is connected to.
double require_hidden_concavity(const Document& document, const Network& network) {
  std::vector<std::vector<mpq_class>> scaled;  // alpha theta; of an output theta
  for (const Matrix& matrix : network.weights) scaled.emplace_back(matrix.rows);
  for (const Block& block : network.blocks) {
    const std::size_t j = block.layer, columns = network.weights[j].columns;
    for (const std::size_t entry : block.entries) {
      require(network.weights[j].values[entry] > 0, "an existing weight is not positive");
      mpq_class theta = 1 / mpq_class(block.p);
      if (j > 0) theta += scaled[j - 1][entry % columns];
      if (j + 1 < scaled.size()) theta *= mpq_class(document.layers[j].exponents[entry / columns]);
      scaled[j][entry / columns] = std::max(scaled[j][entry / columns], theta);
    }
  }
  const mpq_class degree = *std::max_element(scaled.back().begin(), scaled.back().end());
  require(degree <= 1, "the degree is above 1, near " + std::to_string(degree.get_d()));
  return degree.get_d();
}

Interval objective(double epsilon, const Network& network, const Weights& weights, const Evaluation& at) {
  Big least(at.mean_loss.lo), most(at.mean_loss.hi), term;
  for (const Block& block : network.blocks)
    for (const std::size_t entry : block.entries) {
      mpfr_set_d(term, weights[block.layer].values[entry], MPFR_RNDN);
      mpfr_mul_d(term, term, epsilon, MPFR_RNDN);  // exact: 53 bits by 53
      mpfr_sub(least, least, term, MPFR_RNDD);
      mpfr_sub(most, most, term, MPFR_RNDU);
    }
  return {mpfr_get_d(least, MPFR_RNDD), mpfr_get_d(most, MPFR_RNDU)};
}

double concavity_bound(const Document& document, const Network& network, const Evaluation& at) {
  const Weights& weights = network.weights;
  Big bound(objective(document.epsilon, network, weights, at).lo), gap, term;
  for (const Block& block : network.blocks) {
    peak_up(gap, block, at.gradient[block.layer].hi, weights[block.layer]);
    for (const std::size_t entry : block.entries) {
      mpfr_set_d(term, at.gradient[block.layer].lo.values[entry], MPFR_RNDN);
      mpfr_mul_d(term, term, weights[block.layer].values[entry], MPFR_RNDN);  // exact
      mpfr_sub(gap, gap, term, MPFR_RNDU);
    }
    mpfr_div_d(gap, gap, block.p, MPFR_RNDU);
    mpfr_sub(bound, bound, gap, MPFR_RNDD);
  }
  return mpfr_get_d(bound, MPFR_RNDD);
}

Interval log_of_count(std::size_t classes) {
  Big lower(static_cast<double>(classes)), upper(static_cast<double>(classes));
  mpfr_log(lower, lower, MPFR_RNDD);
  mpfr_log(upper, upper, MPFR_RNDU);
  return {mpfr_get_d(lower, MPFR_RNDD), mpfr_get_d(upper, MPFR_RNDU)};
}

double box_bound(const Document& document, const Dataset& dataset, const Network& network) {
  Weights lower;
  for (const Matrix& matrix : network.weights) lower.emplace_back(matrix.rows, matrix.columns);
  Weights upper = lower;
  double work = 0;  // multiplications of the forward pass
  for (const Block& block : network.blocks) {
    work +=
        static_cast<double>(block.entries.size()) * static_cast<double>(dataset.labels.size() * document.claims.steps);
    for (const std::size_t entry : block.entries) upper[block.layer].values[entry] = block.radius;
  }
  require(work <= 0x1p43, "more steps than this verifier takes on so much data");
  for (std::uint64_t step = 0, moved = 1; moved > 0 && step < document.claims.steps; ++step) {
    const Evaluation over_box = evaluate(document, dataset, lower, upper);
    moved = 0;
    for (const Block& block : network.blocks)
      moved += cut(block, over_box.gradient[block.layer], lower[block.layer], upper[block.layer]) ? 1 : 0;
  }
  return objective(document.epsilon, network, upper, evaluate(document, dataset, upper, upper)).lo;
}
}  // namespace nadir::verify
