#pragma once
// The convex problem behind gated networks (docs/math/two-layer.md, sections 1 and 9):
//   minimize over V   F(V) = L(f) + λ Ω(V),   f = A V = Σ_g D_p X v_g  (added to the output of group g = (p, k)),
// Ω one of the penalties; the group lasso where none is named.
#include "nadir/convex/penalty.hpp"
#include "nadir/loss/training_loss.hpp"
#include "nadir/net/masked_products.hpp"

namespace nadir::convex {

struct GroupProblem {
  const MaskedProducts& products;  ///< X and the patterns of all gates
  const TrainingLoss& loss;
  double lambda;
  Penalty penalty = Penalty::group;

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

/// Sets dual and objective from weights and outputs.
void evaluate(const GroupProblem& problem, Iterate& at);
/// Ω° of Xᵀ D_p g_k at V = 0: the least λ at which V = 0 is optimal.
double largest_lambda(const MaskedProducts& products, const TrainingLoss& loss, Penalty penalty = Penalty::group);

}  // namespace nadir::convex
