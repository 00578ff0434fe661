#pragma once
// Sub-networks that are outer products, φ(u, v) = X u vᵀ: two linear layers and a width of 1. With X = I they are the
// pairs of matrix factorization,
//   minimize L(Σᵢ X uᵢ vᵢᵀ) + λ Σᵢ ‖uᵢ‖_a ‖vᵢ‖_b  over u, v, and u ≥ 0, v ≥ 0 where asked for,
// norms a, b of l1 and l2. With M = XᵀG the polar is max uᵀMv over the norms' balls (docs/math/homogeneous.md,
// section 6):
//   - an l1 norm: at a vertex of its ball, so the largest entry, or norm of a row or column of M, those that a
//     non-negative factor cannot reach left out: exact;
//   - l2 norms: the largest singular value; with non-negative factors the largest value of a quadratic form over z ≥ 0
//     (polar/non_negative.hpp), MMᵀ or MᵀM for one such factor, and for both (0 M; Mᵀ 0).
#include "nadir/homogeneous/polar.hpp"

namespace nadir::homogeneous {

bool is_outer_product(const Subnetwork& subnetwork);

/// Whether factors have norms l1 or are non-negative: their own polars and descent are below, and both need the
/// squared loss and no other norms than l1 and l2. Throws UsageError of non-negative weights elsewhere.
bool has_sparse_factors(const Problem& problem);

/// As search_polar and bound_polar, where has_sparse_factors.
PolarWitness search_factors(const Problem& problem, const Matrix& G, const std::vector<Vector>& given,
                            const PolarSearch& options);
PolarUpper bound_factors(const Problem& problem, const Matrix& G, double level, long nodes, const GoOn& go_on = {});

struct BlockOptions {
  int sweeps = 1000;
  double least_decrease = 1e-12;  ///< it ends when ten sweeps together lower F by no more than this times F
  GoOn go_on;                     ///< asked once a sweep
};

/// Lowers F where has_sparse_factors, one factor after the other by a proximal step (Bolte, Sabach and Teboulle 2014;
/// for X = I it is the exact minimum over that factor): u ← prox(u + XᵀGv/c), c the curvature of L in u, and prox that
/// of λ‖v‖_b‖·‖_a/c with the constraint. F does not rise but for rounding, and entries become 0 exactly. Factors are
/// left with equal norms, so that the product of norms equals the mean of their squares.
void descend_by_factors(const Problem& problem, std::vector<Vector>& weights, const BlockOptions& options);

}  // namespace nadir::homogeneous
