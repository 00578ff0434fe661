#include "nadir/polar/singular_value.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>

namespace nadir::polar {

double proven_singular_value(const Matrix& M) {
  constexpr double unit = 0x1p-53, infinity = std::numeric_limits<double>::infinity();
  if (!M.allFinite()) return infinity;
  const double size = M.size() > 0 ? M.cwiseAbs().maxCoeff() : 0;
  if (size == 0) return 0;
  const bool tall = M.rows() >= M.cols();
  const Eigen::MatrixXd scaled = tall ? Eigen::MatrixXd(M / size) : Eigen::MatrixXd(M.transpose() / size);
  const Index k = scaled.cols();
  const Eigen::MatrixXd gram = scaled.transpose() * scaled;
  const double largest =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram, Eigen::EigenvaluesOnly).eigenvalues()[k - 1];
  const auto rows = static_cast<double>(scaled.rows()), columns = static_cast<double>(k);
  for (double room = 2; room < 1e6; room *= 4) {
    // With columns aᵢ, an entry of the Gram matrix is off by γ(rows + 4) ‖aᵢ‖ ‖aⱼ‖, so the matrix by γ Σ ‖aᵢ‖² = γ; and
    // a factorization that succeeds leaves a least eigenvalue of −γ(columns + 2) times the trace, at most columns · s.
    const double shift = 4 * unit * ((rows + 8) * gram.trace() + (columns + 4) * columns * largest);
    const double s = largest + room * shift;
    Eigen::MatrixXd shifted = -gram;
    shifted.diagonal().array() += s - shift;
    if (s <= 2 * largest && Eigen::LLT<Eigen::MatrixXd, Eigen::Lower>(shifted).info() == Eigen::Success)
      return std::sqrt(s) * size * (1 + 16 * unit);
  }
  return std::sqrt(gram.trace()) * size * (1 + 2 * unit * (rows * columns + 16));
}

double proven_largest_eigenvalue(const Matrix& H) {
  constexpr double unit = 0x1p-53;
  if (!H.allFinite()) return std::numeric_limits<double>::infinity();
  const double size = H.size() > 0 ? H.cwiseAbs().maxCoeff() : 0;
  if (size == 0) return 0;
  const Eigen::MatrixXd scaled = H / size;
  const Index k = scaled.cols();
  const auto columns = static_cast<double>(k);
  const double largest =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(scaled, Eigen::EigenvaluesOnly).eigenvalues()[k - 1];
  for (double room = 2; room < 1e4; room *= 4) {
    // Entries are off by a rounding each, the diagonal by two, so the matrix by 2 unit (s + columns); and a
    // factorization that succeeds leaves a least eigenvalue of −γ(columns + 2) times the trace, at most columns (s +
    // 1).
    const double shift = 4 * unit * (columns + 4) * columns * (std::fabs(largest) + 2);
    const double s = largest + room * shift;
    Eigen::MatrixXd shifted = -scaled;
    shifted.diagonal().array() += s - shift;
    if (Eigen::LLT<Eigen::MatrixXd, Eigen::Lower>(shifted).info() == Eigen::Success)
      return (s + 4 * unit * std::fabs(s)) * size;
  }
  return scaled.cwiseAbs().rowwise().sum().maxCoeff() * size * (1 + 4 * unit * columns);
}

}  // namespace nadir::polar
