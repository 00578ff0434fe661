#include "nadir/homogeneous/polar.hpp"

#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <limits>

#include "nadir/base/random.hpp"
#include "nadir/opt/lbfgs.hpp"
#include "nadir/polar/branch_and_bound.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::homogeneous {
namespace {

/// Of two factors or more: with one alone the singular value bounds nothing.
bool is_linear_chain(const Subnetwork& subnetwork) {
  const auto plain = [](const Layer& layer) { return layer.map == Map::linear && layer.pool == 1; };
  return subnetwork.layers().size() > 1 && std::all_of(subnetwork.layers().begin(), subnetwork.layers().end(), plain);
}

bool is_outer_product(const Subnetwork& subnetwork) {
  return is_linear_chain(subnetwork) && subnetwork.layers().size() == 2 && subnetwork.layers()[0].outputs == 1;
}

/// Scaled to θ = 1.
PolarWitness normalized(const Problem& problem, const Matrix& G, Vector weights) {
  const double cost = problem.regularizer.value(problem.subnetwork, weights);
  if (!(cost > 0)) return {Vector::Zero(weights.size()), 0};
  weights *= std::pow(cost, -1 / problem.subnetwork.degree());
  const double value = G.cwiseProduct(problem.subnetwork.apply(problem.features, weights)).sum();
  return {std::move(weights), value};
}

/// Ascends ⟨G, φ(z)⟩ / θ(z), which does not depend on the size of z, by L-BFGS on its negative logarithm.
PolarWitness ascend(const Problem& problem, const Matrix& G, const Vector& from, int iterations) {
  const PolarWitness start = normalized(problem, G, from);
  if (!(start.value > 0)) return start;
  const auto objective = [&](const Vector& z, Vector& gradient) {
    const double inner = G.cwiseProduct(problem.subnetwork.apply(problem.features, z)).sum();
    const double cost = problem.regularizer.value(problem.subnetwork, z);
    if (!(inner > 0 && cost > 0)) return std::numeric_limits<double>::infinity();
    gradient.setZero();
    problem.subnetwork.pull_back(problem.features, z, -G / inner, gradient);
    problem.regularizer.add_gradient(problem.subnetwork, z, 1 / cost, gradient);
    return std::log(cost) - std::log(inner);
  };
  LbfgsOptions options;
  options.max_iterations = iterations, options.least_decrease = 1e-12;
  PolarWitness found = normalized(problem, G, minimize_by_lbfgs(objective, start.weights, options).position);
  return found.value > start.value ? found : start;
}

/// The leading singular vectors, as the two factors.
PolarWitness leading_factors(const Problem& problem, const Matrix& G) {
  const Eigen::MatrixXd M = problem.features.transpose() * G;  // d × K
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(M, Eigen::ComputeThinU | Eigen::ComputeThinV);
  Vector weights(problem.subnetwork.size());
  weights << svd.matrixU().col(0), svd.matrixV().col(0);
  return normalized(problem, G, std::move(weights));
}

/// Branch and bound over both signs; for one output and one ReLU unit.
double bound_relu_unit(const Problem& problem, const Matrix& G, double level, long nodes) {
  polar::BranchOptions options;
  options.level = level, options.max_nodes = nodes, options.tolerance = 1e-9;
  double most = 0;
  for (const int sign : {1, -1}) {
    const polar::ReluPolar one{problem.features, sign * G.col(0)};
    most = std::max(most, polar::bound_by_branching(one, Matrix(0, problem.features.cols()), options).upper.value);
  }
  return most;
}

bool is_relu_unit(const Subnetwork& subnetwork) {
  const std::vector<Layer>& layers = subnetwork.layers();
  return layers.size() == 2 && layers[0].outputs == 1 && layers[0].map == Map::relu && layers[1].outputs == 1 &&
         layers[1].map == Map::linear && subnetwork.inputs() == layers[0].inputs;
}

/// Whether every map is 1-Lipschitz and 0 at 0, and there is no image, whose patches repeat the features.
bool is_lipschitz(const Subnetwork& subnetwork) {
  if (subnetwork.inputs() != subnetwork.layers().front().inputs) return false;
  return std::all_of(subnetwork.layers().begin(), subnetwork.layers().end(), [](const Layer& layer) {
    return layer.map == Map::linear || layer.map == Map::relu ||
           (layer.map == Map::leaky_relu && std::fabs(layer.parameter) <= 1);
  });
}

double bound_by_layers(const Problem& problem, const Matrix& G) {
  const std::vector<Layer>& layers = problem.subnetwork.layers();
  const double size = polar::proven_singular_value(problem.features);
  const double rounding = 1 + 4 * 0x1p-53 * static_cast<double>(G.size() + 8);
  if (layers.size() == 1 || layers.back().map != Map::linear || layers.back().pool > 1)
    return size * G.norm() * rounding;
  const bool one_output = layers.back().outputs == 1;
  if (!one_output || layers[layers.size() - 2].map != Map::relu) return size * polar::proven_singular_value(G);
  return size * std::max(G.cwiseMax(0).norm(), G.cwiseMin(0).norm()) * rounding;
}

}  // namespace

PolarWitness search_polar(const Problem& problem, const Matrix& G, const std::vector<Vector>& given,
                          const PolarSearch& options) {
  if (is_outer_product(problem.subnetwork) && problem.regularizer.norms.empty() &&
      problem.regularizer.combination != Combination::path)
    return leading_factors(problem, G);
  PolarWitness best{Vector::Zero(problem.subnetwork.size()), 0};
  const auto try_from = [&](const Vector& start) {
    PolarWitness found = ascend(problem, G, start, options.iterations);
    if (found.value > best.value) best = std::move(found);
  };
  for (const Vector& start : given) try_from(start);
  Random random(options.seed);
  for (int s = 0; s < options.starts; ++s) {
    Vector start(problem.subnetwork.size());
    for (double& entry : start) entry = random.normal();
    try_from(start);
    problem.subnetwork.weights(start, problem.subnetwork.layers().size() - 1) *= -1;  // the other sign
    try_from(start);
  }
  return best;
}

Matrix into_ball(const Problem& problem, const Matrix& G) {
  constexpr double near = 1 - 1e-6;
  if (!is_linear_chain(problem.subnetwork)) return G;
  const Matrix& X = problem.features;
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(X.transpose() * G, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const auto sigma = svd.singularValues().array();
  const Eigen::VectorXd moves = (sigma > near * problem.lambda).select(sigma - problem.lambda, 0);
  const Eigen::MatrixXd excess = svd.matrixU() * moves.asDiagonal() * svd.matrixV().transpose();
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(X);  // the least change of G with that change of XᵀG: X (XᵀX)⁻¹
  if (qr.rank() < X.cols()) return G;
  const auto R = qr.matrixR().topRows(X.cols()).triangularView<Eigen::Upper>();
  Eigen::MatrixXd change = Eigen::MatrixXd::Zero(X.rows(), G.cols());
  change.topRows(X.cols()) = R.transpose().solve(qr.colsPermutation().transpose() * excess);
  return G - qr.householderQ() * change;
}

PolarUpper bound_polar(const Problem& problem, const Matrix& G, double level, long nodes) {
  if (!problem.regularizer.is_at_least_product_of_l2() || !is_lipschitz(problem.subnetwork))
    return {std::numeric_limits<double>::infinity(), "none"};
  if (is_linear_chain(problem.subnetwork)) {
    const Matrix M = problem.features.transpose() * G;
    const double terms = static_cast<double>(problem.features.rows() + 4);
    const double rounding = 4 * 0x1p-53 * terms * problem.features.norm() * G.norm();
    return {polar::proven_singular_value(M) + rounding, "singular value"};
  }
  const double by_layers = bound_by_layers(problem, G);
  if (is_relu_unit(problem.subnetwork) && by_layers > level)
    if (const double branched = bound_relu_unit(problem, G, level, nodes); branched < by_layers)
      return {branched, "branch and bound"};
  return {by_layers, "layer norms"};
}

}  // namespace nadir::homogeneous
