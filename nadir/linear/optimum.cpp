#include "nadir/linear/optimum.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "nadir/base/error.hpp"

namespace nadir::linear {

Optimum optimum(const Problem& problem, const std::vector<Index>& widths) {
  if (widths.size() < 2 || *std::min_element(widths.begin(), widths.end()) < 1)
    throw UsageError("linear network: needs widths of at least 1");
  if (widths.front() != problem.inputs || widths.back() != problem.outputs)
    throw UsageError("linear network: from " + std::to_string(widths.front()) + " to " + std::to_string(widths.back()) +
                     " numbers, but the data have " + std::to_string(problem.inputs) + " features and " +
                     std::to_string(problem.outputs) + " targets");
  Optimum result;
  std::vector<Index> reduced = widths;
  reduced.front() = problem.rank();
  for (std::size_t i = 0; i < reduced.size(); ++i)
    if (reduced[i] <= reduced[static_cast<std::size_t>(result.narrowest)]) result.narrowest = static_cast<Index>(i);
  result.k = reduced[static_cast<std::size_t>(result.narrowest)];
  result.target = svd(problem.T);
  const Vector& sigma = result.target.s;
  const Index kept = std::min(result.k, sigma.size());
  result.gain = sigma.head(kept).squaredNorm() / 2;
  result.excess = sigma.tail(sigma.size() - kept).squaredNorm() / 2;
  result.value = problem.unexplained + result.excess;
  return result;
}

LinearChain balanced_minimizer(const Problem& problem, const std::vector<Index>& hidden) {
  std::vector<Index> widths{problem.inputs};
  widths.insert(widths.end(), hidden.begin(), hidden.end());
  widths.push_back(problem.outputs);
  const Optimum best = optimum(problem, widths);
  const Index kept = std::min(best.k, best.target.s.size());
  // R* = Û diag(σ) V̂ᵀ S⁺, S⁺ = (SᵀS)⁻¹ Sᵀ with SᵀS diagonal.
  const Vector sizes = problem.feature_sizes.head(problem.rank());
  const Dense right = problem.S * sizes.cwiseAbs2().cwiseInverse().asDiagonal() * best.target.V.leftCols(kept);
  const Svd R = svd(best.target.U.leftCols(kept) * best.target.s.head(kept).asDiagonal() * right.transpose());

  const std::size_t layers = widths.size() - 1;
  LinearChain chain;
  for (std::size_t i = 1; i <= layers; ++i) {
    Dense W = Dense::Zero(widths[i], widths[i - 1]);
    for (Index j = 0; j < kept; ++j) {
      const double root = std::pow(R.s[j], 1 / static_cast<double>(layers));
      const Vector to = i == layers ? Vector(R.U.col(j)) : Vector(Vector::Unit(widths[i], j));
      const Vector from = i == 1 ? Vector(R.V.col(j)) : Vector(Vector::Unit(widths[i - 1], j));
      W += root * to * from.transpose();
    }
    chain.weights.emplace_back(W);
  }
  return chain;
}

}  // namespace nadir::linear
