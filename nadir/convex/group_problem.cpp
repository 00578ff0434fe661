#include "nadir/convex/group_problem.hpp"

#include <algorithm>

namespace nadir::convex {

double penalty(const Matrix& weights, double lambda) {
  double sum = 0;
  for (Index g = 0; g < weights.rows(); ++g) sum += weights.row(g).norm();
  return lambda * sum;
}

void evaluate(const GroupProblem& problem, Iterate& at) {
  problem.loss.gradient(at.outputs, at.dual);
  at.dual = -at.dual;
  at.objective = problem.loss.value(at.outputs) + penalty(at.weights, problem.lambda);
}

double largest_lambda(const MaskedProducts& products, const TrainingLoss& loss) {
  Matrix gradient;
  loss.gradient(Matrix::Zero(loss.samples(), loss.outputs()), gradient);
  return products.adjoint_norms(gradient).maxCoeff();
}

}  // namespace nadir::convex
