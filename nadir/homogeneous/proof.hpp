#pragma once
// What a certificate of parallel sub-networks may claim: numbers rounded outward by what nadir-verify may lose on the
// way (docs/certificate-format.md, section 6.9). For chains of ReLU or leaky ReLU layers with a linear last one, under
// the product of l2 norms.
#include "nadir/claim/claim.hpp"
#include "nadir/homogeneous/problem.hpp"

namespace nadir::homogeneous {

/// A number that is proven to be at least the largest singular value, above it by what a verifier wants; above 0.
double stated_norm(const Matrix& matrix);

/// At least F.
double proven_objective(const Problem& problem, const Iterate& at);

/// What G proves. `features_norm` and, for several outputs, `dual_norm`: as stated.
ProvenLowerBound proven_bound(const Problem& problem, const Matrix& G, double features_norm, double dual_norm);

}  // namespace nadir::homogeneous
