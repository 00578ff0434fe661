#include "nadir/polar/simplicial_cones.hpp"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <queue>

#include "nadir/opt/cone_projection.hpp"

namespace nadir::polar {
namespace {

constexpr double roundoff = 0x1p-53;

/// v times a power of two: its largest entry is in [1/2, 1).
void scale_by_two(Eigen::Ref<Vector> v) {
  const double factor = std::ldexp(1.0, -std::ilogb(v.cwiseAbs().maxCoeff()) - 1);
  v *= factor;
}

/// A bound on one cone, and what gave it.
struct ConeBound {
  double value = 0;
  ConeForm form;
  Vector plane = {}, shares = {};  ///< where α = 1: w, and by how much each generator is in it
};

/// Bounds of one polar over one cone after another.
class Bounder {
 public:
  explicit Bounder(const PowerPolar& problem) : problem_(problem), norms_(row_norms(problem.features)) {
    const double d = static_cast<double>(problem.dimension()), n = static_cast<double>(problem.samples());
    const double all = problem.weights.cwiseAbs().dot(norms_.cwiseAbs2());
    // What a verifier may have to add on the diagonal of its matrices, four times: powers.md, section 5.
    room_ = 4 * roundoff * (n / 128 + 2 * d + 300) * 16 * d * d * (all + 1e-300);
    if (problem.power == 1)  // on the sides of its inequalities, twice
      room_ = 4 * roundoff * (n + 2 * d + 300) * std::sqrt(d) * (problem.weights.cwiseAbs().dot(norms_) + 1e-300);
    gains_ = problem.weights.cwiseMax(0);
  }

  ConeBound operator()(const Eigen::MatrixXd& V) {
    if (problem_.power == 1) return lines(V);
    products_.noalias() = problem_.features.whole() * V;
    return problem_.power == 0 ? steps() : squares(V);
  }

 private:
  /// α = 0: samples that are on everywhere, and those that may be and pay.
  ConeBound steps() const {
    const double d = static_cast<double>(problem_.dimension());
    double sum = 0, size = 0;
    for (Index i = 0; i < problem_.samples(); ++i) {
      const double g = problem_.weights[i], error = 4 * roundoff * (d / 128 + 140) * std::sqrt(d) * norms_[i];
      size += std::fabs(g);
      if (products_.row(i).maxCoeff() <= -error) continue;  // off everywhere
      if (g > 0 || products_.row(i).minCoeff() > error) sum += g;
    }
    return {std::max(0.0, sum + 4 * roundoff * static_cast<double>(problem_.samples() + 8) * size), {}};
  }

  /// α = 1: f(Vc) ≤ h·c for all c ≥ 0, and the shortest w with v_k·w ≥ h_k for all k, the point of the cone nearest to
  /// V⁻ᵀh.
  ConeBound lines(const Eigen::MatrixXd& V) {
    const Index d = V.cols();
    Vector h = Vector::Zero(d);
    problem_.features.for_each_block([&](Index first, const ConstMatrixView& X) {
      products_.noalias() = X * V;
      const Vector losses =
          (products_.rowwise().sum().array() > 0).select(problem_.weights.segment(first, X.rows()).cwiseMin(0), 0);
      h += products_.cwiseMax(0).transpose() * gains_.segment(first, X.rows()) + products_.transpose() * losses;
    });
    const Eigen::MatrixXd inverse = V.inverse();
    const Vector least = h.array() + room_, z = inverse.transpose() * (least.array() + room_).matrix();
    const Matrix sides = inverse.rowwise().normalized();
    Vector w = project_on_cone(sides, Vector::Ones(d), z).point;
    double factor = 1;  // makes up for rounding
    for (Index k = 0; k < d; ++k)
      if (const double inner = V.col(k).dot(w); inner < least[k] && inner > 0)
        factor = std::max(factor, least[k] / inner * (1 + 4 * roundoff));
    w *= factor;
    ConeBound bound = by_plane(V, least, w), other = along_middle(V, least);
    if (std::isinf(bound.value) || other.value < w.norm()) return other;
    const Vector parts = (inverse * w).cwiseMax(0).cwiseProduct(V.colwise().norm().transpose());
    bound.shares = parts / std::max(parts.sum(), 1e-300);
    return bound;
  }

  /// ‖w‖ where v_k·w ≥ least_k for all k; else w bounds nothing.
  static ConeBound by_plane(const Eigen::MatrixXd& V, const Vector& least, Vector w) {
    const bool holds = (V.transpose() * w - least).minCoeff() >= 0;
    const double value = holds ? w.norm() * (1 + 16 * roundoff) : std::numeric_limits<double>::infinity();
    return {value, {}, std::move(w), {}};
  }

  /// By w in the middle's direction: for cones so thin that V⁻¹ is mostly rounding errors.
  static ConeBound along_middle(const Eigen::MatrixXd& V, const Vector& least) {
    const Vector middle = V.colwise().normalized().rowwise().sum().normalized(), along = V.transpose() * middle;
    if (!(along.minCoeff() > 0)) return {std::numeric_limits<double>::infinity(), {}, Vector::Zero(V.rows()), {}};
    const double length = std::max(0.0, least.cwiseQuotient(along).maxCoeff()) * (1 + 16 * roundoff);
    return by_plane(V, least, length * middle);
  }

  ConeBound squares(const Eigen::MatrixXd& V) {
    const Eigen::MatrixXd G = V.transpose() * V;
    ConeBound best{std::numeric_limits<double>::infinity(), {}};
    for (const bool centred : {false, true}) {
      const Eigen::MatrixXd Q = quadratic(centred);
      for (const bool clipped : {false, true}) {
        const double value = least_level(G, Q, clipped, best.value);
        if (value < best.value) best = {value, {centred, clipped}};
      }
    }
    return best;
  }

  /// Q with f(Vc) ≤ cᵀQc for all c ≥ 0.
  Eigen::MatrixXd quadratic(bool centred) {
    const Index n = problem_.samples(), d = problem_.dimension();
    left_.resize(n, d), right_.resize(n, d);
    for (Index i = 0; i < n; ++i) {
      const double g = problem_.weights[i];
      const auto p = products_.row(i);
      double s = 0, t = 1;
      if (centred) {
        const double on = p.cwiseMax(0).sum(), off = on - p.sum();
        s = on < off ? on / off : 1, t = on > off ? 1 - off / on : 0;
      }
      if (g >= 0) {
        left_.row(i) = p.cwiseMax(0) + s * p.cwiseMin(0);
        right_.row(i) = g * left_.row(i);
      } else {
        left_.row(i) = p.cwiseMax(0);
        right_.row(i) = g * t * ((2 - t) * p.cwiseMax(0) + 2 * p.cwiseMin(0));
      }
    }
    const Eigen::MatrixXd product = left_.transpose() * right_;
    return (product + product.transpose()) / 2;
  }

  /// The least μ ≥ 0 found for which μG − Q, perhaps without its entries above 0 off the diagonal, is positive definite
  /// with some room; at most `enough` is of interest.
  double least_level(const Eigen::MatrixXd& G, const Eigen::MatrixXd& Q, bool clipped, double enough) const {
    const double infinite = std::numeric_limits<double>::infinity();
    double low = 0, high = std::min(enough, 1e6 * (Q.cwiseAbs().maxCoeff() + room_));
    for (Index k = 0; k < Q.rows(); ++k) low = std::max(low, (Q(k, k) + room_) / G(k, k));
    if (!(low < enough)) return infinite;
    double trial = std::min(high, low * (1 + 1e-9) + 1e-300);
    if (holds(G, Q, clipped, trial)) return trial;
    if (!holds(G, Q, clipped, high)) return infinite;
    for (int k = 0; k < 40 && high - low > 1e-6 * high; ++k) {
      trial = (low + high) / 2;
      (holds(G, Q, clipped, trial) ? high : low) = trial;
    }
    return high;
  }

  bool holds(const Eigen::MatrixXd& G, const Eigen::MatrixXd& Q, bool clipped, double level) const {
    Eigen::MatrixXd A = level * G - Q;
    if (clipped)
      for (Index k = 0; k < A.rows(); ++k)
        for (Index l = 0; l < k; ++l) A(k, l) = A(l, k) = std::min(A(k, l), 0.0);
    const double d = static_cast<double>(A.rows());
    A.diagonal().array() -= room_ + 16 * roundoff * (d + 10) * (A.trace() + d * d * level);
    return Eigen::LLT<Eigen::MatrixXd>(A).info() == Eigen::Success;
  }

  const PowerPolar& problem_;
  Vector norms_, gains_;
  double room_ = 0;
  Eigen::MatrixXd products_, left_, right_;
};

struct ConeNode {
  Index first = 0, second = 0;  // the generators that a split adds up
  long children = -1;           // the first; -1: a leaf
  ConeBound bound;
};

struct OpenCone {
  double bound;
  long node;
  Eigen::MatrixXd generators;

  bool operator<(const OpenCone& other) const {
    return bound < other.bound || (bound == other.bound && node > other.node);
  }
};

class ConeSearch {
 public:
  ConeSearch(const PowerPolar& problem, const Matrix& given, const BranchOptions& options)
      : problem_(problem),
        options_(options),
        bounder_(problem),
        columns_(problem.power == 1 ? problem.dimension() + 1 : 4) {
    result_.witnesses = problem.power == 1
                            ? local_search(ReluPolar{problem.features, problem.weights}, given, options.search)
                            : local_search(problem, given, options.search);
    for (const Witness& one : result_.witnesses) lower_ = std::max(lower_, one.value);
  }

  SimplicialResult run() {
    const Index d = problem_.dimension();
    for (Index left_out = d; left_out >= 0; --left_out) {
      Eigen::MatrixXd V = 0.5 * Eigen::MatrixXd::Identity(d, d);
      if (left_out < d) V.col(left_out).setConstant(-0.5);
      add(std::move(V));
    }
    const auto roots = static_cast<long>(nodes_.size());
    while (!why_end()) split();
    result_.upper = std::max(0.0, open_.empty() ? 0.0 : open_.top().bound);
    for (const double closed : stuck_) result_.upper = std::max(result_.upper, closed);
    for (long root = 0; root < roots; ++root) list(root);
    if (middle_.size() > 0) result_.witnesses.insert(result_.witnesses.begin(), {middle_, lower_});
    result_.tree = Eigen::Map<const Matrix>(rows_.data(), static_cast<Index>(rows_.size()) / columns_, columns_);
    return std::move(result_);
  }

 private:
  void add(Eigen::MatrixXd V) {
    const ConeBound bound = bounder_(V);
    nodes_.push_back({0, 0, -1, bound});
    ++result_.nodes;
    const Vector middle = V * Vector::Ones(V.cols());
    if (const double here = middle.norm() > 0 ? value(problem_, middle) : 0; here > lower_)
      lower_ = here, middle_ = middle.normalized();
    open_.push({bound.value, static_cast<long>(nodes_.size()) - 1, std::move(V)});
  }

  bool why_end() {
    const double upper = open_.empty() ? 0 : open_.top().bound,
                 wanted = std::max(options_.level, lower_ * (1 + options_.tolerance));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    const auto end = [&](Ending ending) {
      result_.ending = ending;
      return true;
    };
    if (upper <= wanted) return end(stuck_.empty() ? Ending::gap_reached : Ending::no_progress);
    if (result_.nodes >= options_.max_nodes) return end(Ending::iteration_limit);
    if (!(seconds.count() < options_.time_limit)) return end(Ending::time_limit);
    if (options_.watch && result_.nodes % 64 < 2 && !options_.watch({result_.nodes, lower_, upper}))
      return end(Ending::told_to);
    return false;
  }

  /// The edge of a cone to split: the widest, where α = 1 with a preference for the generators that matter most, which
  /// saves two cones of five (d = 6, n = 1000).
  std::pair<Index, Index> edge_of(const Eigen::MatrixXd& V, const Vector& shares) const {
    constexpr double any = 0.1;
    std::pair<Index, Index> edge{0, 1};
    double most = -1;
    for (Index k = 0; k < V.cols(); ++k)
      for (Index l = k + 1; l < V.cols(); ++l) {
        const double width = 1 - V.col(k).dot(V.col(l)) / (V.col(k).norm() * V.col(l).norm());
        const double size = shares.size() > 0 ? width * (any + shares[k] + shares[l]) : width;
        if (size > most) most = size, edge = {k, l};
      }
    return edge;
  }

  /// Splits the cone with the largest bound.
  void split() {
    OpenCone cone = open_.top();
    open_.pop();
    Eigen::MatrixXd& V = cone.generators;
    const auto [first, second] = edge_of(V, nodes_[static_cast<std::size_t>(cone.node)].bound.shares);
    Vector sum = V.col(first) + V.col(second);
    const Vector back = (sum - V.col(first)) - V.col(second), other = (sum - V.col(second)) - V.col(first);
    if (V.cols() < 2 || !back.isZero(0) || !other.isZero(0) || sum.isZero(0)) {
      stuck_.push_back(cone.bound);
      return;
    }
    scale_by_two(sum);
    ConeNode& node = nodes_[static_cast<std::size_t>(cone.node)];
    node.first = first, node.second = second, node.children = static_cast<long>(nodes_.size());
    Eigen::MatrixXd child = V;
    child.col(first) = sum;
    add(std::move(child));
    V.col(second) = sum;
    add(std::move(V));
  }

  void list(long at) {
    const ConeNode& node = nodes_[static_cast<std::size_t>(at)];
    if (node.children < 0) {
      const ConeForm form = node.bound.form;
      rows_.push_back(1);
      if (problem_.power == 1)
        rows_.insert(rows_.end(), node.bound.plane.begin(), node.bound.plane.end());
      else
        rows_.insert(rows_.end(), {form.centred ? 1.0 : 0.0, form.clipped ? 1.0 : 0.0, node.bound.value});
      return;
    }
    rows_.insert(rows_.end(), {0, static_cast<double>(node.first), static_cast<double>(node.second)});
    rows_.resize(rows_.size() + static_cast<std::size_t>(columns_) - 3, 0);
    list(node.children), list(node.children + 1);
  }

  const PowerPolar& problem_;
  const BranchOptions& options_;
  Bounder bounder_;
  Index columns_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double lower_ = 0;
  Vector middle_;  ///< of the cone where it was found, if not by the search
  std::vector<ConeNode> nodes_;
  std::vector<double> stuck_, rows_;
  std::priority_queue<OpenCone> open_;
  SimplicialResult result_;
};

}  // namespace

SimplicialResult bound_over_cones(const PowerPolar& problem, const Matrix& given, const BranchOptions& options) {
  return ConeSearch(problem, given, options).run();
}

}  // namespace nadir::polar
