#pragma once
// What the certificate may claim: the computed numbers, moved outward by the room that nadir-verify needs
// (docs/certificate-format.md, section 6.4). The room is a margin; the proof is the verifier's.
#include "nadir/claim/claim.hpp"
#include "nadir/net/relu.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

/// Hidden and output weights of the same size; in the constrained form output weights are made smaller by 2⁻⁴⁰ (by more
/// of very large networks) where their norm is not below the radius by that much, room for the verifier's rounding.
ReluNetwork to_network(const Problem& problem, const Iterate& at);

/// By which the output weights are multiplied, so that the network is in the ball by any verifier's arithmetic; 1 where
/// there is none.
double share_in_ball(const Problem& problem, const Units& units);

/// F at the network, rounded outward.
double proven_objective(const Problem& problem, const ReluNetwork& network);

/// What a dual point and a bound q on its polar prove, rounded outward; in the constrained form at τ = best_scaling of
/// them (bounds.hpp), which the certificate states.
ProvenLowerBound proven_bound(const Problem& problem, const Matrix& dual, double q);

}  // namespace nadir::relu
