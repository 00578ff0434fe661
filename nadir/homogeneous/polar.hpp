#pragma once
// The polar of a pair (φ, θ): Ω°(G) = sup of ⟨G, φ(z)⟩ over θ(z) ≤ 1, from below by search and from above by proof.
//
// Upper bounds (docs/math/homogeneous.md, sections 3, 6 and 7), c with Π‖Wₖ‖₂^eₖ ≤ cθ as in regularizer.hpp:
//   - two linear layers of width 1 with l1 norms or non-negative weights: outer_product.hpp;
//   - all maps linear, two or more: c ‖XᵀG‖, exact, as a product of such factors has a nuclear norm of at most 1;
//   - a ReLU unit, (Xu)₊ w, one output: the branch and bound of relu-polar.md on both signs;
//   - linear maps, ReLU, leaky ReLU (|a| ≤ 1) and powers, pooled or not, images, path norms: layer_bounds.hpp.
// For others none is known: the bound is infinite.
#include <cstdint>
#include <string>

#include "nadir/base/watch.hpp"
#include "nadir/homogeneous/problem.hpp"

namespace nadir::homogeneous {

struct PolarSearch {
  int starts = 32;  ///< random ones, besides those given
  int iterations = 200;
  std::uint64_t seed = 1;
  GoOn go_on;  ///< asked before each start, and on the way from it; where not, the best so far is the answer
};

/// Weights with θ = 1, and ⟨G, φ⟩ there: a lower bound.
struct PolarWitness {
  Vector weights;
  double value = 0;
};

/// The best local maximum found; 0 and weights of 0 where none is above 0. Two linear layers of width 1: the leading
/// singular vectors. One ReLU unit and one output: by polar/local_search.hpp, from some rows of X besides.
PolarWitness search_polar(const Problem& problem, const Matrix& G, const std::vector<Vector>& given,
                          const PolarSearch& options);

struct PolarUpper {
  double value;  ///< at least Ω°(G), rounding included; may be infinite
  std::string
      by;  ///< singular value, vertices, non-negative form, branch and bound, units, rows, layer norms, paths, none
  PolarWitness found = {};  ///< the best that branch and bound came upon; none: weights of size 0
  Matrix added = {};        ///< of a non-negative form: what its relaxation added; empty where that was not needed
};

/// G as it is; or, where all maps are linear and the columns of X are independent, moved so that the singular values of
/// XᵀG above λ, or hardly below it, are λ: near an optimum this changes the dual value by the square of the move, and
/// scaling by the move.
Matrix into_ball(const Problem& problem, const Matrix& G);

/// Whether bound_polar may come upon a sub-network that the search has missed.
bool proof_searches(const Problem& problem);

/// `level`: a bound of so much is all that is wanted, `nodes`: what branch and bound may look at, while `go_on` says
/// so.
PolarUpper bound_polar(const Problem& problem, const Matrix& G, double level, long nodes, const GoOn& go_on = {});

}  // namespace nadir::homogeneous
