#include "nadir/relu/slide.hpp"

#include <Eigen/QR>
#include <cmath>

namespace nadir::relu {
namespace {

/// (U, W, c) in one vector.
Vector pack(const ReluNetwork& network) {
  Vector y(network.units.size() + network.unit_outputs.size() + network.output_biases.size());
  y.tail(network.output_biases.size()) = network.output_biases;
  MatrixView(y.data(), network.units.rows(), network.units.cols()) = network.units;
  MatrixView(y.data() + network.units.size(), network.unit_outputs.rows(), network.unit_outputs.cols()) =
      network.unit_outputs;
  return y;
}

/// Orthonormal columns that span the samples on whose planes a unit is to stay, from its outputs z and what each sample
/// gains by its activity; none where nothing would be left.
Eigen::MatrixXd planes_of(const Problem& problem, const Vector& sizes, const Vector& z, const Vector& gains) {
  const Index d = problem.inputs();
  std::vector<Index> planes;
  for (Index i = 0; i < problem.samples(); ++i)
    if (std::fabs(z[i]) < sizes[i] && gains[i] < 0) planes.push_back(i);
  if (planes.empty()) return Eigen::MatrixXd(d, 0);
  Eigen::MatrixXd rows(d, static_cast<Index>(planes.size()));
  for (std::size_t p = 0; p < planes.size(); ++p)
    rows.col(static_cast<Index>(p)) = problem.features.row(planes[p]).transpose().normalized();
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(rows);
  qr.setThreshold(1e-9);
  if (qr.rank() >= d) return Eigen::MatrixXd(d, 0);
  return qr.householderQ() * Eigen::MatrixXd::Identity(d, qr.rank());
}

std::vector<Eigen::MatrixXd> planes_of_units(const Problem& problem, const Matrix& G, const ReluNetwork& network,
                                             double near) {
  std::vector<Eigen::MatrixXd> planes(static_cast<std::size_t>(network.units.rows()),
                                      Eigen::MatrixXd(problem.inputs(), 0));
  if (!(near > 0)) return planes;
  const Vector sizes = near * problem.features.rowwise().norm();
  for (Index j = 0; j < network.units.rows(); ++j)
    planes[static_cast<std::size_t>(j)] =
        planes_of(problem, sizes, problem.features * network.units.row(j).transpose().normalized(),
                  G * network.unit_outputs.row(j).transpose());
  return planes;
}

}  // namespace

int slide(const Problem& problem, const Matrix& G, ReluNetwork& network, double near, const LbfgsOptions& options) {
  const Index n = problem.samples(), m = network.units.rows(), d = problem.inputs(), K = problem.outputs();
  const Index biases = network.output_biases.size();
  const std::vector<Eigen::MatrixXd> planes = planes_of_units(problem, G, network, near);
  /// Row j less its part along the normals of unit j's planes.
  const auto project = [&](MatrixView rows) {
    for (Index j = 0; j < m; ++j) {
      const Eigen::MatrixXd& normals = planes[static_cast<std::size_t>(j)];
      if (normals.cols() > 0) rows.row(j) -= (normals * (normals.transpose() * rows.row(j).transpose())).transpose();
    }
  };
  const Matrix wired = problem.shared || K == 1 ? Matrix() : Matrix((network.unit_outputs.array() != 0).cast<double>());
  Eigen::MatrixXd H(n, m);
  Matrix f, R;
  const auto objective = [&](const Vector& y, Vector& gradient) {
    const ConstMatrixView U(y.data(), m, d), W(y.data() + m * d, m, K);
    H.noalias() = problem.features * U.transpose();
    H = H.cwiseMax(0);
    f.noalias() = H * W;
    if (biases > 0) f.rowwise() += y.tail(K).transpose();
    problem.loss.gradient(f, R);
    MatrixView by_units(gradient.data(), m, d), by_outputs(gradient.data() + m * d, m, K);
    by_outputs.noalias() = H.transpose() * R;
    by_outputs += problem.lambda * W;
    if (wired.size() > 0) by_outputs = by_outputs.cwiseProduct(wired);
    H = (H.array() > 0).select(R * W.transpose(), 0);
    by_units.noalias() = H.transpose() * problem.features;
    by_units += problem.lambda * U;
    project(by_units);
    double cost = problem.lambda / 2 * y.head(m * (d + K)).squaredNorm();
    if (biases > 0) {
      gradient.tail(K) = R.colwise().sum().transpose() + problem.bias_weight * y.tail(K);
      cost += problem.bias_weight / 2 * y.tail(K).squaredNorm();
    }
    return problem.loss.value(f) + cost;
  };
  Vector start = pack(network);
  project(MatrixView(start.data(), m, d));
  const LbfgsResult found = minimize_by_lbfgs(objective, std::move(start), options);
  network = {ConstMatrixView(found.position.data(), m, d), ConstMatrixView(found.position.data() + m * d, m, K),
             found.position.tail(biases)};
  return found.iterations;
}

int slide(const Problem& problem, Iterate& at, double near, const LbfgsOptions& options) {
  const Index m = at.units.count();
  ReluNetwork network = balanced_network(problem, at.units);
  const int iterations = slide(problem, at.dual, network, near, options);
  Iterate moved;
  moved.units = at.units;
  for (Index j = 0; j < m; ++j) {
    const double size = network.units.row(j).norm();
    if (size > 0) moved.units.directions.row(j) = network.units.row(j) / size;
    moved.units.weights[j] = size * network.unit_outputs(j, at.units.outputs[static_cast<std::size_t>(j)]);
  }
  evaluate(problem, moved);
  if (moved.objective < at.objective) at = std::move(moved);
  return iterations;
}

}  // namespace nadir::relu
