#pragma once
// Upper bounds of the polar of deep sub-networks (docs/math/homogeneous.md, sections 3 and 7), for maps that are
// linear, ReLU, leaky ReLU with |a| ≤ 1 and powers (z₊)^α, pooled or not, over features or an image's patches.
#include "nadir/homogeneous/polar.hpp"

namespace nadir::homogeneous {

/// Branch and bound over both signs of one ReLU unit and one output with ‖u‖|w| ≤ 1, `weights` as (u, w).
PolarUpper bound_relu_unit(const Matrix& features, const Vector& g, double level, long nodes, const GoOn& go_on);

/// The least of those that hold: by layer norms, by rows (what one sample's outputs can be), by units (each hidden unit
/// as one ReLU unit of the features, where all hidden maps are ReLU and the last is linear) and, for the path norm, by
/// paths. Infinite, by none, where no bound is known. By units only where the others are above `level`.
PolarUpper bound_by_layers(const Problem& problem, const Matrix& G, double level, long nodes, const GoOn& go_on);

}  // namespace nadir::homogeneous
