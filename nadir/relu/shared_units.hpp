#pragma once
// Units that feed all outputs (docs/math/two-layer.md, section 8): with rows w_j of W,
//   minimize F = L((XUᵀ)₊ W + 1cᵀ) + λ Σⱼ ‖uⱼ‖₂ ‖wⱼ‖₂ + (β/2) ‖c‖² over U, W, c and the number of units,
// by the meta-algorithm of Haeffele and Vidal (2017, theorem 2), where φ(u, w) = (Xu)₊ wᵀ and θ(u, w) = ‖u‖ ‖w‖ are
// positively homogeneous of degree 2. A round
//   - descends to a critical point, by L-BFGS on L + (λ/2) (‖U‖² + ‖W‖²), which has the same minima;
//   - looks for a unit with ‖Gᵀ(Xu)₊‖ > λ, G = −∇L(f), ‖u‖ = 1: the direction in which a unit that is appended as 0
//   lowers F;
//   - appends the one that is found, at the best size.
// It ends where none is found: that is an estimate, bounds.hpp proves.
#include "nadir/net/relu.hpp"
#include "nadir/relu/rounds.hpp"

namespace nadir::relu {

/// The network as units that feed one output each, its outputs, its dual point and F (the problem's own).
Iterate iterate_of(const Problem& problem, const ReluNetwork& network);

/// A unit that may be added: f changes by a (Xu)₊ wᵀ, F by less than (λ − value) a; ‖u‖ = ‖w‖ = 1.
struct SharedCandidate {
  Vector u, w;
  double value = 0;  ///< ‖Gᵀ(Xu)₊‖
};

/// The best local maximum of ‖Gᵀ(Xu)₊‖ over ‖u‖ = 1 that is found from the singular vectors of G, each output alone,
/// and the units of the network. Of one output: the larger of both signs.
SharedCandidate search_shared_unit(const Problem& problem, const Matrix& G, const ReluNetwork& network,
                                   const Effort& effort, std::uint64_t seed);

/// The best size a > 0 of a unit that is added to a network with outputs f, and by how much F falls there; 0 and 0
/// where no size lowers F.
struct UnitStep {
  double size = 0, decrease = 0;
};
UnitStep best_size(const Problem& problem, const Matrix& f, const SharedCandidate& unit);

/// `start`: units, and where there are, biases and a linear part, to begin with; never ends above it. `continuation`:
/// of the rounds; its clock begins anew. It keeps no biases.
Found train_shared(const Problem& problem, const SearchOptions& options, Iterate start, const Watch& watch = {},
                   const path::Continuation& continuation = {});

/// Goes on from what was found. `units`: its own, and behind them others, which are appended at the best size of each.
Found train_shared_on(const Problem& problem, const SearchOptions& options, const Found& before, const Units& units,
                      const Watch& watch = {});

/// The largest ‖Gᵀ(Xu)₊‖ at f = 0 that the search finds: no smaller λ leaves the zero network optimal.
double largest_shared_lambda(const Problem& problem, std::uint64_t seed);

}  // namespace nadir::relu
