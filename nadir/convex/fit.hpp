#pragma once
// From a table to a certified gated network: recipe, gates, lambda by cross-validation over a warm-started path,
// training.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nadir/base/watch.hpp"
#include "nadir/claim/certificate.hpp"
#include "nadir/convex/options.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/loss/training_loss.hpp"
#include "nadir/net/gated.hpp"

namespace nadir::convex {

/// What cross-validation saw at each lambda of the path, largest first.
struct PathChoice {
  std::vector<double> lambdas;
  std::vector<double> losses;           ///< mean loss of the rows when left out: what the choice goes by
  std::vector<double> standard_errors;  ///< of that mean, over the folds
  std::vector<double> errors;           ///< share of rows put into a wrong class, or mean of (f − y)², y scaled
  std::size_t best = 0, chosen = 0;
  int folds = 0;
  bool complete = true;     ///< every fold was trained on every lambda
  std::vector<Index> rows;  ///< the training rows that took part, by their places in GatedFit::training
  Matrix out_of_fold;       ///< rows × K: outputs by the network that did not see the row, at the chosen lambda
};

struct GatedFit {
  Recipe recipe;
  std::vector<IgnoredColumn> ignored;  ///< columns that give no feature
  Dataset training;                    ///< features and labels or targets of the training rows
  LossKind loss = LossKind::squared;
  double huber_delta = 1;
  double lambda = 0, largest_lambda = 0;
  std::optional<PathChoice> path;  ///< absent where lambda was given

  GatedNetwork network;
  Matrix dual;              ///< n × K: the evidence
  Certificate certificate;  ///< complete
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;
  std::vector<Progress> trace;
};

/// What the caller sees while it runs; each answers whether to go on.
struct FitWatch {
  std::function<bool(int done, int total)> choice;  ///< trainings of the cross-validation
  Watch training;
};

/// Fits on `rows` of the table. Features are standardized unless the recipe options say otherwise.
/// Throws UsageError and InputError.
GatedFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const GatedOptions& options,
             std::uint64_t seed, int threads, const FitWatch& watch);

}  // namespace nadir::convex
