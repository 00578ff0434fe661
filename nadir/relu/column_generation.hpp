#pragma once
// Training by column generation (docs/math/two-layer.md, section 6). Rounds of
//   - sliding all units together (slide.hpp), the best weights (master.hpp), merging units that have become one;
//   - the local search of the polar for units that would lower F: max over ‖u‖ ≤ 1 of |g_kᵀ(Xu)₊| above λ.
// It ends where the search finds none: an estimate. What is proven is up to bounds.hpp.
#include <limits>
#include <optional>

#include "nadir/base/watch.hpp"
#include "nadir/claim/claim.hpp"
#include "nadir/relu/effort.hpp"

namespace nadir::relu {

struct SearchOptions {
  double distinct = 2;  ///< units found whose cosine with one of the same output and sign is larger are left out
  double gap = 1e-7;    ///< relative, as estimated by the largest polar value found
  int max_rounds = 200;
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
  int slide_iterations = 300;                                   ///< a round
  Effort effort{16, 50, 16};
  std::optional<Effort> last_effort = Effort{256, 50, 64};  ///< it ends only where this finds nothing either
  std::uint64_t seed = 1;
};

struct Found {
  Iterate at;
  double polar = 0;          ///< the largest polar value found at the end
  double estimated_gap = 1;  ///< relative
  int rounds = 0, iterations = 0;
  Stop stop = Stop::no_progress;
  std::vector<Progress> trace;  ///< lower_bound: the estimate
};

/// `start`: units to begin with, e.g. for a larger λ; may be empty.
Found train(const Problem& problem, const SearchOptions& options, const Units& start, const Watch& watch = {});

/// The largest value of the polar at f = 0 that the local search finds: no smaller λ leaves the zero network optimal.
double largest_lambda(const Matrix& features, const TrainingLoss& loss, std::uint64_t seed);

}  // namespace nadir::relu
