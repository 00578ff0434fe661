#pragma once
// From a table to a certified network: choose a plan, fit the recipe, train, collect every certificate tried.
#include <optional>

#include "nadir/spectral/contraction.hpp"
#include "nadir/spectral/selection.hpp"
#include "nadir/spectral/train.hpp"

namespace nadir::spectral {

/// A certificate that was tried, with the number that decides it.
struct Attempt {
  std::string name;    ///< hidden_concavity, theorem_1, theorem_4_5, thompson, hilbert, box
  std::string number;  ///< what the number is
  double value = 0;
  bool holds = false;
};

struct Fit {
  Recipe recipe;
  std::vector<IgnoredColumn> ignored;  ///< columns that give no feature
  Dataset training;                    ///< features and labels of the training rows
  Architecture architecture;
  Plan plan;                           ///< the plan that was trained
  std::optional<Selection> selection;  ///< absent where there was nothing to choose
  TrainResult result;                  ///< with a complete certificate
  std::vector<Attempt> attempts;
};

/// What the caller sees while it runs; each answers whether to go on.
struct FitWatch {
  SelectionWatch selection;
  Watch training;
};

/// Fits on `rows` of the table. Throws UsageError and InputError.
Fit fit(const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe, const SpectralOptions& options,
        std::uint64_t seed, int threads, const FitWatch& watch);

}  // namespace nadir::spectral
