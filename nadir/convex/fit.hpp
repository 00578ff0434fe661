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

/// Fits on `rows` of the table. Features are standardized unless the recipe options say otherwise.
/// Throws UsageError and InputError.
GatedFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const GatedOptions& options,
             std::uint64_t seed, int threads, const path::FitWatch& watch);

}  // namespace nadir::convex
