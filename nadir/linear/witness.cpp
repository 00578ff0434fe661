#include "nadir/linear/witness.hpp"

#include <cmath>

#include "nadir/linear/bridge.hpp"

namespace nadir::linear {
namespace {

/// ⟨E, D⟩ + ½‖D‖² with D_i = (W_i + Δ_i) D_{i−1} + Δ_i below[i−1], all reduced.
LossChange change_of(const Problem& problem, const PartialProducts& at, const std::vector<Dense>& deltas) {
  Dense D = Dense::Zero(problem.rank(), problem.rank());
  double size = 0;  // what D's rounding is in proportion to
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    const double delta = deltas[i].norm();
    size = (at.norms[i] + delta) * size + delta * at.below_norms[i];
    D = (at.layers[i] + deltas[i]) * D + deltas[i] * at.below[i];
  }
  const double off = at.rounding * size, E = at.residual.norm();
  return {(at.residual.cwiseProduct(D)).sum() + D.squaredNorm() / 2,
          off * (E + D.norm() + off) + at.residual_rounding(problem) * (D.norm() + off)};
}

std::vector<Dense> at_radius(const Curve& curve, double radius) {
  std::vector<Dense> deltas;
  for (std::size_t i = 0; i < curve.deltas.size(); ++i)
    deltas.emplace_back(std::pow(radius, curve.exponents[i]) * curve.deltas[i]);
  return deltas;
}

/// Where −E has a larger singular value e, with −E v = e u, than R S has, s with R S b = s a: the change
/// −ε² s (e − s) + ½ ε⁴ s² of Δ_{H+1} = u aᵀ W_{H+1}, Δ_1 S = W_1 S b vᵀ. At a critical point RS and E have orthogonal
/// row and column spaces.
std::optional<Curve> rotation(const PartialProducts& at, double zero) {
  const std::size_t layers = at.layers.size();
  const Svd R = svd(at.product()), E = svd(-at.residual);
  const Index rank = count_above(R.s, zero * at.below_norms.back());
  if (layers < 2 || rank == 0) return {};
  const Index last = rank - 1;
  if (!(E.s[0] > R.s[last])) return {};
  Curve curve;
  for (const Dense& W : at.layers) curve.deltas.emplace_back(Dense::Zero(W.rows(), W.cols()));
  curve.deltas.back() = E.U.col(0) * (R.U.col(last).transpose() * at.layers.back());
  curve.deltas.front() = (at.layers.front() * R.V.col(last)) * E.V.col(0).transpose();
  curve.exponents.assign(layers, 1);
  curve.order = 2;
  return curve;
}

/// Radii at which the decrease shows, all of `options.radii`, or none.
std::vector<WitnessStep> verified(const Problem& problem, const PartialProducts& at, const Curve& curve,
                                  const WitnessOptions& options) {
  std::vector<WitnessStep> steps;
  double radius = 1;
  for (int trial = 0; trial < options.halvings + options.radii; ++trial, radius /= 2) {
    const LossChange found = change_of(problem, at, at_radius(curve, radius));
    if (!(found.change < -2 * found.rounding)) {
      steps.clear();
      continue;
    }
    steps.push_back({radius, -found.change, found.rounding});
    if (static_cast<int>(steps.size()) == options.radii) return steps;
  }
  return {};
}

/// The first layer's Δ_1 from Δ_1 S: S⁺ = (SᵀS)⁻¹ Sᵀ, and SᵀS is diagonal.
Witness unreduced(const Problem& problem, const Curve& curve, WitnessKind kind, std::vector<WitnessStep> steps) {
  Witness witness;
  witness.kind = kind, witness.exponents = curve.exponents, witness.order = curve.order;
  witness.steps = std::move(steps);
  const Vector sizes = problem.feature_sizes.head(problem.rank());
  for (std::size_t i = 0; i < curve.deltas.size(); ++i)
    witness.directions.emplace_back(
        i == 0 ? Dense(curve.deltas[0] * sizes.cwiseAbs2().cwiseInverse().asDiagonal() * problem.S.transpose())
               : curve.deltas[i]);
  return witness;
}

}  // namespace

LossChange loss_change(const Problem& problem, const PartialProducts& at, const std::vector<Matrix>& deltas) {
  std::vector<Dense> reduced(deltas.begin(), deltas.end());
  reduced.front() = deltas.front() * problem.S;
  return change_of(problem, at, reduced);
}

std::optional<Witness> find_witness(const Problem& problem, const LinearChain& chain, const WitnessOptions& options) {
  const PartialProducts at = partial_products(problem, chain);
  if (const auto curve = rotation(at, options.zero)) {
    auto steps = verified(problem, at, *curve, options);
    if (!steps.empty()) return unreduced(problem, *curve, WitnessKind::rotation, std::move(steps));
  }
  for (const BridgeEnds& ends : bridge_ends(at, options.zero)) {
    const auto curve = bridge(at, ends, options.zero);
    if (!curve) continue;
    auto steps = verified(problem, at, *curve, options);
    if (!steps.empty()) return unreduced(problem, *curve, WitnessKind::bridge, std::move(steps));
  }
  return {};
}

LinearChain moved(const LinearChain& chain, const Witness& witness, double radius) {
  LinearChain result = chain;
  for (std::size_t i = 0; i < chain.weights.size(); ++i)
    result.weights[i] += std::pow(radius, witness.exponents[i]) * witness.directions[i];
  return result;
}

}  // namespace nadir::linear
