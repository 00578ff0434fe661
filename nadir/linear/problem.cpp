#include "nadir/linear/problem.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"

namespace nadir::linear {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// The triangle of an orthogonal factorization: F with FᵀF = MᵀM; M itself where it is no taller than wide.
Dense triangle_of(Dense M) {
  const Index columns = M.cols();
  if (M.rows() <= columns) return M;
  const Eigen::HouseholderQR<Eigen::Ref<Dense>> done(M);
  return done.matrixQR().topRows(columns).triangularView<Eigen::Upper>();
}

}  // namespace

Samples Samples::centred(const SampleRows& X, const Matrix& Y) {
  Samples samples(X, Y);
  X.for_each_summed([&](const ConstMatrixView& rows) { samples.feature_means += rows.colwise().sum().transpose(); });
  samples.feature_means /= static_cast<double>(X.rows());
  samples.target_means = Y.colwise().mean();
  return samples;
}

Dense Samples::feature_rows(Index first, Index count) const {
  Matrix made;
  return features.block(first, count, made).rowwise() - feature_means.transpose();
}

Dense Samples::target_rows(Index first, Index count) const {
  return targets.middleRows(first, count).rowwise() - target_means.transpose();
}

// In blocks of rows whose triangles are stacked and factored again (Demmel, Grigori, Hoemmen and Langou 2012). The
// blocks are fixed, so threads change nothing.
Dense triangle_of(const Samples& samples, int threads) {
  const Index n = samples.count(), d = samples.features.cols(), columns = d + samples.targets.cols();
  const Index rows = std::max<Index>(512, 4 * columns), blocks = (n + rows - 1) / rows;
  std::vector<Dense> triangles(static_cast<std::size_t>(blocks));
  for_each_task(static_cast<int>(blocks), threads, [&](int task) {
    const Index first = task * rows, count = std::min(rows, n - first);
    Dense block(count, columns);
    block.leftCols(d) = samples.feature_rows(first, count);
    block.rightCols(columns - d) = samples.target_rows(first, count);
    triangles[static_cast<std::size_t>(task)] = triangle_of(std::move(block));
  });
  while (triangles.size() > 1) {
    std::vector<Dense> next;
    for (std::size_t i = 0; i < triangles.size(); i += 4) {
      const std::size_t end = std::min(i + 4, triangles.size());
      Index height = 0;
      for (std::size_t j = i; j < end; ++j) height += triangles[j].rows();
      Dense stack(height, columns);
      height = 0;
      for (std::size_t j = i; j < end; height += triangles[j++].rows())
        stack.middleRows(height, triangles[j].rows()) = triangles[j];
      next.push_back(triangle_of(std::move(stack)));
    }
    triangles = std::move(next);
  }
  // A last time with rows of zeros, so that few samples end in a triangle as well.
  Dense padded = Dense::Zero(std::max(columns + 1, triangles[0].rows()), columns);
  padded.topRows(triangles[0].rows()) = triangles[0];
  return triangle_of(std::move(padded));
}

Problem reduce(const Samples& samples, int threads) {
  const SampleRows& features = samples.features;
  const Matrix& targets = samples.targets;
  Problem problem;
  const Index n = problem.samples = features.rows(), d = problem.inputs = features.cols();
  const Index K = problem.outputs = targets.cols();
  if (n != targets.rows())
    throw InputError("linear network: " + std::to_string(n) + " rows of features, but " +
                     std::to_string(targets.rows()) + " of targets");
  if (n == 0 || d == 0 || K == 0) throw InputError("linear network: needs rows, features and targets");
  bool finite = targets.allFinite();
  features.for_each_summed([&](const ConstMatrixView& rows) { finite = finite && rows.allFinite(); });
  if (!finite) throw InputError("linear network: a feature or a target is not finite");

  const Dense F = triangle_of(samples, threads);
  const Svd X = svd(F.topLeftCorner(d, d));
  // Backward errors of orthogonal factorizations grow like the root of the number of operations on an entry.
  const double noise = 8 * epsilon * std::sqrt(static_cast<double>(n) + static_cast<double>(d));
  problem.feature_sizes = X.s;
  problem.feature_threshold = noise * X.s[0];
  const Index r = count_above(X.s, problem.feature_threshold);
  // Below the threshold rounding decides, exact zeros come out far below it, and a little above it directions are
  // noise.
  problem.rank_hangs = r > 0 && X.s[r - 1] < 1000 * problem.feature_threshold;
  problem.S = X.V.leftCols(r) * X.s.head(r).asDiagonal();
  const Dense projected = F.topRightCorner(d, K).transpose() * X.U;
  problem.T = projected.leftCols(r);
  problem.unexplained = (F.bottomRightCorner(K, K).squaredNorm() + projected.rightCols(d - r).squaredNorm()) / 2;
  problem.loss_at_zero = problem.unexplained + problem.T.squaredNorm() / 2;
  problem.target_rounding = noise * std::sqrt(2 * problem.loss_at_zero);
  return problem;
}

Problem without_small_directions(Problem problem, double share) {
  const Index r = problem.rank();
  const Index kept = r > 0 ? std::min(r, count_above(problem.feature_sizes, share * problem.feature_sizes[0])) : 0;
  problem.unexplained += problem.T.rightCols(r - kept).squaredNorm() / 2;
  problem.S = problem.S.leftCols(kept).eval(), problem.T = problem.T.leftCols(kept).eval();
  return problem;
}

double loss(const Problem& problem, const Matrix& R) {
  return (R * problem.S - problem.T).squaredNorm() / 2 + problem.unexplained;
}

}  // namespace nadir::linear
