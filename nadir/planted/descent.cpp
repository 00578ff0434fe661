#include "nadir/planted/descent.hpp"

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

namespace nadir::planted {
namespace {

/// What the units U (m × d) make of the samples.
struct At {
  Matrix z;  ///< A Uᵀ, n × m
  Vector r;  ///< Σ_j (z_j)₊ − y
  double loss = 0;
};

At at(const Matrix& A, const Vector& y, const Matrix& U) {
  At found;
  found.z = A * U.transpose();
  found.r = found.z.cwiseMax(0).rowwise().sum() - y;
  found.loss = found.r.squaredNorm() / 2;
  return found;
}

/// What a sample does at which no unit is active.
enum class Dead { nothing, pulls_all, lifts_all };

/// n × m: what each sample wants of each unit, to be divided by m.
Matrix pulls(const At& here, Dead dead) {
  const auto m = static_cast<double>(here.z.cols());
  Matrix g = Matrix::Zero(here.z.rows(), here.z.cols());
  for (Index i = 0; i < g.rows(); ++i) {
    const double highest = here.z.row(i).maxCoeff();
    for (Index j = 0; j < g.cols(); ++j)
      if (here.z(i, j) >= 0) g(i, j) = here.r[i];
    if (highest >= 0 || dead == Dead::nothing || here.r[i] == 0) continue;
    g.row(i).setConstant(here.r[i] + (dead == Dead::lifts_all ? m * highest : 0));
  }
  return g;
}

/// How the loop ends, and the best point it saw.
class Log {
 public:
  Log(const Vector& y, double enough, const PlantedOptions& options, const Watch& watch)
      : y_(y), enough_(enough), options_(options), watch_(watch) {
    best_.loss = std::numeric_limits<double>::infinity();
  }
  /// Whether to go on.
  bool after(const At& here, const Matrix& U) {
    const int k = best_.iterations;
    if (!std::isfinite(here.loss)) return end(Stop::numerical_failure);
    if (here.loss < best_.loss * (1 - 1e-6)) last_gain_ = k;
    if (here.loss < best_.loss) best_.loss = here.loss, best_.units = U;
    const auto n = static_cast<double>(y_.size());
    best_.trace.push_back({k, here.loss / n, 0, 0});
    if (best_.loss <= enough_) return end(Stop::gap_reached);
    if (k >= options_.max_iterations) return end(Stop::iteration_limit);
    if (k - last_gain_ >= 500) return end(Stop::no_progress);
    if (watch_ && !watch_(best_.trace.back())) return end(Stop::told_to);
    ++best_.iterations;
    return true;
  }
  bool end(Stop stop) { return best_.stop = stop, false; }
  Descent& best() { return best_; }

 private:
  const Vector& y_;
  double enough_;
  const PlantedOptions& options_;
  const Watch& watch_;
  Descent best_;
  int last_gain_ = 0;
};

/// f_r from z = A u.
double relaxed(const Vector& y, const Vector& z) {
  return z.cwiseMax(0).squaredNorm() / 2 - y.dot(z) + y.squaredNorm() / 2;
}

/// Accelerated gradients on f_r, begun anew where they run uphill (O'Donoghue and Candès 2015). One product with A and
/// one with its transpose a step.
Descent accelerated(const Matrix& A, const Vector& y, const Directions& directions, Matrix u, Log& log) {
  constexpr int between_bounds = 20;
  At here = at(A, y, u);
  Matrix v = u;         // where the gradient is taken,
  Vector z_v = here.z;  // and A v
  double t = 1, bound = -std::numeric_limits<double>::infinity();
  while (log.after(here, u)) {
    if (log.best().iterations % between_bounds == 0) {
      bound = std::max(bound, relaxation_bound(A, y, u.row(0).transpose()));
      const double above = relaxed(y, here.z.col(0)) - bound;
      if (bound > 1e-9 * y.squaredNorm() && above <= 1e-6 * bound && !log.end(Stop::no_progress)) break;
    }
    const Vector r = z_v.cwiseMax(0) - y;
    const Matrix next = v - directions.of(r);
    At there = at(A, y, next);
    const bool uphill = r.dot(there.z.col(0) - here.z.col(0)) > 0;
    const double next_t = uphill ? 1 : (1 + std::sqrt(1 + 4 * t * t)) / 2, momentum = uphill ? 0 : (t - 1) / next_t;
    v = next + momentum * (next - u);
    z_v = there.z.col(0) + momentum * (there.z.col(0) - here.z.col(0));
    u = next, here = std::move(there), t = next_t;
  }
  Descent found = std::move(log.best());
  found.relaxation = relaxed(y, here.z.col(0));
  found.relaxation_bound = std::max(bound, relaxation_bound(A, y, u.row(0).transpose()));
  return found;
}

}  // namespace

std::span<const Option<PlantedOptions>> option_table() {
  using S = PlantedOptions;
  static const std::vector<Option<S>> table = {
      {"neurons", &S::neurons, "ReLU units, all of which feed the output with the weight 1", 1, 1e4},
      one_of<S>("intercept", &S::intercept, "a bias of each unit", {"on", "off"}),
      one_of<S>("descent", &S::descent,
                "regularized: the convex relaxation of one unit, regularized gradient descent of several; gradient: "
                "plain gradient descent, to compare with",
                {"regularized", "gradient"}),
      one_of<S>("precondition", &S::precondition,
                "steps in the metric of the samples; off: along the gradient, divided by the largest curvature",
                {"on", "off"}),
      {"max-iterations", &S::max_iterations, "most steps", 1, 1e9},
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
  };
  return table;
}

double relaxation_bound(const Matrix& A, const Vector& y, const Vector& u) {
  const Vector z = A * u;
  // The samples whose t stays above 0 take the correction; those near 0 are put there, and are tried at several
  // heights.
  for (const double share : {1e-6, 1e-3, 1e-2}) {
    const double floor = share * z.cwiseAbs().maxCoeff();
    Vector t = (z.array() > floor).select(z, 0);
    Matrix part = A;
    for (Index i = 0; i < A.rows(); ++i)
      if (t[i] == 0) part.row(i).setZero();
    Eigen::MatrixXd gram = part.transpose() * part;
    gram.diagonal().array() += 1e-14 * gram.diagonal().maxCoeff();
    const Eigen::LDLT<Eigen::MatrixXd> factor(gram);
    for (int step = 0; step < 3; ++step) t += part * factor.solve(A.transpose() * (y - t));
    const double left = (A.transpose() * (y - t)).norm(), scale = (A.transpose() * y).norm();
    if (t.minCoeff() >= 0 && left <= 1e-10 * scale) return (y.squaredNorm() - t.squaredNorm()) / 2;
  }
  return -std::numeric_limits<double>::infinity();
}

Descent minimize(const Matrix& A, const Vector& y, const Directions& directions, Matrix U, double enough,
                 const PlantedOptions& options, const Watch& watch) {
  const bool regularized = options.descent == "regularized";
  const bool free = options.precondition == "on" && directions.row_condition() > 0;
  const Dead dead = !regularized ? Dead::nothing : free ? Dead::lifts_all : Dead::pulls_all;
  const auto m = static_cast<double>(U.rows());
  Log log(y, enough, options, watch);
  if (regularized && U.rows() == 1) return accelerated(A, y, directions, std::move(U), log);
  for (At here = at(A, y, U); log.after(here, U); here = at(A, y, U)) U -= directions.of(pulls(here, dead)) / m;
  return std::move(log.best());
}

}  // namespace nadir::planted
