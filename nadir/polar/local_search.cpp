#include "nadir/polar/local_search.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "nadir/base/random.hpp"

namespace nadir::polar {
namespace {

Vector normalized(const Vector& u) {
  const double norm = u.norm();
  return norm > 0 && std::isfinite(norm) ? Vector(u / norm) : Vector(Vector::Zero(u.size()));
}

Witness witness_at(const ReluPolar& problem, const Vector& u) {
  Witness result{normalized(u), 0};
  result.value = value(problem, result.u);
  return result;
}

/// Plain steps while they raise f.
Witness climb(const ReluPolar& problem, Witness current, int steps) {
  for (int k = 0; k < steps; ++k) {
    Witness next = witness_at(problem, gradient(problem, current.u));
    if (!(next.value > current.value)) break;
    current = std::move(next);
  }
  return current;
}

/// `climb` from many starts at once: two matrix products a step, over those that still rise.
std::vector<Witness> climb_together(const ReluPolar& problem, const std::vector<Vector>& starts, int steps) {
  const auto count = static_cast<Index>(starts.size());
  std::vector<Witness> best(starts.size());
  std::vector<std::size_t> rising(starts.size());
  std::iota(rising.begin(), rising.end(), std::size_t{0});
  Matrix U(count, problem.dimension());
  Eigen::MatrixXd open;
  for (std::size_t k = 0; k < starts.size(); ++k) U.row(static_cast<Index>(k)) = normalized(starts[k]).transpose();
  for (int step = 0; step <= steps && !rising.empty(); ++step) {
    Matrix gradients = Matrix::Zero(U.rows(), U.cols());
    problem.features.for_each_block([&](Index first, const ConstMatrixView& X) {
      const auto weights = problem.weights.segment(first, X.rows());
      open.noalias() = X * U.transpose();
      for (Index k = 0; k < open.cols(); ++k) open.col(k) = (open.col(k).array() > 0).select(weights, 0);
      gradients.noalias() += open.transpose() * X;
    });
    std::vector<std::size_t> next;
    Matrix moved(U.rows(), U.cols());
    for (Index k = 0; k < U.rows(); ++k) {
      Witness& mine = best[rising[static_cast<std::size_t>(k)]];
      const double value = gradients.row(k).dot(U.row(k));
      if (step > 0 && !(value > mine.value)) continue;
      mine = {U.row(k).transpose(), value};
      moved.row(static_cast<Index>(next.size())) = normalized(gradients.row(k).transpose()).transpose();
      next.push_back(rising[static_cast<std::size_t>(k)]);
    }
    rising = std::move(next);
    U = moved.topRows(static_cast<Index>(rising.size()));
  }
  return best;
}

/// minimize ‖a − Σ_{g<0} |gᵢ| tᵢ xᵢ‖ over t ∈ [0, 1]ⁿ by coordinate descent. Most t end on a border, so after each
/// sweep over all of them those inside, about as many as there are dimensions, are moved to the least together.
class ShortestVector {
 public:
  explicit ShortestVector(const ReluPolar& problem) : problem_(problem), squares_(squared_row_norms(problem.features)) {
    for (Index i = 0; i < problem.samples(); ++i)
      if (problem.weights[i] < 0 && squares_[i] > 0) all_.push_back(i);
  }

  /// From the given t, which it moves; returns the minimal vector.
  Vector operator()(const Vector& a, Vector& t, int sweeps) {
    constexpr double tolerance = 1e-13;
    Vector v = a;
    Matrix room;
    for (const Index i : all_)
      if (t[i] != 0) v += (problem_.weights[i] * t[i]) * problem_.features.row(i, room).transpose();
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      const double before = v.squaredNorm();
      descend(all_, v, t);
      inside_.clear();
      for (const Index i : all_)
        if (t[i] > 0 && t[i] < 1) inside_.push_back(i);
      settle(v, t, tolerance * before);
      if (!(before - v.squaredNorm() > tolerance * before)) break;
    }
    return v;
  }

 private:
  /// One sweep over some of them; returns by how much ‖v‖² fell.
  double descend(const std::vector<Index>& places, Vector& v, Vector& t) const {
    double fall = 0;
    Matrix room;
    for (const Index i : places) {
      const auto x = problem_.features.row(i, room);
      const double g = -problem_.weights[i], size = g * squares_[i], dot = x.dot(v);
      const double next = std::clamp(t[i] + dot / size, 0.0, 1.0), step = next - t[i];
      if (step == 0) continue;
      v -= (g * step) * x.transpose();
      t[i] = next;
      fall += g * step * (2 * dot - step * size);
    }
    return fall;
  }

  /// Those inside at the least ‖v‖ for the others as they are: by sweeps where they are many, else at once.
  void settle(Vector& v, Vector& t, double enough) {
    constexpr int sweeps = 20, passes = 8;
    constexpr Index many = 64;
    const bool few = static_cast<Index>(inside_.size()) <= std::min(many, 2 * v.size());
    for (int k = 0; k < (few ? passes : sweeps) && !inside_.empty(); ++k)
      if (few ? move_together(v, t) : !(descend(inside_, v, t) > enough)) break;
  }

  /// The way to the least squares solution, as far as the first border on it; whether that is all of it. Those at a
  /// border are inside no more.
  bool move_together(Vector& v, Vector& t) {
    constexpr double singular = 1e-12;  // of the trace
    const auto count = static_cast<Index>(inside_.size());
    Matrix B(count, v.size()), room;
    Vector from(count);
    for (Index k = 0; k < count; ++k) {
      const Index i = inside_[static_cast<std::size_t>(k)];
      B.row(k) = -problem_.weights[i] * problem_.features.row(i, room);
      from[k] = t[i];
    }
    Eigen::MatrixXd gram = B * B.transpose();
    gram.diagonal().array() += singular * gram.trace();
    const Vector way = gram.llt().solve(B * v);
    double step = 1;
    Index first = -1;
    for (Index k = 0; k < count; ++k) {
      const double room_left = way[k] > 0 ? 1 - from[k] : from[k];
      if (room_left < step * std::fabs(way[k])) step = room_left / std::fabs(way[k]), first = k;
    }
    v -= step * (B.transpose() * way);
    std::vector<Index> left;
    for (Index k = 0; k < count; ++k) {
      const Index i = inside_[static_cast<std::size_t>(k)];
      const double border = way[k] > 0 ? 1 : 0;
      t[i] = k == first ? border : std::clamp(from[k] + step * way[k], 0.0, 1.0);
      if (t[i] > 0 && t[i] < 1) left.push_back(i);
    }
    inside_ = std::move(left);
    return first < 0;
  }

  const ReluPolar& problem_;
  Vector squares_;
  std::vector<Index> all_, inside_;
};

Witness polish(const ReluPolar& problem, ShortestVector& shortest, Witness current, const LocalSearchOptions& options) {
  constexpr double tolerance = 1e-12;
  Vector t = Vector::Zero(problem.samples());
  for (int k = 0; k < options.concave_steps; ++k) {
    const Vector z = product(problem.features, current.u);
    const Vector open = (z.array() > 0).select(problem.weights.cwiseMax(0), 0);
    if (k == 0) t = (z.array() > 0).select(Vector::Ones(z.size()), t);
    const Vector a = adjoint_product(problem.features, open);
    const double before = current.value;
    Witness next = witness_at(problem, shortest(a, t, options.sweeps));
    if (!(next.value > current.value)) break;
    current = climb(problem, std::move(next), options.plain_steps);
    if (!(current.value - before > tolerance * current.value)) break;
  }
  return current;
}

/// The best `most` witnesses that differ, best first; a stable sort keeps the order of the starts among equals.
std::vector<Witness> best_distinct(std::vector<Witness> all, int most, double cosine) {
  std::stable_sort(all.begin(), all.end(), [](const Witness& a, const Witness& b) { return a.value > b.value; });
  std::vector<Witness> kept;
  for (Witness& one : all) {
    if (static_cast<int>(kept.size()) >= most) break;
    if (!(one.value > 0)) continue;
    const bool seen =
        std::any_of(kept.begin(), kept.end(), [&](const Witness& other) { return other.u.dot(one.u) > cosine; });
    if (!seen) kept.push_back(std::move(one));
  }
  return kept;
}

std::vector<Vector> starts_of(const ReluPolar& problem, const Matrix& given, const LocalSearchOptions& options) {
  const Index n = problem.samples(), d = problem.dimension();
  std::vector<Vector> starts;
  for (Index k = 0; k < given.rows(); ++k) starts.emplace_back(given.row(k).transpose());
  starts.push_back(adjoint_product(problem.features, problem.weights));
  starts.push_back(adjoint_product(problem.features, Vector(problem.weights.cwiseMax(0))));
  const Vector size = problem.weights.cwiseAbs().cwiseProduct(squared_row_norms(problem.features).cwiseSqrt());
  std::vector<Index> order(static_cast<std::size_t>(n));
  Matrix room;
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return size[a] > size[b]; });
  for (std::size_t k = 0; k < order.size() && static_cast<int>(k) < options.row_starts; ++k)
    for (const double sign : {1.0, -1.0}) starts.emplace_back(sign * problem.features.row(order[k], room).transpose());
  Random random(options.seed);
  for (int k = 0; k < options.random_starts; ++k) {
    Vector u(d);
    for (Index j = 0; j < d; ++j) u[j] = random.normal();
    starts.push_back(std::move(u));
  }
  return starts;
}

}  // namespace

Witness ascend(const ReluPolar& problem, const Vector& u, const LocalSearchOptions& options) {
  const Witness start = climb(problem, witness_at(problem, u), options.plain_steps);
  ShortestVector shortest(problem);
  Witness best = polish(problem, shortest, start, options);
  if (!(best.value > 0)) best = {Vector::Zero(problem.dimension()), 0};
  return best;
}

std::vector<Witness> local_search(const ReluPolar& problem, const Matrix& given, const LocalSearchOptions& options) {
  require_valid(problem);
  std::vector<Witness> climbed = climb_together(problem, starts_of(problem, given, options), options.plain_steps);
  climbed = best_distinct(std::move(climbed), options.polished, options.distinct);
  ShortestVector shortest(problem);
  for (Witness& one : climbed) {
    if (options.go_on && !options.go_on()) break;
    one = polish(problem, shortest, std::move(one), options);
  }
  return best_distinct(std::move(climbed), options.witnesses, options.distinct);
}

}  // namespace nadir::polar
