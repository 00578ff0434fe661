#include "nadir/kernel/solver.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "nadir/kernel/domain.hpp"
#include "nadir/kernel/newton_step.hpp"

namespace nadir::kernel {
namespace {

constexpr int patience = 4;  ///< steps that lower neither gap nor objective
constexpr double step_exactness = 1e-4;

struct Point {
  Matrix coefficients, outputs;  ///< A, KA

  double objective(const Problem& problem) const {
    return problem.loss.value(outputs) + problem.lambda / 2 * inner(coefficients, outputs);
  }
  /// (5) of docs/math/kernel.md at G = λA.
  double lower_bound(const Problem& problem) const {
    return problem.loss.dual_value(problem.lambda * coefficients, 1) -
           problem.lambda / 2 * inner(coefficients, outputs);
  }
};

/// Moves by the step, or by a part of it that lowers the objective; where none does, not at all.
bool descend(const Problem& problem, Point& at, const Matrix& residual, const Matrix& step) {
  const Matrix change = problem.kernel.times(step, problem.threads);
  const double before = at.objective(problem), slope = inner(residual, change);
  if (!(slope < 0)) return false;
  for (double length = 1; length > 1e-9; length /= 2) {
    Point next{at.coefficients + length * step, at.outputs + length * change};
    const double after = next.objective(problem);
    if (!(after <= before + 1e-4 * length * slope + 4e-16 * std::abs(before))) continue;
    next.outputs = problem.kernel.times(next.coefficients, problem.threads);  // without the errors of sums of steps
    at = std::move(next);
    return true;
  }
  return false;
}

/// Looks after each step whether to go on.
class Loop {
 public:
  Loop(const Problem& problem, const SolverOptions& options, const Watch& watch)
      : problem_(problem), options_(options), watch_(watch), domain_(problem.loss) {}

  /// Whether to go on from here; otherwise the solution says why.
  bool look(const Point& at) {
    Point inside{domain_.nearest(at.coefficients, problem_.lambda), at.outputs};
    if (inside.coefficients != at.coefficients)
      inside.outputs = problem_.kernel.times(inside.coefficients, problem_.threads);
    const double objective = inside.objective(problem_);
    const double bound = std::min(objective, inside.lower_bound(problem_));  // above it is rounding
    const double best = solution.objective - solution.lower_bound;
    const bool first = solution.coefficients.size() == 0, better = first || objective - bound < best;
    const double value = at.objective(problem_);
    since_ = better || value < lowest_ - 1e-13 * std::abs(lowest_) ? 0 : since_ + 1;
    lowest_ = std::min(lowest_, value);
    if (better) {
      solution.coefficients = std::move(inside.coefficients);
      solution.objective = objective, solution.lower_bound = bound;
    }
    const Progress now{iteration_, solution.objective, solution.lower_bound, 0};
    solution.trace.push_back(now);
    solution.iterations = iteration_++;
    const double gap = relative_gap(solution.objective, solution.lower_bound, at_zero_);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    if (watch_ && !watch_(now)) return end(Stop::told_to, "it was told to stop");
    if (!std::isfinite(solution.objective)) return end(Stop::numerical_failure, "the objective is no finite number");
    if (gap <= options_.gap) return end(Stop::gap_reached, "the relative gap was reached");
    if (since_ >= patience) return end(Stop::no_progress, "rounding ends all progress");
    if (iteration_ > options_.max_iterations) return end(Stop::iteration_limit, "the iterations were used up");
    if (seconds.count() > options_.time_limit) return end(Stop::time_limit, "the time was used up");
    return true;
  }
  bool end(Stop stop, const char* sentence) {
    solution.stop = stop, solution.stop_sentence = sentence;
    return false;
  }

  Solution solution;

 private:
  const Problem& problem_;
  const SolverOptions& options_;
  const Watch& watch_;
  Domain domain_;
  double at_zero_ = problem_.loss.value_at_zero();
  double lowest_ = at_zero_;
  int iteration_ = 0, since_ = 0;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

Solution solve(const Problem& problem, const SolverOptions& options, const Matrix* start, const Watch& watch) {
  Point at;
  at.coefficients = start != nullptr ? *start : Matrix::Zero(problem.loss.samples(), problem.loss.outputs());
  at.outputs = problem.kernel.times(at.coefficients, problem.threads);
  NewtonStep newton(problem);
  Loop loop(problem, options, watch);
  Matrix residual;
  bool exact = false;  // once steps by conjugate gradients have failed
  while (loop.look(at)) {
    problem.loss.gradient(at.outputs, residual);
    residual += problem.lambda * at.coefficients;
    const Curvature curvature = problem.loss.curvature(at.outputs);
    exact = exact || !descend(problem, at, residual, newton.at(curvature, residual, step_exactness));
    if (!exact) continue;
    const Matrix step = curvature.softmax ? newton.exact(curvature, residual) : Matrix();
    if (step.size() == 0 || !descend(problem, at, residual, step)) {
      loop.end(Stop::no_progress, "no step lowers the objective beyond rounding");
      break;
    }
  }
  return std::move(loop.solution);
}

}  // namespace nadir::kernel
