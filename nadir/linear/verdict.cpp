#include "nadir/linear/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace nadir::linear {
namespace {

/// Below the threshold, above it, or too near to say.
Answer compare(double value, double threshold) {
  if (value <= threshold / hanging_factor) return Answer::yes;
  if (value >= threshold * hanging_factor) return Answer::no;
  return Answer::hangs;
}

RankTest rank_test(const Dense& RS, double threshold) {
  RankTest test;
  test.singular_values = svd(RS).s;
  test.threshold = threshold;
  test.rank = count_above(test.singular_values, threshold);
  const auto relative = [&](Index i) { return threshold > 0 ? test.singular_values[i] / threshold : 0; };
  test.kept = std::numeric_limits<double>::infinity();
  if (test.rank > 0 && threshold > 0) test.kept = relative(test.rank - 1);
  if (test.rank < test.singular_values.size()) test.dropped = relative(test.rank);
  test.hangs = test.kept < hanging_factor || test.dropped > 1 / hanging_factor;
  return test;
}

Assumptions assumptions_of(const Problem& problem, const Optimum& best, double threshold) {
  Assumptions result;
  result.widths = problem.outputs <= problem.inputs && problem.inputs <= problem.samples;
  result.full_rank_features = problem.rank() == problem.inputs && !problem.rank_hangs;
  const Index full = std::min(problem.outputs, problem.inputs);
  result.full_rank_correlation = count_above(best.target.s, threshold) == full;
  result.distinct_singular_values = true;
  for (Index i = 1; i < best.target.s.size(); ++i)
    if (!(best.sigma(i) - best.sigma(i + 1) > threshold)) result.distinct_singular_values = false;
  return result;
}

/// What values are relative to.
double scale_of(const Problem& problem, const Optimum& best) {
  return std::max(best.gain, problem.least_size() * problem.least_size() / 2);
}

/// Gap, and what the value says.
void judge_value(const Problem& problem, const PartialProducts& at, const Optimum& best, double tolerance,
                 Judgement& to) {
  const double E = at.residual.norm(), off = at.residual_rounding(problem), scale = scale_of(problem, best);
  to.loss = E * E / 2 + problem.unexplained;
  to.optimum = best.value;
  to.gap = E * E / 2 - best.excess;
  to.gap_rounding = off * (E + off);
  if (to.gap != 0) to.relative_gap = to.gap / scale;
  to.by_value = compare(std::fabs(to.gap), tolerance * scale);
  const bool resolved = to.gap_rounding <= tolerance * scale;
  if (to.by_value == Answer::yes && !resolved) to.by_value = Answer::hangs;
  if (to.by_value == Answer::no && !(to.gap > 2 * to.gap_rounding)) to.by_value = Answer::hangs;  // below L* as well
}

/// The projector's shortfall, the angle, and what the theorem says.
void judge_theorem(const Problem& problem, const PartialProducts& at, const Optimum& best, double tolerance,
                   Judgement& to) {
  const Dense basis = to.rank.rank == best.k
                          ? svd(at.above[static_cast<std::size_t>(best.narrowest)]).U.leftCols(best.k)
                          : range_of(at.product(), to.rank.threshold);
  const double shortfall = best.gain - (basis.transpose() * problem.T).squaredNorm() / 2;
  if (shortfall != 0) to.shortfall = shortfall / scale_of(problem, best);
  // The sine of the largest angle is what the basis leaves over of Û; a cosine near 1 would not resolve it.
  const Dense U = best.target.U.leftCols(best.k);
  to.principal_angle = std::asin(std::min(1.0, spectral_norm(U - basis * (basis.transpose() * U))));
  const double last = best.sigma(best.k), next = best.sigma(best.k + 1);
  to.tie = next > to.rank.threshold && last - next <= to.rank.threshold;
  to.by_theorem = to.rank.hangs ? Answer::hangs : compare(std::fabs(to.shortfall), tolerance);
}

template <class... Parts>
std::string sentence(const Parts&... parts) {
  std::ostringstream text;
  text.precision(3);
  (text << ... << parts);
  return text.str();
}

void conclude(const Problem& problem, const VerdictOptions& options, Judgement& to) {
  to.verdict = Verdict::undecided;
  const double ratio = to.criticality.largest_ratio;
  if (!(ratio <= options.gradient)) {
    if (std::isfinite(ratio)) to.verdict = Verdict::not_critical;
    to.reason = sentence("a gradient is ", ratio, " of the largest it could be; 0 is up to ", options.gradient);
  } else if (problem.rank_hangs) {
    to.reason = sentence("the rank of the features hangs: singular value ", problem.rank(), " is ",
                         problem.feature_sizes[problem.rank() - 1], ", the threshold ", problem.feature_threshold);
  } else if (to.by_value == Answer::hangs) {
    to.reason = sentence("the value hangs: gap ", to.gap, ", relative ", to.relative_gap, ", rounding ",
                         to.gap_rounding, "; equal is up to ", options.value);
  } else if (to.rank.hangs) {
    to.reason = sentence("the rank of the product hangs: singular values ", to.rank.kept, " and ", to.rank.dropped,
                         " times the threshold ", to.rank.threshold);
  } else if (to.by_theorem == Answer::hangs) {
    to.reason = sentence("the column space hangs: shortfall ", to.shortfall, "; equal is up to ", options.value);
  } else if (to.by_theorem != to.by_value) {
    to.reason = sentence("theorem and value disagree: shortfall ", to.shortfall, ", relative gap ", to.relative_gap);
  } else if (to.by_value == Answer::yes) {
    to.verdict = Verdict::global_minimum;
    to.reason = sentence("relative gap ", to.relative_gap, ", shortfall ", to.shortfall, ", rank ", to.rank.rank,
                         " with smallest width ", to.k);
  } else {
    to.verdict = Verdict::saddle;
    to.reason = to.rank.rank < to.k ? sentence("rank ", to.rank.rank, " below the smallest width ", to.k,
                                               ", relative gap ", to.relative_gap)
                                    : sentence("a column space of the full rank ", to.k, ", but ", to.principal_angle,
                                               " away from the best, relative gap ", to.relative_gap);
  }
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::global_minimum:
      return "global_minimum";
    case Verdict::saddle:
      return "saddle";
    case Verdict::not_critical:
      return "not_critical";
    case Verdict::undecided:
      return "undecided";
  }
  return "undecided";
}

Judgement judge(const Problem& problem, const LinearChain& chain, const VerdictOptions& options) {
  const PartialProducts at = partial_products(problem, chain);
  const Optimum best = optimum(problem, widths_of(chain));
  const double threshold = std::max(options.rank * std::max(best.sigma(1), problem.least_size()),
                                    hanging_factor * 2 * at.residual_rounding(problem));
  Judgement to;
  to.k = best.k, to.narrowest = best.narrowest;
  to.criticality = criticality(problem, at);
  to.assumptions = assumptions_of(problem, best, threshold);
  to.rank = rank_test(at.product(), threshold);
  judge_value(problem, at, best, options.value, to);
  judge_theorem(problem, at, best, options.value, to);
  conclude(problem, options, to);
  return to;
}

}  // namespace nadir::linear
