#pragma once
// Matrix factorization as a case of parallel sub-networks, and what a model file may claim of it:
//   minimize F = ½‖Y − UVᵀ‖² + λ Σᵢ ‖uᵢ‖_a ‖vᵢ‖_b over U, V with any number of columns,
// norms a, b of l1 and l2, U ≥ 0 and V ≥ 0 where asked for. Numbers are rounded outward by what nadir-verify may lose
// on the way (docs/certificate-format.md, section 6.12); proofs: docs/math/homogeneous.md, sections 6 and 9.
#include <limits>
#include <optional>

#include "nadir/claim/factor_evidence.hpp"
#include "nadir/homogeneous/meta_algorithm.hpp"

namespace nadir::homogeneous {

/// U (n × r) and V (d × r).
struct FactorPair {
  Matrix left, right;
};

/// What training ended with; of a closed form nothing but the factors is to be told.
struct FactorRun {
  FactorPair factors;
  bool closed_form = false;
  bool no_descent_found = false;
  Stop stop = Stop::no_progress;
  double lower_bound = -std::numeric_limits<double>::infinity();  ///< the trainer's own, with branching
  std::optional<Matrix> added = {};  ///< N of the relaxation that it is from, for G = Y − UVᵀ; empty: 0
};

/// The optimum where it is known (docs/math/homogeneous.md, section 9): soft-thresholded singular values under l2 norms
/// without signs, soft-thresholded rows or columns, or their parts of one sign, where a norm is l1. Else, for
/// non-negative factors under l2 norms, the meta-algorithm from nothing. Y has rows and columns and is finite.
FactorRun factorize(const Matrix& Y, const FactorPenalty& penalty, const MetaOptions& options, const Watch& watch = {});

/// The largest uᵀYv / (‖u‖‖v‖) that was found: from this λ on the best factorization is, as far as is known, 0.
double largest_lambda(const Matrix& Y, const FactorPenalty& penalty, const PolarSearch& search);

struct FactorizationProof {
  double objective = 0;  ///< at least F
  double at_zero = 0;    ///< ½‖Y‖²
  ProvenLowerBound lower_bound{0};
  FactorEvidence evidence;
};

/// By G = Y − UVᵀ, moved and scaled so that uᵀGv ≤ λ‖u‖‖v‖ is proven. Non-negative factors under l2 norms: by the
/// relaxation alone, of at most so many rows and columns together as nadir-verify takes, 4096; throws ResourceError
/// beyond. `added`: N of FactorRun, from anywhere; without it the relaxation is done here, and where `go_on` says no
/// it ends with what it has.
FactorizationProof prove_factorization(const Matrix& Y, const FactorPenalty& penalty, const FactorPair& factors,
                                       std::optional<Matrix> added = {}, const GoOn& go_on = {});

}  // namespace nadir::homogeneous
