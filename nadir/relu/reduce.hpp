#pragma once
// A two-layer network with as few units as its outputs on the samples need: Carathéodory's argument.
#include "nadir/relu/units.hpp"

namespace nadir::relu {

/// A network with the same outputs on the features and no larger norm, up to rounding, as in `problem` (shared units:
/// Σ ‖u‖ ‖w‖; else Σ ‖u‖^α |w| over units and outputs), whose units' outputs are linearly independent: at most n K
/// units where they are shared, else at most n for each output. Only output weights change; biases and linear part
/// stay; in the constrained form it stays in the ball. `rest`, if there: of each of the network's units whether it is
/// left.
ReluNetwork reduced(const Problem& problem, const ReluNetwork& network, std::vector<bool>* rest = nullptr);

}  // namespace nadir::relu
