#include "nadir/linear/residual.hpp"

#include <limits>
#include <string>

#include "nadir/base/error.hpp"

namespace nadir::linear {

ResidualJudgement judge_residual(const Problem& problem, const std::vector<Matrix>& weights,
                                 const VerdictOptions& options) {
  const Index d = problem.inputs;
  ResidualJudgement result;
  result.largest_singular_values.resize(static_cast<Index>(weights.size()));
  LinearChain chain;
  double others = 1;  // ∏_{i≥2} (1 − σ_max(W_i)), at most the smallest singular value of A_1
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].rows() != d || weights[i].cols() != d || problem.outputs != d)
      throw InputError("residual network: layer " + std::to_string(i + 1) +
                       ", the features and the targets must all be " + std::to_string(d) + " wide");
    chain.weights.emplace_back(Matrix::Identity(d, d) + weights[i]);
    const double largest = spectral_norm(Dense(weights[i]));
    result.largest_singular_values[static_cast<Index>(i)] = largest;
    if (i > 0) others *= 1 - largest;
  }
  result.whole = judge(problem, chain, options);
  result.margin = 1 - result.largest_singular_values.maxCoeff();
  const double rounding = 8 * std::numeric_limits<double>::epsilon() * static_cast<double>(d);
  result.in_region = result.margin > rounding;
  const PartialProducts at = partial_products(problem, chain);
  const double slope = (at.above[1].transpose() * at.residual).norm() / others;
  result.gap_bound = result.in_region ? slope * slope / 2 : std::numeric_limits<double>::infinity();
  return result;
}

}  // namespace nadir::linear
