#include "nadir/relu/rounds.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/relu/bounds.hpp"
#include "nadir/relu/slide.hpp"
#include "nadir/relu/unit_search.hpp"

namespace nadir::relu {

int move_units(const Problem& problem, const SearchOptions& options, Iterate& at) {
  if (problem.power == 0) {  // no slopes to go by
    merge(problem, at);
    return 0;
  }
  LbfgsOptions lbfgs;
  lbfgs.max_iterations = options.slide_iterations;
  lbfgs.least_decrease = 1e-3 * options.gap;
  lbfgs.go_on = options.effort.go_on;
  if (problem.power == 2) {
    const int taken = slide_squares(problem, at, lbfgs);
    merge(problem, at);
    return taken;
  }
  int iterations = slide(problem, at, 0, lbfgs);
  merge(problem, at);
  for (const double near : {1e-2, 1e-4}) iterations += slide(problem, at, near, lbfgs);
  return iterations;
}

void note_search(const Problem& problem, double at_zero, double largest, Found& found) {
  const double estimate = lower_bound(problem, found.at.dual, largest);
  found.polar = largest;
  found.estimated_gap = relative_gap(found.at.objective, estimate, at_zero);
  found.trace.push_back({found.rounds, found.at.objective, estimate, largest / problem.lambda - 1});
}

void put(path::State& state, const Units& units) {
  state.set("directions", units.directions);
  state.set("weights", units.weights);
  state.set("fed", path::column_of(units.outputs));
}

Units units_of(const path::State& state, Index inputs, Index outputs) {
  Units units;
  units.directions = state.matrix("directions", -1, inputs);
  units.weights = state.matrix("weights", units.directions.rows(), 1);
  units.outputs = state.places("fed", units.count(), outputs);
  return units;
}

path::State state_of(const Found& found) {
  path::State state;
  put(state, found.at.units);
  state.set("skip", found.at.skip);
  state.set("polar", found.polar), state.set("estimated gap", found.estimated_gap);
  state.set("rounds", found.rounds), state.set("iterations", found.iterations);
  state.set("stop", static_cast<double>(found.stop));
  state.set("trace", found.trace);
  return state;
}

Found found_of(const path::State& state, const Problem& problem) {
  constexpr Index most = 1 << 30;
  Found found;
  found.at.units = units_of(state, problem.inputs(), problem.outputs());
  if (problem.skip_weight > 0) found.at.skip = state.matrix("skip", problem.inputs(), problem.outputs());
  evaluate(problem, found.at);
  found.polar = state.number("polar"), found.estimated_gap = state.number("estimated gap");
  found.rounds = static_cast<int>(state.count("rounds", most));
  found.iterations = static_cast<int>(state.count("iterations", most));
  found.stop = static_cast<Stop>(state.count("stop", static_cast<Index>(Stop::numerical_failure)));
  found.trace = state.trace("trace");
  return found;
}

void RoundEnd::put_into(path::State& state) const {
  state.set("hard searches", hard_);
  state.set("last", last_);
}

path::State state_of(const Found& found, const RoundEnd& end) {
  path::State state = state_of(found);
  end.put_into(state);
  return state;
}

void RoundEnd::restore(const path::State& state) {
  hard_ = options_.last_effort ? static_cast<int>(state.count("hard searches", 2)) : 0;
  last_ = state.number("last");
}

std::optional<Stop> RoundEnd::after(const Found& found, bool may_rise, const Watch& watch) {
  const bool reached = found.estimated_gap <= options_.gap;
  const auto fell = [&](double share) { return may_rise || found.at.objective < last_ * (1 - share); };
  const bool slow = is_slow(found);
  const std::optional<Stop> stop = why_stop(found, reached, !slow && fell(1e-13), watch);
  hard_ = options_.last_effort && (reached || slow || !fell(1e-9)) ? std::min(hard_ + 1, 2) : 0;
  last_ = found.at.objective;
  return stop;
}

bool RoundEnd::is_slow(const Found& found) const {
  const auto patience = static_cast<std::size_t>(options_.patience);
  if (patience == 0 || found.trace.size() <= patience) return false;
  const double before = found.trace[found.trace.size() - 1 - patience].objective, now = found.at.objective;
  return before - now <= options_.gap * std::fabs(now);
}

std::optional<Stop> RoundEnd::why_stop(const Found& found, bool reached, bool fell, const Watch& watch) const {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
  const bool settled = hard_ > 0 || !options_.last_effort, took_all = hard_ > 1 || !options_.last_effort;
  if (options_.effort.go_on && !options_.effort.go_on()) return Stop::told_to;  // the search was cut short
  if (reached && settled) return Stop::gap_reached;
  if (found.rounds >= options_.max_rounds) return Stop::iteration_limit;
  if (!(seconds.count() < options_.time_limit)) return Stop::time_limit;
  if (watch && !watch(found.trace.back())) return Stop::told_to;
  if (took_all && !fell) return Stop::no_progress;
  return std::nullopt;
}

}  // namespace nadir::relu
