#include "nadir/opt/caratheodory.hpp"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <vector>

namespace nadir {
namespace {

constexpr double dependent = 1e-11;     ///< relative, of a pivot
constexpr double negligible = 0x1p-60;  ///< a column's size, relative to the largest

using Factorization = Eigen::ColPivHouseholderQR<Eigen::MatrixXd>;

/// Whether the columns' Gram matrix is far from singular, which costs much less than their factorization.
bool clearly_independent(const Eigen::MatrixXd& columns) {
  if (columns.cols() > columns.rows()) return false;
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(columns.cols(), columns.cols());
  gram.selfadjointView<Eigen::Lower>().rankUpdate(columns.transpose());
  gram.diagonal().array() -= 1e-6;
  return gram.llt().info() == Eigen::Success;
}

/// A basis, r × q: each column beyond the pivots as a combination of these.
Eigen::MatrixXd null_space(const Factorization& qr, Index r) {
  const Index rank = qr.rank();
  const auto& R = qr.matrixR();
  Eigen::MatrixXd basis = Eigen::MatrixXd::Zero(r, r - rank);
  basis.topRows(rank) =
      -R.topLeftCorner(rank, rank).triangularView<Eigen::Upper>().solve(R.topRightCorner(rank, r - rank));
  basis.bottomRows(r - rank).setIdentity();
  return qr.colsPermutation() * basis;
}

/// Moves e along β, in the direction in which the cost does not rise, until its first entry is 0: that place.
Index step_to_zero(Vector beta, const Vector& costs, Vector& e) {
  if (costs.dot(beta) > 0) beta = -beta;
  if (!(beta.minCoeff() < 0)) beta = -beta;  // costs nothing, and has no end this way
  Index first = 0;
  double length = -1;
  for (Index j = 0; j < e.size(); ++j) {
    if (!(beta[j] < 0)) continue;
    const double until = -e[j] / beta[j];
    if (length < 0 || until < length) length = until, first = j;
  }
  e = (e + length * beta).cwiseMax(0);
  e[first] = 0;
  return first;
}

/// For columns S of norm 1 and e > 0: e' ≥ 0 with S e' = S e and no larger cost, independent where it is above 0. Each
/// direction of the null space costs one column its place, and the others are freed of that place by elimination.
Vector independent_part(const Eigen::MatrixXd& columns, const Vector& costs, const Vector& e) {
  if (columns.cols() == 0 || clearly_independent(columns)) return e;
  Factorization qr;
  qr.setThreshold(dependent);
  qr.compute(columns);
  if (qr.rank() == columns.cols()) return e;
  Eigen::MatrixXd basis = null_space(qr, columns.cols());
  Vector left = e;
  for (Index q = basis.cols(); q > 0; --q) {
    const Vector beta = basis.col(q - 1);
    const Index gone = step_to_zero(beta, costs, left);
    for (Index l = 0; l + 1 < q; ++l) basis.col(l) -= (basis(gone, l) / beta[gone]) * beta;
    basis.row(gone).setZero();
  }
  std::vector<Index> places;
  for (Index j = 0; j < left.size(); ++j)
    if (left[j] > 0) places.push_back(j);
  if (places.empty()) return left;
  // What elimination lost is made good on the columns that are left.
  const Vector off = columns * (e - left);
  const Vector corrected = Vector(left(places)) + Factorization(columns(Eigen::all, places)).solve(off);
  if (corrected.minCoeff() > 0) left(places) = corrected;
  return left;
}

}  // namespace

Vector independent_factors(const Eigen::MatrixXd& columns, const Vector& costs) {
  const Index r = columns.cols();
  Vector factors = Vector::Zero(r);
  if (r == 0) return factors;
  const Vector sizes = columns.colwise().norm();
  std::vector<Index> places;
  for (Index j = 0; j < r; ++j)
    if (sizes[j] > negligible * sizes.maxCoeff()) places.push_back(j);
  const Vector e = sizes(places);
  const Eigen::MatrixXd scaled = columns(Eigen::all, places) * e.cwiseInverse().asDiagonal();
  factors(places) = independent_part(scaled, Vector(costs(places)).cwiseQuotient(e), e).cwiseQuotient(e);
  return factors;
}

}  // namespace nadir
