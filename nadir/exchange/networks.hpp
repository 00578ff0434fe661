#pragma once
// Layers as a two-layer ReLU network, as a deep linear one, or as parallel sub-networks, if that is what they are.
#include "nadir/exchange/branches.hpp"
#include "nadir/net/linear_chain.hpp"
#include "nadir/net/parallel.hpp"
#include "nadir/net/two_layer.hpp"

namespace nadir::exchange {

/// Throws InputError, beginning with `name`, unless there are two layers, with ReLU or leaky ReLU between them and
/// nothing behind.
TwoLayerNetwork to_two_layer(const Layers& layers, const std::string& name);

/// Throws InputError, beginning with `name`, if there is an activation.
BiasedChain to_chain(const Layers& layers, const std::string& name);

/// Parallel sub-networks, and whether their last feature is the constant 1, whose weights are the first layers' biases.
struct ReadParallel {
  ParallelNetwork network;
  bool constant = false;
};

/// Hidden layers of fewer units than others have got more, of no weight. Throws InputError, beginning with `name`,
/// unless all have as many layers, two or more, with one ReLU or leaky ReLU (slope in [−1, 1]) after each but the last,
/// and no biases but 0 after the first layer.
ReadParallel to_parallel(const Branches& branches, const std::string& name);

}  // namespace nadir::exchange
