#include "nadir/convex/group_problem.hpp"

namespace nadir::convex {

void evaluate(const GroupProblem& problem, Iterate& at) {
  problem.loss.gradient(at.outputs, at.dual);
  at.dual = -at.dual;
  at.objective = problem.loss.value(at.outputs) + problem.lambda * norm_of(problem.penalty, at.groups, at.weights);
}

double largest_lambda(const MaskedProducts& products, const TrainingLoss& loss, Penalty penalty) {
  Matrix gradient;
  loss.gradient(Matrix::Zero(loss.samples(), loss.outputs()), gradient);
  return polar_of_all(penalty, products, gradient).whole;
}

}  // namespace nadir::convex
