#pragma once
// Lambda without guessing: a path from the largest useful lambda downward, each solution the start of the next, and its
// cross-validation.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nadir/base/watch.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/data/weights.hpp"
#include "nadir/loss/training_loss.hpp"
#include "nadir/path/checkpoint.hpp"

namespace nadir::path {

/// What is to be learned.
struct Goal {
  LossKind loss = LossKind::squared;
  double huber_delta = 1;
  int classes = 0;    ///< 0 for quantities
  Quantity quantity;  ///< of the whole
  Weighting weighting = {};
};

TrainingLoss loss_of(const Goal& goal, const Dataset& dataset);

/// One fold: rows to train on and rows left out, with features of their own.
struct Fold {
  Dataset training, validation;
  std::vector<Index> places;  ///< of the rows left out, among all that take part
  Quantity quantity;          ///< of this fold's target, where it is one
};

/// Trains one fold, at smaller and smaller lambdas.
class FoldTrainer {
 public:
  FoldTrainer() = default;
  FoldTrainer(const FoldTrainer&) = delete;
  FoldTrainer& operator=(const FoldTrainer&) = delete;
  virtual ~FoldTrainer() = default;
  /// Outputs for the rows left out; empty where the watch said stop.
  virtual Matrix train(double lambda, const Watch& watch) = 0;
  /// Whether networks have become so large that smaller lambdas are not worth their time.
  virtual bool is_large() const { return false; }
  /// All that the next lambda's training depends on, and the trainer as it was with that; throws InputError where the
  /// state is of another one.
  virtual State state() const = 0;
  virtual void restore(const State& state) = 0;
};

/// Called once a fold, which outlives the trainer; from several threads.
using MakeTrainer = std::function<std::unique_ptr<FoldTrainer>(const Fold&)>;

/// What cross-validation saw at each lambda of the path, largest first.
struct PathChoice {
  std::vector<double> lambdas;
  std::vector<double> losses;           ///< mean loss of the rows when left out, by their weights: what decides
  std::vector<double> standard_errors;  ///< of that mean, over the folds
  std::vector<double> excess_errors;    ///< standard errors of what losses have above the best one, fold by fold
  std::vector<double> errors;  ///< share of rows put into a wrong class, or mean of (f − y)², y scaled; by weights, too
  std::size_t best = 0, chosen = 0;
  int folds = 0;
  bool complete = true;     ///< every fold was trained on every lambda
  std::vector<Index> rows;  ///< the training rows that took part, by their places in Fit::training
  Matrix out_of_fold;       ///< rows × K: outputs by the network that did not see the row, at the chosen lambda
};

/// `count` values from `largest` to ratio · largest, evenly on a logarithmic scale.
std::vector<double> lambda_path(double largest, double ratio, int count);

/// The way down to one lambda, which is the last: from the largest in steps of a third, each solution the start of the
/// next.
std::vector<double> levels_above(double largest, double lambda);

/// Trains every fold on the path, all folds at one lambda before the next; ends early once the loss has
/// risen three times in a row since its least, by more than its standard error, or where a fold's network is large.
/// Errors and losses are means over rows by their weights; standard errors those of the folds' means. `stage`: every
/// training that is over is kept there, and those that were are not done again.
PathChoice cross_validate(const Goal& goal, const std::vector<Fold>& folds, const MakeTrainer& make, Index rows,
                          const std::vector<double>& lambdas, const std::string& rule, int threads,
                          const std::function<bool(int, int)>& watch, const Stage& stage = {});

/// The place chosen among losses: the best one, or the first (largest lambda) whose excess over the best is within the
/// standard error of that excess.
std::size_t choose_lambda(const std::vector<double>& losses, const std::vector<double>& excess_errors,
                          const std::string& rule);

}  // namespace nadir::path
