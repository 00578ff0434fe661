#include "nadir/homogeneous/polar.hpp"

#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <limits>

#include "nadir/base/random.hpp"
#include "nadir/homogeneous/layer_bounds.hpp"
#include "nadir/homogeneous/outer_product.hpp"
#include "nadir/opt/lbfgs.hpp"
#include "nadir/polar/local_search.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::homogeneous {
namespace {

/// Of two factors or more: with one alone the singular value bounds nothing.
bool is_linear_chain(const Subnetwork& subnetwork) {
  const auto plain = [](const Layer& layer) { return layer.map == Map::linear && layer.pool == 1; };
  return subnetwork.places() == 1 && subnetwork.layers().size() > 1 &&
         std::all_of(subnetwork.layers().begin(), subnetwork.layers().end(), plain);
}

bool is_relu_unit(const Subnetwork& subnetwork) {
  const std::vector<Layer>& layers = subnetwork.layers();
  return layers.size() == 2 && layers[0].outputs == 1 && layers[0].map == Map::relu && layers[1].outputs == 1 &&
         layers[1].map == Map::linear && subnetwork.inputs() == layers[0].inputs;
}

/// Whether θ(W₁, W₂) = 1 where both factors have a Euclidean norm of 1, and is not below ‖W₁‖‖W₂‖.
bool is_euclidean(const Regularizer& regularizer) {
  return regularizer.combination != Combination::path &&
         std::all_of(regularizer.norms.begin(), regularizer.norms.end(), [](Norm norm) { return norm == Norm::l2; });
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
PolarWitness ascend(const Problem& problem, const Matrix& G, const Vector& from, const PolarSearch& search) {
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
  options.max_iterations = search.iterations, options.least_decrease = 1e-12, options.go_on = search.go_on;
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

PolarWitness relu_unit(const Problem& problem, const Matrix& G, const Vector& u, int sign) {
  Vector weights(u.size() + 1);
  weights << u, sign;
  return normalized(problem, G, std::move(weights));
}

/// One ReLU unit and one output: by the search of the polar room, which does not zigzag along kinks.
PolarWitness best_relu_unit(const Problem& problem, const Matrix& G, const std::vector<Vector>& given,
                            const PolarSearch& options) {
  PolarWitness best{Vector::Zero(problem.subnetwork.size()), 0};
  const Index d = problem.features.cols();
  Matrix units(static_cast<Index>(given.size()), d);
  for (Index i = 0; i < units.rows(); ++i) units.row(i) = given[static_cast<std::size_t>(i)].head(d).transpose();
  polar::LocalSearchOptions search;
  search.random_starts = options.starts, search.seed = options.seed;
  for (const int sign : {1, -1})
    for (const polar::Witness& found : polar::local_search({problem.features, sign * G.col(0)}, units, search)) {
      PolarWitness witness = relu_unit(problem, G, found.u, sign);
      if (witness.value > best.value) best = std::move(witness);
    }
  return best;
}

}  // namespace

PolarWitness search_polar(const Problem& problem, const Matrix& G, const std::vector<Vector>& given,
                          const PolarSearch& options) {
  if (has_sparse_factors(problem)) return search_factors(problem, G, given, options);
  if (is_euclidean(problem.regularizer)) {
    if (is_outer_product(problem.subnetwork)) return leading_factors(problem, G);
    if (is_relu_unit(problem.subnetwork)) return best_relu_unit(problem, G, given, options);
  }
  PolarWitness best{Vector::Zero(problem.subnetwork.size()), 0};
  const auto try_from = [&](const Vector& start) {
    if (options.go_on && !options.go_on()) return;
    PolarWitness found = ascend(problem, G, start, options);
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
  if (!is_linear_chain(problem.subnetwork) || has_sparse_factors(problem)) return G;
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

bool proof_searches(const Problem& problem) {
  return has_sparse_factors(problem) || (is_relu_unit(problem.subnetwork) && is_euclidean(problem.regularizer));
}

PolarUpper bound_polar(const Problem& problem, const Matrix& G, double level, long nodes, const GoOn& go_on) {
  if (has_sparse_factors(problem)) return bound_factors(problem, G, level, nodes, go_on);
  if (is_linear_chain(problem.subnetwork) && problem.regularizer.combination != Combination::path) {
    const Matrix M = problem.features.transpose() * G;
    const double terms = static_cast<double>(problem.features.rows() + 4);
    const double rounding = 4 * 0x1p-53 * terms * problem.features.norm() * G.norm();
    const double over = problem.regularizer.product_over_value(problem.subnetwork);
    return {over * (polar::proven_singular_value(M) + rounding), "singular value"};
  }
  if (!proof_searches(problem)) return bound_by_layers(problem, G, level, nodes, go_on);
  // One unit: what is found is a sub-network.
  PolarUpper quick = bound_by_layers(problem, G, std::numeric_limits<double>::infinity(), nodes, go_on);
  if (quick.value <= level) return quick;
  PolarUpper branched = bound_relu_unit(problem.features, G.col(0), level, nodes, go_on);
  if (branched.found.weights.size() > 0) branched.found = normalized(problem, G, std::move(branched.found.weights));
  return branched.value < quick.value ? branched : quick;
}

}  // namespace nadir::homogeneous
