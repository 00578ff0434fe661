#pragma once
// What the certificate may claim: the computed numbers, moved outward by a multiple of the rounding that they can carry
// and that nadir-verify allows for (docs/certificate-format.md, section 6.3). The allowance is a margin; the proof is
// the verifier's.
#include "nadir/claim/claim.hpp"
#include "nadir/convex/group_problem.hpp"

namespace nadir::convex {

struct ProvenInterval {
  double objective;
  ProvenLowerBound bound;
};

/// Recomputes both from the weights and the dual point alone. `at.groups` hold all weights other than 0.
ProvenInterval prove(const GroupProblem& problem, const Iterate& at, const Matrix& dual);

}  // namespace nadir::convex
