#include "nadir/relu/free_bias.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace nadir::relu {
namespace {

/// The c that a Newton step leads to from 0; `sums`: ∇L by c.
Vector newton_step(const TrainingLoss& loss, const Matrix& f, const Vector& sums) {
  const Index K = f.cols();
  const Curvature W = loss.curvature(f);
  Matrix ones(f.rows(), K), curved;
  Eigen::MatrixXd H(K, K);
  for (Index k = 0; k < K; ++k) {
    ones.setZero(), ones.col(k).setOnes();
    W.apply(ones, curved);
    H.col(k) = curved.colwise().sum().transpose();
  }
  return -Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd>(H).solve(sums);
}

/// −∇L at the best c: by Newton steps where these halve the sums, else by gradient steps, of length 1 as L changes its
/// slope by no more than c does, where these lower L.
Matrix dual_at_best_shift(const TrainingLoss& loss, Matrix f) {
  constexpr int most = 300;
  Matrix G, at_next;
  loss.gradient(f, G);
  for (int step = 0; step < most; ++step) {
    const Vector sums = G.colwise().sum().transpose();
    bool better = false;
    for (const bool newton : {true, false}) {
      Matrix next = f;
      next.rowwise() += (newton ? newton_step(loss, f, sums) : Vector(-sums)).transpose();
      loss.gradient(next, at_next);
      better = newton ? at_next.colwise().sum().norm() <= sums.norm() / 2 : loss.value(next) < loss.value(f);
      if (!better) continue;
      f = std::move(next), G = at_next;
      break;
    }
    if (!better || sums.norm() == 0) break;
  }
  return -G;
}

/// Whole numbers of quanta; a row's own class, under softmax, is minus the sum of its others.
class Quanta {
 public:
  Quanta(const Matrix& G, double quantum, const std::vector<int>* labels)
      : labels_(labels), entries_((G / quantum).unaryExpr([](double x) { return std::trunc(x); })) {
    sums_.assign(static_cast<std::size_t>(G.cols()), 0);
    for (Index i = 0; i < G.rows(); ++i) {
      for (Index k = 0; k < G.cols(); ++k) {
        if (is_own(i, k)) continue;
        sums_[static_cast<std::size_t>(k)] += static_cast<std::int64_t>(entries_(i, k));
        if (labels_ != nullptr) own_sum(i) -= static_cast<std::int64_t>(entries_(i, k));
      }
    }
  }

  /// Makes entries smaller, and never of another sign, until all sums are 0; whether that was possible.
  bool balance() {
    for (Index i = 0; i < entries_.rows(); ++i)
      for (Index k = 0; k < entries_.cols(); ++k)
        if (!is_own(i, k)) reduce(i, k);
    return std::all_of(sums_.begin(), sums_.end(), [](std::int64_t sum) { return sum == 0; });
  }

  Matrix times(double quantum) const {
    Matrix G = quantum * entries_;
    for (Index i = 0; labels_ != nullptr && i < G.rows(); ++i) {
      G(i, own(i)) = 0;
      G(i, own(i)) = -G.row(i).sum();
    }
    return G;
  }

 private:
  Index own(Index i) const { return (*labels_)[static_cast<std::size_t>(i)]; }
  bool is_own(Index i, Index k) const { return labels_ != nullptr && own(i) == k; }
  std::int64_t& own_sum(Index i) { return sums_[static_cast<std::size_t>(own(i))]; }

  /// By at most half of it and one more. Under softmax an entry below 0 that grows takes from the sum of its row's own
  /// class what it gives to its class's.
  void reduce(Index i, Index k) {
    std::int64_t& sum = sums_[static_cast<std::size_t>(k)];
    const auto size = static_cast<std::int64_t>(std::fabs(entries_(i, k)));
    std::int64_t wanted = 0;
    if (labels_ == nullptr)
      wanted = (sum > 0) == (entries_(i, k) > 0) ? std::abs(sum) : 0;
    else if (sum < 0 && own_sum(i) > 0)
      wanted = std::min(-sum, own_sum(i));
    const std::int64_t by = std::min(wanted, (size + 1) / 2) * (entries_(i, k) > 0 ? 1 : -1);
    if (size == 0 || by == 0) return;
    entries_(i, k) -= static_cast<double>(by), sum -= by;
    if (labels_ != nullptr) own_sum(i) += by;
  }

  const std::vector<int>* labels_;
  Matrix entries_;
  std::vector<std::int64_t> sums_;
};

}  // namespace

Matrix balanced_dual(const TrainingLoss& loss, const Matrix& f, const std::vector<int>& labels) {
  constexpr int bits = 44;  // so that sums of 2^18 rows are exact as doubles, too
  constexpr int tries = 100;
  const Matrix G = dual_at_best_shift(loss, f), zero = Matrix::Zero(f.rows(), f.cols());
  const double most = G.cwiseAbs().maxCoeff();
  if (!(most > 0) || !std::isfinite(most)) return zero;
  const double quantum = std::ldexp(1.0, std::ilogb(most) - bits);
  Quanta quanta(G, quantum, loss.kind() == LossKind::softmax ? &labels : nullptr);
  for (int k = 0; k < tries; ++k)
    if (quanta.balance()) return quanta.times(quantum);
  return zero;
}

}  // namespace nadir::relu
