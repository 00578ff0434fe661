// Section 6.2: boxes that keep every minimizer, cut by an enclosure of the fixed-point map G.
#include <algorithm>

#include "nadir/verify/proof.hpp"

namespace nadir::verify {
namespace {
/// Element j bounds the sum over l != j of terms[l] >= 0: sums before and after j need no subtraction.
std::vector<double> sums_of_others(const std::vector<double>& terms, double (*sum)(double, double)) {
  std::vector<double> others(terms.size(), 0.0);
  double before = 0, after = 0;
  for (std::size_t j = 0; j < terms.size(); before = sum(before, terms[j++])) others[j] = before;
  for (std::size_t j = terms.size(); j-- > 0; after = sum(after, terms[j])) others[j] = sum(others[j], after);
  return others;
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
  std::vector<double> least, most;
  for (const Interval log : logs) {
    const Interval term = exp_of(log - Interval{shift, shift});
    least.push_back(term.lo);
    most.push_back(term.hi);
  }
  least = sums_of_others(least, sum_down);
  most = sums_of_others(most, sum_up);

  bool moved = false;
  for (std::size_t j = 0; j < logs.size(); ++j) {
    const Interval factor = exp_of(Interval{shift, shift} - logs[j]);
    const Interval others{product_down(least[j], factor.lo), product_up(most[j], factor.hi)};
    const Interval log_sum = log_of(Interval{std::max(1.0, next_down(1 + others.lo)), next_up(1 + others.hi)});
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

double box_bound(const Document& document, const Dataset& dataset, const Network& network) {
  Weights lower;
  for (const Matrix& matrix : network.weights) lower.emplace_back(matrix.rows, matrix.columns);
  Weights upper = lower;
  double weights = 0;
  for (const Block& block : network.blocks)
    for (const std::size_t entry : block.entries) upper[block.layer].values[entry] = block.radius;
  for (const Matrix& matrix : upper) weights += static_cast<double>(matrix.values.size());
  const double rows = static_cast<double>(dataset.labels.size()), steps = static_cast<double>(document.claims.steps);
  require(weights * rows * steps <= 0x1p43, "more steps than this verifier takes on so much data");

  bool moved = true;
  for (std::uint64_t step = 0; moved && step < document.claims.steps; ++step) {
    const Evaluation over_box = evaluate(document, dataset, lower, upper);
    moved = false;
    for (const Block& block : network.blocks)
      moved = cut(block, over_box.gradient[block.layer], lower[block.layer], upper[block.layer]) || moved;
  }
  const Interval at_corner = evaluate(document, dataset, upper, upper).mean_loss;
  return objective(at_corner, document.epsilon, network.blocks, upper).lo;
}
}  // namespace nadir::verify
