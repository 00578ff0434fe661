// nadir certify --method linear: a deep linear network trained elsewhere, judged by theorem and by value.
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/cli/certify.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/linear/biased.hpp"

namespace nadir::cli {
namespace {

using nlohmann::json;

linear::BiasedChain chain_of(const exchange::Layers& layers, const std::string& name) {
  linear::BiasedChain chain;
  for (const exchange::Layer& layer : layers.list) {
    if (layer.activation != exchange::Activation::none)
      throw InputError(name + ": has an activation between its layers; --method linear is for chains without any");
    chain.chain.weights.push_back(layer.weights);
    chain.biases.push_back(layer.biases);
  }
  return chain;
}

/// n × K: quantities as they are, or the classes as vectors of 0 and 1.
Matrix targets_of(const Dataset& dataset) {
  if (dataset.labels.empty()) return dataset.targets;
  Matrix targets = Matrix::Zero(dataset.samples(), dataset.classes());
  for (Index i = 0; i < dataset.samples(); ++i) targets(i, dataset.labels[static_cast<std::size_t>(i)]) = 1;
  return targets;
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

json judgement_json(const linear::BiasedJudgement& told, const exchange::Layers& layers, double seconds) {
  const linear::Judgement& j = told.of_chain;
  const linear::Assumptions& a = j.assumptions;
  return {{"method", "linear"},
          {"source", layers.source},
          {"claim", linear::to_string(told.verdict)},
          {"reason", told.reason},
          {"proven", false},
          {"objective", told.loss},
          {"optimum", told.optimum},
          {"gap", told.gap},
          {"relative_gap", j.relative_gap},
          {"largest_gradient_ratio", j.criticality.largest_ratio},
          {"mean_residual", told.mean_residual},
          {"centred", told.centred},
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
          {"witness", witness_json(told.witness)},
          {"seconds", seconds}};
}

void print_judgement(const linear::BiasedJudgement& told, const exchange::Layers& layers, double seconds) {
  const linear::Judgement& j = told.of_chain;
  std::string widths = std::to_string(layers.inputs());
  for (const exchange::Layer& layer : layers.list) widths += " -> " + std::to_string(layer.weights.rows());
  print_line("network", "linear, " + widths + (told.centred ? ", with biases" : "") + ", from " + layers.source);
  print_line("loss", printed("%.12g   (half the squared error, summed)", told.loss));
  print_line("optimum", printed("%.12g   over linear networks of these widths, in closed form", told.optimum));
  print_line("gap", printed("%.6g", told.gap));
  print_line("gradients", printed("%.3g of what they could be, the largest", j.criticality.largest_ratio));
  print_line("rank", printed("%ld of the smallest width %ld; singular values kept %.3g, dropped %.3g of the threshold",
                             static_cast<long>(j.rank.rank), static_cast<long>(j.k), j.rank.kept, j.rank.dropped));
  print_line("angle", printed("%.3g between the column spaces that theorem 2.2 compares%s", j.principal_angle,
                              j.tie ? "; not unique, as singular values are equal" : ""));
  if (!j.assumptions.all())
    print_line("assumptions", "not all of the published theorems' hold; the verdict does not need them");
  print_line("claim", std::string(linear::to_string(told.verdict)) + ": " + told.reason);
  print_line(
      "", "judged in double precision against stated thresholds, not in enclosed arithmetic: there is no certificate");
  if (told.witness)
    for (const linear::WitnessStep& step : told.witness->steps)
      print_line("witness", printed("at radius %.3g the loss is lower by %.6g", step.radius, step.decrease));
  print_line("time", printed("%.2f s", seconds));
}

}  // namespace

int certify_linear(const exchange::Layers& layers, const std::string& name, const Table& table,
                   const RecipeOptions& options, bool as_json, bool quiet) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<Index> rows = usable_rows(table, options);
  const Recipe recipe = fit_recipe(table, rows, options);
  const Dataset dataset = apply_recipe(recipe, table, rows);
  const linear::BiasedChain chain = chain_of(layers, name);
  const Matrix targets = targets_of(dataset);
  if (dataset.features.cols() != layers.inputs() || targets.cols() != layers.outputs())
    throw InputError(table.path + ": gives " + std::to_string(dataset.features.cols()) + " features and " +
                     std::to_string(targets.cols()) + " targets, but the network takes " +
                     std::to_string(layers.inputs()) + " and gives " + std::to_string(layers.outputs()));
  const linear::BiasedJudgement told = linear::judge(dataset.features, targets, chain, {}, resolve_threads(0));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  if (as_json)
    std::puts(judgement_json(told, layers, seconds.count()).dump(2).c_str());
  else if (!quiet)
    print_judgement(told, layers, seconds.count());
  return told.verdict == linear::Verdict::global_minimum ? done : not_proved;
}

}  // namespace nadir::cli
