#pragma once
// Layers as the arrays W1, b1, W2, b2, .. of a safetensors file, which read_safetensors reads again.
#include <map>
#include <string>

#include "nadir/exchange/layers.hpp"
#include "nadir/net/linear_chain.hpp"
#include "nadir/net/relu.hpp"

namespace nadir::exchange {

/// The network as layers. Where the last feature is the `constant` 1, its weights are the first layer's biases.
Layers to_layers(const BiasedChain& network, bool constant);
/// The same of a network without a linear part that has a unit. Throws InputError, beginning with `name`, for others.
Layers to_layers(const ReluNetwork& network, bool constant, const std::string& name);

/// The file's bytes, with these texts as metadata: F64, weights outputs × inputs.
std::string encode_layers(const Layers& layers, const std::map<std::string, std::string>& metadata);

}  // namespace nadir::exchange
