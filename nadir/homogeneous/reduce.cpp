#include "nadir/homogeneous/reduce.hpp"

#include <Eigen/QR>
#include <vector>

namespace nadir::homogeneous {

Vector reduce(const Eigen::MatrixXd& columns, const Vector& costs) {
  constexpr double dependent = 1e-11;  // relative, of a pivot
  const Index r = columns.cols();
  Vector factors = Vector::Ones(r);
  for (Index step = 0; step < r; ++step) {
    std::vector<Index> left;
    for (Index i = 0; i < r; ++i)
      if (factors[i] > 0) left.push_back(i);
    const auto count = static_cast<Index>(left.size());
    Eigen::MatrixXd scaled(columns.rows(), count);  // of norm 1, so that the rank does not depend on their sizes
    Vector sizes(count);
    for (Index j = 0; j < count; ++j) {
      const auto column = columns.col(left[static_cast<std::size_t>(j)]);
      sizes[j] = column.norm();
      scaled.col(j) = sizes[j] > 0 ? Eigen::VectorXd(column / sizes[j]) : Eigen::VectorXd(column);
    }
    Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(scaled);
    qr.setThreshold(dependent);
    const Index rank = qr.rank();
    if (rank >= count) break;
    // One column as a combination of the pivots: Φ β = 0 in the scaled columns.
    Vector permuted = Vector::Zero(count);
    const auto R = qr.matrixR();
    permuted.head(rank) = -R.topLeftCorner(rank, rank).triangularView<Eigen::Upper>().solve(R.col(rank).head(rank));
    permuted[rank] = 1;
    Vector beta = qr.colsPermutation() * permuted;
    for (Index j = 0; j < count; ++j) beta[j] /= sizes[j] > 0 ? sizes[j] : 1;
    // c + t β ≥ 0, in the direction in which the cost does not rise, until the first factor is 0.
    double cost = 0;
    for (Index j = 0; j < count; ++j) cost += costs[left[static_cast<std::size_t>(j)]] * beta[j];
    if (cost > 0) beta = -beta;
    if (!(beta.minCoeff() < 0)) beta = -beta;  // costs nothing, and has no end this way
    double length = -1;
    Index first = 0;
    for (Index j = 0; j < count; ++j) {
      const double until = beta[j] < 0 ? -factors[left[static_cast<std::size_t>(j)]] / beta[j] : -1;
      if (until >= 0 && (length < 0 || until < length)) length = until, first = j;
    }
    for (Index j = 0; j < count; ++j) {
      double& factor = factors[left[static_cast<std::size_t>(j)]];
      factor = j == first ? 0 : std::max(0.0, factor + length * beta[j]);
    }
  }
  return factors;
}

}  // namespace nadir::homogeneous
