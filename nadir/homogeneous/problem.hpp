#pragma once
// The training problem of Haeffele and Vidal (2017, problem (5)) for any number r of parallel sub-networks:
//   minimize F = L(Σᵢ φ(Wᵢ)) + λ Σᵢ θ(Wᵢ) over r and W₁, …, W_r.
// Matrix factorization ½‖Y − UVᵀ‖² + λΣ‖uᵢ‖‖vᵢ‖ is n L with X = I, L the mean squared loss of several quantities, and
// λ/n in place of λ.
#include "nadir/homogeneous/regularizer.hpp"
#include "nadir/loss/training_loss.hpp"

namespace nadir::homogeneous {

struct Problem {
  const Matrix& features;  ///< X, n × d
  const TrainingLoss& loss;
  Subnetwork subnetwork;    ///< φ
  Regularizer regularizer;  ///< θ
  double lambda;
};

/// Sub-networks, each as the vector of its weights, with what follows from them.
struct Iterate {
  std::vector<Vector> weights;
  Matrix outputs;        ///< Σ φ, n × K
  Matrix dual;           ///< G = −∇L
  double objective = 0;  ///< F

  Index width() const { return static_cast<Index>(weights.size()); }
};

/// Outputs, dual and objective from the weights.
void evaluate(const Problem& problem, Iterate& at);

}  // namespace nadir::homogeneous
