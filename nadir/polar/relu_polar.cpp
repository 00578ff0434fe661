#include "nadir/polar/relu_polar.hpp"

#include <string>

#include "nadir/base/error.hpp"

namespace nadir::polar {

void require_valid(const ReluPolar& problem) {
  if (problem.weights.size() != problem.samples())
    throw InputError("polar: " + std::to_string(problem.samples()) + " samples but " +
                     std::to_string(problem.weights.size()) + " weights; give one weight a sample");
  if (problem.dimension() == 0) throw InputError("polar: samples without features; give at least one feature");
  bool finite = problem.weights.allFinite();
  problem.features.for_each_summed([&](const ConstMatrixView& X) { finite = finite && X.allFinite(); });
  if (!finite) throw InputError("polar: a feature or a weight is not a finite number; remove such samples");
}

double value(const ReluPolar& problem, const Vector& u) {
  const Vector z = product(problem.features, u);
  return problem.weights.dot(z.cwiseMax(0));
}

Vector gradient(const ReluPolar& problem, const Vector& u) {
  const Vector z = product(problem.features, u);
  const Vector active = (z.array() > 0).select(problem.weights, 0);
  return adjoint_product(problem.features, active);
}

}  // namespace nadir::polar
