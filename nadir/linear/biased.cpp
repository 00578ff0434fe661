#include "nadir/linear/biased.hpp"

#include <cmath>
#include <cstdio>

#include "nadir/base/error.hpp"

namespace nadir::linear {

BiasedJudgement judge(const Matrix& features, const Matrix& targets, const BiasedChain& chain,
                      const VerdictOptions& options, int threads) {
  require_chain(chain.chain);
  BiasedJudgement result;
  result.centred = chain.has_biases();
  if (result.centred && (chain.biases.size() != chain.chain.weights.size() || chain.biases.back().size() == 0))
    throw InputError("the last layer has no bias, but others have; such chains cannot be judged");
  const auto n = static_cast<double>(features.rows());
  Problem problem;
  double residual = 0;  // (n/2) ‖r̄‖²
  if (result.centred && features.rows() > 0 && features.cols() == chain.chain.inputs() &&
      targets.cols() == chain.chain.outputs()) {
    const Samples centred = Samples::centred(features, targets);
    problem = reduce(centred, threads);
    const Vector& y = centred.target_means;
    const Vector r = product_of(chain.chain) * centred.feature_means + chain.offset() - y;
    residual = n / 2 * r.squaredNorm();
    result.mean_residual = std::sqrt(2 * residual) / std::sqrt(2 * problem.loss_at_zero + n * y.squaredNorm());
  } else {
    problem = reduce(features, targets, threads);
  }
  result.of_chain = judge(problem, chain.chain, options);
  result.verdict = result.of_chain.verdict, result.reason = result.of_chain.reason;
  result.loss = result.of_chain.loss + residual;
  result.optimum = result.of_chain.optimum, result.gap = result.of_chain.gap + residual;
  if (result.mean_residual > options.gradient) {
    char text[200];
    std::snprintf(text, sizeof text,
                  "the mean residual, which the last bias moves, is %.3g of the targets' size, above %.3g",
                  result.mean_residual, options.gradient);
    result.verdict = Verdict::not_critical, result.reason = text;
  }
  if (result.verdict == Verdict::saddle) result.witness = find_witness(problem, chain.chain);
  return result;
}

}  // namespace nadir::linear
