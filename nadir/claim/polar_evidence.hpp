#pragma once
// What proves the bounds of a ReLU network, or of deep ones, as the model file holds it (docs/certificate-format.md,
// sections 6.4, 6.8 and 6.11).
#include "nadir/base/matrix.hpp"

namespace nadir {

struct PolarEvidence {
  Matrix cells;              ///< t of the linear bounds on the units' own cells, rows × n
  Matrix tree;               ///< nodes in preorder, nodes × 5
  Matrix relaxed;            ///< Z of each leaf with a quadratic bound, (leaves · d) × r
  Matrix linear;             ///< t of each leaf with a linear bound, leaves × n
  Matrix output_cones = {};  ///< splits of cones of output weights in preorder, nodes × 2; none: no such cones
  Matrix simplices = {};     ///< in the place of the tree: simplicial cones, nodes in preorder × (1 + d); none: not so
  Matrix scalings = {};      ///< of deep sub-networks: τ of each direction, directions × 1
  Matrix cones = {};         ///< of units of power 0 or 2, in the place of all of these: nodes in preorder, nodes × 4
};

}  // namespace nadir
