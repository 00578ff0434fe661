#pragma once
// Layers as a two-layer ReLU network, or as a deep linear one, if that is what they are.
#include "nadir/exchange/layers.hpp"
#include "nadir/net/linear_chain.hpp"
#include "nadir/net/two_layer.hpp"

namespace nadir::exchange {

/// Throws InputError, beginning with `name`, unless there are two layers, with ReLU or leaky ReLU between them and
/// nothing behind.
TwoLayerNetwork to_two_layer(const Layers& layers, const std::string& name);

/// Throws InputError, beginning with `name`, if there is an activation.
BiasedChain to_chain(const Layers& layers, const std::string& name);

}  // namespace nadir::exchange
