#pragma once
// One step of the proximal point method on the convex ReLU program of some patterns (docs/math/two-layer.md, section
// 11):
//   V⁺ ≈ argmin of Q(A V) + λ Σ ‖v_g‖ + ‖V − V₀‖²/(2σ)  over v_g ∈ s K_p for each group g = (p, k, s),
// K_p = {u : (2D_p − I) X u ≥ 0}, Q a second-order model of L at A V₀ (exact for the squared loss). The proximal map of
// a group is the nearest point of its cone, then the block soft threshold. Solved in the dual by a semismooth Newton
// method, whose systems live on the faces of the cones that the weights are on (Li, Sun and Toh 2018 for the lasso).
#include "nadir/base/watch.hpp"
#include "nadir/net/masked_products.hpp"
#include "nadir/opt/cone_projection.hpp"
#include "nadir/relu/units.hpp"

namespace nadir::relu {

/// Weights v ∈ s K_p that feed one output: a unit of direction s v/‖v‖ and weight s ‖v‖.
struct ConeGroup {
  Group at;  ///< p and k
  int sign;  ///< s
};

struct ConeProgram {
  ConeProgram(const Problem& problem_of_units, const MaskedProducts& masked);

  const Problem& problem;
  const MaskedProducts& products;  ///< of the same features
  Matrix rows;                     ///< the samples, each of norm 1 or 0
};

/// The nearest point of the group's cone; as opt/cone_projection.hpp has it.
ConePoint project(const ConeProgram& program, const ConeGroup& group, const Vector& z, ConePoint start,
                  double enough = 0);

/// Some groups and their weights, with what follows from them.
struct ConeIterate {
  std::vector<ConeGroup> groups;
  std::vector<ConePoint> points;  ///< of each group's last projection, to start the next one from
  Matrix weights;                 ///< groups × d
  Matrix outputs;                 ///< A V, n × K
  Matrix dual;                    ///< G = −∇L, n × K
  double objective = 0;           ///< F
};

/// Xᵀ D_p g_k of each group; and the outputs of weights.
Matrix correlations(const ConeProgram& program, const std::vector<ConeGroup>& groups, const Matrix& G);
Matrix outputs_of(const ConeProgram& program, const std::vector<ConeGroup>& groups, const Matrix& weights);
/// Sets dual and objective from weights and outputs.
void evaluate(const ConeProgram& program, ConeIterate& at);

struct ConeStepReport {
  int newton_steps = 0;
  bool solved = false;  ///< the model's minimizer was found as closely as asked for
};

/// The objective does not increase, and the weights stay in their cones.
ConeStepReport cone_step(const ConeProgram& program, double sigma, ConeIterate& at, const GoOn& go_on);

}  // namespace nadir::relu
