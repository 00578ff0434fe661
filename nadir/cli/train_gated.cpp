// nadir train --method gated: networks of gated linear units.
#include "nadir/cli/penalized.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/convex/fit.hpp"

namespace nadir::cli {
namespace {

std::string network_in_words(const GatedNetwork& network) {
  const std::string text =
      printed("%ld of %ld gates active, %ld weights", static_cast<long>(network.active()),
              static_cast<long>(network.gates.rows()), static_cast<long>(network.active() * network.inputs()));
  return network.outputs == 1 ? text : text + printed(" for each of %ld outputs", static_cast<long>(network.outputs));
}

}  // namespace

Trained train_gated(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments, int threads,
                    ProgressLine& line, const path::PathChoice* chosen) {
  const Watches watches = watches_for(line, "lambda", "trainings");
  convex::GatedFit fit =
      convex::fit(table, rows, penalized_recipe(arguments), arguments.gated, arguments.train.seed, threads,
                  path::FitWatch{watches.choice, watches.training, {arguments.checkpoint, "gated"}}, chosen);
  Trained trained;
  trained.method = "gated";
  trained.neurons = fit.network.active();
  trained.bound_of = "all networks of this shape with these gates";
  trained.more = {{"gates", fit.network.gates.rows()}, {"outputs", fit.network.outputs}};
  trained.lines.emplace_back("network", network_in_words(fit.network));
  trained.model.network = std::move(fit.network);
  tell_fit(trained, fit, "group");
  return trained;
}

}  // namespace nadir::cli
