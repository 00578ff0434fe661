// nadir train --method gated: networks of gated linear units.
#include "nadir/base/error.hpp"
#include "nadir/cli/measures.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/cli/train.hpp"
#include "nadir/convex/fit.hpp"
#include "nadir/convex/objective_json.hpp"

namespace nadir::cli {
namespace {

using nlohmann::json;

json path_json(const std::optional<convex::PathChoice>& path) {
  if (!path) return nullptr;
  return {{"lambdas", path->lambdas}, {"errors", path->errors},    {"standard_errors", path->standard_errors},
          {"losses", path->losses},   {"best", path->best},        {"chosen", path->chosen},
          {"folds", path->folds},     {"complete", path->complete}};
}

std::string lambda_in_words(const convex::GatedFit& fit) {
  std::string text = printed("%.4g, %.3g of the largest useful one", fit.lambda, fit.lambda / fit.largest_lambda);
  if (fit.path)
    text += printed(", chosen among %zu by %d-fold cross-validation%s", fit.path->lambdas.size(), fit.path->folds,
                    fit.path->complete ? "" : " (stopped early)");
  return text;
}

std::string network_in_words(const GatedNetwork& network) {
  const std::string text =
      printed("%ld of %ld gates active, %ld weights", static_cast<long>(network.active()),
              static_cast<long>(network.gates.rows()), static_cast<long>(network.active() * network.inputs()));
  return network.outputs == 1 ? text : text + printed(" for each of %ld outputs", static_cast<long>(network.outputs));
}

/// What was to be predicted for some of the rows, without their features.
Dataset targets_at(const Dataset& dataset, const std::vector<Index>& rows) {
  Dataset part;
  part.class_names = dataset.class_names;
  part.targets.resize(dataset.labels.empty() ? static_cast<Index>(rows.size()) : 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Index row = rows[i];
    if (dataset.labels.empty())
      part.targets[static_cast<Index>(i)] = dataset.targets[row];
    else
      part.labels.push_back(dataset.labels[static_cast<std::size_t>(row)]);
  }
  return part;
}

}  // namespace

Trained train_gated(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments, int threads,
                    ProgressLine& line) {
  if (arguments.train.all_certificates)
    throw UsageError("--all-certificates is for the spectral method; a gated network has one kind of certificate");
  RecipeOptions recipe = arguments.recipe;
  if (!arguments.scale_given) recipe.scale = "standard";
  const Watches watches = watches_for(line, "lambda", "trainings");
  convex::GatedFit fit = convex::fit(table, rows, recipe, arguments.gated, arguments.train.seed, threads,
                                     convex::FitWatch{watches.choice, watches.training});
  const std::string loss(to_string(fit.loss));
  Trained trained;
  trained.method = "gated";
  trained.neurons = fit.network.active();
  trained.bound_of = "all networks of this shape with these gates";
  trained.more = {{"loss", loss},
                  {"lambda", fit.lambda},
                  {"largest_lambda", fit.largest_lambda},
                  {"lambda_ratio", fit.lambda / fit.largest_lambda},
                  {"gates", fit.network.gates.rows()},
                  {"outputs", fit.network.outputs},
                  {"path", path_json(fit.path)}};
  trained.model.objective = convex::objective_to_json(fit.loss, fit.huber_delta, fit.lambda);
  trained.model.notes = {{"path", path_json(fit.path)}};
  trained.model.recipe = std::move(fit.recipe);
  trained.lines.emplace_back("loss", loss);
  trained.lines.emplace_back("lambda", lambda_in_words(fit));
  trained.lines.emplace_back("network", network_in_words(fit.network));
  trained.model.network = std::move(fit.network);
  trained.model.dual = std::move(fit.dual);
  trained.model.certificate = fit.certificate;
  if (fit.path) {
    const Measures measures = measure(trained.model, fit.path->out_of_fold, targets_at(fit.training, fit.path->rows));
    trained.more["path"]["out_of_fold"] = trained.model.notes["path"]["out_of_fold"] = to_json(measures);
    trained.lines.emplace_back("left out", in_words(measures) + " on rows that cross-validation left out");
  }
  trained.ignored = std::move(fit.ignored);
  trained.training = std::move(fit.training);
  trained.stop = fit.stop, trained.stop_sentence = fit.stop_sentence;
  trained.iterations = fit.iterations, trained.trace = std::move(fit.trace);
  return trained;
}

}  // namespace nadir::cli
