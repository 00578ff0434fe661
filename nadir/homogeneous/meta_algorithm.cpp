#include "nadir/homogeneous/meta_algorithm.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "nadir/base/error.hpp"
#include "nadir/homogeneous/outer_product.hpp"
#include "nadir/homogeneous/proof.hpp"
#include "nadir/opt/caratheodory.hpp"
#include "nadir/opt/lbfgs.hpp"
#include "nadir/opt/rising_slope.hpp"

namespace nadir::homogeneous {
namespace {

void require_shapes(const Problem& problem, const std::vector<Vector>& start) {
  require_balanced(problem.subnetwork, problem.regularizer);
  const auto refuse = [](const std::string& what, Index has, Index wants) {
    if (has != wants)
      throw UsageError(what + ": " + std::to_string(has) + " where the sub-network has " + std::to_string(wants));
  };
  refuse("features", problem.features.cols(), problem.subnetwork.inputs());
  refuse("outputs of the loss", problem.loss.outputs(), problem.subnetwork.outputs());
  for (const Vector& weights : start) {
    refuse("weights of a start", weights.size(), problem.subnetwork.size());
    if (!std::isfinite(problem.regularizer.value(problem.subnetwork, weights)))
      throw UsageError("a start has weights below 0 where they are to be non-negative");
  }
  has_sparse_factors(problem);  // throws where non-negative weights are not for this problem
  if (!(problem.lambda > 0)) throw UsageError("lambda is to be above 0");
}

/// The algorithm, a step at a time.
class Training {
 public:
  Training(const Problem& problem, const std::vector<Vector>& start, const MetaOptions& options)
      : problem_(problem), options_(options), at_zero_(problem.loss.value_at_zero()) {
    at().weights = start;
    evaluate(problem_, at());
  }

  MetaResult run(const Watch& watch) {
    for (int round = 0;; ++round) {
      descend();
      resize();
      drop_zeros();
      reduce_width();
      look(round);
      if (const std::optional<Stop> stop = why_stop(round, watch); stop && !proof_finds_more(*stop, round)) {
        result_.stop = *stop;
        break;
      }
      append();
    }
    conclude();
    return std::move(result_);
  }

 private:
  Iterate& at() { return result_.at; }

  /// Asks the caller until told to stop.
  GoOn go_on() {
    if (!options_.go_on) return {};
    return [this] {
      told_to_stop_ = told_to_stop_ || !options_.go_on();
      return !told_to_stop_;
    };
  }

  LbfgsOptions lbfgs_options() {
    LbfgsOptions options;
    options.max_iterations = options_.descent_iterations, options.memory = 30;
    options.least_decrease = 1e-6 * options_.gap, options.go_on = go_on();
    return options;
  }

  void log(Step step, double polar = 0) { result_.log.push_back({step, at().objective, at().width(), polar}); }

  /// Where it is not worse.
  bool take(std::vector<Vector> weights) {
    Iterate next;
    next.weights = std::move(weights);
    evaluate(problem_, next);
    if (!(next.objective <= at().objective * (1 + 1e-14))) return false;
    at() = std::move(next);
    return true;
  }

  /// What the descent goes by: the product of Euclidean norms is as small as their mean of powers can be made by
  /// scaling, which is smooth where a layer vanishes, and strictly convex along such scalings.
  static Regularizer smooth(const Regularizer& of) {
    const bool euclidean = std::all_of(of.norms.begin(), of.norms.end(), [](Norm norm) { return norm == Norm::l2; });
    return of.combination == Combination::product && euclidean ? Regularizer{Combination::mean_of_powers, of.norms}
                                                               : of;
  }

  void descend() {
    const Index size = problem_.subnetwork.size(), width = at().width();
    if (width == 0) return;
    if (has_sparse_factors(problem_)) return descend_factors();
    Vector all(width * size);
    for (Index i = 0; i < width; ++i) all.segment(i * size, size) = at().weights[static_cast<std::size_t>(i)];
    const Regularizer regularizer = smooth(problem_.regularizer);
    Matrix R;
    const auto objective = [&](const Vector& point, Vector& gradient) {
      Matrix f = Matrix::Zero(problem_.features.rows(), problem_.subnetwork.outputs());
      double cost = 0;
      for (Index i = 0; i < width; ++i)
        f += problem_.subnetwork.apply(problem_.features, point.segment(i * size, size));
      problem_.loss.gradient(f, R);
      for (Index i = 0; i < width; ++i) {
        const Vector weights = point.segment(i * size, size);
        Vector part = Vector::Zero(size);
        problem_.subnetwork.pull_back(problem_.features, weights, R, part);
        regularizer.add_gradient(problem_.subnetwork, weights, problem_.lambda, part);
        cost += regularizer.value(problem_.subnetwork, weights);
        gradient.segment(i * size, size) = part;
      }
      return problem_.loss.value(f) + problem_.lambda * cost;
    };
    const LbfgsResult found = minimize_by_lbfgs(objective, std::move(all), lbfgs_options());
    std::vector<Vector> moved;
    for (Index i = 0; i < width; ++i) moved.emplace_back(found.position.segment(i * size, size));
    take(std::move(moved));
    log(Step::descended);
  }

  void descend_factors() {
    BlockOptions options;
    options.sweeps = options_.descent_iterations, options.least_decrease = 1e-4 * options_.gap, options.go_on = go_on();
    std::vector<Vector> moved = at().weights;
    descend_by_factors(problem_, moved, options);
    take(std::move(moved));
    log(Step::descended);
  }

  /// φ of each sub-network as a column, and its cost.
  std::pair<Eigen::MatrixXd, Vector> columns() {
    Eigen::MatrixXd columns(at().outputs.size(), at().width());
    Vector costs(at().width());
    for (Index i = 0; i < at().width(); ++i) {
      const Vector& weights = at().weights[static_cast<std::size_t>(i)];
      columns.col(i) = problem_.subnetwork.apply(problem_.features, weights).reshaped<Eigen::RowMajor>();
      costs[i] = problem_.regularizer.value(problem_.subnetwork, weights);
    }
    return {std::move(columns), std::move(costs)};
  }

  /// The sub-networks with outputs and costs times these factors ≥ 0, without those of factor 0; where that is not
  /// worse.
  bool take_times(const Vector& factors) {
    std::vector<Vector> kept;
    for (Index i = 0; i < at().width(); ++i)
      if (factors[i] > 0)
        kept.push_back(std::pow(factors[i], 1 / problem_.subnetwork.degree()) *
                       at().weights[static_cast<std::size_t>(i)]);
    return take(std::move(kept));
  }

  /// The best sizes of all sub-networks, cᵢ = aᵢ² times what they are: F is convex in c. Descent in all weights may end
  /// at kinks that these directions lead away from.
  void resize() {
    const Index width = at().width(), K = problem_.subnetwork.outputs();
    if (width == 0) return;
    const auto all = columns();
    const Eigen::MatrixXd& phi = all.first;
    const Vector& cost = all.second;
    Matrix R;
    const auto objective = [&](const Vector& a, Vector& gradient) {
      const Eigen::VectorXd f = phi * a.cwiseAbs2();
      const ConstMatrixView outputs(f.data(), f.size() / K, K);
      problem_.loss.gradient(outputs, R);
      gradient = 2 * a.cwiseProduct(phi.transpose() * R.reshaped<Eigen::RowMajor>() + problem_.lambda * cost);
      return problem_.loss.value(outputs) + problem_.lambda * cost.dot(a.cwiseAbs2());
    };
    const LbfgsResult found = minimize_by_lbfgs(objective, Vector::Ones(width), lbfgs_options());
    const double before = at().objective;
    if (take_times(found.position.cwiseAbs2()) && at().objective < before * (1 - 1e-12)) log(Step::resized);
  }

  void drop_zeros() {
    constexpr double small = 1e-13;
    const Index width = at().width();
    if (width == 0) return;
    Vector cost(width);
    for (Index i = 0; i < width; ++i)
      cost[i] = problem_.regularizer.value(problem_.subnetwork, at().weights[static_cast<std::size_t>(i)]);
    const double most = cost.maxCoeff();
    if (take_times((cost.array() > small * most).cast<double>()) && at().width() < width) log(Step::found_zero);
  }

  void reduce_width() {
    if (at().width() < 2) return;
    const auto [phi, cost] = columns();
    const Vector factors = independent_factors(phi, cost);
    if (factors.minCoeff() > 0) return;
    if (take_times(factors)) log(Step::reduced);
  }

  void look(int round) {
    PolarSearch search = options_.search;
    search.seed += static_cast<std::uint64_t>(round), search.go_on = go_on();
    result_.polar = search_polar(problem_, at().dual, at().weights, search);
    const double estimate = problem_.loss.dual_bound(at().dual, problem_.lambda, result_.polar.value);
    estimated_gap_ = nadir::relative_gap(at().objective, estimate, at_zero_);
    progress_ = {round, at().objective, estimate, result_.polar.value / problem_.lambda - 1};
  }

  std::optional<Stop> why_stop(int round, const Watch& watch) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    if (told_to_stop_) return Stop::told_to;  // and so no search has come to its end
    result_.no_descent_found = !(result_.polar.value > problem_.lambda * (1 + 1e-12));
    if (estimated_gap_ <= options_.gap / 2) return Stop::gap_reached;
    if (result_.no_descent_found) return Stop::no_progress;
    if (round >= options_.max_rounds) return Stop::iteration_limit;
    if (!(seconds.count() < options_.time_limit)) return Stop::time_limit;
    if (watch && !watch(progress_)) return Stop::told_to;
    if (!(at().objective < last_ * (1 - 1e-14))) return Stop::no_progress;
    last_ = at().objective;
    return std::nullopt;
  }

  /// Whether the proof, where it looks everywhere, comes upon a larger polar than the search did.
  bool proof_finds_more(Stop stop, int round) {
    if (!proof_searches(problem_)) return false;
    if ((stop != Stop::gap_reached && stop != Stop::no_progress) || round >= options_.max_rounds) return false;
    PolarUpper upper = bound_polar(problem_, at().dual, wanted_level(), options_.nodes, go_on());
    if (!(upper.found.value > std::max(result_.polar.value, problem_.lambda) * (1 + 1e-9))) return false;
    result_.polar = std::move(upper.found);
    return true;
  }

  void append() {
    std::vector<Vector> more = at().weights;
    more.push_back(at_best_size(problem_, at(), result_.polar));
    take(std::move(more));
    log(Step::appended, result_.polar.value / problem_.lambda);
  }

  /// Keeps the better bound.
  void bound_from(const Matrix& G, double level) {
    const PolarUpper upper = bound_polar(problem_, G, level, options_.nodes, go_on());
    if (result_.dual.size() == 0) result_.dual = G, result_.upper = upper;
    if (!std::isfinite(upper.value)) return;
    const double value = problem_.loss.dual_bound(G, problem_.lambda * (1 - 0x1p-42), upper.value);
    const double bound = value - 1e-13 * (1 + std::fabs(value) + at_zero_);
    if (bound > result_.lower_bound) result_.dual = G, result_.upper = upper, result_.lower_bound = bound;
  }

  double wanted_level() const { return level_for_gap(problem_, result_.at, options_.gap); }

  void conclude() {
    const double level = wanted_level();
    result_.lower_bound = -std::numeric_limits<double>::infinity();
    const Matrix moved = into_ball(problem_, at().dual);
    bound_from(at().dual, level);
    if (!(moved.array() == at().dual.array()).all()) bound_from(moved, level);
    result_.relative_gap = std::numeric_limits<double>::infinity();
    if (std::isfinite(result_.lower_bound)) {
      result_.relative_gap = nadir::relative_gap(at().objective, result_.lower_bound, at_zero_);
      result_.claim = result_.relative_gap <= options_.gap ? Claim::certified : Claim::bounded;
    }
    log(Step::ended, result_.polar.value / problem_.lambda);
  }

  const Problem& problem_;
  const MetaOptions& options_;
  double at_zero_;
  MetaResult result_;
  Progress progress_;
  double estimated_gap_ = 1;  ///< by the polar value that the search has found: never a proof
  bool told_to_stop_ = false;
  double last_ = std::numeric_limits<double>::infinity();
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

Vector at_best_size(const Problem& problem, const Iterate& at, const PolarWitness& witness) {
  const Matrix direction = problem.subnetwork.apply(problem.features, witness.weights);
  Matrix gradient;
  const auto slope = [&](double a) {
    problem.loss.gradient(at.outputs + a * direction, gradient);
    return gradient.cwiseProduct(direction).sum() + problem.lambda;
  };
  return std::pow(positive_zero_of_rising(slope), 1 / problem.subnetwork.degree()) * witness.weights;
}

MetaResult train(const Problem& problem, const std::vector<Vector>& start, const MetaOptions& options,
                 const Watch& watch) {
  require_shapes(problem, start);
  return Training(problem, start, options).run(watch);
}

}  // namespace nadir::homogeneous
