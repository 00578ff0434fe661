// Method planted: sums of ReLU units, fitted to targets that such a sum may have made.
#include "nadir/base/printed.hpp"
#include "nadir/planted/fit.hpp"
#include "nadir/train/methods.hpp"

namespace nadir::train {
namespace {

std::string stop_sentence(const planted::PlantedFit& fit) {
  switch (fit.descent.stop) {
    case Stop::gap_reached:
      return "every target that a sum of ReLU units can reach is reached";
    case Stop::no_progress:
      return fit.descent.relaxation_bound > 0 ? "the relaxation is at its minimum, where targets are missed"
                                              : "the loss no longer falls";
    default:
      return "ended before the loss no longer fell";
  }
}

}  // namespace

Trained train_planted(const Table& table, const std::vector<Index>& rows, const Settings& settings,
                      Follower& follower) {
  RecipeOptions recipe = settings.recipe;
  if (!settings.scale_given) recipe.scale = "none";
  const Watches watches = watches_for(follower, "a network", "trainings");
  planted::PlantedFit fit = planted::fit(table, rows, recipe, settings.planted, settings.seed, watches.training);
  const double n = static_cast<double>(fit.training.samples());
  const long negative = static_cast<long>(fit.negative), dead = static_cast<long>(fit.dead);
  Trained trained;
  trained.method = "planted";
  trained.neurons = fit.network.units.rows();
  trained.bound_of = "sums of ReLU units, of however many";
  trained.more = {{"loss", "squared"},      {"units", fit.network.units.rows()},
                  {"theorem", fit.theorem}, {"negative_targets", negative},
                  {"dead_samples", dead},   {"row_condition", fit.row_condition}};
  trained.lines = {
      {"loss", "squared, no penalty"},
      {"network", printed("a sum of %ld ReLU units", static_cast<long>(fit.network.units.rows()))},
      {"theorem", fit.theorem},
      {"samples", printed("%ld with a target below 0, %ld with one above 0 and no active unit", negative, dead)}};
  if (settings.planted.neurons == 1 && settings.planted.descent == "regularized") {
    trained.more.update(
        {{"relaxation", fit.descent.relaxation / n}, {"relaxation_lower_bound", fit.descent.relaxation_bound / n}});
    trained.lines.emplace_back("relaxation", printed("%.6g, at least %.6g by its dual (in double precision)",
                                                     fit.descent.relaxation / n, fit.descent.relaxation_bound / n));
  }
  trained.stop = fit.descent.stop;
  trained.stop_sentence = stop_sentence(fit);
  trained.iterations = fit.descent.iterations, trained.trace = std::move(fit.descent.trace);
  take_unpenalized(trained, fit);
  return trained;
}

}  // namespace nadir::train
