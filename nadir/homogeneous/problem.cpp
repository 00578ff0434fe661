#include "nadir/homogeneous/problem.hpp"

namespace nadir::homogeneous {

void evaluate(const Problem& problem, Iterate& at) {
  at.outputs = Matrix::Zero(problem.features.rows(), problem.subnetwork.outputs());
  double cost = 0;
  for (const Vector& weights : at.weights) {
    at.outputs += problem.subnetwork.apply(problem.features, weights);
    cost += problem.regularizer.value(problem.subnetwork, weights);
  }
  problem.loss.gradient(at.outputs, at.dual);
  at.dual = -at.dual;
  at.objective = problem.loss.value(at.outputs) + problem.lambda * cost;
}

}  // namespace nadir::homogeneous
