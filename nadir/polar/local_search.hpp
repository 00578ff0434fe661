#pragma once
// Lower bounds on the polar, by ascent from many starts.
//
//   maximize f(u) = h₊(u) − h₋(u) over ‖u‖ ≤ 1,   h₊(u) = Σ_{g>0} gᵢ (xᵢᵀu)₊,   h₋(u) = Σ_{g<0} |gᵢ| (xᵢᵀu)₊.
//
// The plain step u ← normalize(Xᵀ(1[Xu > 0] ∘ g)) is taken while it raises f; it is all that is needed where all g > 0.
// Where it does not, the concave–convex procedure (Yuille and Rangarajan 2003): h₊ is replaced by its tangent aᵀu at
// the current u, and
//
//   maximize aᵀu − h₋(u) over ‖u‖ ≤ 1   =   minimize ‖a − Σ_{g<0} |gᵢ| tᵢ xᵢ‖ over t ∈ [0, 1]ⁿ
//
// is solved by coordinate descent on the right; u is the minimal vector, normalized. A step that does not raise f is
// not taken, whatever the rounding. Maxima lie on many planes xᵢᵀu = 0 with gᵢ < 0: a gradient method zigzags there.
#include <cstdint>
#include <vector>

#include "nadir/base/watch.hpp"
#include "nadir/polar/relu_polar.hpp"

namespace nadir::polar {

struct LocalSearchOptions {
  int row_starts = 64;     ///< rows of X with the largest |gᵢ|‖xᵢ‖, each with both signs
  int random_starts = 64;  ///< seeded
  std::uint64_t seed = 1;
  int polished = 16;         ///< starts that the concave–convex procedure is spent on: the best after plain steps
  int plain_steps = 30;      ///< at most, a start
  int concave_steps = 50;    ///< at most, a polished start
  int sweeps = 300;          ///< of coordinate descent, at most, a concave–convex step
  int witnesses = 8;         ///< returned at most
  double distinct = 0.9999;  ///< witnesses with a larger cosine are the same
  GoOn go_on;                ///< asked before a start is polished; where not, the others stay as they are
};

/// Ascends from u, which need not be normalized. The value is never below f(u/‖u‖), nor below 0.
Witness ascend(const ReluPolar& problem, const Vector& u, const LocalSearchOptions& options);

/// Distinct local maxima with f > 0, the best first; `given` (rows) are further starts. Deterministic.
std::vector<Witness> local_search(const ReluPolar& problem, const Matrix& given, const LocalSearchOptions& options);

}  // namespace nadir::polar
