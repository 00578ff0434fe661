#pragma once
// Upper bounds on the polar of units of power 0 to 2 (power_polar.hpp), by branching over simplicial cones
// (docs/math/powers.md, section 3). For few features: the number of cones grows quickly with their number d ≥ 2.
//
// A cone is {Vc : c ≥ 0} for d generators, the columns of V. The d + 1 cones made of d of the vectors e₁, …, e_d and
// −(1, …, 1) cover the space. A cone is split in two by the sum of two of its generators in the place of either.
// Generators are whole numbers times powers of two, and sums are exact: the leaves cover the space without any
// rounding.
#include <vector>

#include "nadir/polar/branch_and_bound.hpp"
#include "nadir/polar/power_polar.hpp"

namespace nadir::polar {

/// How a leaf is bounded where α = 2; both are bounds, and neither is always the better one.
struct ConeForm {
  bool centred = false;  ///< parameters s and t are those of the cone's middle; else s = 0, t = 1
  bool clipped = false;  ///< entries above 0 off the diagonal are left out of the matrix
};

struct SimplicialResult {
  double upper = 0;  ///< as computed, with room for a verifier's rounding
  Matrix tree;  ///< nodes in preorder × 4, as docs/certificate-format.md, section 6.8, has it; α = 1: × (1 + d), 6.4
  std::vector<Witness> witnesses;
  long nodes = 0;
  Ending ending = Ending::gap_reached;
};

/// `given`: rows to start the search for units from; `options.relaxation` is not read. Without a time limit the result
/// is a function of the arguments.
SimplicialResult bound_over_cones(const PowerPolar& problem, const Matrix& given, const BranchOptions& options);

}  // namespace nadir::polar
