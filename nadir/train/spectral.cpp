// Method spectral: generalized polynomial networks.
#include "nadir/base/printed.hpp"
#include "nadir/spectral/architecture_json.hpp"
#include "nadir/spectral/fit.hpp"
#include "nadir/train/methods.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

json attempts_json(const spectral::Fit& fit) {
  json list = json::array();
  for (const auto& attempt : fit.attempts)
    list.push_back(
        {{"name", attempt.name}, {"number", attempt.number}, {"value", attempt.value}, {"holds", attempt.holds}});
  return list;
}

json selection_json(const spectral::Fit& fit) {
  if (!fit.selection) return nullptr;
  const spectral::Score& best = fit.selection->scores[fit.selection->chosen];
  return {{"tried", fit.selection->scores.size()}, {"rows", fit.selection->rows},
          {"complete", fit.selection->complete},   {"chosen", fit.plan.name},
          {"validation_accuracy", best.accuracy},  {"validation_log_loss", best.log_loss}};
}

json network_json(const spectral::Fit& fit) {
  json layers = json::array();
  for (const auto& layer : fit.architecture.hidden)
    layers.push_back({{"units", layer.units()},
                      {"exponents", std::vector<double>(layer.exponents.begin(), layer.exponents.end())},
                      {"norm", layer.scope == spectral::NormScope::matrix ? "matrix" : "unit"},
                      {"p", layer.p},
                      {"radius", layer.radius},
                      {"masked", layer.mask.size() > 0}});
  return {{"inputs", fit.architecture.inputs},
          {"hidden", layers},
          {"classes", fit.architecture.classes},
          {"output_p", fit.architecture.output_p},
          {"output_radius", fit.architecture.output_radius},
          {"epsilon", fit.architecture.epsilon},
          {"weights", fit.architecture.weights()}};
}

}  // namespace

Trained train_spectral(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                       Follower& follower) {
  const Watches watches = watches_for(follower, "a network", "cross-validations");
  spectral::Fit fit = spectral::fit(table, rows, settings.recipe, settings.spectral, settings.seed, threads,
                                    spectral::FitWatch{watches.choice, watches.training});
  Trained trained;
  trained.method = "spectral";
  trained.neurons = fit.result.network.units();
  trained.bound_of = "all networks of this shape";
  trained.more = {{"network", network_json(fit)},
                  {"selection", selection_json(fit)},
                  {"certificate", {{"tried", attempts_json(fit)}}}};
  if (fit.selection)
    trained.lines.emplace_back(
        "chosen", printed("%s, radius %.4g, of %zu networks by cross-validation (accuracy %.1f%% on rows left out)",
                          fit.plan.name.c_str(), fit.architecture.output_radius, fit.selection->scores.size(),
                          100 * fit.selection->scores[fit.selection->chosen].accuracy));
  trained.lines.emplace_back("network", printed("%ld hidden units, %ld weights", static_cast<long>(trained.neurons),
                                                static_cast<long>(fit.architecture.weights())));
  trained.model.objective = spectral::objective_to_json(fit.architecture);
  trained.model.notes = {{"certificates", attempts_json(fit)}, {"selection", selection_json(fit)}};
  trained.model.recipe = std::move(fit.recipe);
  trained.model.network = std::move(fit.result.network);
  trained.model.certificate = fit.result.certificate;
  trained.ignored = std::move(fit.ignored);
  trained.training = std::move(fit.training);
  trained.stop = fit.result.stop, trained.stop_sentence = fit.result.stop_sentence;
  trained.iterations = fit.result.iterations, trained.trace = std::move(fit.result.trace);
  return trained;
}

}  // namespace nadir::train
