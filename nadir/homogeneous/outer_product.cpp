#include "nadir/homogeneous/outer_product.hpp"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/polar/non_negative.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::homogeneous {
namespace {

constexpr double unit = 0x1p-53;

Norm norm_of_layer(const Problem& problem, std::size_t layer) {
  return problem.regularizer.norms.empty() ? Norm::l2 : problem.regularizer.norms[layer];
}

double size_of(Norm norm, const Vector& w) { return norm == Norm::l1 ? w.cwiseAbs().sum() : w.norm(); }

/// M = XᵀG, and how much ‖M‖₂ may be off by rounding.
struct Slopes {
  Matrix M;
  double rounding;
};

Slopes slopes_of(const Problem& problem, const Matrix& G) {
  const double terms = static_cast<double>(problem.features.rows() + 4);
  return {problem.features.transpose() * G, 4 * unit * terms * problem.features.norm() * G.norm()};
}

PolarWitness witness_of(const Problem& problem, const Matrix& G, const Vector& u, const Vector& v) {
  Vector weights(u.size() + v.size());
  weights << u, v;
  const double cost = problem.regularizer.value(problem.subnetwork, weights);
  if (!(cost > 0 && std::isfinite(cost))) return {Vector::Zero(weights.size()), 0};
  weights /= std::sqrt(cost);
  const double value = G.cwiseProduct(problem.subnetwork.apply(problem.features, weights)).sum();
  return {std::move(weights), value};
}

/// argmax of mᵀw over a norm's ball of radius 1, w ≥ 0 where asked for; 0 where none is above 0.
Vector best_in_ball(const Vector& m, Norm norm, bool non_negative) {
  const Vector reach = non_negative ? Vector(m.cwiseMax(0)) : m;
  if (norm == Norm::l2) return reach.norm() > 0 ? Vector(reach.normalized()) : Vector::Zero(m.size());
  Index place = 0;
  Vector best = Vector::Zero(m.size());
  if (reach.cwiseAbs().maxCoeff(&place) > 0) best[place] = reach[place] > 0 ? 1 : -1;
  return best;
}

/// One of the norms is l1: uᵀMv at ± a unit vector for that factor, and the best of the other; fills the value.
PolarWitness best_vertex(const Problem& problem, const Matrix& G, const Matrix& M, double& most) {
  const bool left = norm_of_layer(problem, 0) == Norm::l1;  // u at the vertices
  const std::size_t here = left ? 0 : 1, there = 1 - here;
  const Matrix rows = left ? M : Matrix(M.transpose());
  PolarWitness best{Vector::Zero(problem.subnetwork.size()), 0};
  most = 0;
  Vector one, other;
  for (Index i = 0; i < rows.rows(); ++i)
    for (const double sign : {1.0, -1.0}) {
      if (sign < 0 && problem.regularizer.is_non_negative(here)) continue;
      const Vector m = sign * rows.row(i).transpose();
      const Vector w = best_in_ball(m, norm_of_layer(problem, there), problem.regularizer.is_non_negative(there));
      if (!(m.dot(w) > most)) continue;
      most = m.dot(w), one = sign * Vector::Unit(rows.rows(), i), other = w;
    }
  if (most > 0) best = left ? witness_of(problem, G, one, other) : witness_of(problem, G, other, one);
  return best;
}

/// The quadratic form over z ≥ 0 whose largest value is that of uᵀMv, or with one free factor its square.
struct Form {
  Matrix H;
  bool left, right;  ///< which factor is ≥ 0

  Form(const Problem& problem, const Matrix& M)
      : left(problem.regularizer.is_non_negative(0)), right(problem.regularizer.is_non_negative(1)) {
    if (left && right) {
      H = Matrix::Zero(M.rows() + M.cols(), M.rows() + M.cols());
      H.topRightCorner(M.rows(), M.cols()) = M;
      H.bottomLeftCorner(M.cols(), M.rows()) = M.transpose();
    } else {
      H = left ? Matrix(M * M.transpose()) : Matrix(M.transpose() * M);
      H = (H + Matrix(H.transpose())) / 2;
    }
  }

  /// Bounds ‖M‖ uᵀMv, or its square, and what it is off by where H is a product.
  double value_of(const Matrix& M, double largest) const {
    if (left && right) return largest;
    const double inner = static_cast<double>(left ? M.cols() : M.rows());
    return std::sqrt(std::max(0.0, largest + 4 * unit * (inner + 4) * M.squaredNorm())) * (1 + 4 * unit);
  }
  double level_of(double level) const { return left && right ? level : level * level; }

  PolarWitness witness(const Problem& problem, const Matrix& G, const Matrix& M, const Vector& z) const {
    if (z.size() == 0) return {Vector::Zero(problem.subnetwork.size()), 0};
    if (left && right) {
      const Vector u = z.head(M.rows()), v = z.tail(M.cols());
      if (!(u.norm() > 0 && v.norm() > 0)) return {Vector::Zero(problem.subnetwork.size()), 0};
      return witness_of(problem, G, u.normalized(), v.normalized());
    }
    const Vector other = left ? Vector(M.transpose() * z) : Vector(M * z);
    if (!(other.norm() > 0)) return {Vector::Zero(problem.subnetwork.size()), 0};
    return left ? witness_of(problem, G, z, other.normalized()) : witness_of(problem, G, other.normalized(), z);
  }
};

/// The alternating steps u ← (Mv)₊, v ← Mᵀu or its non-negative part, as one step of the form, from given factors, the
/// leading singular vectors and random ones.
PolarWitness search_non_negative(const Problem& problem, const Matrix& G, const Matrix& M,
                                 const std::vector<Vector>& given, const PolarSearch& options) {
  const Form form(problem, M);
  // −λ_min of the form of both is at most its largest singular value, and MMᵀ has none below 0.
  const double shift = form.left && form.right ? polar::proven_singular_value(M) : 0;
  PolarWitness best{Vector::Zero(problem.subnetwork.size()), 0};
  const Index d = form.H.rows();
  const auto try_from = [&](const Vector& start) {
    if (options.go_on && !options.go_on()) return;
    const polar::NonNegativeWitness found = polar::ascend_non_negative(form.H, shift, start);
    PolarWitness witness = form.witness(problem, G, M, found.z);
    if (witness.value > best.value) best = std::move(witness);
  };
  for (const Vector& weights : given)
    try_from(form.left && form.right ? weights : form.left ? Vector(weights.head(d)) : Vector(weights.tail(d)));
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(M, Eigen::ComputeThinU | Eigen::ComputeThinV);
  for (Index j = 0; j < std::min<Index>(3, svd.singularValues().size()); ++j) {
    Vector start(M.rows() + M.cols());
    start << svd.matrixU().col(j), svd.matrixV().col(j);
    if (!(form.left && form.right)) start = Vector(form.left ? start.head(d) : start.tail(d));
    for (const double sign : {1.0, -1.0}) try_from((sign * start).cwiseMax(0));
  }
  Random random(options.seed);
  for (int s = 0; s < options.starts; ++s) {
    Vector start(d);
    for (double& entry : start) entry = std::fabs(random.normal());
    try_from(start);
  }
  return best;
}

/// prox of t‖·‖, on w ≥ 0 where asked for: the non-negative part first.
Vector shrunk(const Vector& z, double t, Norm norm, bool non_negative) {
  const Vector reach = non_negative ? Vector(z.cwiseMax(0)) : z;
  if (norm == Norm::l1) return reach.array().sign() * (reach.array().abs() - t).max(0);
  const double size = reach.norm();
  return size > t ? Vector((1 - t / size) * reach) : Vector::Zero(z.size());
}

/// The factors, one after the other.
class FactorDescent {
 public:
  FactorDescent(const Problem& problem, std::vector<Vector>& weights) : problem_(problem), weights_(weights) {
    outputs_ = Matrix::Zero(problem.features.rows(), problem.subnetwork.outputs());
    curvature_ = problem.loss.curvature(outputs_).diagonal.maxCoeff();
    const bool identity = problem.features.isIdentity(0);
    steepest_ = identity ? 1 : std::pow(polar::proven_singular_value(problem.features), 2);
    for (const Vector& all : weights) outputs_ += problem.subnetwork.apply(problem.features, all);
  }

  /// F after a pass over all factors.
  double sweep() {
    double cost = 0;
    for (Vector& all : weights_) cost += move(all);
    return problem_.loss.value(outputs_) + problem_.lambda * cost;
  }

 private:
  /// Both factors of one pair; returns its cost.
  double move(Vector& all) {
    const Norm a = norm_of_layer(problem_, 0), b = norm_of_layer(problem_, 1);
    const Index d = problem_.features.cols();
    Vector u = all.head(d), v = all.tail(all.size() - d);
    const Vector before = problem_.features * u;
    Vector image = before;
    if (const double c = curvature_ * v.squaredNorm() * steepest_; c > 0) {
      problem_.loss.gradient(outputs_, slope_);
      const Vector z = u - problem_.features.transpose() * (slope_ * v) / c;
      u = shrunk(z, problem_.lambda * size_of(b, v) / c, a, problem_.regularizer.is_non_negative(0));
      image = problem_.features * u;
      outputs_ += (image - before) * v.transpose();
    }
    Vector next = Vector::Zero(v.size());
    if (const double c = curvature_ * image.squaredNorm(); c > 0) {
      problem_.loss.gradient(outputs_, slope_);
      const Vector z = v - slope_.transpose() * image / c;
      next = shrunk(z, problem_.lambda * size_of(a, u) / c, b, problem_.regularizer.is_non_negative(1));
    }
    outputs_ += image * (next - v).transpose();
    const double left = size_of(a, u), right = size_of(b, next);
    const double scale = left > 0 && right > 0 ? std::sqrt(right / left) : 0;  // both norms alike, or the pair is 0
    all.head(d) = scale * u;
    all.tail(v.size()) = scale > 0 ? Vector(next / scale) : Vector::Zero(v.size());
    if (!(scale > 0)) outputs_ -= image * next.transpose();
    return left * right;
  }

  const Problem& problem_;
  std::vector<Vector>& weights_;
  Matrix outputs_, slope_;
  double curvature_, steepest_;
};

}  // namespace

bool is_outer_product(const Subnetwork& subnetwork) {
  const std::vector<Layer>& layers = subnetwork.layers();
  const auto plain = [](const Layer& layer) { return layer.map == Map::linear && layer.pool == 1; };
  return layers.size() == 2 && layers[0].outputs == 1 && std::all_of(layers.begin(), layers.end(), plain) &&
         subnetwork.inputs() == layers[0].inputs;
}

bool has_sparse_factors(const Problem& problem) {
  const Regularizer& theta = problem.regularizer;
  const auto any = [&](Norm norm) {
    return std::find(theta.norms.begin(), theta.norms.end(), norm) != theta.norms.end();
  };
  const bool constrained =
      std::find(theta.non_negative.begin(), theta.non_negative.end(), true) != theta.non_negative.end();
  const bool fits = is_outer_product(problem.subnetwork) && problem.loss.kind() == LossKind::squared &&
                    theta.combination != Combination::path && !any(Norm::l_inf);
  if (constrained && !fits)
    throw UsageError(
        "non-negative weights are for two linear layers of width 1, the squared loss, and norms l1 and l2");
  return fits && (constrained || any(Norm::l1));
}

PolarWitness search_factors(const Problem& problem, const Matrix& G, const std::vector<Vector>& given,
                            const PolarSearch& options) {
  const Matrix M = slopes_of(problem, G).M;
  double most = 0;
  if (norm_of_layer(problem, 0) == Norm::l1 || norm_of_layer(problem, 1) == Norm::l1)
    return best_vertex(problem, G, M, most);
  return search_non_negative(problem, G, M, given, options);
}

PolarUpper bound_factors(const Problem& problem, const Matrix& G, double level, long nodes, const GoOn& go_on) {
  const Slopes slopes = slopes_of(problem, G);
  if (norm_of_layer(problem, 0) == Norm::l1 || norm_of_layer(problem, 1) == Norm::l1) {
    double most = 0;
    PolarWitness best = best_vertex(problem, G, slopes.M, most);
    const double terms = static_cast<double>(slopes.M.rows() + slopes.M.cols() + 16);
    return {most * (1 + 4 * unit * terms) + slopes.rounding, "vertices", std::move(best)};
  }
  const Form form(problem, slopes.M);
  polar::NonNegativeOptions options;
  options.level = form.level_of(level), options.max_nodes = nodes, options.go_on = go_on;
  polar::NonNegativeBound bound = polar::bound_non_negative(form.H, options);
  return {form.value_of(slopes.M, bound.upper) + slopes.rounding, "non-negative form",
          form.witness(problem, G, slopes.M, bound.found.z), std::move(bound.added)};
}

void descend_by_factors(const Problem& problem, std::vector<Vector>& weights, const BlockOptions& options) {
  constexpr int together = 10;
  FactorDescent descent(problem, weights);
  double last = 0;
  for (int sweep = 0; sweep < options.sweeps; ++sweep) {
    if (options.go_on && !options.go_on()) return;
    const double value = descent.sweep();
    if (sweep % together != 0) continue;
    if (sweep > 0 && !(value < last * (1 - options.least_decrease))) return;
    last = value;
  }
}

}  // namespace nadir::homogeneous
