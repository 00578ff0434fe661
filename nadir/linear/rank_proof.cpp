#include "nadir/linear/rank_proof.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <string>

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"

namespace nadir::linear {
namespace {

constexpr Index most_features = 4096;  // their triangle is factored, and lies in the file
constexpr double unit = 0x1p-53;
/// By which what rounding may be is taken larger than the format's section 6.5 has it.
constexpr double room = 1.25;

/// A choice of J, its G, and what the features and targets are in these coordinates.
struct Coordinates {
  std::vector<Index> columns;
  Dense G, relations;
  bool dependent = true;
};

/// The data, less their means where there are biases.
struct Reduced {
  Samples samples;
  Dense triangle;  ///< of both, (d + K) square
  Vector sizes;    ///< of the features
};

/// Whether x_j = Σ h_l x_l + h_0 on every row, with no rounding on the way.
bool holds_exactly(const ConstMatrixView& X, Index j, const std::vector<Index>& columns, const Eigen::RowVectorXd& h) {
  std::vector<Index> used;
  for (std::size_t l = 0; l < columns.size(); ++l)
    if (h[static_cast<Index>(l)] != 0) used.push_back(static_cast<Index>(l));
  for (Index i = 0; i < X.rows(); ++i) {
    double sum = h[h.size() - 1];
    for (const Index l : used) {
      const double x = X(i, columns[static_cast<std::size_t>(l)]), term = h[l] * x, next = sum + term;
      const double part = next - sum;  // Knuth's two-sum: what the addition lost
      if (std::fma(h[l], x, -term) != 0 || (sum - (next - part)) + (term - part) != 0) return false;
      sum = next;
    }
    if (sum != X(i, j)) return false;
  }
  return true;
}

bool holds_exactly(const SampleRows& X, Index j, const std::vector<Index>& columns, const Eigen::RowVectorXd& h) {
  bool holds = true;
  X.for_each_summed([&](const ConstMatrixView& rows) { holds = holds && holds_exactly(rows, j, columns, h); });
  return holds;
}

/// What feature j is of the columns, in multiples of 2⁻¹⁰, which is where exact relations are to be expected: columns
/// repeated or doubled, indicators that add up to 1.
Eigen::RowVectorXd relation(const SampleRows& X, Index j, const std::vector<Index>& columns, const Vector& coefficients,
                            bool biased) {
  const auto r = static_cast<Index>(columns.size());
  Eigen::RowVectorXd h = Eigen::RowVectorXd::Zero(r + 1);
  Matrix made;
  const ConstMatrixView x = X.block(0, 1, made);
  double first = x(0, j);
  for (Index l = 0; l < r; ++l) {
    h[l] = std::round(coefficients[l] * 0x1p10) * 0x1p-10;
    first -= h[l] * x(0, columns[static_cast<std::size_t>(l)]);
  }
  if (biased) h[r] = first;
  if (!h.allFinite()) h.setZero();
  return h;
}

/// J: the features that are off those chosen before them by more than `threshold` of their size, best ones first.
Coordinates coordinates(const SampleRows& X, const Reduced& data, bool biased, double threshold) {
  const Index d = X.cols();
  const Vector scales = (data.sizes.array() > 0).select(data.sizes.cwiseInverse(), 0.0);
  const Dense scaled = data.triangle.topLeftCorner(d, d) * scales.asDiagonal();
  const Eigen::ColPivHouseholderQR<Dense> pivoted(scaled);
  Coordinates at;
  for (Index i = 0; i < d; ++i)
    if (std::fabs(pivoted.matrixQR()(i, i)) > threshold) at.columns.push_back(pivoted.colsPermutation().indices()[i]);
  std::sort(at.columns.begin(), at.columns.end());
  const auto r = static_cast<Index>(at.columns.size());
  Dense chosen(d, r);
  for (Index l = 0; l < r; ++l) chosen.col(l) = scaled.col(at.columns[static_cast<std::size_t>(l)]);
  const Eigen::HouseholderQR<Dense> done(chosen);
  const Dense T = done.matrixQR().topRows(r).triangularView<Eigen::Upper>();
  at.G = T.triangularView<Eigen::Upper>().solve(Dense::Identity(r, r));
  for (Index l = 0; l < r; ++l) at.G.row(l) *= scales[at.columns[static_cast<std::size_t>(l)]];
  const Dense rotated = done.householderQ().adjoint() * data.triangle.topLeftCorner(d, d);
  at.relations.resize(d - r, r + 1);
  for (Index j = 0, row = 0; j < d; ++j) {
    if (std::binary_search(at.columns.begin(), at.columns.end(), j)) continue;
    const Vector coefficients = at.G * rotated.topRows(r).col(j);
    at.relations.row(row) = relation(X, j, at.columns, coefficients, biased);
    if (!holds_exactly(X, j, at.columns, at.relations.row(row))) at.dependent = false;
    ++row;
  }
  return at;
}

/// The Gram matrix of [X_J G, Y] and the norm of |X_J| |G|, by blocks in a fixed order.
struct Gram {
  Dense values;
  double sizes = 0;
};
Gram gram_of(const Samples& samples, const Coordinates& at, int threads) {
  constexpr Index rows = 1024;
  const Index n = samples.count(), r = at.G.cols(), width = r + samples.targets.cols(), blocks = (n + rows - 1) / rows;
  const Dense sizes = at.G.cwiseAbs();
  constexpr Index together = 64;  // blocks of a task, whose sums are kept
  const Index tasks = (blocks + together - 1) / together;
  std::vector<Gram> sums(static_cast<std::size_t>(tasks), {Dense::Zero(width, width), 0});
  for_each_task(static_cast<int>(tasks), threads, [&](int task) {
    Gram& sum = sums[static_cast<std::size_t>(task)];
    for (Index block = task * together; block < std::min(blocks, (task + 1) * together); ++block) {
      const Index first = block * rows, count = std::min(rows, n - first);
      const Dense X = samples.feature_rows(first, count)(Eigen::all, at.columns);
      Dense Z(count, width);
      Z.leftCols(r) = X * at.G;
      Z.rightCols(width - r) = samples.target_rows(first, count);
      sum.values += Z.transpose() * Z;
      sum.sizes += (X.cwiseAbs() * sizes).squaredNorm();
    }
  });
  for (std::size_t task = 1; task < sums.size(); ++task)
    sums[0].values += sums[task].values, sums[0].sizes += sums[task].sizes;
  sums[0].sizes = std::sqrt(sums[0].sizes);
  return sums[0];
}

/// Section 6.5, with `room`.
RankProof proof_at(const Samples& samples, const Coordinates& at, const std::vector<Index>& widths, int threads) {
  const auto n = static_cast<double>(samples.count());
  const Index r = at.G.cols(), K = samples.targets.cols(),
              k = std::min(r, *std::min_element(widths.begin(), widths.end()));
  const Gram gram = gram_of(samples, at, threads);
  const Dense C = gram.values.bottomLeftCorner(K, r);
  const double m = (160 + n / 128) * unit * room, y_squares = gram.values.bottomRightCorner(K, K).trace();
  const double b = std::sqrt(gram.values.topLeftCorner(r, r).trace()), y = std::sqrt(y_squares), explained = C.norm();
  const double beta = (134 + static_cast<double>(r) / 128) * unit * room * gram.sizes;
  // What centring leaves of the columns' means, times √n: means are off by at most n roundings.
  const double drift = std::pow(n, 1.5) * unit;
  double b_mean = m * b + beta;
  for (Index l = 0; l < r; ++l)
    b_mean += drift * std::fabs(samples.feature_means[at.columns[static_cast<std::size_t>(l)]]) * at.G.row(l).norm();
  const double y_mean = drift * samples.target_means.norm() + 2 * m * y;
  const double omega = (gram.values.topLeftCorner(r, r) - Dense::Identity(r, r)).norm() + m * b * b + 2 * b * beta +
                       beta * beta + b_mean * b_mean;
  const double error = (m * b + beta) * y + b_mean * y_mean;

  RankProof proof;
  proof.columns.assign(at.columns.begin(), at.columns.end());
  proof.evidence.triangle = at.G, proof.evidence.relations = at.relations;
  proof.dependent = at.dependent, proof.omega = omega;
  const Eigen::SelfAdjointEigenSolver<Dense> spectrum(C * C.transpose());
  const Vector lambda = spectrum.eigenvalues().reverse().cwiseMax(0.0);
  const double base = k < K ? lambda[k] : 0;
  const double eta = 2 * explained * error + error * error +
                     (static_cast<double>(r + K) + 10) * unit * room * (2 * explained * explained + base);
  proof.level = base + 1.5 * eta + 16 * static_cast<double>(K * (K + 8)) * unit * (base + eta) + 0x1p-500;
  Dense Z(K, 0);
  for (Index i = 0; i < k && lambda[i] > base; ++i) {
    Z.conservativeResize(K, i + 1);
    Z.col(i) = std::sqrt(lambda[i] - base) * spectrum.eigenvectors().col(K - 1 - i);
  }
  proof.evidence.factor = Z;
  if (!(omega < 1)) return proof;
  double value = y_squares * (1 - m) - y_mean * y_mean -
                 (static_cast<double>(k) * proof.level + Z.squaredNorm()) * (1 + 8 * unit) / (1 - omega);
  if (!at.dependent) {
    const double left = std::max(0.0, explained - error);
    value -= y_squares * (1 + m) - left * left * (1 - 8 * unit) / (1 + omega);
  }
  proof.bound = {std::max(0.0, (value - 32 * unit * y_squares) / (2 * n) * (1 - 4 * unit))};
  return proof;
}

}  // namespace

RankProof prove_bound(const SampleRows& features, const Matrix& targets, const std::vector<Index>& widths, bool biased,
                      int threads) {
  if (features.cols() + targets.cols() > most_features)
    throw ResourceError(
        "linear network: " + std::to_string(features.cols()) + " features and " + std::to_string(targets.cols()) +
        " outputs are more than a certificate can speak of, which is " + std::to_string(most_features) + " together");
  Reduced data{biased ? Samples::centred(features, targets) : Samples(features, targets), {}, {}};
  data.triangle = triangle_of(data.samples, threads);
  data.sizes = data.triangle.leftCols(features.cols()).colwise().norm().transpose();
  // Centred constants are what rounding leaves of them.
  if (biased) {
    const Vector whole = column_norms(features);
    for (Index j = 0; j < features.cols(); ++j)
      if (data.sizes[j] <= 0x1p-44 * whole[j]) data.sizes[j] = 0;
  }
  RankProof best;
  Index last = -1;
  for (const double threshold : {1e-14, 1e-12, 1e-10, 1e-8, 1e-6}) {
    const Coordinates at = coordinates(features, data, biased, threshold);
    if (at.G.cols() == last) continue;
    RankProof proof = proof_at(data.samples, at, widths, threads);
    const bool better = last < 0 || (proof.omega < 1 && (!(best.omega < 1) || proof.bound.value > best.bound.value));
    last = at.G.cols();
    if (better) best = std::move(proof);
  }
  return best;
}

namespace {

/// Sums over rows: of the squared residuals, and of what their rounding errors may add to these.
struct LossSums {
  double squares = 0, errors = 0;
};

LossSums loss_sums(Matrix at, const Matrix& targets, const BiasedChain& network) {
  Matrix errors = Matrix::Zero(at.rows(), at.cols());
  for (std::size_t i = 0; i < network.chain.weights.size(); ++i) {
    const Matrix& W = network.chain.weights[i];
    const bool biased = i < network.biases.size() && network.biases[i].size() > 0;
    const Vector bias = biased ? network.biases[i] : Vector(Vector::Zero(W.rows()));
    const double roundings = (static_cast<double>(W.cols()) + 8) * unit;
    errors = outputs(LinearChain{{W.cwiseAbs()}}, Matrix(errors + roundings * at.cwiseAbs()));
    errors.rowwise() += roundings * bias.cwiseAbs().transpose();
    at = outputs(LinearChain{{W}}, at);
    at.rowwise() += bias.transpose();
  }
  const Matrix residual = at - targets;
  const Vector largest = errors.rowwise().maxCoeff();
  const auto K = static_cast<double>(targets.cols());
  return {residual.squaredNorm(), largest.dot(residual.rowwise().lpNorm<1>()) + K * largest.squaredNorm()};
}

}  // namespace

StatedObjective objective_at(const SampleRows& features, const Matrix& targets, const BiasedChain& network,
                             int threads) {
  constexpr Index rows = 4096;
  const Index samples = features.rows(), blocks = (samples + rows - 1) / rows;
  std::vector<LossSums> sums(static_cast<std::size_t>(blocks));
  for_each_task(static_cast<int>(blocks), threads, [&](int task) {
    const Index first = task * rows, count = std::min(rows, samples - first);
    Matrix block;
    sums[static_cast<std::size_t>(task)] =
        loss_sums(features.block(first, count, block), targets.middleRows(first, count), network);
  });
  LossSums all;
  for (const LossSums& sum : sums) all.squares += sum.squares, all.errors += sum.errors;
  const auto n = static_cast<double>(samples), K = static_cast<double>(targets.cols());
  const double value = all.squares / (2 * n);
  return {value, value + 4 * unit * (600 + n / 128 + K) * value + room * all.errors / n + 0x1p-500};
}

}  // namespace nadir::linear
