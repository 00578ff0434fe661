#pragma once
// The polar of deep ReLU sub-networks from above, by the units of their first layer (docs/math/homogeneous.md, section
// 7): for chains of ReLU layers with a linear last one, without pooling and images, and θ ≥ Π‖Wₖ‖₂,
//
//   Ω°(G) ≤ max over ‖w‖ = 1 of Q(Gw),  Q = ρ for one hidden layer,
//   Q(h) ≤ max(ρ(h₊ − τh₋), τρ(h₋)) for more of them and any τ in [0, 1],
//
// ρ(h) the polar of one unit, from branch and bound. Of one output, and of more than four, it is bounded in the
// directions ± of each; of two to four over cones of output weights (docs/math/two-layer.md, section 13).
#include <limits>

#include "nadir/base/watch.hpp"
#include "nadir/claim/polar_evidence.hpp"
#include "nadir/homogeneous/problem.hpp"

namespace nadir::homogeneous {

struct UnitBoundOptions {
  double level = 0;   ///< a bound of so much is all that is wanted
  long nodes = 1000;  ///< of branch and bound, for all directions together; each is looked at once at least
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds, for whole nodes
  GoOn go_on = {};                                              ///< asked at each node; where not, it ends early
};

struct UnitBound {
  double polar = std::numeric_limits<double>::infinity();  ///< at least Ω°(G) Π‖Wₖ‖₂ / θ, rounding included
  PolarEvidence evidence;                                  ///< as docs/certificate-format.md, section 6.11, has it
  long nodes = 0;
};

/// So many that a bound takes half a minute or less; 0 where that would be fewer than two for each polar.
long default_nodes(const Problem& problem);

bool has_unit_bound(const Subnetwork& subnetwork);

/// For sub-networks that have one. `G`: n × K. Without a time limit a function of the arguments.
UnitBound bound_by_units(const Problem& problem, const Matrix& G, const UnitBoundOptions& options);

}  // namespace nadir::homogeneous
