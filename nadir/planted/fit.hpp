#pragma once
// From a table to a sum of ReLU units and what is proven of it: no such sum comes below half the mean square of the
// targets below 0, so that one which attains this is optimal (docs/math/planted.md, section 4).
#include <string>
#include <vector>

#include "nadir/claim/certificate.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/net/relu.hpp"
#include "nadir/planted/descent.hpp"

namespace nadir::planted {

struct PlantedFit {
  Recipe recipe;
  std::vector<IgnoredColumn> ignored;
  Dataset training;
  ReluNetwork network;
  Certificate certificate;
  Descent descent;
  Index negative = 0;        ///< targets below 0, which no sum of ReLU units reaches
  Index dead = 0;            ///< samples with a target above 0 at which no unit is active
  double row_condition = 0;  ///< directions.hpp
  std::string theorem;       ///< in words: what is proven before training, or why nothing is
};

/// Fits on `rows` of the table. Scales neither the target nor, unless asked, the features. Throws UsageError for a
/// target that is a class, and InputError.
PlantedFit fit(const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
               const PlantedOptions& options, std::uint64_t seed, const Watch& watch);

/// The certificate of such a network on these data. Throws InputError for an objective that is not finite.
Certificate certify(const Dataset& dataset, const ReluNetwork& network, double gap);

}  // namespace nadir::planted
