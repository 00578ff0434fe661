#include "nadir/verify/gated.hpp"

#include <gmpxx.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nadir/verify/penalties.hpp"

namespace nadir::verify {
namespace {
/// y as section 5.2 has it: a quantity; -1 or 1; where each class has an output, the class.
double target(const Document& document, const Dataset& dataset, std::size_t row) {
  if (dataset.labels.empty()) return dataset.targets[row];
  return document.outputs > 1 ? dataset.labels[row] : 2 * dataset.labels[row] - 1;
}
double weight_of(const Dataset& dataset, std::size_t row) { return dataset.weights.empty() ? 1 : dataset.weights[row]; }
/// The sum of the weights; n, where there are none.
Interval total_weight(const Dataset& dataset) {
  const auto n = static_cast<double>(dataset.features.rows);
  if (dataset.weights.empty()) return {n, n};
  mpq_class exact = 0;
  for (const double weight : dataset.weights) exact += mpq_class(weight);
  return {next_down(exact.get_d()), next_up(exact.get_d())};
}
/// The mean over rows by their weights, of sums taken in blocks: they keep it narrow.
template <class OfRow>
Interval mean(const Dataset& dataset, OfRow of_row) {
  const std::size_t rows = dataset.features.rows;
  Interval total, block;
  for (std::size_t i = 0; i < rows; ++i) {
    const double weight = weight_of(dataset, i);
    block = block + (weight == 1 ? of_row(i) : scaled(of_row(i), {weight, weight}));
    if (i % 256 < 255 && i + 1 < rows) continue;
    total = total + block;
    block = {};
  }
  const Interval whole = total_weight(dataset);
  return {next_down(total.lo / (total.lo < 0 ? whole.lo : whole.hi)),
          next_up(total.hi / (total.hi < 0 ? whole.hi : whole.lo))};
}

/// r^2/2 for |r| <= delta, else delta |r| - delta^2/2, at r between two numbers that are not negative.
Interval huber(Interval r, double delta) {
  const double half = delta / 2;
  return {r.lo <= delta ? product_down(r.lo, r.lo / 2) : product_down(delta, next_down(r.lo - next_up(half))),
          r.hi <= delta ? next_up(product_up(r.hi, r.hi) / 2) : product_up(delta, next_up(r.hi - next_down(half)))};
}
/// log(1 + e^-m), which falls with m.
Interval softplus_of_minus(Interval m) {
  const auto at = [](double x) {
    const Interval log = log_of(Interval{1, 1} + exp_of(-std::fabs(x)));
    return x < 0 ? Interval{-x, -x} + log : log;
  };
  return {at(m.hi).lo, at(m.lo).hi};
}
Interval log_sum(const Interval* f, std::size_t outputs, std::size_t own) {
  std::vector<Interval> above;  // f_r - f_y
  double shift = 0;             // the largest leaves the logarithm
  for (std::size_t r = 0; r < outputs; ++r)
    if (r != own) shift = std::max(shift, above.emplace_back(f[r] - f[own]).hi);
  Interval sum = exp_of(-shift);
  for (const Interval difference : above) sum = sum + exp_of(difference - Interval{shift, shift});
  return Interval{shift, shift} + log_of(sum);
}

Interval loss_at(const Document& document, double y, const Interval* f) {
  if (document.loss == Loss::softmax) return log_sum(f, document.outputs, static_cast<std::size_t>(y));
  if (document.loss == Loss::squared || document.loss == Loss::huber) {
    const auto of_residual = [&](Interval r) {
      return huber({std::max({r.lo, -r.hi, 0.0}), std::max(r.hi, -r.lo)}, document.delta);
    };
    if (document.outputs == 1) return of_residual(*f - Interval{y, y});
    Interval sum;
    for (std::size_t r = 0; r < document.outputs; ++r) {
      const double e = static_cast<double>(r) == y ? 1 : 0;
      sum = sum + of_residual(f[r] - Interval{e, e});
    }
    return sum;
  }
  const Interval m = y > 0 ? *f : Interval{-f->hi, -f->lo};
  if (document.loss == Loss::logistic) return softplus_of_minus(m);
  const Interval missing = Interval{1, 1} - m;
  return huber({std::max(missing.lo, 0.0), std::max(missing.hi, 0.0)}, kLargest);
}
/// At most -t log t for every t in [0, 1] of an interval: it is concave, so least at an end.
double entropy_down(Interval t) {
  const auto at = [](double x) { return x > 0 && x < 1 ? product_down(x, -log_of(x).hi) : 0; };
  return std::min(at(std::clamp(t.lo, 0.0, 1.0)), at(std::clamp(t.hi, 0.0, 1.0)));
}
/// At most h y - h^2/2.
double squared_dual(Interval h, double y) {
  const double size = std::max(h.hi, -h.lo);
  return next_down(next_down(std::min(h.lo * y, h.hi * y)) - next_up(0.5 * size * size));
}
/// At most -l*(-h, y) at h = factor g; refused unless the conditions of section 5.2 are proven to hold there.
double dual_value(const Document& document, double y, const double* g, Interval factor) {
  double value = 0;
  if (document.loss == Loss::softmax) {
    Interval rest{1, 1};
    for (std::size_t r = 0; r < document.outputs; ++r) {
      if (static_cast<double>(r) == y) continue;
      require(g[r] <= 0, "an entry of another class is positive");
      const Interval t = scaled({-g[r], -g[r]}, factor);
      value = next_down(value + entropy_down(t));
      rest = rest - t;
    }
    require(rest.lo >= 0, "entries of other classes of more than 1 together");
    return next_down(value + entropy_down(rest));
  }
  for (std::size_t r = 0; document.outputs > 1 && r < document.outputs; ++r)
    value = next_down(value + squared_dual(scaled({g[r], g[r]}, factor), static_cast<double>(r) == y ? 1 : 0));
  if (document.outputs > 1) return value;
  const Interval h = scaled({*g, *g}, factor), t = y > 0 ? h : Interval{-h.hi, -h.lo};
  require(std::max(h.hi, -h.lo) <= document.delta, "an entry that is too large");
  if (document.loss == Loss::squared || document.loss == Loss::huber) return squared_dual(h, y);
  require(y > 0 ? *g >= 0 : *g <= 0, "an entry of the wrong sign");
  if (document.loss == Loss::squared_hinge) return squared_dual(t, 1);
  require(t.hi <= 1, "an entry above its row's share");
  return next_down(entropy_down(t) + entropy_down(Interval{1, 1} - t));
}
}  // namespace

double dual_mean(const Document& document, const Dataset& dataset, const Matrix& dual, double scale) {
  const Interval whole = total_weight(dataset), alike{next_down(whole.lo * scale), next_up(whole.hi * scale)};
  require(alike.lo > 0, "the dual point is scaled to nothing");
  return mean(dataset,
              [&](std::size_t i) {
                const double weight = weight_of(dataset, i);
                const Interval own{quotient_down(alike.lo, weight), quotient_up(alike.hi, weight)};
                const double value =
                    dual_value(document, target(document, dataset, i), dual.row(i), weight == 1 ? alike : own);
                return Interval{value, value};
              })
      .lo;
}

Matrix read_matrix(const Container& container, const std::string& name, std::size_t columns) {
  const Tensor& tensor = *container.find(name);
  require(tensor.shape[1] == columns, name + " does not have " + std::to_string(columns) + " columns");
  Matrix matrix(tensor.shape[0], columns);
  if (!matrix.values.empty()) std::memcpy(matrix.values.data(), tensor.bytes.data(), tensor.bytes.size());
  for (const double value : matrix.values) require(std::isfinite(value), name + " has an entry that is not finite");
  return matrix;
}

GatedNetwork read_gated_network(const Container& container, const Document& document) {
  const std::size_t inputs = document.recipe.features();
  GatedNetwork network{read_matrix(container, "gates", inputs), read_matrix(container, "weights", inputs)};
  require(network.gates.rows > 0, "no gates");
  require(network.weights.rows % document.outputs == 0, "weights do not have a row for each gate and output");
  require(network.weights.rows / document.outputs <= network.gates.rows, "more active gates than gates");
  return network;
}

Interval mean_loss(const Document& document, const Dataset& dataset, const Outputs& outputs) {
  std::vector<Interval> f(document.outputs);
  return mean(dataset, [&](std::size_t i) {
    for (std::size_t k = 0; k < f.size(); ++k) {
      const double value = outputs.values.row(i)[k];
      f[k] = {next_down(value - outputs.errors[i]), next_up(value + outputs.errors[i])};
      require(f[k].lo >= -kLargest && f[k].hi <= kLargest, "outputs of the network overflow");
    }
    return loss_at(document, target(document, dataset, i), f.data());
  });
}

Interval gated_objective(const Document& document, const Dataset& dataset, const GatedNetwork& network) {
  const Interval loss = mean_loss(document, dataset, outputs_of(dataset.features, network, document.outputs));
  const Interval norm = norm_of_weights(document.penalty, network.weights, document.outputs);
  return loss + scaled(norm, {document.lambda, document.lambda});
}

Interval objective_at_zero(const Document& document, const Dataset& dataset) {
  const std::vector<Interval> zeros(document.outputs);
  return mean(dataset, [&](std::size_t i) { return loss_at(document, target(document, dataset, i), zeros.data()); });
}

/// Section 6.4: where output biases cost nothing, the exact sum over the rows is 0 for each output. A row's own class,
/// of softmax, is minus the sum of the others.
void require_sums_of_zero(const Document& document, const Dataset& dataset, const Matrix& dual) {
  std::vector<mpq_class> sums(dual.columns);
  for (std::size_t i = 0; i < dual.rows; ++i)
    for (std::size_t k = 0; k < dual.columns; ++k) {
      sums[k] += mpq_class(dual.row(i)[k]);
      if (document.loss == Loss::softmax) sums[dataset.labels[i]] -= mpq_class(dual.row(i)[k]);
    }
  for (const mpq_class& sum : sums)
    require(sum == 0, "a sum of the dual point is not 0, but output biases cost nothing");
}

Matrix read_dual_point(const Container& container, const Document& document, const Dataset& dataset) {
  Matrix dual = read_matrix(container, "dual", document.outputs);
  require(dual.rows == dataset.features.rows, "dual does not have a row for each training row");
  if (document.biased && document.bias_weight == 0) require_sums_of_zero(document, dataset, dual);
  for (std::size_t i = 0; document.loss == Loss::softmax && i < dual.rows; ++i) {
    double others = 0;
    for (std::size_t k = 0; k < dual.columns; ++k) others += dual.row(i)[k];
    double& own = dual.row(i)[dataset.labels[i]];
    require(own == 0, "the entry of a row's own class is not 0");
    own = -others;
  }
  dual_mean(document, dataset, dual, kMostScale);  // refuses what does not fit
  return dual;
}

// By the gate that is always open.
double taken_by(const Matrix& inputs, const Matrix& dual, double weight, const std::vector<double>& off) {
  double total = 0;
  for (std::size_t k = 0; k < dual.columns; ++k) {
    Matrix column(dual.rows, 1);
    for (std::size_t i = 0; i < dual.rows; ++i) column.values[i] = dual.row(i)[k];
    double norm = adjoint_norm(Penalty::group, inputs, Matrix(1, inputs.columns), column, dual.columns);
    if (!off.empty()) norm = sum_up(norm, off[k]);
    total = sum_up(total, product_up(norm, norm));
  }
  return next_up(quotient_up(total, weight) / 2);
}
/// What biases and a linear part may take from a bound at G.
double taken_beside_units(const Document& document, const Dataset& dataset, const Matrix& dual) {
  double taken = 0;
  if (document.bias_weight > 0) {
    Matrix ones(dual.rows, 1);
    ones.values.assign(dual.rows, 1);
    taken = taken_by(ones, dual, document.bias_weight);
  }
  if (document.skip_weight > 0) taken = sum_up(taken, taken_by(dataset.features, dual, document.skip_weight));
  return taken;
}

DualBound bound_at(const Document& document, const Dataset& dataset, const Matrix& dual, double adjoint, double tau) {
  require(adjoint >= 0 && adjoint <= kLargest, "the adjoint overflows");
  if (document.radius > 0) {
    const double most = product_up(product_up(tau, document.radius), adjoint);  // of <tau G, f> in the ball
    return {next_down(dual_mean(document, dataset, dual, tau) - most), adjoint, tau};
  }
  const double scale = std::min(kMostScale, quotient_down(document.lambda, adjoint));
  const double bound = dual_mean(document, dataset, dual, scale);
  const double taken = product_up(taken_beside_units(document, dataset, dual), product_up(scale, scale));
  return {next_down(bound - taken), adjoint, scale};
}

DualBound dual_bound(const Document& document, const Dataset& dataset, const Matrix& gates, const Matrix& dual) {
  const std::size_t outputs = document.outputs;
  return bound_at(document, dataset, dual, adjoint_norm(document.penalty, dataset.features, gates, dual, outputs), 0);
}
}  // namespace nadir::verify
