#include "nadir/relu/slide.hpp"

#include <Eigen/QR>
#include <cmath>
#include <type_traits>

namespace nadir::relu {
namespace {

/// (U, W, V, c) in one vector, of which V and c may be empty.
template <class Numbers>
struct Parts {
  using View = std::conditional_t<std::is_const_v<Numbers>, ConstMatrixView, MatrixView>;
  View units, outputs, skip, biases;  // c as a row

  Parts(Numbers* y, const ReluNetwork& like)
      : units(y, like.units.rows(), like.units.cols()),
        outputs(y + units.size(), like.unit_outputs.rows(), like.unit_outputs.cols()),
        skip(y + units.size() + outputs.size(), like.skip.rows(), like.skip.cols()),
        biases(y + units.size() + outputs.size() + skip.size(), 1, like.output_biases.size()) {}
  static Index size(const ReluNetwork& like) {
    return like.units.size() + like.unit_outputs.size() + like.skip.size() + like.output_biases.size();
  }
};

Vector pack(const ReluNetwork& network) {
  Vector y(Parts<double>::size(network));
  Parts<double> parts(y.data(), network);
  parts.units = network.units, parts.outputs = network.unit_outputs, parts.skip = network.skip;
  if (parts.biases.size() > 0) parts.biases = network.output_biases.transpose();
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
  Matrix room;
  for (std::size_t p = 0; p < planes.size(); ++p)
    rows.col(static_cast<Index>(p)) = problem.features.row(planes[p], room).transpose().normalized();
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
  const Vector sizes = near * row_norms(problem.features);
  for (Index j = 0; j < network.units.rows(); ++j)
    planes[static_cast<std::size_t>(j)] =
        planes_of(problem, sizes, product(problem.features, network.units.row(j).transpose().normalized()),
                  G * network.unit_outputs.row(j).transpose());
  return planes;
}

}  // namespace

int slide(const Problem& problem, const Matrix& G, ReluNetwork& network, double near, const LbfgsOptions& options) {
  const Index n = problem.samples(), m = network.units.rows(), d = problem.inputs(), K = problem.outputs();
  const std::vector<Eigen::MatrixXd> planes = planes_of_units(problem, G, network, near);
  /// Row j less its part along the normals of unit j's planes.
  const auto project = [&](MatrixView rows) {
    for (Index j = 0; j < m; ++j) {
      const Eigen::MatrixXd& normals = planes[static_cast<std::size_t>(j)];
      if (normals.cols() > 0) rows.row(j) -= (normals * (normals.transpose() * rows.row(j).transpose())).transpose();
    }
  };
  const Matrix wired = problem.shared || K == 1 ? Matrix() : Matrix((network.unit_outputs.array() != 0).cast<double>());
  Eigen::MatrixXd H, back, by_skip;
  Matrix f(n, K), R;
  const auto objective = [&](const Vector& y, Vector& gradient) {
    const Parts<const double> at(y.data(), network);
    Parts<double> by(gradient.data(), network);
    gradient.setZero();
    by_skip.setZero(at.skip.rows(), at.skip.cols());
    problem.features.for_each_block([&](Index first, const ConstMatrixView& X) {
      auto some = f.middleRows(first, X.rows());
      H.resize(X.rows(), m), R.resize(X.rows(), K);
      H.noalias() = X * at.units.transpose();
      H = H.cwiseMax(0);
      some.noalias() = H * at.outputs;
      if (at.biases.size() > 0) some.rowwise() += at.biases.row(0);
      if (at.skip.size() > 0) some.noalias() += X * at.skip;
      problem.loss.gradient(rows_of(f, first, X.rows()), first, MatrixView(R.data(), X.rows(), K));
      by.outputs.noalias() += H.transpose() * R;
      back.noalias() = R * at.outputs.transpose();
      H = (H.array() > 0).cast<double>() * back.array();  // no branches, which nothing could foretell
      by.units.noalias() += H.transpose() * X;
      if (by.biases.size() > 0) by.biases += R.colwise().sum();
      if (by.skip.size() > 0) by_skip.noalias() += X.transpose() * R;
    });
    by.outputs += problem.lambda * at.outputs;
    if (wired.size() > 0) by.outputs = by.outputs.cwiseProduct(wired);
    by.units += problem.lambda * at.units;
    project(by.units);
    if (by.biases.size() > 0) by.biases += problem.bias_weight * at.biases;
    if (by.skip.size() > 0) by.skip = by_skip + problem.skip_weight * at.skip;
    return problem.loss.value(f) + problem.lambda / 2 * (at.units.squaredNorm() + at.outputs.squaredNorm()) +
           problem.bias_weight / 2 * at.biases.squaredNorm() + problem.skip_weight / 2 * at.skip.squaredNorm();
  };
  Vector start = pack(network);
  project(MatrixView(start.data(), m, d));
  const LbfgsResult found = minimize_by_lbfgs(objective, std::move(start), options);
  const Parts<const double> end(found.position.data(), network);
  network = {end.units, end.outputs, end.biases.transpose(), end.skip};
  return found.iterations;
}

int slide(const Problem& problem, Iterate& at, double near, const LbfgsOptions& options) {
  const Index m = at.units.count();
  ReluNetwork network = balanced_network(problem, at);
  const int iterations = slide(problem, at.dual, network, near, options);
  Iterate moved{at.units, network.output_biases, network.skip, {}, {}, 0};
  for (Index j = 0; j < m; ++j) {
    const double size = network.units.row(j).norm();
    if (size > 0) moved.units.directions.row(j) = network.units.row(j) / size;
    moved.units.weights[j] = size * network.unit_outputs(j, at.units.outputs[static_cast<std::size_t>(j)]);
  }
  evaluate(problem, moved);
  if (moved.objective < at.objective) at = std::move(moved);
  return iterations;
}

int slide_squares(const Problem& problem, Iterate& at, const LbfgsOptions& options) {
  const Index m = at.units.count(), d = problem.inputs();
  const Vector signs = at.units.weights.cwiseSign();
  const ConstMatrixView X = problem.features.whole();
  Eigen::MatrixXd H;
  Matrix f, R;
  const auto objective = [&](const Vector& y, Vector& gradient) {
    const ConstMatrixView B(y.data(), m, d);
    H.noalias() = X * B.transpose();
    H = H.cwiseMax(0);
    f = H.cwiseAbs2() * signs;
    problem.loss.gradient(f, R);
    H = R.col(0).asDiagonal() * H * (2 * signs).asDiagonal();
    MatrixView(gradient.data(), m, d) = H.transpose() * X + 2 * problem.lambda * B;
    return problem.loss.value(f) + problem.lambda * y.squaredNorm();
  };
  Matrix start = at.units.directions;
  for (Index j = 0; j < m; ++j) start.row(j) *= std::sqrt(std::fabs(at.units.weights[j]));
  const LbfgsResult found = minimize_by_lbfgs(objective, Eigen::Map<const Vector>(start.data(), start.size()), options);
  const ConstMatrixView end(found.position.data(), m, d);
  Iterate moved{at.units, {}, {}, {}, {}, 0};
  for (Index j = 0; j < m; ++j) {
    const double norm = end.row(j).norm();
    if (norm > 0) moved.units.directions.row(j) = end.row(j) / norm;
    moved.units.weights[j] = signs[j] * norm * norm;
  }
  evaluate(problem, moved);
  if (moved.objective < at.objective) at = std::move(moved);
  return found.iterations;
}

}  // namespace nadir::relu
