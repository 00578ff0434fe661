#include "nadir/verify/rules.hpp"

#include <gmpxx.h>
#include <mpfr.h>

#include <algorithm>
#include <cmath>

namespace nadir::verify {
namespace {

/// A number of 128 bits; every operation on it names its direction of rounding.
class Big {
 public:
  explicit Big(double value = 0) {
    mpfr_init2(value_, 128);
    mpfr_set_d(value_, value, MPFR_RNDN);  // exact
  }
  ~Big() { mpfr_clear(value_); }
  Big(const Big&) = delete;
  Big& operator=(const Big&) = delete;
  operator mpfr_ptr() { return value_; }

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
    scaled_log_up(term, 1, nabla.values[entry], 1);
    mpfr_add(sum, sum, term, MPFR_RNDU);
    scaled_log_up(term, 1, weights.values[entry], 1);
    mpfr_add(sum, sum, term, MPFR_RNDU);
    mpfr_max(highest, highest, sum, MPFR_RNDU);
  }
  mpfr_exp(out, highest, MPFR_RNDU);
}

void require_weights(const Matrix& matrix, const std::vector<std::uint8_t>& exists, const std::string& name) {
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    const double weight = matrix.values[i];
    require(weight <= kLargest && !std::signbit(weight), name + " holds a weight that is negative or not finite");
    require(exists.empty() || exists[i] == 1 || weight == 0, name + " holds a weight under a mask of 0");
  }
}

/// The blocks of one layer; `p` one number, or one by unit where each unit has its own norm.
void add_blocks(const Layer& layer, std::size_t place, Network& network) {
  const Matrix& matrix = network.weights[place];
  const std::vector<std::uint8_t>& exists = network.exists[place];
  for (std::size_t unit = 0; unit < matrix.rows; ++unit) {
    if (unit == 0 || layer.norm_per_unit)
      network.blocks.push_back({place, layer.p[layer.norm_per_unit ? unit : 0], layer.radius, {}});
    std::vector<std::size_t>& entries = network.blocks.back().entries;
    const std::size_t before = entries.size();
    for (std::size_t i = unit * matrix.columns; i < (unit + 1) * matrix.columns; ++i)
      if (exists.empty() || exists[i] == 1) entries.push_back(i);
    require(entries.size() > before, "a unit without any existing weight");
  }
}

}  // namespace

Network read_network(const Container& container, const Document& document) {
  require(container.layers == document.hidden.size(), "tensors and document differ in the number of hidden layers");
  Network network;
  std::size_t inputs = document.recipe.features();
  for (std::size_t j = 0; j <= container.layers; ++j) {
    const bool output = j == container.layers;
    Layer layer{
        {}, true, std::vector<double>(document.recipe.classes.size(), document.output_p), document.output_radius};
    if (!output) layer = document.hidden[j];
    const std::size_t units = output ? layer.p.size() : layer.exponents.size();
    const std::string name = output ? "output" : "hidden." + std::to_string(j + 1);
    const Tensor &weights = *container.find(name), *mask = container.find("mask.", j + 1);
    require(weights.shape[0] == units && weights.shape[1] == inputs, name + " does not have the shape of its layer");
    network.weights.push_back(weights.matrix());
    network.exists.push_back(mask == nullptr ? std::vector<std::uint8_t>{} : mask->flags());
    require_weights(network.weights[j], network.exists[j], name);
    add_blocks(layer, j, network);
    inputs = units;
  }
  return network;
}

double require_feasible(const Network& network) {
  double fullest = 0;
  for (const Block& block : network.blocks) {
    Big sum, term;
    for (const std::size_t entry : block.entries) {
      const double weight = network.weights[block.layer].values[entry];
      if (weight == 0) continue;
      scaled_log_up(term, block.p, weight, block.radius);
      mpfr_exp(term, term, MPFR_RNDU);
      mpfr_add(sum, sum, term, MPFR_RNDU);
    }
    require(mpfr_cmp_ui(sum, 1) <= 0,
            "a norm is not proven to be within its radius, in layer " + std::to_string(block.layer + 1));
    fullest = std::max(fullest, mpfr_get_d(sum, MPFR_RNDU));
  }
  return fullest;
}

Evaluation evaluate(const Document& document, const Dataset& dataset, const Weights& lower, const Weights& upper,
                    bool with_gradient) {
  std::vector<std::vector<double>> exponents;
  for (const Layer& layer : document.hidden) exponents.push_back(layer.exponents);
  Evaluation evaluation = evaluate(dataset, exponents, lower, upper, with_gradient);
  for (Bounds& bounds : evaluation.gradient) {
    for (double& value : bounds.lo.values) value = sum_down(value, document.epsilon);
    for (double& value : bounds.hi.values) value = sum_up(value, document.epsilon);
  }
  return evaluation;
}

Interval objective(Interval mean_loss, double epsilon, const std::vector<Block>& blocks, const Weights& weights) {
  Big least(mean_loss.lo), most(mean_loss.hi), term;
  for (const Block& block : blocks)
    for (const std::size_t entry : block.entries) {
      mpfr_set_d(term, weights[block.layer].values[entry], MPFR_RNDN);
      mpfr_mul_d(term, term, epsilon, MPFR_RNDN);  // exact: 53 bits by 53
      mpfr_sub(least, least, term, MPFR_RNDD);
      mpfr_sub(most, most, term, MPFR_RNDU);
    }
  return {mpfr_get_d(least, MPFR_RNDD), mpfr_get_d(most, MPFR_RNDU)};
}

// theta of a unit is 1/p of its block plus the largest alpha theta of the units it is connected to; of an output
// likewise.
double require_hidden_concavity(const Document& document, const Network& network) {
  std::vector<std::vector<mpq_class>> theta;
  for (const Matrix& matrix : network.weights) theta.emplace_back(matrix.rows);
  for (const Block& block : network.blocks) {
    const std::size_t j = block.layer, columns = network.weights[j].columns;
    for (const std::size_t entry : block.entries) {
      require(network.weights[j].values[entry] > 0, "an existing weight is not positive");
      const std::size_t unit = entry / columns, input = entry % columns;
      const mpq_class reached =
          j == 0 ? mpq_class(0) : mpq_class(document.hidden[j - 1].exponents[input]) * theta[j - 1][input];
      theta[j][unit] = std::max(theta[j][unit], mpq_class(1 / mpq_class(block.p) + reached));
    }
  }
  const mpq_class degree = *std::max_element(theta.back().begin(), theta.back().end());
  require(degree <= 1, "the degree is above 1, near " + std::to_string(degree.get_d()));
  return degree.get_d();
}

double concavity_bound(const Document& document, const Dataset& dataset, const Network& network) {
  const Weights& weights = network.weights;
  const Evaluation at = evaluate(document, dataset, weights, weights, true);
  Big bound(objective(at.mean_loss, document.epsilon, network.blocks, weights).lo), gap, term;
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

}  // namespace nadir::verify
