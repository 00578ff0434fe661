#pragma once
// What `nadir certify` hands to its methods.
#include <string>

#include "nadir/cli/command.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/exchange/layers.hpp"

namespace nadir::cli {

/// What a run of --method linear is asked for.
struct LinearRequest {
  std::string network, data, out;  ///< paths; the model file to write
  double gap = 1e-6;
  bool residual = false;  ///< the layers are those of (I + W_L) ··· (I + W_1)
  bool json = false, quiet = false;
};

/// Judges a chain of layers without activations, proves a lower bound, writes the model file, and tells. Returns an
/// ExitCode: done where the gap asked for is proven.
int certify_linear(const exchange::Layers& layers, const Table& table, const RecipeOptions& options,
                   const LinearRequest& request);

}  // namespace nadir::cli
