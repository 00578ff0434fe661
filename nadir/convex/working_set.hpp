#pragma once
// The penalized problem over all gates, solved on growing sets of groups (docs/math/two-layer.md, sections 3 and 9).
// Accelerated gradients are followed by proximal Newton steps where the penalty and the size allow (newton_system.hpp,
// newton_entries.hpp).
//
// Given a problem and a start, returns weights with a duality gap of at most the asked relative gap, unless a limit
// comes first. The bound holds over all P·K groups: after each round the dual point is held against every one of them.
#include <limits>
#include <optional>

#include "nadir/base/watch.hpp"
#include "nadir/claim/claim.hpp"
#include "nadir/convex/newton_system.hpp"
#include "nadir/path/state.hpp"

namespace nadir::convex {

struct SolverOptions {
  double gap = 1e-6;  ///< relative gap: (F − bound) / (F(0) − bound)
  int max_iterations = 100000;
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
};

struct Solution {
  Iterate at;              ///< groups with weights other than 0 only
  Matrix dual;             ///< the best dual point seen, scaled to be feasible
  double lower_bound = 0;  ///< as computed; proof.hpp accounts for rounding
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;  ///< accelerated gradient steps and proximal Newton steps
  int newton_steps = 0;
  long products = 0;  ///< pairs of masked products inside conjugate gradients
  std::vector<Progress> trace;
};

/// `start`: groups and weights to begin with, e.g. the solution for a larger λ; may be empty. `continuation`: of the
/// rounds; a state holds `data`, too. Its clock begins anew.
Solution solve(const GroupProblem& problem, NewtonData& data, const SolverOptions& options,
               const Solution* start = nullptr, const Watch& watch = {}, const path::Continuation& continuation = {});

/// What a solve that starts from a solution depends on, and the same back; throws as path::State does.
path::State warm_start(const Solution& solution, const NewtonData& data);
void restore(const path::State& state, const GroupProblem& problem, Solution& solution, NewtonData& data);

}  // namespace nadir::convex
