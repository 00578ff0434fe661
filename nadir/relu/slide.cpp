#include "nadir/relu/slide.hpp"

#include <Eigen/QR>
#include <algorithm>
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

/// 1 where an activation is positive, else 0, as Eigen computes for several at once.
template <class Activations>
auto active(const Activations& h) {
  return h.cwiseMin(0x1p-1000) * 0x1p1000;
}

/// L(f) + (λ/2) (‖U‖² + ‖W‖²) + (β/2) ‖c‖² + (γ/2) ‖V‖² and its gradient. Some rows at a time are taken through all of
/// it, so that their activations stay in the processor's cache.
class SlidObjective {
 public:
  SlidObjective(const Problem& problem, const ReluNetwork& like)
      : problem_(problem),
        like_(like),
        rows_(std::max<Index>(64, (1 << 14) / std::max<Index>(1, like.units.rows()))),
        f_(problem.samples(), problem.outputs()) {
    if (problem.shared) return;
    for (Index j = 0; j < like.units.rows(); ++j) {
      Index output = 0;
      like.unit_outputs.row(j).cwiseAbs().maxCoeff(&output);
      fed_.push_back(output);
    }
  }

  double operator()(const Vector& y, Vector& gradient) {
    const Parts<const double> at(y.data(), like_);
    Parts<double> by(gradient.data(), like_);
    gradient.setZero();
    problem_.features.for_each_block([&](Index first, const ConstMatrixView& X) {
      for (Index row = 0; row < X.rows(); row += rows_)
        add(first + row, {X.row(row).data(), std::min(rows_, X.rows() - row), X.cols()}, at, by);
    });
    by.outputs += problem_.lambda * at.outputs;
    by.units += problem_.lambda * at.units;
    if (by.biases.size() > 0) by.biases += problem_.bias_weight * at.biases;
    if (by.skip.size() > 0) by.skip += problem_.skip_weight * at.skip;
    return problem_.loss.value(f_) + problem_.lambda / 2 * (at.units.squaredNorm() + at.outputs.squaredNorm()) +
           problem_.bias_weight / 2 * at.biases.squaredNorm() + problem_.skip_weight / 2 * at.skip.squaredNorm();
  }

 private:
  void add(Index first, const ConstMatrixView& X, const Parts<const double>& at, Parts<double>& by) {
    const Index m = at.units.rows(), K = f_.cols();
    auto some = f_.middleRows(first, X.rows());
    R_.resize(X.rows(), K);
    H_.noalias() = X * at.units.transpose();
    H_ = H_.cwiseMax(0);
    some.noalias() = H_ * at.outputs;
    if (at.biases.size() > 0) some.rowwise() += at.biases.row(0);
    if (at.skip.size() > 0) some.noalias() += X * at.skip;
    problem_.loss.gradient(rows_of(f_, first, X.rows()), first, MatrixView(R_.data(), X.rows(), K));
    if (problem_.shared) {
      by.outputs.noalias() += H_.transpose() * R_;
      back_.noalias() = R_ * at.outputs.transpose();
      H_ = active(H_).cwiseProduct(back_);
    } else {
      columns_ = R_;
      for (Index j = 0; j < m; ++j) {
        const Index k = fed_[static_cast<std::size_t>(j)];
        by.outputs(j, k) += H_.col(j).dot(columns_.col(k));
        H_.col(j) = active(H_.col(j)).cwiseProduct(at.outputs(j, k) * columns_.col(k));
      }
    }
    by.units.noalias() += H_.transpose() * X;
    if (by.biases.size() > 0) by.biases += R_.colwise().sum();
    if (by.skip.size() > 0) by.skip.noalias() += X.transpose() * R_;
  }

  const Problem& problem_;
  const ReluNetwork& like_;
  const Index rows_;        // at a time
  std::vector<Index> fed_;  // the output of each unit where it has one
  Matrix f_, R_;
  Eigen::MatrixXd H_, back_, columns_;
};

}  // namespace

int slide(const Problem& problem, const Matrix& G, ReluNetwork& network, double near, const LbfgsOptions& options) {
  const Index m = network.units.rows(), d = problem.inputs();
  const std::vector<Eigen::MatrixXd> planes = planes_of_units(problem, G, network, near);
  /// Row j less its part along the normals of unit j's planes.
  const auto project = [&](MatrixView rows) {
    for (Index j = 0; j < m; ++j) {
      const Eigen::MatrixXd& normals = planes[static_cast<std::size_t>(j)];
      if (normals.cols() > 0) rows.row(j) -= (normals * (normals.transpose() * rows.row(j).transpose())).transpose();
    }
  };
  SlidObjective value(problem, network);
  const auto objective = [&](const Vector& y, Vector& gradient) {
    const double result = value(y, gradient);
    project(Parts<double>(gradient.data(), network).units);
    return result;
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
