#include "nadir/relu/fit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/relu/column_generation.hpp"
#include "nadir/relu/conditional_gradient.hpp"
#include "nadir/relu/evidence.hpp"
#include "nadir/relu/proof.hpp"

namespace nadir::relu {
namespace {

/// What one fold keeps from lambda to lambda.
class ReluTrainer : public path::FoldTrainer {
 public:
  ReluTrainer(const path::Goal& goal, const path::Fold& fold, std::uint64_t seed)
      : fold_(fold), loss_(path::loss_of(goal, fold.training)), seed_(seed) {}

  Matrix train(double lambda, const Watch& watch) override {
    const Problem problem{fold_.training.features, loss_, lambda};
    SearchOptions options;
    options.gap = 1e-2, options.max_rounds = 3, options.slide_iterations = 30, options.seed = seed_;
    options.distinct = 0.995;
    options.effort = {8, 5, 4}, options.last_effort.reset();
    const Found found = relu::train(problem, options, units_, watch);
    if (found.stop == Stop::told_to) return {};
    units_ = found.at.units;
    return outputs(to_network(problem, units_), fold_.validation.features);
  }
  bool is_large() const override { return units_.count() > 64 * loss_.outputs(); }

 private:
  const path::Fold& fold_;
  TrainingLoss loss_;
  std::uint64_t seed_;
  Units units_;
};

void require_one_form(const ReluOptions& options) {
  const bool constrained = options.radius > 0;
  if (constrained && (options.lambda > 0 || options.lambda_ratio > 0))
    throw UsageError("--radius is a constraint in place of the penalty that --lambda weighs; give one of the two");
  if (!constrained && options.steps != ReluOptions().steps)
    throw UsageError("--steps " + options.steps + " is of the constrained form; give --radius, too, or leave it out");
}

StepRule rule_of(const ReluOptions& options) {
  if (options.steps == "classic") return StepRule::classic;
  return options.steps == "line-search" ? StepRule::line_search : StepRule::corrective;
}

/// From the largest lambda down to the wanted one, each solution the start of the next.
Found train_from_above(const Problem& problem, double largest, SearchOptions options, const Watch& watch) {
  Units units;
  SearchOptions loose = options;
  loose.gap = 1e-2, loose.max_rounds = 5, loose.last_effort.reset();
  for (double level = largest / 3; level > problem.lambda * 1.5; level /= 3)
    units = train({problem.features, problem.loss, level}, loose, units).at.units;
  return train(problem, options, units, watch);
}

/// Trains on from the units that the proof came upon, at next to no weight, where they matter; whether that paid.
bool learn_from(const Problem& problem, const WidthBound& bound, const ConditionalGradientOptions& options,
                const Watch& watch, Found& found) {
  constexpr double matters = 1e-6, tiny = 1e-12;
  Units units = found.at.units;
  for (const PolarBound& one : bound.polars)
    for (const polar::Witness& witness : one.result.witnesses)
      if (witness.value > std::max(found.polar, problem.lambda) * (1 + matters))
        units.add(witness.u, one.sign * tiny, one.output);
  if (units.count() == found.at.units.count()) return false;
  ConditionalGradientOptions onward = options;
  onward.first_step += found.rounds;
  Found better = problem.constrained() ? train_in_ball(problem, onward, units, watch)
                                       : train(problem, options.search, units, watch);
  if (!(better.at.objective < found.at.objective)) return false;
  better.rounds += found.rounds;
  found = std::move(better);
  return true;
}

struct Proved {
  Found found;
  WidthBound widths;
};

/// A node costs time in proportion to the rows.
long default_nodes(Index samples) { return std::clamp(300000L / std::max<Index>(samples, 1), 20L, 300L); }

/// Trains and bounds: first a few quick looks, as long as they come upon better units; then with all nodes and time.
Proved train_and_bound(const Problem& problem, double largest, const ReluOptions& options, std::uint64_t seed,
                       const ReluWatch& watch) {
  constexpr int looks = 3;
  const auto begin = std::chrono::steady_clock::now();
  const auto time_left = [&] {
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
    return std::max(0.0, options.time_limit - used.count());
  };
  ConditionalGradientOptions steps;  // of the penalized form, the search alone
  steps.rule = rule_of(options);
  SearchOptions& search = steps.search;
  search.gap = std::max(options.gap / 10, 1e-9);
  search.max_rounds = options.max_rounds, search.time_limit = options.time_limit, search.seed = seed;
  Proved proved{problem.constrained() ? train_in_ball(problem, steps, {}, watch.training)
                                      : train_from_above(problem, largest, search, watch.training),
                {}};
  const Iterate& at = proved.found.at;
  bool go_on = true;
  BoundOptions bound;
  bound.gap = options.gap * 0.999, bound.seed = seed;
  bound.watch = [&](double lower_bound, long nodes) {
    return go_on = go_on && (!watch.proof || watch.proof(at.objective, lower_bound, nodes));
  };
  const long nodes = options.nodes > 0 ? options.nodes : default_nodes(problem.samples());
  bound.max_nodes = std::clamp(nodes / 10, 1L, 300L);
  bool better = true;
  for (int look = 0; look < looks && better; ++look) {
    bound.time_limit = time_left() / 10;
    proved.widths = bound_over_widths(problem, at, bound);
    if (!go_on) return proved;
    search.time_limit = time_left();
    better = learn_from(problem, proved.widths, steps, watch.training, proved.found);
  }
  const double gap = relative_gap(at.objective, proved.widths.lower_bound, problem.loss.value_at_zero());
  if (!better && gap <= bound.gap) return proved;
  bound.max_nodes = nodes, bound.time_limit = time_left();
  proved.widths = bound_over_widths(problem, at, bound);
  return proved;
}

/// Why it ended, and in words.
void tell_end(ReluFit& fit, const Proved& proved) {
  const std::string nodes = ", " + std::to_string(proved.widths.nodes) + " cones looked at";
  const auto end = [&](Stop stop, const char* words) { fit.stop = stop, fit.stop_sentence = words + nodes; };
  if (fit.certificate.claim == Claim::certified)
    return end(Stop::gap_reached, "the gap asked for is proven over every width");
  for (const PolarBound& one : proved.widths.polars) {
    if (one.result.ending == Ending::iteration_limit) return end(Stop::iteration_limit, "--nodes was reached");
    if (one.result.ending == Ending::time_limit) return end(Stop::time_limit, "--time-limit was reached");
    if (one.result.ending == Ending::told_to) return end(Stop::told_to, "stopped by the caller");
  }
  const Stop stop = proved.found.stop == Stop::gap_reached ? Stop::no_progress : proved.found.stop;
  end(stop, "the search for units ended above the gap asked for");
}

/// All that comes before lambda.
struct Start {
  ReluFit fit;
  RecipeOptions recipe;
  TrainingLoss loss;
  std::uint64_t seed;

  Start(const Table& table, const std::vector<Index>& rows, RecipeOptions wanted, const ReluOptions& options,
        std::uint64_t the_seed)
      : recipe(path::prepare(fit, table, rows, std::move(wanted), options)),
        loss(path::loss_of(fit.goal, fit.training)),
        seed(the_seed) {
    fit.radius = options.radius;
    if (!(fit.radius > 0)) fit.largest_lambda = largest_lambda(fit.training.features, loss, seed);
  }

  path::PathChoice choose(const Table& table, const std::vector<Index>& rows, const ReluOptions& options, int threads,
                          const path::FitWatch& watch) const {
    const path::MakeTrainer make = [&](const path::Fold& fold) {
      return std::make_unique<ReluTrainer>(fit.goal, fold, seed);
    };
    return path::choose(fit, table, rows, recipe, options, seed, make, threads, watch);
  }
};

/// Network, certificate and evidence.
void certify(ReluFit& fit, const Problem& problem, const Proved& proved, double gap) {
  const Iterate& at = proved.found.at;
  fit.network = to_network(problem, at.units);
  PatternsBound patterns = bound_over_patterns(problem, at, fit.network.units);
  const double objective = proven_objective(problem, fit.network), at_zero = problem.loss.value_at_zero();
  const ProvenLowerBound over_patterns = proven_bound(problem, at.dual, patterns.polar);
  Evidence evidence{"relu_polar", 0, over_patterns.value, relative_gap(objective, over_patterns.value, at_zero)};
  if (problem.constrained()) {
    evidence.tau = best_scaling(problem, at.dual, proved.widths.polar);
    evidence.patterns_tau = best_scaling(problem, at.dual, patterns.polar);
  }
  fit.certificate =
      make_certificate(objective, proven_bound(problem, at.dual, proved.widths.polar), at_zero, gap, evidence);
  fit.certificate.samples = static_cast<long>(fit.training.samples());
  fit.certificate.features_sha256 = features_sha256(fit.training);
  fit.certificate.weights_sha256 = weights_sha256(fit.network);
  fit.evidence = evidence_of(proved.widths, std::move(patterns), problem.samples(), problem.inputs());
  fit.dual = path::dual_for_file(at.dual, fit.training, fit.goal.loss);
}

}  // namespace

path::PathChoice choose(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                        const ReluOptions& options, std::uint64_t seed, int threads, const path::FitWatch& watch) {
  validate(options, option_table());
  require_one_form(options);
  if (options.radius > 0)
    throw UsageError("--radius has no lambda to be chosen by cross-validation; give --method relu");
  return Start(table, rows, std::move(recipe), options, seed).choose(table, rows, options, threads, watch);
}

ReluFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const ReluOptions& options,
            std::uint64_t seed, int threads, const ReluWatch& watch, const path::PathChoice* chosen) {
  validate(options, option_table());
  require_one_form(options);
  Start start(table, rows, std::move(recipe), options, seed);
  ReluFit& fit = start.fit;
  if (!(fit.radius > 0))
    path::settle_lambda(fit, chosen, options, [&] { return start.choose(table, rows, options, threads, watch); });
  const Problem problem{fit.training.features, start.loss, fit.lambda, fit.radius};
  Proved proved = train_and_bound(problem, fit.largest_lambda, options, seed, watch);
  certify(fit, problem, proved, options.gap);
  tell_end(fit, proved);
  fit.iterations = proved.found.rounds, fit.nodes = proved.widths.nodes;
  fit.trace = std::move(proved.found.trace);
  return std::move(fit);
}

}  // namespace nadir::relu
