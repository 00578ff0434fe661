#pragma once
// A training problem as other programs define it, in ours (docs/math/two-layer.md, section 8): for a two-layer network
// (U, b, V, c) with n samples,
//   theirs:  Σᵢ or (1/n) Σᵢ of the loss, squared errors with or without ½,  plus  the penalty,
//   ours:    F = L(f) + λ Σⱼ ‖uⱼ‖₂ ‖wⱼ‖₂  of the ReLU network that is the same function (net/two_layer.hpp).
// and (β/2) ‖c‖² in both. Theirs = `factor` · (F + excess) with an excess ≥ 0 that is 0 for units of balanced norms: so
// a lower bound of F, times the factor, is one of theirs.
#include <string>

#include "nadir/loss/training_loss.hpp"
#include "nadir/net/two_layer.hpp"

namespace nadir::relu {

struct Convention {
  double lambda = 0;                     ///< theirs
  std::string reduction = "mean";        ///< of the loss over the samples: mean, or sum
  bool half = true;                      ///< whether the squared loss carries ½
  std::string penalty = "weight-decay";  ///< (λ/2) Σ of all squared weights and biases; squares: without ½; norms:
                                         ///< λ Σ ‖(uⱼ, bⱼ)‖ ‖vⱼ‖ + (λ/2) ‖c‖²; powers: as weight-decay, of two layers

  bool free_output_biases = false;  ///< c is not part of the penalty
  bool free_hidden_biases = false;  ///< nor is b

  /// What one of our units is in theirs.
  double factor(const TrainingLoss& loss) const;
  /// Our λ; for leaky ReLU that of the ReLU networks which its units are made into.
  double our_lambda(const TrainingLoss& loss, double slope) const;
  /// Our β.
  double our_bias_weight(const TrainingLoss& loss) const { return free_output_biases ? 0 : our_lambda(loss, 0); }

  bool operator==(const Convention&) const = default;
};

/// A network's objective in that definition.
struct Theirs {
  double objective = 0;
  double penalty = 0;  ///< its part
  double stationarity = 0;  ///< ‖∇loss + ∇penalty‖ / (‖∇loss‖ + ‖∇penalty‖): 0 at a critical point; at kinks one slope
};

/// `features` as the network takes them, without the constant 1.
Theirs evaluate(const Convention& convention, const TwoLayerNetwork& network, const Matrix& features,
                const TrainingLoss& loss);

/// A lower bound of F as one of theirs.
double lower_bound_of_theirs(const Convention& convention, const TrainingLoss& loss, double lower_bound);

}  // namespace nadir::relu
