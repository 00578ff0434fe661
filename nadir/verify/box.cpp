// Section 6.2: boxes that keep every minimizer, cut by an enclosure of the fixed-point map G.
#include <algorithm>

#include "nadir/verify/rules.hpp"

namespace nadir::verify {
namespace {

/// Element j bounds the sum over l != j of terms[l] >= 0: sums before and after j need no subtraction.
std::vector<double> sums_of_others(const std::vector<double>& terms, double (*sum)(double, double)) {
  std::vector<double> others(terms.size(), 0.0);
  double before = 0, after = 0;
  for (std::size_t j = 0; j < terms.size(); ++j) {
    others[j] = before;
    before = sum(before, terms[j]);
  }
  for (std::size_t j = terms.size(); j-- > 0;) {
    others[j] = sum(others[j], after);
    after = sum(after, terms[j]);
  }
  return others;
}

/// sum^(-1/p) for what is at least 1 and lies in the interval.
Interval inverse_root(Interval sum, double p) {
  const Interval log = log_of(Interval{std::max(sum.lo, 1.0), sum.hi});
  return exp_of(Interval{next_down(-log.hi / p), next_up(-log.lo / p)});
}

/// The box becomes its intersection with G over it. Returns whether anything moved. With q = p / (p - 1),
///   G_j = radius (1 + sum over l != j of (nabla_l / nabla_j)^q)^(-1/p),
/// largest where nabla_j is largest and the others are least, and the other way round.
bool cut(const Block& block, const Bounds& nabla, Matrix& lower, Matrix& upper) {
  const Interval q{next_down(block.p / next_up(block.p - 1)), next_up(block.p / next_down(block.p - 1))};
  std::vector<Interval> logs;  // q log nabla_j
  for (const std::size_t entry : block.entries) {
    const Interval value{nabla.lo.values[entry], nabla.hi.values[entry]};
    require(value.lo > 0 && value.hi <= kLargest, "the gradient is not bounded away from 0");
    logs.push_back(scaled(log_of(value), q));
  }
  double shift = -kInfinity;  // keeps the exponentials in range; it cancels
  for (const Interval log : logs) shift = std::max(shift, log.hi);
  const Interval by{shift, shift};
  std::vector<double> least, most;
  for (const Interval log : logs) {
    const Interval term = exp_of(log - by);
    least.push_back(term.lo);
    most.push_back(term.hi);
  }
  least = sums_of_others(least, sum_down);
  most = sums_of_others(most, sum_up);

  bool moved = false;
  for (std::size_t j = 0; j < logs.size(); ++j) {
    const Interval factor = exp_of(by - logs[j]);
    const Interval others{product_down(least[j], factor.lo), product_up(most[j], factor.hi)};
    const Interval root = inverse_root(Interval{1, 1} + others, block.p);
    double &lo = lower.values[block.entries[j]], &hi = upper.values[block.entries[j]];
    const double new_lo = std::max(lo, product_down(block.radius, root.lo));
    const double new_hi = std::min(hi, product_up(block.radius, root.hi));
    require(new_lo <= new_hi, "a box came out empty");
    moved = moved || new_lo > lo || new_hi < hi;
    lo = new_lo;
    hi = new_hi;
  }
  return moved;
}

}  // namespace

double box_bound(const Document& document, const Dataset& dataset, const Network& network) {
  Weights lower, upper;
  for (const Matrix& matrix : network.weights) lower.emplace_back(matrix.rows, matrix.columns);
  upper = lower;
  double weights = 0;
  for (const Block& block : network.blocks) {
    weights += static_cast<double>(block.entries.size());
    for (const std::size_t entry : block.entries) upper[block.layer].values[entry] = block.radius;
  }
  const double work = weights * static_cast<double>(dataset.labels.size()) * static_cast<double>(document.claims.steps);
  require(work <= 0x1p43, "more steps than this verifier takes on so much data");

  bool moved = true;
  for (std::uint64_t step = 0; moved && step < document.claims.steps; ++step) {
    const Evaluation over_box = evaluate(document, dataset, lower, upper, true);
    moved = false;
    for (const Block& block : network.blocks)
      moved = cut(block, over_box.gradient[block.layer], lower[block.layer], upper[block.layer]) || moved;
  }
  const Evaluation at_corner = evaluate(document, dataset, upper, upper, false);
  return objective(at_corner.mean_loss, document.epsilon, network.blocks, upper).lo;
}

}  // namespace nadir::verify
