#pragma once
// minimize ½ ‖W_{H+1} ··· W_1 S − T‖_F² from a given start, by gradient descent or by L-BFGS: not to train (there is
// the closed form, linear/optimum.hpp), but to come upon the critical points that descent comes upon.
#include "nadir/linear/criticality.hpp"
#include "nadir/opt/termination.hpp"

namespace nadir::linear {

struct DescentOptions {
  int max_iterations = 5000;
  double gradient = 1e-9;  ///< it ends when no gradient's ratio (linear/criticality.hpp) is above this
  int memory = 20;         ///< of L-BFGS
};

struct DescentResult {
  LinearChain chain;
  double loss = 0;  ///< L
  Criticality criticality;
  int iterations = 0;
  Ending ending =
      Ending::no_progress;  ///< gap_reached (the ratio was met), iteration_limit, no_progress or numerical_failure
};

/// W ← W − η ∇L(W), η halved until Armijo's rule holds and doubled after each success. Never ends above its start.
DescentResult gradient_descent(const Problem& problem, LinearChain start, const DescentOptions& options = {});

/// By opt/lbfgs.hpp; it ends by the loss that no longer falls.
DescentResult lbfgs_descent(const Problem& problem, LinearChain start, const DescentOptions& options = {});

}  // namespace nadir::linear
