#pragma once
// How hard the local search of the polar looks for units.
#include <algorithm>

#include "nadir/polar/local_search.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

/// For each output and sign.
struct Effort {
  int starts;         ///< so many rows, as many random directions, and the units that there are
  int concave_steps;  ///< of the concave-convex procedure, at most
  int taken;          ///< units at most, besides those that there are
  GoOn go_on = {};    ///< asked before each start; where not, the best so far is the answer
};

/// A sweep of coordinate descent costs time in proportion to the numbers in X: above 50,000 of them there are fewer
/// starts and sweeps, so that a search costs about as much as at 50,000, but not fewer than a search needs.
inline polar::LocalSearchOptions search_options(const Problem& problem, const Effort& effort, std::uint64_t seed) {
  const double share = std::min(1.0, 5e4 / static_cast<double>(problem.samples() * problem.inputs()));
  const auto part = [share](int count, int least) {
    return std::min(count, std::max(least, static_cast<int>(share * count)));
  };
  polar::LocalSearchOptions options;
  options.row_starts = options.random_starts = part(effort.starts, 8);
  options.concave_steps = part(effort.concave_steps, 5);
  options.sweeps = part(options.sweeps, 20);
  options.polished = options.witnesses = part(effort.taken, 4);
  options.seed = seed;
  options.go_on = effort.go_on;
  return options;
}

}  // namespace nadir::relu
