// nadir train --method auto: gated or ReLU, whichever cross-validation prefers.
#include "nadir/base/error.hpp"
#include "nadir/cli/penalized.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/convex/fit.hpp"
#include "nadir/relu/fit.hpp"

namespace nadir::cli {

Trained train_auto(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments, int threads,
                   ProgressLine& line) {
  if (arguments.relu.radius > 0)
    throw UsageError("--radius is of ReLU networks, and leaves nothing to be chosen; give --method relu, too");
  if (arguments.gated.penalty != "group")
    throw UsageError("--penalty " + arguments.gated.penalty + " is of gated networks; give --method gated, too");
  const RecipeOptions recipe = penalized_recipe(arguments);
  const std::uint64_t seed = arguments.train.seed;
  const path::FitWatch for_gated{
      watches_for(line, "gated, lambda", "trainings").choice, {}, {arguments.checkpoint, "gated"}};
  const path::PathChoice gated = convex::choose(table, rows, recipe, arguments.gated, seed, threads, for_gated);
  const path::FitWatch for_relu{
      watches_for(line, "relu, lambda", "trainings").choice, {}, {arguments.checkpoint, "relu"}};
  const path::PathChoice relu = relu::choose(table, rows, recipe, arguments.relu, seed, threads, for_relu);
  const double gated_loss = gated.losses[gated.chosen], relu_loss = relu.losses[relu.chosen];
  Trained trained = relu_loss < gated_loss ? train_relu(table, rows, arguments, threads, line, &relu)
                                           : train_gated(table, rows, arguments, threads, line, &gated);
  trained.more["candidates"] = trained.model.notes["candidates"] = {
      {{"method", "gated"}, {"lambda", gated.lambdas[gated.chosen]}, {"loss", gated_loss}},
      {{"method", "relu"}, {"lambda", relu.lambdas[relu.chosen]}, {"loss", relu_loss}}};
  trained.lines.emplace(trained.lines.begin(), "method",
                        printed("%s: mean loss on rows left out %.4g with ReLU units, %.4g with gated ones",
                                trained.method.c_str(), relu_loss, gated_loss));
  return trained;
}

}  // namespace nadir::cli
