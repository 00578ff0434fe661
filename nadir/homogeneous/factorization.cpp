#include "nadir/homogeneous/factorization.hpp"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/homogeneous/proof.hpp"
#include "nadir/polar/non_negative.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::homogeneous {
namespace {

constexpr double ulp = 0x1p-53;

Subnetwork pair_subnetwork(const Matrix& Y) {
  return Subnetwork({{Y.rows(), 1, Map::linear, 0}, {1, Y.cols(), Map::linear, 0}});
}

Regularizer pair_regularizer(const FactorPenalty& penalty) {
  Regularizer regularizer{Combination::product, {}};
  for (const bool l1 : penalty.l1) regularizer.norms.push_back(l1 ? Norm::l1 : Norm::l2);
  for (const bool signs : penalty.non_negative) regularizer.non_negative.push_back(signs);
  return regularizer;
}

/// Whether the optimum is known: the soft-thresholded singular values.
bool is_plain(const FactorPenalty& penalty) {
  return !penalty.l1[0] && !penalty.l1[1] && !penalty.non_negative[0] && !penalty.non_negative[1];
}

double size_of_factor(const Vector& factor, bool l1) { return l1 ? factor.lpNorm<1>() : factor.norm(); }

FactorPair thresholded_singular_values(const Matrix& Y, double lambda) {
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(Y, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd roots = (svd.singularValues().array() - lambda).max(0).sqrt();
  const Index count = (roots.array() > 0).count();
  return {svd.matrixU().leftCols(count) * roots.head(count).asDiagonal(),
          svd.matrixV().leftCols(count) * roots.head(count).asDiagonal()};
}

/// The row or column m of Y, or of -Y, that a unit vector of the factor with the l1 norm meets, without the entries
/// that the other factor cannot reach.
Vector reached_line(const FactorPenalty& penalty, const Matrix& Y, Index i, double sign) {
  const bool left = penalty.l1[0];
  const Vector line = sign * (left ? Vector(Y.row(i).transpose()) : Vector(Y.col(i)));
  return penalty.non_negative[left ? 1 : 0] ? Vector(line.cwiseMax(0)) : line;
}

/// The signs that u = ± eᵢ may have and that make a difference: where the other factor is free it takes the sign.
std::vector<double> signs_of(const FactorPenalty& penalty) {
  const std::size_t here = penalty.l1[0] ? 0 : 1, there = 1 - here;
  if (penalty.non_negative[here] || !penalty.non_negative[there]) return {1};
  return {1, -1};
}

FactorPair thresholded_lines(const Matrix& Y, const FactorPenalty& penalty) {
  const bool left = penalty.l1[0];
  std::vector<std::pair<Vector, Vector>> pairs;
  for (Index i = 0; i < (left ? Y.rows() : Y.cols()); ++i)
    for (const double sign : signs_of(penalty)) {
      const Vector line = reached_line(penalty, Y, i, sign);
      const Vector v = penalty.l1[left ? 1 : 0]
                           ? Vector(line.array().sign() * (line.array().abs() - penalty.lambda).max(0))
                           : Vector(std::max(0.0, 1 - penalty.lambda / std::max(line.norm(), 0x1p-1000)) * line);
      if (v.norm() == 0) continue;
      const double root = std::sqrt(size_of_factor(v, penalty.l1[left ? 1 : 0]));
      pairs.emplace_back(sign * root * Vector::Unit(left ? Y.rows() : Y.cols(), i), v / root);
    }
  const auto count = static_cast<Index>(pairs.size());
  FactorPair factors{Matrix(Y.rows(), count), Matrix(Y.cols(), count)};
  for (Index j = 0; j < count; ++j) {
    const auto& [unit, other] = pairs[static_cast<std::size_t>(j)];
    factors.left.col(j) = left ? unit : other, factors.right.col(j) = left ? other : unit;
  }
  return factors;
}

double cost_of(const FactorPenalty& penalty, const FactorPair& factors) {
  double cost = 0;
  for (Index j = 0; j < factors.left.cols(); ++j)
    cost += size_of_factor(factors.left.col(j), penalty.l1[0]) * size_of_factor(factors.right.col(j), penalty.l1[1]);
  return cost;
}

/// The largest uᵀGv over ‖u‖ = ‖v‖ = 1 where a norm is l1, and room for rounding.
double polar_at_vertices(const FactorPenalty& penalty, const Matrix& G) {
  const bool left = penalty.l1[0];
  double most = 0;
  for (Index i = 0; i < (left ? G.rows() : G.cols()); ++i)
    for (const double sign : signs_of(penalty)) {
      const Vector line = reached_line(penalty, G, i, sign);
      most = std::max(most, penalty.l1[left ? 1 : 0] ? line.lpNorm<Eigen::Infinity>() : line.norm());
    }
  return most * (1 + 8 * ulp * static_cast<double>(G.rows() + G.cols() + 16));
}

/// Singular values of G above λ, or hardly below it, become λ: as into_ball, with X = I.
Matrix moved_into_ball(const Matrix& G, double lambda) {
  constexpr double near = 1 - 1e-6;
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(G, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const auto sigma = svd.singularValues().array();
  const Eigen::VectorXd moves = (sigma > near * lambda).select(sigma - lambda, 0);
  return G - svd.matrixU() * moves.asDiagonal() * svd.matrixV().transpose();
}

/// How much of G is taken: the best, or what (*) of the page leaves of it, if q bounds its polar.
double share_taken(const Matrix& Y, const Matrix& G, double lambda, double q) {
  const double squares = G.squaredNorm(), best = squares > 0 ? std::max(0.0, Y.cwiseProduct(G).sum() / squares) : 0;
  return q > 0 ? std::min(lambda / q, best) : best;
}

/// For factors under l2 norms, of which one or both are ≥ 0: N of the relaxation, and what follows from it.
FactorEvidence copositive_evidence(const Matrix& Y, const FactorPenalty& penalty, const Matrix& G,
                                   std::optional<Matrix> added, const GoOn& go_on) {
  const Index n = G.rows(), d = G.cols();
  const bool left = penalty.non_negative[0], right = penalty.non_negative[1];
  const auto size = static_cast<double>(n + d);
  if (n + d > 4096)
    throw ResourceError("a matrix of " + std::to_string(n) + " x " + std::to_string(d) +
                        " is too large for a proof about non-negative factors under l2 norms: rows and columns are "
                        "at most 4096 together");
  Matrix H;
  if (left && right) {
    H = Matrix::Zero(n + d, n + d);
    H.topRightCorner(n, d) = G, H.bottomLeftCorner(d, n) = G.transpose();
  } else {
    H = left ? Matrix(G * G.transpose()) : Matrix(G.transpose() * G);
    H = ((H + Matrix(H.transpose())) / 2).eval();
  }
  const double level = left && right ? penalty.lambda : penalty.lambda * penalty.lambda;
  Matrix N = Matrix::Zero(H.rows(), H.cols());
  double q = polar::proven_largest_eigenvalue(H);
  if (!added && q > level * (1 + 1e-9)) added = polar::non_negative_relaxation(H, go_on);
  if (added && added->rows() == N.rows() && added->cols() == N.cols() && added->allFinite()) {
    const Matrix relaxed = (*added + Matrix(added->transpose())).cwiseMax(0) / 2;
    if (const double lower = polar::proven_largest_eigenvalue(H + relaxed); lower < q) q = lower, N = relaxed;
    N.diagonal().setZero();  // of which no bound becomes larger
  }
  if (!(left && right)) q = std::sqrt(q + 4 * ulp * (size + 4) * G.squaredNorm());
  const double room =
      8 * ulp * (size + 16) * size;  // three times (size + 8) times the trace is what the verifier wants
  const double s = share_taken(Y, G, penalty.lambda, q * (1 + room));
  FactorEvidence evidence{s * G, {}, {}, {}};
  if (left && right) {
    evidence.above = (evidence.dual + s * N.topRightCorner(n, d)).cwiseMax(evidence.dual);
    evidence.left_added = s * N.topLeftCorner(n, n), evidence.right_added = s * N.bottomRightCorner(d, d);
  } else {
    (left ? evidence.left_added : evidence.right_added) = (s * s / penalty.lambda) * N;
  }
  return evidence;
}

FactorEvidence evidence_of(const Matrix& Y, const FactorPenalty& penalty, const Matrix& G, std::optional<Matrix> added,
                           const GoOn& go_on) {
  if (penalty.is_copositive()) return copositive_evidence(Y, penalty, G, std::move(added), go_on);
  const bool plain = is_plain(penalty);
  const Matrix dual = plain ? moved_into_ball(G, penalty.lambda) : G;
  const double q = (plain ? stated_norm(dual) : polar_at_vertices(penalty, dual)) * (1 + 4 * ulp);
  return {share_taken(Y, dual, penalty.lambda, q) * dual, {}, {}, {}};
}

}  // namespace

FactorRun factorize(const Matrix& Y, const FactorPenalty& penalty, const MetaOptions& options, const Watch& watch) {
  if (is_plain(penalty)) return {thresholded_singular_values(Y, penalty.lambda), true, false, Stop::gap_reached};
  if (!penalty.is_copositive()) return {thresholded_lines(Y, penalty), true, false, Stop::gap_reached};
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Matrix identity = Matrix::Identity(Y.rows(), Y.rows());
  const Problem problem{identity, loss, pair_subnetwork(Y), pair_regularizer(penalty),
                        penalty.lambda / static_cast<double>(Y.rows())};
  const MetaResult result = train(problem, {}, options, watch);
  FactorRun run{{Matrix(Y.rows(), result.at.width()), Matrix(Y.cols(), result.at.width())}};
  for (Index j = 0; j < result.at.width(); ++j) {
    const Vector& pair = result.at.weights[static_cast<std::size_t>(j)];
    run.factors.left.col(j) = pair.head(Y.rows()), run.factors.right.col(j) = pair.tail(Y.cols());
  }
  run.no_descent_found = result.no_descent_found, run.stop = result.stop;
  const auto n = static_cast<double>(Y.rows());
  run.lower_bound = n * result.lower_bound;
  // Of the form of G / n, or of its square.
  run.added = (penalty.non_negative[0] && penalty.non_negative[1] ? n : n * n) * result.upper.added;
  return run;
}

double largest_lambda(const Matrix& Y, const FactorPenalty& penalty, const PolarSearch& search) {
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Matrix identity = Matrix::Identity(Y.rows(), Y.rows());
  const Problem problem{identity, loss, pair_subnetwork(Y), pair_regularizer(penalty), 1};
  return search_polar(problem, Y, {}, search).value;
}

FactorizationProof prove_factorization(const Matrix& Y, const FactorPenalty& penalty, const FactorPair& factors,
                                       std::optional<Matrix> added, const GoOn& go_on) {
  const Matrix G = Y - factors.left * factors.right.transpose();
  const auto numbers = static_cast<double>(Y.rows() + Y.cols() + factors.left.cols() + 16);
  // By entry, what a verifier's residual may be off by.
  const Matrix sizes = Y.cwiseAbs() + factors.left.cwiseAbs() * factors.right.cwiseAbs().transpose();
  const double off = 2 * ulp * (static_cast<double>(factors.left.cols()) + 8);
  FactorizationProof proof;
  const double value = G.squaredNorm() / 2 + penalty.lambda * cost_of(penalty, factors);
  proof.objective = value + off * sizes.cwiseProduct(G.cwiseAbs()).sum() + off * off * sizes.squaredNorm() +
                    8 * ulp * numbers * value;
  proof.at_zero = Y.squaredNorm() / 2;
  proof.evidence = evidence_of(Y, penalty, G, std::move(added), go_on);
  const Matrix& D = proof.evidence.dual;
  const double size = D.cwiseAbs().cwiseProduct(Y.cwiseAbs() + D.cwiseAbs() / 2).sum();
  proof.lower_bound = {D.cwiseProduct(Y - D / 2).sum() - 8 * ulp * numbers * size};
  return proof;
}

}  // namespace nadir::homogeneous
