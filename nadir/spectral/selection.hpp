#pragma once
// Choosing among plans by k-fold cross-validation on training rows.
#include <functional>
#include <vector>

#include "nadir/data/table.hpp"
#include "nadir/spectral/plan.hpp"

namespace nadir::spectral {

/// How one network of one plan did on the rows that its training left out.
struct Score {
  std::size_t plan = 0, radius = 0;  ///< places in the list of plans and in its output_radii
  double accuracy = 0;               ///< share of validation rows classified right
  double log_loss = 0;               ///< mean −log softmax of the right class, natural logarithm
  double log_loss_error = 0;         ///< standard error of that mean
  double relative_gap = 0;           ///< largest over the folds: every one of these networks is certified too
};

struct Selection {
  std::vector<Score> scores;  ///< one per plan and radius, in order
  std::size_t chosen = 0;     ///< place in `scores`
  Index rows = 0;             ///< rows that were cross-validated on
  bool complete = true;       ///< false: told to stop before all had been tried
};

/// "by_accuracy" is the paper's rule: the highest validation accuracy, then the lowest log-loss. "by_loss": the lowest
/// log-loss; among scores within a quarter of its standard error the highest accuracy.
enum class SelectionRule { by_accuracy, by_loss };

/// The chosen place in `scores`, which must not be empty. Only networks whose trainings were all certified to `gap` are
/// looked at, if there are any: some draws have outputs so small that doubles cannot show their relative gap. Ties go
/// to the earlier.
std::size_t choose(const std::vector<Score>& scores, SelectionRule rule, double gap);

/// Told how many of how many trainings are done; answers whether to go on.
using SelectionWatch = std::function<bool(int done, int total)>;

/// Trains every plan at every radius on every fold's training part (recipe fitted there only) and scores it on the
/// part left out. Plans and folds are worked on in parallel; the result depends on neither the number of threads nor
/// their timing. Radii of a plan are gone through upward, each start being the last optimum.
Selection select(const Table& table, const std::vector<Index>& rows, const std::vector<Plan>& plans,
                 const RecipeOptions& recipe, const SpectralOptions& options, std::uint64_t seed, int threads,
                 const SelectionWatch& watch);

}  // namespace nadir::spectral
