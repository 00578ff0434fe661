#pragma once
// What `nadir certify` hands to its methods.
#include <string>

#include "nadir/cli/command.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/exchange/layers.hpp"

namespace nadir::cli {

/// Judges a chain of layers without activations, and tells. Returns an ExitCode: done for a global minimum.
int certify_linear(const exchange::Layers& layers, const std::string& name, const Table& table,
                   const RecipeOptions& options, bool as_json, bool quiet);

}  // namespace nadir::cli
