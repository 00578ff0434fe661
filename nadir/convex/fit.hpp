#pragma once
// From a table to a certified gated network: recipe, gates, lambda by cross-validation over a warm-started path,
// training.
#include "nadir/convex/options.hpp"
#include "nadir/net/gated.hpp"
#include "nadir/path/fit.hpp"

namespace nadir::convex {

struct GatedFit : path::Fit {
  GatedNetwork network;
};

/// Fits on `rows` of the table, at the lambda of an earlier choice if there is one. `begin_with`: a network to begin
/// the training with, in place of larger lambdas, not together with a checkpoint; one with other gates is not looked
/// at. Throws UsageError and InputError.
GatedFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const GatedOptions& options,
             std::uint64_t seed, int threads, const path::FitWatch& watch, const path::PathChoice* chosen = nullptr,
             const GatedNetwork* begin_with = nullptr);

/// The cross-validation alone, of the lambda given or of the path.
path::PathChoice choose(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                        const GatedOptions& options, std::uint64_t seed, int threads, const path::FitWatch& watch);

}  // namespace nadir::convex
