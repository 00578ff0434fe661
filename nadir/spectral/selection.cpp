#include "nadir/spectral/selection.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/data/splits.hpp"
#include "nadir/loss/loss.hpp"
#include "nadir/spectral/train.hpp"

namespace nadir::spectral {
namespace {

/// What a plan did on the rows of one fold, per radius.
struct FoldScore {
  double right = 0, loss = 0, loss_squares = 0, relative_gap = 0;
  Index rows = 0;
};

/// At most `limit` rows, each class keeping its share; all rows where they are few enough.
std::vector<Index> sample_rows(const std::vector<Index>& rows, const std::vector<int>& labels, int classes, Index limit,
                               std::uint64_t seed) {
  if (static_cast<Index>(rows.size()) <= limit) return rows;
  const double fraction = static_cast<double>(limit) / static_cast<double>(rows.size());
  std::vector<Index> sample;
  for (const Index place : stratified_holdout(labels, classes, fraction, seed))
    sample.push_back(rows[static_cast<std::size_t>(place)]);
  return sample;
}

FoldScore score(const PolynomialNetwork& network, const Dataset& validation) {
  FoldScore result;
  const Matrix f = outputs(network, validation.features);
  const std::vector<int> predicted = classify(f);
  for (Index i = 0; i < f.rows(); ++i) {
    const int label = validation.labels[static_cast<std::size_t>(i)];
    const double loss = SoftmaxLoss{}.value(f.row(i).transpose(), label);
    result.right += predicted[static_cast<std::size_t>(i)] == label ? 1 : 0;
    result.loss += loss, result.loss_squares += loss * loss;
  }
  result.rows = f.rows();
  return result;
}

/// Draws converge in a few steps, so they may as well be certified as asked; the families of "best" have radii at which
/// the last digits cost time and change no validation score.
double selection_gap(const SpectralOptions& options) {
  return options.model == "best" ? std::max(1e-8, options.gap) : options.gap;
}

/// Trains one plan on one fold at every radius.
std::vector<FoldScore> run_fold(const Plan& plan, const Dataset& training, const Dataset& validation,
                                const SpectralOptions& options) {
  TrainOptions loop;
  loop.gap = selection_gap(options);
  loop.change = infinity;
  loop.max_iterations = 1000;
  loop.memory = options.memory;
  loop.box_steps = 1;
  std::vector<FoldScore> scores;
  Vector logs;
  for (const double radius : plan.output_radii) {
    Objective objective(build(plan, radius, training), training.features, training.labels, 1);
    const Packing& packing = objective.packing();
    if (logs.size() == 0) logs = flat_start(packing);
    const TrainResult result = train(objective, logs, loop);
    logs = log_shares(packing, result.network);
    scores.push_back(score(result.network, validation));
    scores.back().relative_gap = result.certificate.relative_gap;
  }
  return scores;
}

}  // namespace

std::size_t choose(const std::vector<Score>& scores, SelectionRule rule, double gap) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i].relative_gap <= gap) places.push_back(i);
  if (places.empty())
    for (std::size_t i = 0; i < scores.size(); ++i) places.push_back(i);
  std::size_t lowest = places[0];
  for (const std::size_t i : places)
    if (scores[i].log_loss < scores[lowest].log_loss) lowest = i;
  const double margin = rule == SelectionRule::by_loss ? 0.25 * scores[lowest].log_loss_error : infinity;
  std::size_t chosen = lowest;
  for (const std::size_t i : places) {
    if (!(scores[i].log_loss <= scores[lowest].log_loss + margin)) continue;
    const bool better = scores[i].accuracy > scores[chosen].accuracy ||
                        (scores[i].accuracy == scores[chosen].accuracy && scores[i].log_loss < scores[chosen].log_loss);
    if (better) chosen = i;
  }
  return chosen;
}

Selection select(const Table& table, const std::vector<Index>& rows, const std::vector<Plan>& plans,
                 const RecipeOptions& recipe, const SpectralOptions& options, std::uint64_t seed, int threads,
                 const SelectionWatch& watch) {
  const Recipe whole_recipe = fit_recipe(table, rows, recipe);  // for its classes
  const int classes = static_cast<int>(whole_recipe.classes.size());
  const std::vector<int> all_labels = labels_of(whole_recipe, table, rows);
  const std::vector<Index> sample = sample_rows(rows, all_labels, classes, options.selection_rows, seed);
  const std::vector<int> labels = labels_of(whole_recipe, table, sample);
  const int folds = std::min(options.folds, static_cast<int>(sample.size()));
  if (folds < 2) throw InputError("one training row cannot be cross-validated; use --model given");
  const std::vector<int> fold_of = stratified_folds(labels, classes, folds, seed);

  const int total = static_cast<int>(plans.size()) * folds;
  std::vector<std::vector<FoldScore>> fold_scores(static_cast<std::size_t>(total));
  std::atomic<bool> go_on = true;
  std::mutex watch_lock;
  int done = 0;
  for_each_task(total, threads, [&](int task) {
    const Plan& plan = plans[static_cast<std::size_t>(task / folds)];
    const int fold = task % folds;
    std::vector<Index> inside, outside;
    for (std::size_t i = 0; i < sample.size(); ++i) (fold_of[i] == fold ? outside : inside).push_back(sample[i]);
    if (go_on && !inside.empty() && !outside.empty()) {
      const RecipeOptions of_plan = recipe_options(plan, recipe);
      const Recipe fitted = refit_numbers(fit_recipe(table, rows, of_plan), table, inside, of_plan);
      const Dataset training = apply_recipe(fitted, table, inside, Sign::non_negative);
      const Dataset validation = apply_recipe(fitted, table, outside, Sign::non_negative);
      fold_scores[static_cast<std::size_t>(task)] = run_fold(plan, training, validation, options);
    }
    const std::lock_guard lock(watch_lock);
    if (go_on) ++done;
    if (watch && !watch(done, total)) go_on = false;
  });

  Selection selection;
  selection.rows = static_cast<Index>(sample.size());
  selection.complete = go_on;
  for (std::size_t p = 0; p < plans.size(); ++p) {
    for (std::size_t r = 0; r < plans[p].output_radii.size(); ++r) {
      FoldScore sum;
      bool whole = true;
      for (int fold = 0; fold < folds; ++fold) {
        const auto& scores = fold_scores[p * static_cast<std::size_t>(folds) + static_cast<std::size_t>(fold)];
        if (scores.empty()) {
          whole = false;
          break;
        }
        sum.right += scores[r].right, sum.loss += scores[r].loss, sum.loss_squares += scores[r].loss_squares;
        sum.rows += scores[r].rows, sum.relative_gap = std::max(sum.relative_gap, scores[r].relative_gap);
      }
      if (!whole || sum.rows == 0) continue;
      const double n = static_cast<double>(sum.rows), mean = sum.loss / n;
      const double variance = std::max(0.0, sum.loss_squares / n - mean * mean);
      selection.scores.push_back({p, r, sum.right / n, mean, std::sqrt(variance / n), sum.relative_gap});
    }
  }
  if (selection.scores.empty()) throw InputError("stopped before any network had been cross-validated");
  const SelectionRule rule = options.model == "best" ? SelectionRule::by_loss : SelectionRule::by_accuracy;
  selection.chosen = choose(selection.scores, rule, selection_gap(options));
  return selection;
}

}  // namespace nadir::spectral
