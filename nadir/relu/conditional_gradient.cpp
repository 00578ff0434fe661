#include "nadir/relu/conditional_gradient.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "nadir/relu/master.hpp"
#include "nadir/relu/slide.hpp"
#include "nadir/relu/unit_search.hpp"

namespace nadir::relu {
namespace {

double norm_of(const Units& units) { return units.weights.cwiseAbs().sum(); }

/// The ρ in [0, 1] at which L(f + ρ (f̄ − f)) is least: its slope rises with ρ.
double best_step(const Problem& problem, const Matrix& f, const Matrix& direction) {
  constexpr int halvings = 50;
  Matrix gradient;
  const auto slope = [&](double rho) {
    problem.loss.gradient(f + rho * direction, gradient);
    return gradient.cwiseProduct(direction).sum();
  };
  if (slope(1) <= 0) return 1;
  double low = 0, high = 1;
  for (int k = 0; k < halvings; ++k) {
    const double middle = (low + high) / 2;
    (slope(middle) > 0 ? high : low) = middle;
  }
  return low;
}

/// Conditional gradient, a step at a time.
class BallTraining {
 public:
  BallTraining(const Problem& problem, const ConditionalGradientOptions& options, const Units& start)
      : problem_(problem), options_(options), search_(options.search), at_zero_(problem.loss.value_at_zero()) {
    at().units = start;
    if (start.count() == 0) at().units.directions.resize(0, problem.inputs());
    evaluate(problem_, at());
    if (start.count() > 0 && corrects()) correct(signs_of(start));
  }

  Found run(const Watch& watch) {
    double last = std::numeric_limits<double>::infinity();
    for (;; ++found_.rounds) {
      const std::vector<Candidate> candidates = look();
      const bool settled = searches_well_ || !search_.last_effort, reached = found_.estimated_gap <= search_.gap;
      const bool falls = options_.rule == StepRule::classic;  // whatever F does from step to step
      const std::optional<Stop> stop = why_stop(settled, reached, falls || at().objective < last * (1 - 1e-13), watch);
      if (stop) {
        found_.stop = *stop;
        return std::move(found_);
      }
      searches_well_ = search_.last_effort && (reached || !(falls || at().objective < last * (1 - 1e-9)));
      last = at().objective;
      step(candidates);
    }
  }

 private:
  Iterate& at() { return found_.at; }
  bool corrects() const { return options_.rule == StepRule::corrective; }

  /// Units for the next step; sets polar and estimate.
  std::vector<Candidate> look() {
    const Effort& effort = searches_well_ ? *search_.last_effort : search_.effort;
    std::vector<Candidate> candidates =
        search_units(problem_, at().dual, at().units, effort, search_.seed + static_cast<std::uint64_t>(found_.rounds));
    found_.polar = largest_value(candidates);
    correlation_ = at().dual.cwiseProduct(at().outputs).sum();
    const double gap = problem_.radius * found_.polar - correlation_, estimate = at().objective - gap;
    found_.estimated_gap = relative_gap(at().objective, estimate, at_zero_);
    found_.trace.push_back({found_.rounds, at().objective, estimate, found_.estimated_gap});
    return candidates;
  }

  std::optional<Stop> why_stop(bool settled, bool reached, bool fell, const Watch& watch) const {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    if (reached && settled) return Stop::gap_reached;
    if (found_.rounds >= search_.max_rounds) return Stop::iteration_limit;
    if (!(seconds.count() < search_.time_limit)) return Stop::time_limit;
    if (watch && !watch(found_.trace.back())) return Stop::told_to;
    if (settled && !fell) return Stop::no_progress;
    return std::nullopt;
  }

  void step(const std::vector<Candidate>& candidates) {
    if (corrects()) return step_correctively(candidates);
    const auto best = std::max_element(candidates.begin(), candidates.end(), [](const auto& one, const auto& other) {
      return one.witness.value < other.witness.value;
    });
    double rho = 2.0 / (options_.first_step + found_.rounds + 1);
    Matrix direction = -at().outputs;  // towards f̄, which is 0 where no unit was found
    if (best != candidates.end())
      direction.col(best->output) += best->sign * problem_.radius * (problem_.features * best->witness.u).cwiseMax(0);
    if (options_.rule == StepRule::line_search) rho = best_step(problem_, at().outputs, direction);
    at().units.weights *= 1 - rho;
    if (best != candidates.end()) at().units.add(best->witness.u, rho * best->sign * problem_.radius, best->output);
    std::vector<bool> used;
    for (Index j = 0; j < at().units.count(); ++j) used.push_back(at().units.weights[j] != 0);
    at().units.keep(used);
    evaluate(problem_, at());
  }

  /// Adds all units found that ⟨G, ·⟩ rises towards: those above the mean correlation of the units that there are.
  void step_correctively(const std::vector<Candidate>& candidates) {
    std::vector<int> signs = signs_of(at().units);
    for (const Candidate& one : candidates) {
      if (!(problem_.radius * one.witness.value > correlation_) || is_among(at().units, one, search_.distinct))
        continue;
      at().units.add(one.witness.u, 0, one.output);
      signs.push_back(one.sign);
    }
    correct(signs);
    if (at().units.count() > 0) move();
  }

  void correct(const std::vector<int>& signs) { solve_master(problem_, at(), signs); }

  /// Moves all units together on L + μ Σ |a|, μ the multiplier of the ball at the best sizes, ⟨G, f⟩/δ; then into the
  /// ball and to the best sizes again. Kept where L is lower.
  void move() {
    const double multiplier = std::max(0.0, at().dual.cwiseProduct(at().outputs).sum() / problem_.radius);
    const Problem lagrangian{problem_.features, problem_.loss, multiplier};
    LbfgsOptions lbfgs;
    lbfgs.max_iterations = search_.slide_iterations;
    lbfgs.least_decrease = 1e-3 * search_.gap;
    Iterate moved = at();
    evaluate(lagrangian, moved);
    found_.iterations += slide(lagrangian, moved, 0, lbfgs);
    merge(lagrangian, moved);
    for (const double near : {1e-2, 1e-4}) found_.iterations += slide(lagrangian, moved, near, lbfgs);
    if (norm_of(moved.units) > problem_.radius) moved.units.weights *= problem_.radius / norm_of(moved.units);
    evaluate(problem_, moved);
    solve_master(problem_, moved, signs_of(moved.units));
    if (moved.objective < at().objective) at() = std::move(moved);
  }

  const Problem& problem_;
  const ConditionalGradientOptions& options_;
  const SearchOptions& search_;
  double at_zero_;
  double correlation_ = 0;  ///< ⟨G, f⟩
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool searches_well_ = false;  ///< from many starts
  Found found_;
};

}  // namespace

Found train_in_ball(const Problem& problem, const ConditionalGradientOptions& options, const Units& start,
                    const Watch& watch) {
  return BallTraining(problem, options, start).run(watch);
}

}  // namespace nadir::relu
