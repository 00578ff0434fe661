#pragma once
// The polar of units that feed 2 to 4 outputs, bounded over cones of output weights (output_cones.hpp): each
// direction's polar is that of one output, bounded by branch and bound, and the cone with the largest bound is made
// smaller, by a tighter proof for one of its generators or by splitting it, whichever promises more.
#include "nadir/relu/bounds.hpp"

namespace nadir::relu {

/// Over every width. `level`: a q of so much is all that is wanted; `options.max_nodes` of one direction, and 2K times
/// as many in all.
WidthBound bound_over_output_cones(const Problem& problem, const Iterate& at, double level,
                                   const BoundOptions& options);

}  // namespace nadir::relu
