#include "nadir/path/fit.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "nadir/base/error.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/data/splits.hpp"

namespace nadir::path {
namespace {

LossKind loss_kind(const std::string& asked, const Recipe& recipe) {
  const std::size_t classes = recipe.classes.size();
  if (asked == "auto") {
    if (classes == 0) return LossKind::squared;
    return classes == 2 ? LossKind::logistic : LossKind::softmax;
  }
  for (const LossKind kind :
       {LossKind::squared, LossKind::huber, LossKind::logistic, LossKind::squared_hinge, LossKind::softmax})
    if (to_string(kind) == asked) {
      if (!(classes > 0 ? is_for_classes(kind) : is_for_quantities(kind)))
        throw UsageError("--loss " + asked + " is for " + (is_for_classes(kind) ? "classes" : "quantities") +
                         ", but the target is " + (classes > 0 ? "a class" : "a quantity") + "; see --task");
      return kind;
    }
  throw UsageError("--loss " + asked + " is unknown");
}

/// The places of the rows that cross-validation sees, in order.
std::vector<Index> sample_places(const Dataset& whole, Index limit, std::uint64_t seed) {
  const Index n = whole.samples();
  if (n > limit) {
    const double share = static_cast<double>(limit) / static_cast<double>(n);
    return whole.labels.empty() ? stratified_holdout(whole.targets, share, seed)
                                : stratified_holdout(whole.labels, whole.classes(), share, seed);
  }
  std::vector<Index> places(static_cast<std::size_t>(n));
  std::iota(places.begin(), places.end(), 0);
  return places;
}

/// Parts of the rows at `places` of the training rows, each with features fitted on the others.
std::vector<Fold> make_folds(const Fit& fit, const Table& table, const std::vector<Index>& rows,
                             const std::vector<Index>& places, const RecipeOptions& options, int count,
                             std::uint64_t seed) {
  const Recipe& recipe = fit.recipe;
  const auto features = [&](const Recipe& of_fold, const std::vector<Index>& part) {
    Dataset dataset = apply_recipe(of_fold, table, part);
    dataset.weights = weights_of(fit.goal.weighting, table, part, dataset.labels);
    return dataset;
  };
  std::vector<Index> sample;
  for (const Index place : places) sample.push_back(rows[static_cast<std::size_t>(place)]);
  const std::vector<int> fold_of =
      recipe.quantity
          ? stratified_folds(targets_of(recipe, table, sample), count, seed)
          : stratified_folds(labels_of(recipe, table, sample), static_cast<int>(recipe.classes.size()), count, seed);
  std::vector<Fold> folds;
  for (int k = 0; k < count; ++k) {
    Fold fold;
    std::vector<Index> inside, outside;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      (fold_of[i] == k ? outside : inside).push_back(sample[i]);
      if (fold_of[i] == k) fold.places.push_back(static_cast<Index>(i));
    }
    const Recipe refitted = refit_numbers(recipe, table, inside, options);
    fold.training = features(refitted, inside);
    fold.validation = features(refitted, outside);
    if (refitted.quantity) fold.quantity = *refitted.quantity;
    folds.push_back(std::move(fold));
  }
  return folds;
}

/// The lambda that the options fix, or 0.
double given_lambda(const Fit& fit, const PathOptions& options) {
  return options.lambda > 0 ? options.lambda : options.lambda_ratio * fit.largest_lambda;
}

}  // namespace

RecipeOptions prepare(Fit& fit, const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                      const PathOptions& options, Reading reading) {
  if (options.lambda > 0 && options.lambda_ratio > 0)
    throw UsageError("--lambda and --lambda-ratio are two ways to say one thing; give one");
  recipe.bias = options.intercept == "on";
  Weighting weighting;
  if (!options.weights.empty()) {
    weighting.column = find_weight_column(table, options.weights);
    recipe.ignore.push_back(options.weights);
  }
  fit.recipe = fit_recipe(table, rows, recipe, &fit.ignored);
  for (IgnoredColumn& column : fit.ignored)
    if (weighting.column >= 0 && column.name == table.column_name(weighting.column))
      column.reason = "it holds the weights of the rows";
  fit.training =
      reading == Reading::in_place ? apply_in_place(fit.recipe, table, rows) : apply_recipe(fit.recipe, table, rows);
  if (options.class_weights == "balanced") {
    if (fit.recipe.quantity)
      throw UsageError(
          "--class-weights balanced is for classes, but the target is a quantity; leave it out, or see --task");
    weighting.classes = balanced_weights(fit.training.labels, fit.training.classes());
  }
  fit.training.weights = weights_of(weighting, table, rows, fit.training.labels);
  fit.goal = {loss_kind(options.loss, fit.recipe), options.huber_delta, fit.training.classes(), {}, weighting};
  if (fit.recipe.quantity) fit.goal.quantity = *fit.recipe.quantity;
  return recipe;
}

void require_data(const Stage& stage, const Fit& fit, const std::string& more) {
  if (!stage) return;
  Sha256 hash;
  hash.add(features_sha256(fit.training) + fit.recipe.to_json().dump() + more);
  stage.require_data(hash.finish());
}

PathChoice choose(const Fit& fit, const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
                  const PathOptions& options, std::uint64_t seed, const MakeTrainer& make, int threads,
                  const FitWatch& watch) {
  const std::vector<Index> places = sample_places(fit.training, options.selection_rows, seed);
  const int folds = std::min(options.folds, static_cast<int>(places.size()));
  if (folds < 2) throw InputError("one training row cannot be cross-validated; give --lambda");
  const double given = given_lambda(fit, options);
  const std::vector<double> lambdas =
      given > 0 ? std::vector<double>{given} : lambda_path(fit.largest_lambda, options.path_ratio, options.path);
  PathChoice choice = cross_validate(fit.goal, make_folds(fit, table, rows, places, recipe, folds, seed), make,
                                     static_cast<Index>(places.size()), lambdas, options.rule, threads, watch.choice,
                                     watch.stage.part("choice"));
  choice.rows = places;
  return choice;
}

void settle_lambda(Fit& fit, const PathChoice* chosen, const PathOptions& options,
                   const std::function<PathChoice()>& choose_now) {
  if (chosen != nullptr)
    fit.path = *chosen;
  else if (!(given_lambda(fit, options) > 0))
    fit.path = choose_now();
  fit.lambda = fit.path ? fit.path->lambdas[fit.path->chosen] : given_lambda(fit, options);
}

Matrix dual_for_file(Matrix dual, const Dataset& training, LossKind loss) {
  if (loss == LossKind::softmax)
    for (Index i = 0; i < dual.rows(); ++i) dual(i, training.labels[static_cast<std::size_t>(i)]) = 0;
  return dual;
}

}  // namespace nadir::path
