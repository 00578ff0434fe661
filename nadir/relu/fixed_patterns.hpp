#pragma once
// The convex ReLU program of given activation patterns (Pilanci and Ergen 2020; Mishkin, Sahiner and Pilanci 2022;
// docs/math/two-layer.md, section 11):
//   minimize L(Σ_p D_p X (v_p − w_p)) + λ Σ_p (‖v_p‖₂ + ‖w_p‖₂)  over v_p, w_p ∈ K_p = {u : (2D_p − I) X u ≥ 0},
// for K outputs with such a pair for each pattern and output. Given are problem and patterns; what is returned is a
// ReLU network, a unit for each vector other than 0, and a lower bound of F over all networks whose units have these
// patterns. The optimum over every width is not above this one's, and is the same where the patterns suffice.
//
// Solved on growing sets of cones, by proximal steps (cone_step.hpp); after each round the dual point is held against
// every cone, where a non-negative least squares problem is the support function.
#include <limits>

#include "nadir/base/watch.hpp"
#include "nadir/claim/claim.hpp"
#include "nadir/net/patterns.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

struct FixedPatternsOptions {
  double gap = 1e-6;  ///< relative gap: (F − bound) / (F(0) − bound)
  int max_rounds = 1000;
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
  int threads = 1;                                              ///< the result is the same for any number of them
};

struct FixedPatterns {
  Iterate at;                   ///< each unit's direction in the cone of its pattern, up to rounding
  std::vector<Index> patterns;  ///< by unit
  double polar = 0;             ///< q, at least the support function of every cone at the dual
  ProvenLowerBound bound{0};    ///< from at.dual and q, rounding accounted for
  double relative_gap = 1;      ///< of F and that bound
  Stop stop = Stop::no_progress;
  int rounds = 0, steps = 0, newton_steps = 0;
  std::vector<Progress> trace;
};

/// The penalized problem of units that feed one output each, without biases or linear part. Throws UsageError of
/// others, or where the patterns are not of its samples.
FixedPatterns train_on_patterns(const Problem& problem, const Patterns& patterns, const FixedPatternsOptions& options,
                                const Watch& watch = {});

}  // namespace nadir::relu
