// Method gated: networks of gated linear units.
#include <algorithm>

#include "nadir/base/printed.hpp"
#include "nadir/convex/fit.hpp"
#include "nadir/train/methods.hpp"

namespace nadir::train {
namespace {

std::string network_in_words(const GatedNetwork& network) {
  const std::string text =
      printed("%ld of %ld gates active, %ld weights", static_cast<long>(network.active()),
              static_cast<long>(network.gates.rows()), static_cast<long>(network.active() * network.inputs()));
  return network.outputs == 1 ? text : text + printed(" for each of %ld outputs", static_cast<long>(network.outputs));
}

/// Names of the features that have a weight.
std::vector<std::string> used_features(const GatedNetwork& network, const std::vector<std::string>& names) {
  std::vector<std::string> used;
  for (Index i = 0; network.weights.rows() > 0 && i < network.inputs(); ++i)
    if (!network.weights.col(i).isZero(0)) used.push_back(names[static_cast<std::size_t>(i)]);
  return used;
}

std::string in_words(const std::vector<std::string>& used, Index features) {
  constexpr std::size_t most = 12;
  std::string text = printed("%zu of %ld features used", used.size(), static_cast<long>(features));
  for (std::size_t i = 0; i < std::min(most, used.size()); ++i) text += (i == 0 ? ": " : ", ") + used[i];
  return text + (used.size() > most ? ", .." : "");
}

}  // namespace

Trained train_gated(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                    Follower& follower, const path::PathChoice* chosen) {
  const Watches watches = watches_for(follower, "lambda", "trainings");
  convex::GatedFit fit = convex::fit(table, rows, penalized_recipe(settings), settings.gated, settings.seed, threads,
                                     path::FitWatch{watches.choice, watches.training, {settings.checkpoint, "gated"}},
                                     chosen, begin_with<GatedNetwork>(settings));
  Trained trained;
  trained.method = "gated";
  trained.neurons = fit.network.active();
  trained.bound_of = "all networks of this shape with these gates";
  trained.more = {
      {"gates", fit.network.gates.rows()}, {"outputs", fit.network.outputs}, {"penalty", settings.gated.penalty}};
  const std::vector<std::string> used = used_features(fit.network, fit.training.feature_names);
  trained.more["features_used"] = used;
  if (settings.gated.penalty != "group")
    trained.lines.emplace_back(
        "penalty", settings.gated.penalty + printed(", %ld of %ld weights are not 0",
                                                    static_cast<long>((fit.network.weights.array() != 0).count()),
                                                    static_cast<long>(fit.network.weights.size())));
  trained.lines.emplace_back("network", network_in_words(fit.network));
  if (settings.gated.penalty == "features" || settings.gated.penalty == "l1")
    trained.lines.emplace_back("features", in_words(used, fit.network.inputs()));
  trained.model.network = std::move(fit.network);
  tell_fit(trained, fit, settings.gated.penalty);
  return trained;
}

}  // namespace nadir::train
