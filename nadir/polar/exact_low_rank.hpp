#pragma once
// The polar in one, two and three dimensions, exact up to rounding.
//
// f is linear on every cell of the arrangement {xᵢᵀu = 0}, with f(u) = pᵀu there. On a cell's part of the sphere it has
// its maximum at p/‖p‖ if that lies inside, else on the border, which is a cell of one dimension less.
//   d = 1: two cells.
//   d = 2: arcs between sorted angles, p updated from one to the next: O(n log n).
//   d = 3: every cell of the sphere touches a great circle {xᵢᵀu = 0}, so those on both sides of each arc of each
//          circle are visited, and the arcs themselves as in d = 2: O(n² log n). A candidate p/‖p‖ of a cell costs O(n)
//          to evaluate, so only those are that would raise the maximum and lie on the right side of three borders.
#include "nadir/polar/relu_polar.hpp"

namespace nadir::polar {

/// A maximizer. Throws UsageError above three dimensions.
Witness exact_polar(const ReluPolar& problem);

}  // namespace nadir::polar
