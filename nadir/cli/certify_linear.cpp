// nadir certify --method linear: a deep linear network trained elsewhere, judged by theorem and by value in double
// precision, and certified by a lower bound that is proven.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/claim/mean_loss.hpp"
#include "nadir/cli/certify.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/linear/biased.hpp"
#include "nadir/linear/fit.hpp"
#include "nadir/linear/residual.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/train/words.hpp"

namespace nadir::cli {
namespace {

using nlohmann::json;

BiasedChain chain_of(const exchange::Layers& layers, const std::string& name) {
  BiasedChain chain;
  for (const exchange::Layer& layer : layers.list) {
    if (layer.activation != exchange::Activation::none)
      throw InputError(name + ": has an activation between its layers; --method linear is for chains without any");
    chain.chain.weights.push_back(layer.weights);
    chain.biases.push_back(layer.biases);
  }
  return chain;
}

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

/// What was judged and proved, and how it is told. Numbers are of half the squared errors' sum, n times the file's.
struct Told {
  const exchange::Layers& layers;
  const LinearRequest& request;
  const linear::BiasedJudgement& judged;
  const std::optional<linear::ResidualJudgement>& residual;
  const Model& model;
  bool dependent;
  double seconds;

  const Certificate& certificate() const { return model.certificate; }
  double lower_bound() const { return certificate().lower_bound * static_cast<double>(certificate().samples); }
};

json to_json(const Told& told) {
  const linear::Judgement& j = told.judged.of_chain;
  const linear::Assumptions& a = j.assumptions;
  const Certificate& c = told.certificate();
  return {{"method", "linear"},
          {"source", told.layers.source},
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
          {"seconds", told.seconds},
          {"model", told.request.out},
          {"certificate",
           {{"kind", c.evidence.kind},
            {"objective", c.objective},
            {"lower_bound", c.lower_bound},
            {"objective_at_zero", c.objective_at_zero},
            {"relative_gap", c.relative_gap},
            {"target_gap", c.target_gap},
            {"claim", to_string(c.claim)}}}};
}

void print_table(const Told& told) {
  const linear::Judgement& j = told.judged.of_chain;
  const Certificate& c = told.certificate();
  print_line("network",
             train::chain_in_words(std::get<BiasedChain>(told.model.network)) + ", from " + told.layers.source);
  print_line("loss", printed("%.12g   (half the squared error, summed)", told.judged.loss));
  print_line("optimum", printed("%.12g   over linear networks of these widths, in closed form", told.judged.optimum));
  print_line("lower bound", printed("%.12g   over linear networks of these widths, proven", told.lower_bound()));
  print_line("relative gap", printed("%.3g   (asked for: %.3g): %s", c.relative_gap, c.target_gap,
                                     std::string(to_string(c.claim)).c_str()));
  if (!told.dependent) print_line("features", "some are dependent on others but for rounding, which costs the bound");
  print_line("gradients", printed("%.3g of what they could be, the largest", j.criticality.largest_ratio));
  print_line("rank", printed("%ld of the smallest width %ld; singular values kept %.3g, dropped %.3g of the threshold",
                             static_cast<long>(j.rank.rank), static_cast<long>(j.k), j.rank.kept, j.rank.dropped));
  print_line("angle", printed("%.3g between the column spaces that theorem 2.2 compares%s", j.principal_angle,
                              j.tie ? "; not unique, as singular values are equal" : ""));
  if (!j.assumptions.all())
    print_line("assumptions", "not all of the published theorems' hold; the verdict does not need them");
  if (told.residual && told.residual->in_region)
    print_line("residual", printed("all weights are below 1 by %.3g: a critical point is a global minimum, and the "
                                   "gradient bounds the gap by %.6g",
                                   told.residual->margin, told.residual->gap_bound));
  else if (told.residual)
    print_line("residual", "a weight's largest singular value is not below 1: nothing follows from being near to I");
  print_line("verdict", std::string(linear::to_string(told.judged.verdict)) + ": " + told.judged.reason);
  print_line("", "the verdict is judged in double precision against stated thresholds; the lower bound is proven");
  if (told.judged.witness)
    for (const linear::WitnessStep& step : told.judged.witness->steps)
      print_line("witness", printed("at radius %.3g the loss is lower by %.6g", step.radius, step.decrease));
  print_line("time", printed("%.2f s", told.seconds));
  print_line("model", told.request.out);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", told.request.out.c_str(), told.request.data.c_str());
}

}  // namespace

int certify_linear(const exchange::Layers& layers, const Table& table, const RecipeOptions& options,
                   const LinearRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<Index> rows = usable_rows(table, options);
  Model model;
  model.recipe = fit_recipe(table, rows, options);
  const Dataset dataset = apply_recipe(model.recipe, table, rows);
  BiasedChain chain = chain_of(layers, request.network);
  const std::vector<Matrix> weights = request.residual ? add_identities(chain, request.network) : std::vector<Matrix>();
  const Matrix targets = linear::target_matrix(dataset);
  if (dataset.features.cols() != layers.inputs() || targets.cols() != layers.outputs())
    throw InputError(table.path + ": gives " + std::to_string(dataset.features.cols()) + " features and " +
                     std::to_string(targets.cols()) + " targets, but the network takes " +
                     std::to_string(layers.inputs()) + " and gives " + std::to_string(layers.outputs()));
  const int threads = resolve_threads(0);
  std::optional<linear::ResidualJudgement> residual;
  if (request.residual) residual = linear::judge_residual(linear::reduce(dataset.features, targets, threads), weights);
  const linear::BiasedJudgement judged = linear::judge(dataset.features, targets, chain, {}, threads);
  linear::Certified certified = linear::certify(dataset, chain, request.gap, threads);
  model.network = chain;
  model.rank = std::move(certified.evidence), model.certificate = std::move(certified.certificate);
  model.objective = mean_squared_loss_json();
  model.notes = {{"method", "certify"},
                 {"network", std::filesystem::path(request.network).filename().string()},
                 {"data", std::filesystem::path(request.data).filename().string()},
                 {"verdict", linear::to_string(judged.verdict)},
                 {"stop", to_string(Stop::no_progress)},
                 {"stop_sentence", "judged, not trained"},
                 {"iterations", 0}};
  mark_training_rows(model, rows, table.rows);
  write_file(request.out, encode_model(model));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const Told told{layers, request, judged, residual, model, certified.dependent, seconds.count()};
  if (request.json)
    std::puts(to_json(told).dump(2).c_str());
  else if (!request.quiet)
    print_table(told);
  return model.certificate.claim == Claim::certified ? done : not_proved;
}

}  // namespace nadir::cli
