#pragma once
// minimize F(A) = L(KA) + (λ/2) Σ_k a_kᵀ K a_k over the coefficients A (n × K outputs), K a positive semidefinite n × n
// matrix, L the mean loss: the problem (4) of docs/math/kernel.md, for any kernel. Newton steps (section 3, for
// features section 5); the lower bound is (5) at G = λA, the coefficients being moved into the domain of the conjugate.
#include <limits>
#include <string>
#include <vector>

#include "nadir/base/watch.hpp"
#include "nadir/claim/claim.hpp"
#include "nadir/kernel/gram.hpp"
#include "nadir/loss/training_loss.hpp"

namespace nadir::kernel {

/// A view: what it names must outlive it.
struct Problem {
  Gram kernel;
  const TrainingLoss& loss;
  double lambda;    ///< above 0
  int threads = 1;  ///< the result does not depend on it
};

struct SolverOptions {
  double gap = 1e-9;  ///< relative, as computed
  int max_iterations = 500;
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
};

struct Solution {
  Matrix coefficients;  ///< n × K, λ times which is in the domain of the conjugate
  double objective = 0, lower_bound = 0;
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;
  std::vector<Progress> trace;
};

/// `start`: coefficients to begin with; null: zeros.
Solution solve(const Problem& problem, const SolverOptions& options, const Matrix* start = nullptr,
               const Watch& watch = {});

}  // namespace nadir::kernel
