#pragma once
// Training by column generation (docs/math/two-layer.md, section 6). Rounds of
//   - sliding all units together (slide.hpp), the best weights (master.hpp), merging units that have become one;
//   - the local search of the polar for units that would lower F: max over ‖u‖ ≤ 1 of |g_kᵀ(Xu)₊| above λ.
// It ends where the search finds none: an estimate. What is proven is up to bounds.hpp.
#include "nadir/relu/rounds.hpp"

namespace nadir::relu {

/// `start`: units to begin with, e.g. for a larger λ; may be empty. `continuation`: of the rounds; its clock begins
/// anew.
Found train(const Problem& problem, const SearchOptions& options, const Units& start, const Watch& watch = {},
            const path::Continuation& continuation = {});

/// `power`: α of the units. The largest value of the polar at f = 0 that the local search finds: no smaller λ leaves
/// the zero network optimal.
double largest_lambda(const SampleRows& features, const TrainingLoss& loss, std::uint64_t seed, int power = 1);

}  // namespace nadir::relu
