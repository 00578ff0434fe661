#pragma once
// Chains with biases, as other programs write them: f(x) = W_{H+1} (··· (W_1 x + b_1) ···) + b_{H+1}. With a bias in
// the last layer the loss splits (docs/math/linear.md, section 9):
//   L(W, b) = L°(W) + (n/2) ‖r̄‖²,   r̄ = R x̄ + c − ȳ,   c what the biases add up to,
// L° the loss of the chain without biases on centred features and targets, r̄ the mean residual, which b_{H+1} moves at
// will. So L* = L°*, and (W, b) is critical exactly if W is for L° and r̄ = 0.
#include "nadir/linear/verdict.hpp"
#include "nadir/linear/witness.hpp"

namespace nadir::linear {

struct BiasedJudgement {
  Judgement of_chain;  ///< of L° where there are biases, else of L
  bool centred = false;
  double mean_residual = 0;  ///< √n ‖r̄‖ / √(2 (L°(0) + (n/2) ‖ȳ‖²)); 0 without biases
  // With the biases:
  Verdict verdict = Verdict::undecided;
  std::string reason;
  double loss = 0, optimum = 0, gap = 0;
  std::optional<Witness> witness;  ///< of a saddle
};

/// n × d and n × K. Throws InputError where shapes do not fit, and for biases in hidden layers without one in the last.
BiasedJudgement judge(const Matrix& features, const Matrix& targets, const BiasedChain& chain,
                      const VerdictOptions& options = {}, int threads = 1);

}  // namespace nadir::linear
