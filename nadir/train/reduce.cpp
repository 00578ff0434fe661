#include "nadir/train/reduce.hpp"

#include <numeric>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/path/objective_json.hpp"
#include "nadir/relu/proof.hpp"
#include "nadir/relu/reduce.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

std::vector<Index> training_rows_of(const Model& model, const Table& table) {
  std::vector<Index> rows;
  if (model.training_rows.empty()) {
    rows.resize(static_cast<std::size_t>(table.rows));
    std::iota(rows.begin(), rows.end(), Index{0});
    return rows;
  }
  if (static_cast<Index>(model.training_rows.size()) != table.rows)
    throw InputError("the data have another number of rows than those that the model was trained on");
  for (std::size_t i = 0; i < model.training_rows.size(); ++i)
    if (model.training_rows[i]) rows.push_back(static_cast<Index>(i));
  return rows;
}

double number(const json& objective, const char* key) {
  return objective.contains(key) ? from_hex(objective[key].get<std::string>()) : 0;
}

/// Of the evidence on the units' own cells what speaks of units and outputs that are left: for each unit as many rows
/// as there are directions, but for units that feed single outputs two for each output that they feed.
Matrix cells_left(const Model& model, const ReluNetwork& before, const ReluNetwork& after,
                  const std::vector<bool>& rest, bool shared) {
  const Matrix& cells = model.evidence.cells;
  const Index m = before.units.rows(), outputs = before.outputs();
  std::vector<Index> kept;
  Index row = 0;
  const auto take = [&](Index count, bool keep) {
    for (const Index end = row + count; row < end; ++row)
      if (keep) kept.push_back(row);
  };
  const bool by_output = !shared && model.evidence.output_cones.size() == 0;
  for (Index j = 0, left = 0; j < m; ++j) {
    const bool stays = rest[static_cast<std::size_t>(j)];
    for (Index k = 0; by_output && k < outputs; ++k)
      if (before.unit_outputs(j, k) != 0) take(2, stays && after.unit_outputs(left, k) != 0);
    if (!by_output) take(cells.rows() / m, stays);
    if (stays) ++left;
  }
  return cells(kept, Eigen::all);
}

}  // namespace

ReducedModel reduce(const Model& model, const Table& table, int threads) {
  const auto* const network = std::get_if<ReluNetwork>(&model.network);
  const Certificate& before = model.certificate;
  if (network == nullptr) throw InputError("the model is no two-layer network of ReLU units or their powers");
  if (before.evidence.kind == "given_units")
    throw InputError(
        "the model's units were given, and what is certified is about these; train with other --random-units");
  const std::vector<Index> rows = training_rows_of(model, table);
  Dataset training = apply_recipe(model.recipe, table, rows);
  const path::Goal goal = path::goal_of(model.objective, model.recipe);
  training.weights = weights_of(goal.weighting, table, rows, training.labels);
  if (features_sha256(training) != before.features_sha256)
    throw InputError("the data are not those that the model was trained on: their features have another SHA-256");
  const TrainingLoss loss = path::loss_of(goal, training);
  const bool shared = model.objective.value("penalty", "") == "shared_weight_decay";
  const relu::Problem problem{training.features,
                              loss,
                              number(model.objective, "lambda"),
                              number(model.objective, "radius"),
                              shared,
                              number(model.objective, "output_bias"),
                              number(model.objective, "skip"),
                              network->power};
  std::vector<bool> rest;
  ReluNetwork smaller = relu::reduced(problem, *network, &rest);
  ReducedModel told{model, network->units.rows(), smaller.units.rows(), before.objective, 0};
  if (told.units == told.units_before) return told;
  told.change = (outputs(smaller, training.features, threads) - outputs(*network, training.features, threads))
                    .lpNorm<Eigen::Infinity>();
  Evidence evidence = before.evidence;
  const double objective = relu::proven_objective(problem, smaller);
  if (evidence.kind == "relu_polar") {
    told.model.evidence.cells = cells_left(model, *network, smaller, rest, shared);
    evidence.patterns_relative_gap = relative_gap(objective, evidence.patterns_lower_bound, before.objective_at_zero);
  }
  Certificate& after = told.model.certificate;
  after = make_certificate(objective, {before.lower_bound}, before.objective_at_zero, before.target_gap, evidence);
  after.bind(before.samples, before.features_sha256, weights_sha256(smaller));
  told.model.network = std::move(smaller);
  told.model.notes["reduced"] = {{"units_before", told.units_before}, {"objective_before", told.objective_before}};
  return told;
}

json to_json(const ReducedModel& told, const std::string& model) {
  const Certificate& c = told.model.certificate;
  return {
      {"units_before", told.units_before}, {"units", told.units},           {"objective_before", told.objective_before},
      {"objective", c.objective},          {"lower_bound", c.lower_bound},  {"relative_gap", c.relative_gap},
      {"claim", to_string(c.claim)},       {"largest_change", told.change}, {"model", model}};
}

}  // namespace nadir::train
