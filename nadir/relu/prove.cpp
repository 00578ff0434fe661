#include "nadir/relu/prove.hpp"

#include <algorithm>
#include <chrono>

#include "nadir/relu/evidence.hpp"
#include "nadir/relu/proof.hpp"

namespace nadir::relu {
namespace {

/// Trains on from the units that the proof came upon, at next to no weight, where they matter: where with one of them
/// the estimated gap is above the tenth of what is wanted that training is to reach. Whether that paid.
bool learn_from(const Problem& problem, const WidthBound& bound, const TrainOn& train_on, const ProveOptions& options,
                double seconds, Found& found) {
  constexpr double matters = 1e-6, tiny = 1e-12, share = 0.1;
  const double at_zero = problem.loss.value_at_zero();
  const auto gap = [&](double polar) {
    return relative_gap(found.at.objective, lower_bound(problem, found.at.dual, polar), at_zero);
  };
  const double known = std::max(found.polar, problem.lambda) * (1 + matters);
  double largest = 0;
  Units units = found.at.units;
  for (const PolarBound& one : bound.polars)
    for (const polar::Witness& witness : one.result.witnesses)
      if (const double value = witness.value / one.direction.norm(); value > known) {
        largest = std::max(largest, value);
        for (Index k = 0; k < one.direction.size(); ++k)
          if (one.direction[k] != 0) units.add(witness.u, one.direction[k] * tiny, k);
      }
  if (!(largest > 0 && gap(largest) > share * options.gap)) return false;
  Found better = train_on(found, units, seconds);
  if (!(better.at.objective < found.at.objective)) return false;
  better.rounds += found.rounds;
  found = std::move(better);
  return true;
}

/// A node costs time in proportion to the rows; the cones of powers other than 1 are many, and quickly bounded.
long default_nodes(const Problem& problem) {
  const Index samples = std::max<Index>(problem.samples(), 1);
  return problem.power == 1 ? std::clamp(300000L / samples, 20L, 300L) : std::clamp(20000000L / samples, 2000L, 50000L);
}

/// Why it ended, and in words.
void tell_end(ReluFit& fit, const Proved& proved) {
  const std::string nodes = ", " + std::to_string(proved.widths.nodes) + " cones looked at";
  const auto end = [&](Stop stop, const char* words) { fit.stop = stop, fit.stop_sentence = words + nodes; };
  if (fit.certificate.claim == Claim::certified)
    return end(Stop::gap_reached, "the gap asked for is proven over every width");
  const auto ended = [&](Ending ending) {
    return std::any_of(proved.widths.polars.begin(), proved.widths.polars.end(),
                       [ending](const PolarBound& one) { return one.result.ending == ending; });
  };
  if (proved.found.stop == Stop::told_to || ended(Ending::told_to)) return end(Stop::told_to, "stopped by the caller");
  if (ended(Ending::iteration_limit)) return end(Stop::iteration_limit, "--nodes was reached");
  if (ended(Ending::time_limit)) return end(Stop::time_limit, "--time-limit was reached");
  const Stop stop = proved.found.stop == Stop::gap_reached ? Stop::no_progress : proved.found.stop;
  end(stop, "the search for units ended above the gap asked for");
}

}  // namespace

Proved prove(const Problem& problem, Found found, const ProveOptions& options, const TrainOn& train_on,
             const std::function<bool(double, double, long)>& watch, const Looks& looks) {
  const auto begin = std::chrono::steady_clock::now();
  const auto time_left = [&] {
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
    return std::max(0.0, options.time_limit - used.count());
  };
  Proved proved{std::move(found), {}};
  const Iterate& at = proved.found.at;
  bool go_on = true;
  BoundOptions bound;
  bound.gap = options.gap * 0.999, bound.seed = options.seed;
  if (proved.found.stop == Stop::told_to) bound.effort = {4, 5, 4};  // it is waited for
  bound.watch = [&](double lower_bound, long nodes) {
    return go_on = go_on && (!watch || watch(at.objective, lower_bound, nodes));
  };
  const long nodes = options.nodes > 0 ? options.nodes : default_nodes(problem);
  bound.max_nodes = std::clamp(nodes / 10, 1L, problem.power == 1 ? 300L : 5000L);
  bool better = true;
  for (int look = looks.first; look < quick_looks && better; ++look) {
    if (looks.before) looks.before(proved.found, look);
    bound.time_limit = time_left() / 10;
    proved.widths = bound_over_widths(problem, at, bound);
    if (!go_on) return proved;
    better = train_on && learn_from(problem, proved.widths, train_on, options, time_left(), proved.found);
  }
  const double gap = relative_gap(at.objective, proved.widths.lower_bound, problem.loss.value_at_zero());
  if (!better && gap <= bound.gap) return proved;
  if (looks.before) looks.before(proved.found, quick_looks);
  bound.max_nodes = nodes, bound.time_limit = time_left();
  proved.widths = bound_over_widths(problem, at, bound);
  return proved;
}

void finish(ReluFit& fit, const Problem& problem, const Proved& proved, double gap) {
  const Matrix& G = proved.found.at.dual;
  const double q = proved.widths.polar;
  const bool powers = problem.power != 1;
  PatternsBound patterns = powers ? PatternsBound{} : bound_over_patterns(problem, G, fit.network, proved.widths);
  const double objective = proven_objective(problem, fit.network), at_zero = problem.loss.value_at_zero();
  Evidence evidence{powers ? "power_cones" : "relu_polar"};
  if (problem.constrained()) evidence.tau = best_scaling(problem, G, q);
  if (!powers) {
    evidence.patterns_lower_bound = proven_bound(problem, G, patterns.polar).value;
    evidence.patterns_relative_gap = relative_gap(objective, evidence.patterns_lower_bound, at_zero);
    if (problem.constrained()) evidence.patterns_tau = best_scaling(problem, G, patterns.polar);
  }
  fit.certificate = make_certificate(objective, proven_bound(problem, G, q), at_zero, gap, evidence);
  fit.certificate.bind(fit.training.samples(), features_sha256(fit.training), weights_sha256(fit.network));
  fit.evidence = powers ? cones_of(proved.widths)
                        : evidence_of(proved.widths, std::move(patterns), problem.samples(), problem.inputs());
  fit.dual = path::dual_for_file(G, fit.training, fit.goal.loss);
  fit.nodes = proved.widths.nodes;
  tell_end(fit, proved);
}

}  // namespace nadir::relu
