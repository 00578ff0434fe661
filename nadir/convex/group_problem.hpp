#pragma once
// The group lasso behind gated networks (docs/math/two-layer.md, section 1):
//   minimize over V   F(V) = L(f) + λ Σ_g ‖v_g‖₂,   f = A V = Σ_g D_p X v_g  (added to the output of group g = (p, k)).
#include "nadir/loss/training_loss.hpp"
#include "nadir/net/masked_products.hpp"

namespace nadir::convex {

struct GroupProblem {
  const MaskedProducts& products;  ///< X and the patterns of all gates
  const TrainingLoss& loss;
  double lambda;

  Index features() const { return products.features().cols(); }
  Index outputs() const { return loss.outputs(); }
};

/// Some groups and their weights, with what follows from them.
struct Iterate {
  std::vector<Group> groups;
  Matrix weights;        ///< groups × d
  Matrix outputs;        ///< f, n × K
  Matrix dual;           ///< G = −∇L(f), n × K
  double objective = 0;  ///< F
};

/// λ Σ ‖v_g‖₂.
double penalty(const Matrix& weights, double lambda);
/// Sets dual and objective from weights and outputs.
void evaluate(const GroupProblem& problem, Iterate& at);
/// The largest ‖Xᵀ D_p g_k‖₂ at V = 0: the least λ at which V = 0 is optimal.
double largest_lambda(const MaskedProducts& products, const TrainingLoss& loss);

}  // namespace nadir::convex
