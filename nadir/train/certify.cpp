#include "nadir/train/certify.hpp"

#include "nadir/base/hexfloat.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/path/objective_json.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

Model model_of(relu::Certified& result, const CertifyRequest& request) {
  Model model;
  model.recipe = result.recipe;
  model.network = result.network;
  model.dual = result.dual, model.evidence = result.evidence;
  model.objective = path::objective_to_json(result.goal, result.lambda, "shared_weight_decay");
  if (result.network.output_biases.size() > 0) model.objective["output_bias"] = to_hex(result.bias_weight);
  if (result.bias_scale > 0) model.objective["hidden_bias"] = to_hex(0);
  model.certificate = result.certificate;
  model.notes = certify_notes(request.network, request.data, result.stop, result.stop_sentence, result.iterations);
  model.notes.update({{"improved", request.options.improve}, {"seed", request.seed}});
  model.trace = train::trace_of(result.trace);
  return model;
}

json unit_json(const CertifiedNetwork& told) {
  if (!told.unit_helps()) return nullptr;
  const relu::Certified& r = told.result;
  return {{"inputs", std::vector<double>(r.unit.u.begin(), r.unit.u.end())},
          {"outputs", std::vector<double>(r.unit.w.begin(), r.unit.w.end())},
          {"size", r.step.size},
          {"decrease", r.step.decrease},
          {"correlation_over_lambda", r.unit.value / r.lambda}};
}

}  // namespace

json to_json(const CertifiedNetwork& told, double seconds, const std::string& model) {
  const relu::Certified& r = told.result;
  const Certificate& c = r.certificate;
  return {{"network", told.request.network},
          {"source", told.request.source},
          {"units", told.network.units()},
          {"definition", told.definition()},
          {"objective", r.given.objective},
          {"penalty", r.given.penalty},
          {"balanced_objective", r.balanced},
          {"stationarity", r.given.stationarity},
          {"lower_bound", r.lower_bound},
          {"gap", r.given.objective - r.lower_bound},
          {"relative_gap", r.relative_gap},
          {"target_gap", told.request.options.gap},
          {"objective_at_zero", r.at_zero},
          {"claim", to_string(r.claim)},
          {"better_objective", r.best},
          {"unit", unit_json(told)},
          {"cones", r.nodes},
          {"rounds", r.iterations},
          {"stop", to_string(r.stop)},
          {"stop_sentence", r.stop_sentence},
          {"seconds", seconds},
          {"samples", r.training.samples()},
          {"features", r.training.features.cols()},
          {"model", model},
          {"certificate", certificate_told(c, told.request.options.improve, r.lambda)}};
}

std::string CertifiedNetwork::definition() const {
  const relu::CertifyOptions& c = request.options;
  const std::string loss(to_string(result.goal.loss));
  const std::string weighed = c.penalty == "norms"     ? "the units' norms, in times out"
                              : c.penalty == "squares" ? "all squared weights"
                                                       : "half of all squared weights";
  return loss_in_words(loss, c.half, c.reduction) + printed("; %.6g times ", c.lambda) + weighed +
         (c.free_output_biases ? (network.hidden_biases.size() > 0 && !c.free_hidden_biases ? " and hidden biases" : "")
          : has_biases()       ? " and biases"
                               : "");
}

CertifiedNetwork certify(const Table& table, const RecipeOptions& recipe, const TwoLayerNetwork& network,
                         const CertifyRequest& request, Follower& follower) {
  const Watches watches = watches_for(follower, "", "");
  const relu::ReluWatch watch{{{}, watches.training}, watches.proof};
  const std::vector<Index> rows = usable_rows(table, recipe);
  CertifiedNetwork told{
      request, network, relu::certify(table, rows, recipe, network, request.options, request.seed, watch), {}};
  told.model = model_of(told.result, request);
  mark_training_rows(told.model, rows, table.rows);
  return told;
}

}  // namespace nadir::train
