#pragma once
// Networks that are sums of chains of layers, all on the same features: parallel sub-networks.
//   f(x) = Σᵢ of the chains' outputs (layers.hpp).
// ONNX: branches that begin at the graph's input and end in a tree of Add and Sum. Arrays (safetensors, NPZ): names
// PREFIX.i.W1, PREFIX.i.b1, PREFIX.i.W2, .. or PREFIX.i.NAME.weight, PREFIX.i.NAME.bias are those of the sub-network i,
// i a whole number, as the state_dict of a torch.nn.ModuleList of Sequentials has them. A chain as in layers.hpp is one
// sub-network.
#include "nadir/exchange/layers.hpp"

namespace nadir::exchange {

struct Branches {
  std::vector<Layers> list;  ///< at least one
  std::string source;        ///< as in Layers
};

/// Whether a file is to be a chain, or may be a sum of them.
enum class Shape { chain, branches };

/// As read_layers; the limit on weights is one on all chains together.
Branches read_branches(const std::filesystem::path& path, const Between& between);
Branches read_branches_from_bytes(std::string_view bytes, const std::string& name, const Between& between);

}  // namespace nadir::exchange
