#pragma once
// Gated networks: f_k(x) is the sum over p of 1[g_p.x >= 0] v_pk.x (net/gated.hpp).
// Arrays, in NPZ or safetensors: G (or gates), gates x inputs, and V (or weights), where row p K + k holds the weights
// of gate p for output k of K. ONNX: what onnx_formula.hpp follows. A gate that is compared by > or < is closed where
// g.x is 0, and v may be a product of layers' weights; biases of gates and weights are weights of a constant 1 behind
// the features.
#include <optional>

#include "nadir/data/recipe.hpp"
#include "nadir/exchange/layers.hpp"
#include "nadir/net/gated.hpp"

namespace nadir::exchange {

struct ReadGated {
  GatedNetwork network;             ///< all gates active
  std::vector<Index> strict;        ///< gates that are open where g.x > 0, not where it is 0
  std::optional<FixedScale> scale;  ///< features that an ONNX file makes of its inputs itself
  std::string source;               ///< what was read, in words
};

/// Throws InputError as read_layers does.
ReadGated read_gated(const std::filesystem::path& path);
ReadGated read_gated_from_bytes(std::string_view bytes, const std::string& name);

}  // namespace nadir::exchange
