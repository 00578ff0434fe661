#include "nadir/relu/fit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/relu/column_generation.hpp"
#include "nadir/relu/conditional_gradient.hpp"
#include "nadir/relu/proof.hpp"
#include "nadir/relu/prove.hpp"
#include "nadir/relu/reduce.hpp"
#include "nadir/relu/shared_units.hpp"

namespace nadir::relu {
namespace {

/// With a linear part where wanted, its weights decayed as all others. Of one output units are its own.
Problem penalized(const SampleRows& features, const TrainingLoss& loss, double lambda, const ReluOptions& options) {
  Problem problem{features, loss, lambda};
  problem.power = options.power;
  problem.shared = options.units == "shared" && loss.outputs() > 1;
  if (options.skip == "on") problem.skip_weight = lambda;
  return problem;
}

/// In the penalized form, by the training that is for such units.
Found search(const Problem& problem, const SearchOptions& options, const Units& start, const Watch& watch,
             const path::Continuation& continuation = {}) {
  if (!problem.shared) return train(problem, options, start, watch, continuation);
  return train_shared(problem, options, {start, {}, {}, {}, {}, 0}, watch, continuation);
}

/// What one fold keeps from lambda to lambda.
class ReluTrainer : public path::FoldTrainer {
 public:
  ReluTrainer(const path::Goal& goal, const path::Fold& fold, const ReluOptions& options, std::uint64_t seed)
      : fold_(fold), loss_(path::loss_of(goal, fold.training)), options_(options), seed_(seed) {}

  Matrix train(double lambda, const Watch& watch) override {
    const Problem problem = penalized(fold_.training.features, loss_, lambda, options_);
    SearchOptions options;
    options.gap = 1e-2, options.max_rounds = 3, options.slide_iterations = 30, options.seed = seed_;
    options.distinct = 0.995;
    options.effort = {8, 5, 4}, options.last_effort.reset();
    const Found found = search(problem, options, units_, watch);
    if (found.stop == Stop::told_to) return {};
    units_ = found.at.units;
    return outputs(to_network(problem, found.at), fold_.validation.features);
  }
  path::State state() const override {
    path::State state;
    put(state, units_);
    return state;
  }
  void restore(const path::State& state) override {
    units_ = units_of(state, fold_.training.features.cols(), loss_.outputs());
  }
  bool is_large() const override { return units_.count() > 64 * loss_.outputs(); }

 private:
  const path::Fold& fold_;
  TrainingLoss loss_;
  const ReluOptions& options_;
  std::uint64_t seed_;
  Units units_;
};

void require_one_form(const ReluOptions& options) {
  const bool constrained = options.radius > 0;
  if (constrained && (options.lambda > 0 || options.lambda_ratio > 0))
    throw UsageError("--radius is a constraint in place of the penalty that --lambda weighs; give one of the two");
  if (constrained && options.skip == "on")
    throw UsageError("--skip on has weight decay of its own, which --radius leaves no place for; give --lambda");
  if (constrained && options.units == "shared")
    throw UsageError("--units shared is of the penalized form; give --lambda in place of --radius, or leave it out");
  if (options.power != 1 && options.skip == "on")
    throw UsageError("--skip on is of ReLU units; leave it or --power out");
  if (!constrained && options.steps != ReluOptions().steps)
    throw UsageError("--steps " + options.steps + " is of the constrained form; give --radius, too, or leave it out");
}

StepRule rule_of(const ReluOptions& options) {
  if (options.steps == "classic") return StepRule::classic;
  return options.steps == "line-search" ? StepRule::line_search : StepRule::corrective;
}

/// The largest one that is of use.
double largest_useful(const SampleRows& features, const TrainingLoss& loss, const ReluOptions& options,
                      std::uint64_t seed) {
  const Problem problem = penalized(features, loss, 1, options);
  if (problem.shared) return largest_shared_lambda(problem, seed);
  return largest_lambda(features, loss, seed, options.power);
}

/// From the largest lambda down to the wanted one, each solution the start of the next; in a ball at once. The steps
/// are the levels. Where it is told to stop on the way, the units of that level go to the last one.
Found train_from_above(const Problem& problem, const std::vector<double>& levels, Units units,
                       const ConditionalGradientOptions& options, const ReluWatch& watch, const path::Steps& steps) {
  const int last = static_cast<int>(levels.size()) - 1;
  Watch on_the_way;
  if (watch.go_on) on_the_way = [&watch](const Progress&) { return watch.go_on(); };
  SearchOptions loose = options.search;
  loose.gap = 1e-2, loose.max_rounds = 5, loose.last_effort.reset();
  for (int step = steps.first(); step < last; ++step) {
    Problem above = problem;
    above.lambda = levels[static_cast<std::size_t>(step)];
    if (problem.skip_weight > 0) above.skip_weight = above.lambda;
    Found found = search(above, loose, units, on_the_way, steps.at(step));
    units = std::move(found.at.units);
    if (found.stop == Stop::told_to) break;
  }
  if (problem.constrained()) return train_in_ball(problem, options, units, watch.training, steps.at(last));
  return search(problem, options.search, units, watch.training, steps.at(last));
}

/// Trains, and proves what can be proven: the steps are those of the training, then the looks of the proof.
Proved train_and_prove(const Problem& problem, double largest, const ReluNetwork* start, const ReluOptions& options,
                       std::uint64_t seed, const ReluWatch& watch) {
  const auto begin = std::chrono::steady_clock::now();
  ConditionalGradientOptions how;  // of the penalized form, the search alone
  how.rule = rule_of(options);
  SearchOptions& search = how.search;
  search.gap = std::max(options.gap / 10, 1e-9);
  if (!problem.constrained()) search.patience = 10;
  search.max_rounds = options.max_rounds, search.time_limit = options.time_limit, search.seed = seed;
  search.effort.go_on = search.last_effort->go_on = watch.go_on;
  const bool at_once = problem.constrained() || start != nullptr;
  const std::vector<double> levels =
      at_once ? std::vector<double>{problem.lambda} : path::levels_above(largest, problem.lambda);
  const int trained = static_cast<int>(levels.size());
  const path::Steps steps(watch.stage.part("training"), trained + quick_looks + 1);
  Looks looks{std::max(0, steps.first() - trained), {}};
  looks.before = [&](const Found& found, int look) {
    if (const path::Continuation at = steps.at(trained + look)) at.keep(state_of(found));
  };
  Units units = start != nullptr ? units_of(*start) : Units{};
  Found found = steps.first() < trained ? train_from_above(problem, levels, std::move(units), how, watch, steps)
                                        : found_of(*steps.at(steps.first()).from, problem);
  const auto train_on = [&](const Found& before, const Units& from, double seconds) {
    ConditionalGradientOptions onward = how;
    onward.first_step += before.rounds, onward.search.time_limit = seconds;
    if (problem.shared) return train_shared_on(problem, onward.search, before, from, watch.training);
    return problem.constrained() ? train_in_ball(problem, onward, from, watch.training)
                                 : train(problem, onward.search, from, watch.training);
  };
  const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
  const ProveOptions proof{options.gap, std::max(0.0, options.time_limit - used.count()), options.nodes, seed};
  return prove(problem, std::move(found), proof, train_on, watch.proof, looks);
}

/// All that comes before lambda.
struct Start {
  ReluFit fit;
  RecipeOptions recipe;
  TrainingLoss loss;
  std::uint64_t seed;

  Start(const Table& table, const std::vector<Index>& rows, RecipeOptions wanted, const ReluOptions& options,
        std::uint64_t the_seed, const path::Stage& stage)
      : recipe(path::prepare(fit, table, rows, std::move(wanted), options,
                             options.power == 1 ? path::Reading::in_place : path::Reading::once)),
        loss(path::loss_of(fit.goal, fit.training)),
        seed(the_seed) {
    path::require_data(stage, fit);
    if (options.power != 1 && loss.outputs() != 1)
      throw UsageError("--power " + std::to_string(options.power) +
                       " is for one output: for a quantity, or for two classes with --loss logistic or squared_hinge");
    fit.radius = options.radius;
    if (!(fit.radius > 0)) fit.largest_lambda = largest_useful(fit.training.rows(), loss, options, seed);
  }

  path::PathChoice choose(const Table& table, const std::vector<Index>& rows, const ReluOptions& options, int threads,
                          const path::FitWatch& watch) const {
    const path::MakeTrainer make = [&](const path::Fold& fold) {
      return std::make_unique<ReluTrainer>(fit.goal, fold, options, seed);
    };
    return path::choose(fit, table, rows, recipe, options, seed, make, threads, watch);
  }
};

}  // namespace

path::PathChoice choose(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                        const ReluOptions& options, std::uint64_t seed, int threads, const path::FitWatch& watch) {
  validate(options, option_table());
  require_one_form(options);
  if (options.radius > 0)
    throw UsageError("--radius has no lambda to be chosen by cross-validation; give --method relu");
  return Start(table, rows, std::move(recipe), options, seed, watch.stage)
      .choose(table, rows, options, threads, watch.closing());
}

ReluFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const ReluOptions& options,
            std::uint64_t seed, int threads, const ReluWatch& given_watch, const path::PathChoice* chosen,
            const ReluNetwork* begin_with) {
  validate(options, option_table());
  require_one_form(options);
  const ReluWatch watch = given_watch.closing();
  Start start(table, rows, std::move(recipe), options, seed, watch.stage);
  ReluFit& fit = start.fit;
  if (!(fit.radius > 0))
    path::settle_lambda(fit, chosen, options, [&] { return start.choose(table, rows, options, threads, watch); });
  Problem problem = penalized(fit.training.rows(), start.loss, fit.lambda, options);
  problem.radius = fit.radius;
  fit.skip_weight = problem.skip_weight, fit.shared = problem.shared;
  if (begin_with != nullptr && (begin_with->inputs() != problem.inputs() ||
                                begin_with->outputs() != problem.outputs() || begin_with->power != problem.power))
    begin_with = nullptr;
  Proved proved = train_and_prove(problem, fit.largest_lambda, begin_with, options, seed, watch);
  fit.network = reduced(problem, to_network(problem, proved.found.at));
  finish(fit, problem, proved, options.gap);
  fit.iterations = proved.found.rounds;
  fit.trace = std::move(proved.found.trace);
  return std::move(fit);
}

}  // namespace nadir::relu
