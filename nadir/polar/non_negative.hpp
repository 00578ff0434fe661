#pragma once
// The largest value of a quadratic form over directions without negative entries,
//   ρ = max of zᵀHz over z ≥ 0, ‖z‖₂ = 1,  H symmetric, d × d,
// from below by search and from above with proof (docs/math/homogeneous.md, section 6). t ≥ ρ is to say that tI − H is
// copositive, which is hard to decide in general, and done here in two ways:
//   - relaxed: ρ ≤ λ_max(H + N) for every symmetric N ≥ 0, as zᵀNz ≥ 0; N is found by L-BFGS on a smoothed λ_max. The
//     least such value is that of the relaxation of copositive matrices to sums of positive semidefinite and
//     non-negative ones (Parrilo 2000), the same for d ≤ 4 and often beyond;
//   - by branching on the support S of a maximizer: on its support it is a leading eigenvector of H_SS, so a support
//     whose leading eigenvector has entries of both signs, by more than it may be off, is none. Exact, but for 1e-10,
//     where all supports are visited or bounded: at most 2ᵈ, so d up to 15 or so.
#include "nadir/base/matrix.hpp"
#include "nadir/base/watch.hpp"

namespace nadir::polar {

struct NonNegativeWitness {
  Vector z;  ///< ≥ 0, of norm 1; of size 0 where none with a value above 0 was found
  double value = 0;
};

/// Steps from z ≥ 0 to the non-negative part of (H + shift) z, normalized, while they raise zᵀHz, and then to the
/// leading eigenvector on the support. `shift` ≥ −λ_min(H), so that every step raises it.
NonNegativeWitness ascend_non_negative(const Matrix& H, double shift, const Vector& from, int steps = 300);

struct NonNegativeOptions {
  double level = 0;  ///< a bound of so much is all that is wanted
  long max_nodes = 1000;
  int relaxation_steps = 300;  ///< of L-BFGS, for each of a few smoothings; 0: branching alone
  GoOn go_on;                  ///< asked once a node; where not, the bound is what the nodes left have
};

struct NonNegativeBound {
  double upper = 0;  ///< at least ρ and 0, rounding included
  NonNegativeWitness found;
  long nodes = 0;
  Matrix added = {};  ///< N of the relaxation; empty where it was not needed
};

NonNegativeBound bound_non_negative(const Matrix& H, const NonNegativeOptions& options);

/// N ≥ 0 of the relaxation, symmetric and 0 on the diagonal, with a small λ_max(H + N); whatever it is, ρ ≤ λ_max(H +
/// N). H is finite and has a row. Where `go_on` says no it is the best so far.
Matrix non_negative_relaxation(const Matrix& H, const GoOn& go_on = {});

}  // namespace nadir::polar
