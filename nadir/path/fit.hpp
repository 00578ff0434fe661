#pragma once
// What every penalized method does between a table and its solver, and what it has at the end.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nadir/base/watch.hpp"
#include "nadir/claim/certificate.hpp"
#include "nadir/path/options.hpp"
#include "nadir/path/path.hpp"

namespace nadir::path {

/// The result of a penalized method, but for its network.
struct Fit {
  Recipe recipe;
  std::vector<IgnoredColumn> ignored;  ///< columns that give no feature
  Dataset training;                    ///< features and labels or targets of the training rows
  Goal goal;
  double lambda = 0, largest_lambda = 0;
  double radius = 0;               ///< of the constrained form, which has no lambda; else 0
  std::optional<PathChoice> path;  ///< absent where lambda was given

  Matrix dual;              ///< n × K: the evidence, as in the file
  Certificate certificate;  ///< complete
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;
  std::vector<Progress> trace;
};

/// What the caller sees while it runs; each answers whether to go on. And where the fit keeps how far it has come.
struct FitWatch {
  std::function<bool(int done, int total)> choice;  ///< trainings of the cross-validation
  Watch training;
  Stage stage = {};
  GoOn go_on = {};  ///< of the training, where it has nothing to show

  /// The same, whose no closes the checkpoint.
  FitWatch closing() const {
    return {stage.closed_by(choice), stage.closed_by(training), stage, stage.closed_by(go_on)};
  }
};

/// Whether the features of the training rows are a matrix, or may stay where the table has them (apply_in_place).
enum class Reading { once, in_place };

/// Fits the recipe on `rows` and sets recipe, ignored, training and goal. Returns the recipe options that were used.
/// Read in place, the training refers to the table.
RecipeOptions prepare(Fit& fit, const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                      const PathOptions& options, Reading reading = Reading::once);

/// Holds the stage's data against the fit's features and recipe, and `more`, a hash of what else it goes by.
void require_data(const Stage& stage, const Fit& fit, const std::string& more = "");

/// What cross-validation says of the lambda that is given, or of the path down from largest_lambda.
PathChoice choose(const Fit& fit, const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
                  const PathOptions& options, std::uint64_t seed, const MakeTrainer& make, int threads,
                  const FitWatch& watch);

/// Sets lambda and path: as chosen before, or the lambda given, or one chosen now.
void settle_lambda(Fit& fit, const PathChoice* chosen, const PathOptions& options,
                   const std::function<PathChoice()>& choose_now);

/// For softmax the entry of a row's own class is 0 in the file: it stands for minus the sum of the others.
Matrix dual_for_file(Matrix dual, const Dataset& training, LossKind loss);

}  // namespace nadir::path
