#include "nadir/relu/conditional_gradient.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/opt/rising_slope.hpp"
#include "nadir/polar/power_polar.hpp"
#include "nadir/relu/master.hpp"
#include "nadir/relu/unit_search.hpp"

namespace nadir::relu {
namespace {

double norm_of(const Units& units) { return units.weights.cwiseAbs().sum(); }

/// The ρ in [0, 1] at which L(f + ρ (f̄ − f)) is least: its slope rises with ρ.
double best_step(const Problem& problem, const Matrix& f, const Matrix& direction) {
  Matrix gradient;
  const auto slope = [&](double rho) {
    problem.loss.gradient(f + rho * direction, gradient);
    return gradient.cwiseProduct(direction).sum();
  };
  return slope(1) <= 0 ? 1 : zero_of_rising(slope, 0, 1);
}

/// Conditional gradient, a step at a time.
class BallTraining {
 public:
  BallTraining(const Problem& problem, const ConditionalGradientOptions& options, const Units& start,
               const path::State* from)
      : problem_(problem), options_(options), search_(options.search), at_zero_(problem.loss.value_at_zero()) {
    if (from != nullptr) {
      found_ = found_of(*from, problem_);
      end_.restore(*from);
      return;
    }
    at().units = start;
    if (start.count() == 0) at().units.directions.resize(0, problem.inputs());
    evaluate(problem_, at());
    if (start.count() > 0 && corrects()) correct(signs_of(start));
  }

  Found run(const Watch& watch, const path::Continuation& continuation) {
    for (;; ++found_.rounds) {
      if (continuation) continuation.keep(state_of(found_, end_));
      const std::vector<Candidate> candidates = look();
      if (const std::optional<Stop> stop = end_.after(found_, options_.rule == StepRule::classic, watch)) {
        found_.stop = *stop;
        return std::move(found_);
      }
      step(candidates);
    }
  }

 private:
  Iterate& at() { return found_.at; }
  bool corrects() const { return options_.rule == StepRule::corrective; }

  /// Units for the next step; sets polar and estimate.
  std::vector<Candidate> look() {
    std::vector<Candidate> candidates = search_units(problem_, at().dual, at().units, end_.effort(),
                                                     search_.seed + static_cast<std::uint64_t>(found_.rounds));
    found_.polar = largest_value(candidates);
    correlation_ = at().dual.cwiseProduct(at().outputs).sum();
    const double gap = problem_.radius * found_.polar - correlation_, estimate = at().objective - gap;
    found_.estimated_gap = relative_gap(at().objective, estimate, at_zero_);
    found_.trace.push_back({found_.rounds, at().objective, estimate, found_.estimated_gap});
    return candidates;
  }

  void step(const std::vector<Candidate>& candidates) {
    if (corrects()) return step_correctively(candidates);
    const auto best = std::max_element(candidates.begin(), candidates.end(), [](const auto& one, const auto& other) {
      return one.witness.value < other.witness.value;
    });
    double rho = 2.0 / (options_.first_step + found_.rounds + 1);
    Matrix direction = -at().outputs;  // towards f̄, which is 0 where no unit was found
    if (best != candidates.end())
      direction.col(best->output) +=
          best->sign * problem_.radius * polar::power_of(product(problem_.features, best->witness.u), problem_.power);
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
    Problem lagrangian{problem_.features, problem_.loss, multiplier};
    lagrangian.power = problem_.power;
    Iterate moved = at();
    evaluate(lagrangian, moved);
    found_.iterations += move_units(lagrangian, search_, moved);
    if (norm_of(moved.units) > problem_.radius) moved.units.weights *= problem_.radius / norm_of(moved.units);
    evaluate(problem_, moved);
    solve_master(problem_, moved, signs_of(moved.units));
    if (moved.objective < at().objective) at() = std::move(moved);
  }

  const Problem& problem_;
  const ConditionalGradientOptions& options_;
  const SearchOptions& search_;
  RoundEnd end_{search_};
  double at_zero_;
  double correlation_ = 0;  ///< ⟨G, f⟩
  Found found_;
};

}  // namespace

Found train_in_ball(const Problem& problem, const ConditionalGradientOptions& options, const Units& start,
                    const Watch& watch, const path::Continuation& continuation) {
  return BallTraining(problem, options, start, continuation.from).run(watch, continuation);
}

}  // namespace nadir::relu
