#include "nadir/relu/slide.hpp"

#include <Eigen/QR>
#include <cmath>

namespace nadir::relu {
namespace {

/// (h₁, .., h_m, b) in one vector.
Vector pack(const Units& units) {
  const Index m = units.count(), d = units.directions.cols();
  Vector y(m * (d + 1));
  for (Index j = 0; j < m; ++j) {
    const double root = std::sqrt(std::fabs(units.weights[j]));
    y.segment(j * d, d) = root * units.directions.row(j).transpose();
    y[m * d + j] = std::copysign(root, units.weights[j]);
  }
  return y;
}

void unpack(const Vector& y, Units& units) {
  const Index m = units.count(), d = units.directions.cols();
  for (Index j = 0; j < m; ++j) {
    const auto h = y.segment(j * d, d);
    const double norm = h.norm();
    if (norm > 0) units.directions.row(j) = h.transpose() / norm;
    units.weights[j] = norm * y[m * d + j];
  }
}

/// Orthonormal columns that span the samples on whose planes a unit is to stay; none where nothing would be left.
Eigen::MatrixXd planes_of(const Problem& problem, const Vector& sizes, const Iterate& at, Index j, double near) {
  const Index d = problem.inputs();
  const Vector z = problem.features * at.units.directions.row(j).transpose();
  const Index k = at.units.outputs[static_cast<std::size_t>(j)];
  std::vector<Index> planes;
  for (Index i = 0; i < problem.samples(); ++i)
    if (std::fabs(z[i]) < near * sizes[i] && at.units.weights[j] * at.dual(i, k) < 0) planes.push_back(i);
  if (planes.empty()) return Eigen::MatrixXd(d, 0);
  Eigen::MatrixXd rows(d, static_cast<Index>(planes.size()));
  for (std::size_t p = 0; p < planes.size(); ++p)
    rows.col(static_cast<Index>(p)) = problem.features.row(planes[p]).transpose().normalized();
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(rows);
  qr.setThreshold(1e-9);
  if (qr.rank() >= d) return Eigen::MatrixXd(d, 0);
  return qr.householderQ() * Eigen::MatrixXd::Identity(d, qr.rank());
}

}  // namespace

int slide(const Problem& problem, Iterate& at, double near, const LbfgsOptions& options) {
  const Units& units = at.units;
  const Index n = problem.samples(), m = units.count(), d = problem.inputs();
  std::vector<Eigen::MatrixXd> planes;
  const Vector sizes = near > 0 ? Vector(problem.features.rowwise().norm()) : Vector();
  for (Index j = 0; j < m; ++j)
    planes.push_back(near > 0 ? planes_of(problem, sizes, at, j, near) : Eigen::MatrixXd(d, 0));
  /// Row j less its part along the normals of unit j's planes.
  const auto project = [&](MatrixView rows) {
    for (Index j = 0; j < m; ++j) {
      const Eigen::MatrixXd& normals = planes[static_cast<std::size_t>(j)];
      if (normals.cols() > 0) rows.row(j) -= (normals * (normals.transpose() * rows.row(j).transpose())).transpose();
    }
  };
  Eigen::MatrixXd H(n, m);
  Matrix f, R;
  const auto objective = [&](const Vector& y, Vector& gradient) {
    const ConstMatrixView hidden(y.data(), m, d);
    const auto b = y.tail(m);
    H.noalias() = problem.features * hidden.transpose();
    f.setZero(n, problem.outputs());
    for (Index j = 0; j < m; ++j) f.col(units.outputs[static_cast<std::size_t>(j)]) += b[j] * H.col(j).cwiseMax(0);
    problem.loss.gradient(f, R);
    for (Index j = 0; j < m; ++j) {
      const auto r = R.col(units.outputs[static_cast<std::size_t>(j)]);
      gradient[m * d + j] = H.col(j).cwiseMax(0).dot(r) + problem.lambda * b[j];
      H.col(j) = (H.col(j).array() > 0).select(b[j] * r, 0);
    }
    MatrixView hidden_gradient(gradient.data(), m, d);
    hidden_gradient.noalias() = H.transpose() * problem.features;
    hidden_gradient += problem.lambda * hidden;
    project(hidden_gradient);
    return problem.loss.value(f) + problem.lambda / 2 * y.squaredNorm();
  };
  Vector start = pack(units);
  project(MatrixView(start.data(), m, d));
  const LbfgsResult found = minimize_by_lbfgs(objective, std::move(start), options);
  Iterate moved;
  moved.units = units;
  unpack(found.position, moved.units);
  evaluate(problem, moved);
  if (moved.objective < at.objective) at = std::move(moved);
  return found.iterations;
}

}  // namespace nadir::relu
