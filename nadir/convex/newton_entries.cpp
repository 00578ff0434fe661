#include "nadir/convex/newton_entries.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "nadir/convex/sample_system.hpp"

namespace nadir::convex {
namespace {

/// An entry of the weights: row and column.
struct Entry {
  Index row, feature;
};

/// Those other than 0, by outputs.
std::vector<std::vector<Entry>> entries_of(const std::vector<Group>& groups, const Matrix& v, Index outputs) {
  std::vector<std::vector<Entry>> entries(static_cast<std::size_t>(outputs));
  for (Index row = 0; row < v.rows(); ++row)
    for (Index i = 0; i < v.cols(); ++i)
      if (v(row, i) != 0)
        entries[static_cast<std::size_t>(groups[static_cast<std::size_t>(row)].output)].push_back({row, i});
  return entries;
}

/// Columns D_p x_i of the entries, for the samples from `first` on whose features are the rows of X.
Eigen::MatrixXd columns_of(const Patterns& patterns, const std::vector<Group>& groups,
                           const std::vector<Entry>& entries, const Eigen::MatrixXd& X, Index first) {
  Eigen::MatrixXd B(X.rows(), static_cast<Index>(entries.size()));
  for (Index e = 0; e < B.cols(); ++e) {
    const Entry& entry = entries[static_cast<std::size_t>(e)];
    const Index gate = groups[static_cast<std::size_t>(entry.row)].gate;
    for (Index s = 0; s < B.rows(); ++s) B(s, e) = patterns.open(gate, first + s) ? X(s, entry.feature) : 0;
  }
  return B;
}

/// The block (k, l) of the curvature: a diagonal matrix over the samples; nothing where it is 0.
Vector block_of(const Curvature& W, Index k, Index l) {
  const auto column = [&](Index c) { return W.diagonal.col(c).array(); };
  if (!W.softmax) return k == l ? Vector(W.diagonal.col(k)) : Vector();
  if (k == l) return column(k) * (1 - column(k) / W.shares.array());
  return -column(k) * column(l) / W.shares.array();
}

/// I + σ Bᵀ W B, the lower half: blocks of rows, of at most 2²¹ numbers.
Eigen::MatrixXd system_of(const GroupProblem& problem, const std::vector<Group>& groups,
                          const std::vector<std::vector<Entry>>& entries, double sigma, const Curvature& W) {
  constexpr Index numbers = Index{1} << 21, multiple = 64;
  std::vector<Index> begin{0};
  for (const auto& part : entries) begin.push_back(begin.back() + static_cast<Index>(part.size()));
  const Index a = begin.back(), n = problem.loss.samples(), K = problem.outputs();
  Eigen::MatrixXd H = Eigen::MatrixXd::Identity(a, a);
  const Index most = std::max(multiple, numbers / std::max<Index>(a, 1) / multiple * multiple);
  Matrix room;
  std::vector<Eigen::MatrixXd> B(entries.size());
  for (Index first = 0; first < n; first += most) {
    const Index count = std::min(most, n - first);
    const Eigen::MatrixXd X = problem.products.features().block(first, count, room);
    for (std::size_t k = 0; k < B.size(); ++k)
      B[k] = columns_of(problem.products.patterns(), groups, entries[k], X, first);
    for (Index k = 0; k < K; ++k)
      for (Index l = 0; l <= k; ++l) {
        const Vector w = block_of(W, k, l);
        const Eigen::MatrixXd &left = B[static_cast<std::size_t>(k)], &right = B[static_cast<std::size_t>(l)];
        if (w.size() == 0 || left.cols() == 0 || right.cols() == 0) continue;
        const auto at = [&](Index output) { return begin[static_cast<std::size_t>(output)]; };
        H.block(at(k), at(l), left.cols(), right.cols()).noalias() +=
            left.transpose() * (sigma * w.segment(first, count)).asDiagonal() * right;
      }
  }
  return H;
}

/// The gates' patterns as 0 and 1, n × gates.
Eigen::MatrixXf zeros_and_ones(const Patterns& patterns, const std::vector<Group>& groups) {
  Eigen::MatrixXf D(patterns.samples(), static_cast<Index>(groups.size()));
  for (Index g = 0; g < D.cols(); ++g)
    for (Index s = 0; s < D.rows(); ++s) D(s, g) = patterns.open(groups[static_cast<std::size_t>(g)].gate, s) ? 1 : 0;
  return D;
}

}  // namespace

bool has_newton_of_entries(const GroupProblem& problem, const Matrix& weights) {
  if (problem.penalty == Penalty::l1) return (weights.array() != 0).count() <= most_entries / 2;
  return problem.penalty == Penalty::features && problem.outputs() == 1 && may_be_dense(problem);
}

Matrix newton_direction_of_entries(const GroupProblem& problem, const std::vector<Group>& groups, const Matrix& v,
                                   double sigma, const Curvature& W, const Matrix& r) {
  const std::vector<std::vector<Entry>> entries = entries_of(groups, v, problem.outputs());
  const Eigen::LLT<Eigen::MatrixXd> factor(system_of(problem, groups, entries, sigma, W));
  Matrix weighted, right, q = Matrix::Zero(v.rows(), v.cols()), e;
  W.apply(r, weighted);
  problem.products.adjoint(groups, weighted, right);
  Vector b(factor.rows());
  Index place = 0;
  for (const auto& part : entries)
    for (const Entry& entry : part) b[place++] = sigma * right(entry.row, entry.feature);
  factor.solveInPlace(b);
  place = 0;
  for (const auto& part : entries)
    for (const Entry& entry : part) q(entry.row, entry.feature) = b[place++];
  problem.products.forward(groups, q, problem.outputs(), e);
  return e - r;
}

Matrix newton_direction_of_features(const GroupProblem& problem, NewtonData& data, const std::vector<Group>& groups,
                                    const Matrix& v, double sigma, const Curvature& W, const Matrix& r) {
  const Index n = problem.loss.samples(), d = v.cols();
  const Eigen::MatrixXf D = zeros_and_ones(problem.products.patterns(), groups);
  if (data.pattern_gram.size() == 0) data.pattern_gram = D * D.transpose();
  Matrix room;
  const Eigen::MatrixXf X = problem.products.features().block(0, n, room).cast<float>();
  Matrix u = Matrix::Zero(v.rows(), d);
  Vector t = Vector::Zero(d), radial = t;  // of S: both 0 for features that are not there
  Eigen::MatrixXf across = Eigen::MatrixXf::Zero(n, d), along = across;
  for (Index i = 0; i < d; ++i) {
    const double norm = v.col(i).norm();
    if (norm == 0) continue;
    t[i] = 1 / (1 / sigma + problem.lambda / norm), radial[i] = sigma;
    u.col(i) = v.col(i) / norm;
    across.col(i) = static_cast<float>(std::sqrt(t[i])) * X.col(i);
    along.col(i) = static_cast<float>(std::sqrt(sigma - t[i])) * X.col(i).cwiseProduct(D * u.col(i).cast<float>());
  }
  data.sample_matrix = (across * across.transpose()).cwiseProduct(data.pattern_gram);
  data.sample_matrix.selfadjointView<Eigen::Lower>().rankUpdate(along);
  Matrix q, f;
  const auto M = [&](const Vector& a) {
    problem.products.adjoint(groups, a, q);
    const Vector shares = u.cwiseProduct(q).colwise().sum();
    q = q * t.asDiagonal() + u * (radial - t).cwiseProduct(shares).asDiagonal();
    problem.products.forward(groups, q, 1, f);
    return Vector(f.col(0));
  };
  return solve_in_samples(data.sample_matrix, M, W.diagonal.col(0), r.col(0));
}

}  // namespace nadir::convex
