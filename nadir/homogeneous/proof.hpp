#pragma once
// What a certificate of parallel sub-networks may claim: numbers rounded outward by what nadir-verify may lose on the
// way (docs/certificate-format.md, sections 6.9 and 6.11). For chains of ReLU or leaky ReLU layers with a linear last
// one, under the product of l2 norms.
#include "nadir/claim/claim.hpp"
#include "nadir/homogeneous/problem.hpp"

namespace nadir::homogeneous {

/// About the largest bound of the polar of its dual that proves this gap of an iterate; at least λ.
double level_for_gap(const Problem& problem, const Iterate& at, double gap);

/// A number that is proven to be at least the largest singular value, above it by what a verifier wants; above 0.
double stated_norm(const Matrix& matrix);

/// At least F.
double proven_objective(const Problem& problem, const Iterate& at);

/// What G proves by norms of layers. `features_norm` and, for several outputs, `dual_norm`: as stated.
ProvenLowerBound proven_bound(const Problem& problem, const Matrix& G, double features_norm, double dual_norm);

/// What G proves by the bound of its polar that unit_bounds.hpp gives.
ProvenLowerBound proven_bound(const Problem& problem, const Matrix& G, double polar);

}  // namespace nadir::homogeneous
