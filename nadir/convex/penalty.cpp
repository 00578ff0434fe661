#include "nadir/convex/penalty.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"

namespace nadir::convex {
namespace {

/// Calls visit(first row, rows) for each gate.
template <class Visit>
void for_each_gate(const std::vector<Group>& groups, Visit visit) {
  for (std::size_t first = 0, last = 0; first < groups.size(); first = last) {
    while (last < groups.size() && groups[last].gate == groups[first].gate) ++last;
    visit(static_cast<Index>(first), static_cast<Index>(last - first));
  }
}

/// M = Σ u_i b_iᵀ, with u_i orthonormal and b_i orthogonal: ‖b_i‖ are the singular values of M. Cheaper than a singular
/// value decomposition; values far below the largest, by 10⁷ and more, are less accurate.
struct Decomposition {
  Eigen::MatrixXd U, B;  ///< columns u_i, rows b_i
  bool turned = false;   ///< it is Mᵀ that is decomposed

  template <class Rows>
  explicit Decomposition(const Rows& M) : turned(M.rows() > M.cols()) {
    const Eigen::MatrixXd flat = turned ? Eigen::MatrixXd(M.transpose()) : Eigen::MatrixXd(M);
    U = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(flat * flat.transpose()).eigenvectors();
    B = U.transpose() * flat;
  }
  Vector values() const { return B.rowwise().norm(); }
};

}  // namespace

Penalty penalty_named(const std::string& name) {
  if (name == "group") return Penalty::group;
  if (name == "nuclear") return Penalty::nuclear;
  if (name == "l1") return Penalty::l1;
  if (name == "features") return Penalty::features;
  throw UsageError("--penalty " + name + " is unknown");
}

double norm_of(Penalty penalty, const std::vector<Group>& groups, const Matrix& weights) {
  double sum = 0;
  switch (penalty) {
    case Penalty::group:
      for (Index r = 0; r < weights.rows(); ++r) sum += weights.row(r).norm();
      break;
    case Penalty::nuclear:
      for_each_gate(groups, [&](Index first, Index rows) {
        sum += Eigen::JacobiSVD<Eigen::MatrixXd>(weights.middleRows(first, rows)).singularValues().sum();
      });
      break;
    case Penalty::l1:
      return weights.cwiseAbs().sum();
    case Penalty::features:
      return weights.colwise().norm().sum();
  }
  return sum;
}

double polar_of(Penalty penalty, const std::vector<Group>& groups, const Matrix& correlations) {
  double largest = 0;
  switch (penalty) {
    case Penalty::group:
      return correlations.rowwise().norm().maxCoeff();
    case Penalty::nuclear:
      for_each_gate(groups, [&](Index first, Index rows) {
        largest = std::max(largest, Decomposition(correlations.middleRows(first, rows)).values().maxCoeff());
      });
      break;
    case Penalty::l1:
      return correlations.cwiseAbs().maxCoeff();
    case Penalty::features:
      return correlations.colwise().norm().maxCoeff();
  }
  return largest;
}

void shrink(Penalty penalty, const std::vector<Group>& groups, Matrix& weights, double level) {
  switch (penalty) {
    case Penalty::group:
      for (Index r = 0; r < weights.rows(); ++r) {
        const double norm = weights.row(r).norm();
        if (norm > level)
          weights.row(r) *= 1 - level / norm;
        else
          weights.row(r).setZero();
      }
      break;
    case Penalty::nuclear:
      for_each_gate(groups, [&](Index first, Index rows) {
        auto V = weights.middleRows(first, rows);
        Decomposition parts(V);
        const Vector values = parts.values();
        for (Index i = 0; i < values.size(); ++i) parts.B.row(i) *= values[i] > level ? 1 - level / values[i] : 0;
        if (values.maxCoeff() <= level)
          V.setZero();
        else if (parts.turned)
          V = (parts.U * parts.B).transpose();
        else
          V = parts.U * parts.B;
      });
      break;
    case Penalty::l1:
      weights = (weights.array() - weights.array().max(-level).min(level)).matrix();
      break;
    case Penalty::features: {
      const Eigen::RowVectorXd norms = weights.colwise().norm();
      for (Index i = 0; weights.rows() > 0 && i < norms.size(); ++i)
        weights.col(i) *= norms[i] > level ? 1 - level / norms[i] : 0;
      break;
    }
  }
}

double shrunk_square(Penalty penalty, const Matrix& weights, double level) {
  const auto excess = [level](double norm) { return norm > level ? (norm - level) * (norm - level) : 0; };
  double sum = 0;
  if (penalty == Penalty::group)
    for (Index r = 0; r < weights.rows(); ++r) sum += excess(weights.row(r).norm());
  else if (penalty == Penalty::l1)
    for (const double weight : weights.reshaped()) sum += excess(std::fabs(weight));
  else
    for (const double norm : weights.colwise().norm()) sum += excess(norm);
  return sum;
}

Polar polar_of_all(Penalty penalty, const MaskedProducts& products, const Matrix& dual) {
  constexpr Index numbers_at_once = 1 << 22;
  const Index P = products.patterns().gates(), K = dual.cols();
  Polar polar;
  if (penalty == Penalty::group) {
    polar.shares = products.adjoint_norms(dual);
    polar.whole = polar.shares.maxCoeff();
    return polar;
  }
  polar.shares = Matrix::Zero(P, 1);
  Eigen::RowVectorXd squares = Eigen::RowVectorXd::Zero(products.features().cols());
  const Index at_once = std::max<Index>(1, numbers_at_once / (K * products.features().cols()));
  for (Index first = 0; first < P; first += at_once) {
    const Index some = std::min(at_once, P - first);
    std::vector<Group> groups;
    for (Index g = first * K; g < (first + some) * K; ++g) groups.push_back({g / K, g % K});
    Matrix T;
    products.adjoint(groups, dual, T);
    squares += T.colwise().squaredNorm();
    for (Index p = 0; p < some; ++p) {
      const std::vector<Group> own(groups.begin() + p * K, groups.begin() + (p + 1) * K);
      polar.shares(first + p, 0) = polar_of(penalty, own, T.middleRows(p * K, K));
    }
  }
  polar.whole = penalty == Penalty::features ? std::sqrt(squares.maxCoeff()) : polar.shares.maxCoeff();
  return polar;
}

}  // namespace nadir::convex
