#include "nadir/linear/descent.hpp"

#include <cmath>

#include "nadir/linear/witness.hpp"
#include "nadir/opt/lbfgs.hpp"

namespace nadir::linear {
namespace {

Vector packed(const std::vector<Matrix>& weights) {
  Index size = 0;
  for (const Matrix& W : weights) size += W.size();
  Vector x(size);
  size = 0;
  for (const Matrix& W : weights) {
    x.segment(size, W.size()) = Eigen::Map<const Vector>(W.data(), W.size());
    size += W.size();
  }
  return x;
}

void unpack(const Vector& x, LinearChain& chain) {
  Index place = 0;
  for (Matrix& W : chain.weights) {
    Eigen::Map<Vector>(W.data(), W.size()) = x.segment(place, W.size());
    place += W.size();
  }
}

DescentResult result_of(const Problem& problem, LinearChain chain, int iterations, Ending ending,
                        const DescentOptions& options) {
  DescentResult result;
  const PartialProducts at = partial_products(problem, chain);
  result.loss = at.residual.squaredNorm() / 2 + problem.unexplained;
  result.criticality = criticality(problem, at);
  result.iterations = iterations;
  result.ending = result.criticality.largest_ratio <= options.gradient ? Ending::gap_reached : ending;
  result.chain = std::move(chain);
  return result;
}

}  // namespace

DescentResult gradient_descent(const Problem& problem, LinearChain start, const DescentOptions& options) {
  constexpr double decrease = 0.1;
  double step = 1;
  int k = 0;
  Ending ending = Ending::iteration_limit;
  for (; k < options.max_iterations; ++k) {
    const PartialProducts at = partial_products(problem, start);
    std::vector<Matrix> deltas = gradients(problem, at);
    const double slope = packed(deltas).squaredNorm();
    if (!std::isfinite(slope)) return result_of(problem, std::move(start), k, Ending::numerical_failure, options);
    ending = Ending::no_progress;
    if (criticality(problem, at).largest_ratio <= options.gradient) break;
    for (Matrix& W : deltas) W *= -step;
    int halvings = 0;
    while (halvings < 60 && !(loss_change(problem, at, deltas).change <= -decrease * step * slope)) {
      for (Matrix& W : deltas) W /= 2;
      step /= 2, ++halvings;
    }
    if (halvings == 60) break;
    for (std::size_t i = 0; i < deltas.size(); ++i) start.weights[i] += deltas[i];
    step *= 2;
    ending = Ending::iteration_limit;
  }
  return result_of(problem, std::move(start), k, ending, options);
}

DescentResult lbfgs_descent(const Problem& problem, LinearChain start, const DescentOptions& options) {
  const SmoothFunction function = [&problem, chain = start](const Vector& x, Vector& gradient) mutable {
    unpack(x, chain);
    if (!x.allFinite()) return std::nan("");
    const PartialProducts at = partial_products(problem, chain);
    gradient = packed(gradients(problem, at));
    return at.residual.squaredNorm() / 2;
  };
  LbfgsOptions lbfgs;
  lbfgs.memory = options.memory, lbfgs.max_iterations = options.max_iterations, lbfgs.least_decrease = 0;
  require_chain(start);
  const LbfgsResult found = minimize_by_lbfgs(function, packed(start.weights), lbfgs);
  unpack(found.position, start);
  return result_of(problem, std::move(start), found.iterations, found.ending, options);
}

}  // namespace nadir::linear
