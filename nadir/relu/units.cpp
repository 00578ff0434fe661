#include "nadir/relu/units.hpp"

#include <cmath>

namespace nadir::relu {

void Units::add(const Vector& direction, double weight, Index output) {
  const Index m = count();
  directions.conservativeResize(m + 1, direction.size());
  directions.row(m) = direction.transpose();
  weights.conservativeResize(m + 1);
  weights[m] = weight;
  outputs.push_back(output);
}

Matrix Units::directions_of(Index output, int sign) const {
  Matrix result(count(), directions.cols());
  Index found = 0;
  for (Index j = 0; j < count(); ++j)
    if (outputs[static_cast<std::size_t>(j)] == output && sign * weights[j] > 0)
      result.row(found++) = directions.row(j);
  return result.topRows(found);
}

void Units::keep(const std::vector<bool>& marked) {
  Index kept = 0;
  for (Index j = 0; j < count(); ++j) {
    const auto place = static_cast<std::size_t>(j);
    if (!marked[place]) continue;
    directions.row(kept) = directions.row(j).eval();
    weights[kept] = weights[j];
    outputs[static_cast<std::size_t>(kept++)] = outputs[place];
  }
  directions.conservativeResize(kept, directions.cols());
  weights.conservativeResize(kept);
  outputs.resize(static_cast<std::size_t>(kept));
}

namespace {

/// ‖wⱼ‖ of the unit at these places.
double size_of(const Units& units, Index begin, Index end) {
  return end - begin == 1 ? std::fabs(units.weights[begin]) : units.weights.segment(begin, end - begin).norm();
}

}  // namespace

Index end_of_unit(const Problem& problem, const Units& units, Index j) {
  Index end = j + 1;
  const auto output = [&](Index place) { return units.outputs[static_cast<std::size_t>(place)]; };
  while (problem.shared && end < units.count() && output(end) > output(end - 1) &&
         units.directions.row(end) == units.directions.row(j))
    ++end;
  return end;
}

double sum_of_norms(const Problem& problem, const Units& units) {
  if (!problem.shared) return units.weights.cwiseAbs().sum();
  double sum = 0;
  for (Index j = 0, end = 0; j < units.count(); j = end) {
    end = end_of_unit(problem, units, j);
    sum += size_of(units, j, end);
  }
  return sum;
}

ReluNetwork balanced_network(const Problem& problem, const Iterate& at) {
  const Units& units = at.units;
  ReluNetwork network{Matrix(units.count(), problem.inputs()), Matrix::Zero(units.count(), problem.outputs()),
                      at.biases, at.skip, problem.power};
  Index row = 0;
  for (Index j = 0, end = 0; j < units.count(); j = end, ++row) {
    end = end_of_unit(problem, units, j);
    const double size = size_of(units, j, end), root = problem.power == 1 ? std::sqrt(size) : 1;
    network.units.row(row) = root * units.directions.row(j);
    for (Index part = j; part < end && size > 0; ++part)
      network.unit_outputs(row, units.outputs[static_cast<std::size_t>(part)]) =
          problem.power == 1 ? root * (units.weights[part] / size) : units.weights[part];
  }
  network.units.conservativeResize(row, problem.inputs());
  network.unit_outputs.conservativeResize(row, problem.outputs());
  return network;
}

Units units_of(const ReluNetwork& network) {
  Units units;
  units.directions.resize(0, network.inputs());
  for (Index j = 0; j < network.units.rows(); ++j) {
    const double norm = network.units.row(j).norm();
    for (Index k = 0; norm > 0 && k < network.outputs(); ++k)
      if (network.unit_outputs(j, k) != 0)
        units.add(network.units.row(j).transpose() / norm, std::pow(norm, network.power) * network.unit_outputs(j, k),
                  k);
  }
  return units;
}

Activations::Activations(const Problem& problem, const Units& units) : problem_(problem), units_(units) {
  if (problem.features.is_one_block())
    problem.features.for_each_block([&](Index, const ConstMatrixView& X) { kept_ = of_rows(X); });
}

Eigen::MatrixXd Activations::of_rows(const ConstMatrixView& X) const {
  Eigen::MatrixXd H(X.rows(), units_.count());
  H.noalias() = X * units_.directions.transpose();
  if (problem_.power == 0) return (H.array() > 0).cast<double>();
  H = H.cwiseMax(0);
  return problem_.power == 2 ? H.cwiseAbs2() : H;
}

void evaluate(const Problem& problem, Iterate& at) { evaluate(problem, Activations(problem, at.units), at); }

void evaluate(const Problem& problem, const Activations& activations, Iterate& at) {
  at.outputs = Matrix::Zero(problem.samples(), problem.outputs());
  if (at.biases.size() > 0) at.outputs.rowwise() += at.biases.transpose();
  activations.for_each_block([&](Index first, const ConstMatrixView& X, const Eigen::MatrixXd& H) {
    auto some = at.outputs.middleRows(first, X.rows());
    if (at.skip.size() > 0) some.noalias() += X * at.skip;
    for (Index j = 0; j < H.cols(); ++j)
      some.col(at.units.outputs[static_cast<std::size_t>(j)]) += at.units.weights[j] * H.col(j);
  });
  problem.loss.gradient(at.outputs, at.dual);
  at.dual = -at.dual;
  at.objective = problem.loss.value(at.outputs) + problem.lambda * sum_of_norms(problem, at.units) +
                 problem.bias_weight / 2 * at.biases.squaredNorm() + problem.skip_weight / 2 * at.skip.squaredNorm();
}

}  // namespace nadir::relu
