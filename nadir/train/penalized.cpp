// What the methods with a penalty and a path of lambda tell alike.
#include "nadir/base/printed.hpp"
#include "nadir/path/objective_json.hpp"
#include "nadir/train/methods.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

json path_json(const std::optional<path::PathChoice>& path) {
  if (!path) return nullptr;
  return {{"lambdas", path->lambdas},
          {"errors", path->errors},
          {"losses", path->losses},
          {"standard_errors", path->standard_errors},
          {"excess_errors", path->excess_errors},
          {"best", path->best},
          {"chosen", path->chosen},
          {"folds", path->folds},
          {"complete", path->complete}};
}

std::string lambda_in_words(const path::Fit& fit) {
  std::string text = printed("%.4g, %.3g of the largest useful one", fit.lambda, fit.lambda / fit.largest_lambda);
  if (fit.path)
    text += printed(", chosen among %zu by %d-fold cross-validation%s", fit.path->lambdas.size(), fit.path->folds,
                    fit.path->complete ? "" : " (stopped early)");
  return text;
}

/// What keeps the network small: lambda, or the radius.
std::pair<std::string, std::string> size_in_words(const path::Fit& fit) {
  if (fit.radius > 0) return {"radius", printed("%.6g", fit.radius)};
  return {"lambda", lambda_in_words(fit)};
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

RecipeOptions penalized_recipe(const Settings& settings) {
  RecipeOptions recipe = settings.recipe;
  if (!settings.scale_given) recipe.scale = "standard";
  return recipe;
}

void tell_fit(Trained& trained, path::Fit& fit, const std::string& penalty) {
  const std::string loss(to_string(fit.goal.loss));
  const bool constrained = fit.radius > 0;
  trained.more["loss"] = loss;
  if (constrained)
    trained.more["radius"] = fit.radius;
  else
    trained.more.update({{"lambda", fit.lambda},
                         {"largest_lambda", fit.largest_lambda},
                         {"lambda_ratio", fit.lambda / fit.largest_lambda},
                         {"path", path_json(fit.path)}});
  trained.model.objective = constrained ? path::constrained_to_json(fit.goal, fit.radius)
                                        : path::objective_to_json(fit.goal, fit.lambda, penalty);
  const std::string weights = weights_in_words(trained.model.objective, fit.recipe);
  trained.model.notes = nlohmann::json::object();
  if (!constrained) trained.model.notes["path"] = path_json(fit.path);
  trained.model.recipe = std::move(fit.recipe);
  trained.model.dual = std::move(fit.dual);
  trained.model.certificate = fit.certificate;
  trained.lines.insert(trained.lines.begin(), {{"loss", loss}, size_in_words(fit)});
  if (!weights.empty()) trained.lines.emplace(trained.lines.begin() + 1, "weights", weights);
  if (fit.path) {
    const Measures measures = measure(trained.model, fit.path->out_of_fold, targets_at(fit.training, fit.path->rows));
    trained.more["path"]["out_of_fold"] = trained.model.notes["path"]["out_of_fold"] = to_json(measures);
    trained.lines.emplace_back("left out", in_words(measures) + " on rows that cross-validation left out");
  }
  trained.ignored = std::move(fit.ignored);
  trained.training = std::move(fit.training);
  trained.stop = fit.stop, trained.stop_sentence = fit.stop_sentence;
  trained.iterations = fit.iterations, trained.trace = std::move(fit.trace);
}

}  // namespace nadir::train
