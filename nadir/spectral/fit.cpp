#include "nadir/spectral/fit.hpp"

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/spectral/box.hpp"
#include "nadir/spectral/concavity.hpp"

namespace nadir::spectral {
namespace {

TrainOptions loop_options(const SpectralOptions& options) {
  TrainOptions loop;
  loop.gap = options.gap, loop.change = options.change;
  loop.max_iterations = options.max_iterations, loop.time_limit = options.time_limit;
  loop.memory = options.memory, loop.box_steps = options.box_steps;
  return loop;
}

std::vector<Attempt> attempts_of(Objective& objective, const Dataset& training, const SpectralOptions& options) {
  const Architecture& architecture = objective.architecture();
  const double theta = degree(architecture);
  std::vector<Attempt> attempts = {{"hidden_concavity", "degree, at most 1", theta, theta <= 1}};
  for (const auto& report : contraction_certificates(architecture, training.features))
    attempts.push_back({report.name, "spectral radius, below 1", report.spectral_radius, report.spectral_radius < 1});
  if (options.all_certificates && architecture.epsilon > 0) {
    const BoxResult box = box_iteration(objective, options.box_steps);
    attempts.push_back({"box", "width in log-weights, at most 1e-9", box.width, box.width <= 1e-9});
  }
  return attempts;
}

}  // namespace

Fit fit(const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe, const SpectralOptions& options,
        std::uint64_t seed, int threads, const FitWatch& watch) {
  validate(options, option_table());
  require_classification(table, rows, recipe.task, "spectral");
  if (recipe.scale == "standard")
    throw UsageError(
        "--scale standard makes features negative, and the spectral method needs features that are not; use --scale "
        "minmax");
  const std::vector<Plan> plans = plans_of(options, seed);
  Fit fit;
  std::size_t plan = 0, radius = 0;
  if (plans.size() > 1 || plans[0].output_radii.size() > 1) {
    fit.selection = select(table, rows, plans, recipe, options, seed, threads, watch.selection);
    const Score& chosen = fit.selection->scores[fit.selection->chosen];
    plan = chosen.plan, radius = chosen.radius;
  }
  fit.plan = plans[plan];
  fit.recipe = fit_recipe(table, rows, recipe_options(fit.plan, recipe), &fit.ignored);
  fit.training = apply_recipe(fit.recipe, table, rows, Sign::non_negative);
  fit.architecture = build(fit.plan, fit.plan.output_radii[radius], fit.training);

  Objective objective(fit.architecture, fit.training.features, fit.training.labels, threads);
  Vector start = options.start == "random" ? random_start(objective.packing(), options.start_spread, seed)
                                           : flat_start(objective.packing());
  fit.result = train(objective, std::move(start), loop_options(options), watch.training);
  fit.result.certificate.bind(fit.training.samples(), features_sha256(fit.training),
                              weights_sha256(fit.result.network));
  fit.attempts = attempts_of(objective, fit.training, options);
  return fit;
}

}  // namespace nadir::spectral
