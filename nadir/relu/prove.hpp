#pragma once
// From units found to a bound over every width, and from both to the certificate. Looking at the polar by branch and
// bound comes upon units that the search has missed; training goes on from those.
#include "nadir/relu/bounds.hpp"
#include "nadir/relu/fit.hpp"
#include "nadir/relu/rounds.hpp"

namespace nadir::relu {

struct ProveOptions {
  double gap = 1e-2;                                            ///< relative, that is wanted
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
  int nodes = 0;                                                ///< of each polar at most; 0: a number by the rows
  std::uint64_t seed = 0;
};

struct Proved {
  Found found;
  WidthBound widths;
};

/// Trains on from these units, within so many seconds.
using TrainOn = std::function<Found(const Found& before, const Units& units, double seconds)>;

/// A few quick looks at most, and the last one with all nodes and time.
inline constexpr int quick_looks = 3;

/// How a proof is taken up, and kept.
struct Looks {
  int first = 0;                                             ///< where `found` is what was kept before that look
  std::function<void(const Found& found, int look)> before;  ///< each look, from 0 to quick_looks
};

/// First a few quick looks, as long as they come upon better units, where there is a `train_on`; then with all nodes
/// and time. `watch` is told objective, lower bound and nodes, and answers whether to go on.
Proved prove(const Problem& problem, Found found, const ProveOptions& options, const TrainOn& train_on,
             const std::function<bool(double, double, long)>& watch, const Looks& looks = {});

/// Sets certificate, evidence, dual, why it ended and nodes of a fit that has its network already, at which the
/// objective is to be certified: that of `proved`, or another.
void finish(ReluFit& fit, const Problem& problem, const Proved& proved, double gap);

}  // namespace nadir::relu
