#pragma once
// Why a critical point is no minimum: chains with a smaller loss, as near as one likes. Given W with all gradients 0
// and L(W) > L*, find directions Δ_i and whole numbers α_i ≥ 1 such that the curve
//   W_i(ε) = W_i + ε^{α_i} Δ_i
// has L(W(ε)) < L(W) for all small ε > 0. It always exists, for all data, widths and depths; docs/math/linear.md,
// section 6, constructs it and proves it. A straight line (all α_i = 1) is not always enough.
//
// What counts is not the construction but the decrease, which is evaluated at several radii ε through
//   L(W(ε)) − L(W) = ⟨R S − T, D⟩ + ½ ‖D‖²,   D = (R(W(ε)) − R(W)) S,
// with D from the Δ_i and not as a difference of products, so that small radii are resolved.
#include <optional>

#include "nadir/linear/partial_products.hpp"

namespace nadir::linear {

struct LossChange {
  double change = 0;    ///< L(W + Δ) − L(W)
  double rounding = 0;  ///< to expect in it
};
/// `deltas`: Δ_i in the shapes of the weights.
LossChange loss_change(const Problem& problem, const PartialProducts& at, const std::vector<Matrix>& deltas);

enum class WitnessKind {
  rotation,  ///< a direction of R is turned into a better one that the residual has
  bridge,    ///< rank is added, over layers where nothing leads
};

struct WitnessStep {
  double radius = 0;    ///< ε
  double decrease = 0;  ///< L(W) − L(W(ε)), above its rounding
  double rounding = 0;
};

struct Witness {
  WitnessKind kind = WitnessKind::rotation;
  std::vector<Matrix> directions;  ///< Δ_i; 0 where a layer stays
  std::vector<int> exponents;      ///< α_i
  int order = 2;                   ///< the decrease falls as ε^order
  std::vector<WitnessStep> steps;  ///< at falling radii, all verified
};

struct WitnessOptions {
  int radii = 4;       ///< so many, each half of the one before
  int halvings = 40;   ///< of the first radius, 1, until the decrease shows
  double zero = 1e-7;  ///< up to this, relative to what they could be, products count as 0
};

/// A verified one, or nothing: at a global minimum, or where rounding hides it.
std::optional<Witness> find_witness(const Problem& problem, const LinearChain& chain,
                                    const WitnessOptions& options = {});

/// W(ε).
LinearChain moved(const LinearChain& chain, const Witness& witness, double radius);

}  // namespace nadir::linear
