#pragma once
// Two-layer ReLU networks of any width as the objective sees them (docs/math/two-layer.md, section 6):
//   minimize F = L(f) + λ Σⱼ |aⱼ|,   f_k = Σ_{j feeds k} aⱼ (Xuⱼ)₊,   ‖uⱼ‖₂ = 1,
// where wanted with a linear part, f = … + XV at the cost (γ/2) ‖V‖² (section 10);
// or, where a radius δ is given, the constrained form (section 7):
//   minimize L(f) subject to Σⱼ |aⱼ| ≤ δ; then λ = 0, and F = L.
// Units may be of another power than 1, (Xuⱼ)₊^α with α = 0 or 2 (docs/math/powers.md): of one output, without a linear
// part and biases.
// With hidden weights √|a| u and output weight ±√|a| this is weight decay, (λ/2) Σ (‖·‖² + (·)²).
#include <vector>

#include "nadir/base/sample_rows.hpp"
#include "nadir/loss/training_loss.hpp"
#include "nadir/net/relu.hpp"

namespace nadir::relu {

struct Problem {
  SampleRows features;  ///< X, n × d; in memory where α is not 1
  const TrainingLoss& loss;
  double lambda;
  double radius = 0;  ///< δ of the constrained form; 0: the penalized one
  bool shared = false;  ///< units feed all outputs, at the cost λ ‖u‖₂ ‖w‖₂ (section 8); not in the constrained form
  double bias_weight = 0;  ///< β > 0: shared units, and output biases c at the cost (β/2) ‖c‖²; 0: there are none
  double skip_weight = 0;  ///< γ > 0: a linear part V at the cost (γ/2) ‖V‖²; not in the constrained form; 0: none
  int power = 1;           ///< α of the units (Xu)₊^α
  bool free_hidden =
      false;  ///< the last weight of a unit, its bias, is no part of ‖u‖: for what a file states, not to train

  bool constrained() const { return radius > 0; }
  Index samples() const { return features.rows(); }
  Index inputs() const { return features.cols(); }
  Index outputs() const { return loss.outputs(); }
};

/// Units that feed one output each. Where units are shared, those that follow one another with the same direction,
/// their outputs rising, are one unit: its output weights wⱼ are theirs.
struct Units {
  Matrix directions;           ///< m × d, rows of norm 1
  Vector weights;              ///< a, m
  std::vector<Index> outputs;  ///< k, m

  Index count() const { return weights.size(); }
  void add(const Vector& direction, double weight, Index output);
  /// Directions of those that feed an output with a weight of that sign.
  Matrix directions_of(Index output, int sign) const;
  /// Only those whose place is marked.
  void keep(const std::vector<bool>& marked);
};

/// The place behind the last part of the unit that begins at place j: j + 1 where units are not shared.
Index end_of_unit(const Problem& problem, const Units& units, Index j);

/// Σⱼ |aⱼ|; of shared units Σⱼ ‖wⱼ‖.
double sum_of_norms(const Problem& problem, const Units& units);

/// Units with what follows from them.
struct Iterate {
  Units units;
  Vector biases = {};    ///< c, K; empty: none
  Matrix skip = {};      ///< V, d × K; empty: none
  Matrix outputs;        ///< f, n × K
  Matrix dual;           ///< G = −∇L(f), n × K
  double objective = 0;  ///< F
};

/// The same as a network, hidden and output weights of the same size; biases and linear part as they are. Where α is
/// not 1, hidden weights have norm 1.
ReluNetwork balanced_network(const Problem& problem, const Iterate& at);

/// The units of a network: one for each output that a hidden unit feeds. Biases and linear part are left out.
Units units_of(const ReluNetwork& network);

/// (XUᵀ)₊^α, n × m, by blocks of rows: kept where there is one block, else made anew each time. Problem and units must
/// outlive it.
class Activations {
 public:
  Activations(const Problem& problem, const Units& units);
  /// Calls see(first, X, H) for the blocks of SampleRows, in order.
  template <class See>
  void for_each_block(See see) const {
    problem_.features.for_each_block([&](Index first, const ConstMatrixView& X) {
      if (problem_.features.is_one_block())
        see(first, X, kept_);
      else
        see(first, X, of_rows(X));
    });
  }

 private:
  Eigen::MatrixXd of_rows(const ConstMatrixView& X) const;

  const Problem& problem_;
  const Units& units_;
  Eigen::MatrixXd kept_;
};

/// Sets outputs, dual and objective from units, biases and linear part.
void evaluate(const Problem& problem, Iterate& at);
/// The same where the activations are known; the weights need not be those that they were made with.
void evaluate(const Problem& problem, const Activations& H, Iterate& at);

}  // namespace nadir::relu
