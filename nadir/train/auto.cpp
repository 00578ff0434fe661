// Method auto: gated or ReLU, whichever cross-validation prefers.
#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/convex/fit.hpp"
#include "nadir/relu/fit.hpp"
#include "nadir/train/methods.hpp"

namespace nadir::train {

Trained train_auto(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                   Follower& follower) {
  if (settings.relu.power != 1) throw UsageError("--power is of one method; give --method relu or kernel, too");
  if (settings.relu.radius > 0)
    throw UsageError("--radius is of ReLU networks, and leaves nothing to be chosen; give --method relu, too");
  if (settings.gated.penalty != "group")
    throw UsageError("--penalty " + settings.gated.penalty + " is of gated networks; give --method gated, too");
  const RecipeOptions recipe = penalized_recipe(settings);
  const std::uint64_t seed = settings.seed;
  const path::FitWatch for_gated{
      watches_for(follower, "gated, lambda", "trainings").choice, {}, {settings.checkpoint, "gated"}};
  const path::PathChoice gated = convex::choose(table, rows, recipe, settings.gated, seed, threads, for_gated);
  const path::FitWatch for_relu{
      watches_for(follower, "relu, lambda", "trainings").choice, {}, {settings.checkpoint, "relu"}};
  const path::PathChoice relu = relu::choose(table, rows, recipe, settings.relu, seed, threads, for_relu);
  const double gated_loss = gated.losses[gated.chosen], relu_loss = relu.losses[relu.chosen];
  Trained trained = relu_loss < gated_loss ? train_relu(table, rows, settings, threads, follower, &relu)
                                           : train_gated(table, rows, settings, threads, follower, &gated);
  trained.more["candidates"] = trained.model.notes["candidates"] = {
      {{"method", "gated"}, {"lambda", gated.lambdas[gated.chosen]}, {"loss", gated_loss}},
      {{"method", "relu"}, {"lambda", relu.lambdas[relu.chosen]}, {"loss", relu_loss}}};
  trained.lines.emplace(trained.lines.begin(), "method",
                        printed("%s: mean loss on rows left out %.4g with ReLU units, %.4g with gated ones",
                                trained.method.c_str(), relu_loss, gated_loss));
  return trained;
}

}  // namespace nadir::train
