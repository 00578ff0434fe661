#pragma once
// What the certificate may claim: the computed numbers, moved outward by a multiple of the rounding that they can carry
// and that nadir-verify allows for (docs/math/kernel.md, section 6). The allowance is a margin; the proof is the
// verifier's.
#include "nadir/claim/claim.hpp"
#include "nadir/kernel/solver.hpp"
#include "nadir/net/arc_cosine.hpp"

namespace nadir::kernel {

struct ProvenInterval {
  double objective;
  ProvenLowerBound bound;
  double rounding;  ///< of the allowance what outputs and norm take, over the most that a verifier accepts of it
};

/// Recomputes both from coefficients that are in the domain. `samples`: of whose kernel the problem is.
ProvenInterval prove(const Problem& problem, const Directions& samples, const Matrix& coefficients);

}  // namespace nadir::kernel
