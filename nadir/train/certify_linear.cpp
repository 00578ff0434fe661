#include "nadir/train/certify_linear.hpp"

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/claim/mean_loss.hpp"
#include "nadir/linear/fit.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

/// I + W for each W: the file's layers are those of a residual network. Returns them as they were.
std::vector<Matrix> add_identities(BiasedChain& chain, const std::string& name) {
  std::vector<Matrix> weights = chain.chain.weights;
  for (Matrix& W : chain.chain.weights) {
    if (W.rows() != W.cols() || chain.has_biases())
      throw InputError(name + ": --residual is for layers with as many outputs as inputs, and without biases");
    W += Matrix::Identity(W.rows(), W.cols());
  }
  return weights;
}

json residual_json(const std::optional<linear::ResidualJudgement>& residual) {
  if (!residual) return nullptr;
  const Vector& sizes = residual->largest_singular_values;
  return {{"largest_singular_values", std::vector<double>(sizes.begin(), sizes.end())},
          {"margin", residual->margin},
          {"in_region", residual->in_region},
          {"gap_bound", residual->in_region ? json(residual->gap_bound) : json(nullptr)}};
}

json witness_json(const std::optional<linear::Witness>& witness) {
  if (!witness) return nullptr;
  json steps = json::array(), directions = json::array();
  for (const linear::WitnessStep& step : witness->steps)
    steps.push_back({{"radius", step.radius}, {"decrease", step.decrease}, {"rounding", step.rounding}});
  for (const Matrix& direction : witness->directions) {
    json rows = json::array();
    for (Index i = 0; i < direction.rows(); ++i)
      rows.push_back(std::vector<double>(direction.row(i).begin(), direction.row(i).end()));
    directions.push_back(std::move(rows));
  }
  return {{"steps", steps}, {"directions", directions}, {"exponents", witness->exponents}, {"order", witness->order}};
}

void require_fitting(const Dataset& dataset, const Matrix& targets, const BiasedChain& chain, const std::string& data) {
  const Index inputs = chain.chain.weights.front().cols(), outputs = chain.chain.weights.back().rows();
  if (dataset.features.cols() == inputs && targets.cols() == outputs) return;
  throw InputError(data + ": gives " + std::to_string(dataset.features.cols()) + " features and " +
                   std::to_string(targets.cols()) + " targets, but the network takes " + std::to_string(inputs) +
                   " and gives " + std::to_string(outputs));
}

}  // namespace

JudgedChain certify_linear(const Table& table, const RecipeOptions& recipe, BiasedChain chain,
                           const LinearRequest& request) {
  const std::vector<Index> rows = usable_rows(table, recipe);
  JudgedChain told{request, {}, {}, {}};
  Model& model = told.model;
  model.recipe = fit_recipe(table, rows, recipe);
  const Dataset dataset = apply_recipe(model.recipe, table, rows);
  const std::vector<Matrix> weights = request.residual ? add_identities(chain, request.network) : std::vector<Matrix>();
  const Matrix targets = linear::target_matrix(dataset);
  require_fitting(dataset, targets, chain, table.path);
  const int threads = resolve_threads(request.threads);
  if (request.residual)
    told.residual = linear::judge_residual(linear::reduce(dataset.features, targets, threads), weights);
  told.judged = linear::judge(dataset.features, targets, chain, {}, threads);
  linear::Certified certified = linear::certify(dataset, chain, request.gap, threads);
  told.dependent = certified.dependent;
  model.network = std::move(chain);
  model.rank = std::move(certified.evidence), model.certificate = std::move(certified.certificate);
  model.objective = mean_squared_loss_json();
  model.notes = certify_notes(request.network, request.data, Stop::no_progress, "judged, not trained", 0);
  model.notes["verdict"] = linear::to_string(told.judged.verdict);
  mark_training_rows(model, rows, table.rows);
  return told;
}

json to_json(const JudgedChain& told, double seconds, const std::string& model) {
  const linear::Judgement& j = told.judged.of_chain;
  const linear::Assumptions& a = j.assumptions;
  const Certificate& c = told.certificate();
  return {{"method", "linear"},
          {"source", told.request.source},
          {"claim", linear::to_string(told.judged.verdict)},
          {"reason", told.judged.reason},
          {"objective", told.judged.loss},
          {"optimum", told.judged.optimum},
          {"gap", told.judged.gap},
          {"relative_gap", j.relative_gap},
          {"lower_bound", told.lower_bound()},
          {"proven", true},
          {"features_dependent", told.dependent},
          {"largest_gradient_ratio", j.criticality.largest_ratio},
          {"mean_residual", told.judged.mean_residual},
          {"centred", told.judged.centred},
          {"smallest_width", j.k},
          {"rank", j.rank.rank},
          {"rank_margins", {{"kept", j.rank.kept}, {"dropped", j.rank.dropped}}},
          {"tie", j.tie},
          {"principal_angle", j.principal_angle},
          {"shortfall", j.shortfall},
          {"assumptions",
           {{"widths", a.widths},
            {"full_rank_features", a.full_rank_features},
            {"full_rank_correlation", a.full_rank_correlation},
            {"distinct_singular_values", a.distinct_singular_values}}},
          {"witness", witness_json(told.judged.witness)},
          {"residual", residual_json(told.residual)},
          {"seconds", seconds},
          {"model", model},
          {"certificate",
           {{"kind", c.evidence.kind},
            {"objective", c.objective},
            {"lower_bound", c.lower_bound},
            {"objective_at_zero", c.objective_at_zero},
            {"relative_gap", c.relative_gap},
            {"target_gap", c.target_gap},
            {"claim", to_string(c.claim)}}}};
}

}  // namespace nadir::train
