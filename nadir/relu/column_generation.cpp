#include "nadir/relu/column_generation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "nadir/relu/master.hpp"
#include "nadir/relu/slide.hpp"
#include "nadir/relu/unit_search.hpp"

namespace nadir::relu {
namespace {

/// Column generation, a round at a time.
class Training {
 public:
  Training(const Problem& problem, const SearchOptions& options, const Units& start)
      : problem_(problem), options_(options), at_zero_(problem.loss.value_at_zero()) {
    at().units = start;
    if (start.count() == 0) at().units.directions.resize(0, problem.inputs());
    evaluate(problem_, at());
    if (start.count() > 0) solve_master(problem_, at(), signs_of(start));
  }

  Found run(const Watch& watch) {
    double last = std::numeric_limits<double>::infinity();
    for (;; ++found_.rounds) {
      if (at().units.count() > 0) improve();
      const std::vector<Candidate> candidates = look();
      const bool settled = searches_well_ || !options_.last_effort, reached = found_.estimated_gap <= options_.gap;
      const std::optional<Stop> stop = why_stop(settled, reached, at().objective < last * (1 - 1e-13), watch);
      if (stop) {
        found_.stop = *stop;
        return std::move(found_);
      }
      searches_well_ = options_.last_effort && (reached || !(at().objective < last * (1 - 1e-9)));
      last = at().objective;
      take(candidates);
    }
  }

 private:
  Iterate& at() { return found_.at; }

  /// The units that there are, moved and weighed.
  void improve() {
    LbfgsOptions lbfgs;
    lbfgs.max_iterations = options_.slide_iterations;
    lbfgs.least_decrease = 1e-3 * options_.gap;
    found_.iterations += slide(problem_, at(), 0, lbfgs);
    merge(problem_, at());
    for (const double near : {1e-2, 1e-4}) found_.iterations += slide(problem_, at(), near, lbfgs);
    solve_master(problem_, at(), signs_of(at().units));
  }

  /// Units that would lower F; sets polar and estimate.
  std::vector<Candidate> look() {
    const Effort& effort = searches_well_ ? *options_.last_effort : options_.effort;
    std::vector<Candidate> candidates = search_units(problem_, at().dual, at().units, effort,
                                                     options_.seed + static_cast<std::uint64_t>(found_.rounds));
    found_.polar = largest_value(candidates);
    const double estimate = problem_.loss.dual_bound(at().dual, problem_.lambda, found_.polar);
    found_.estimated_gap = relative_gap(at().objective, estimate, at_zero_);
    found_.trace.push_back({found_.rounds, at().objective, estimate, found_.polar / problem_.lambda - 1});
    return candidates;
  }

  std::optional<Stop> why_stop(bool settled, bool reached, bool fell, const Watch& watch) const {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    if (reached && settled) return Stop::gap_reached;
    if (found_.rounds >= options_.max_rounds) return Stop::iteration_limit;
    if (!(seconds.count() < options_.time_limit)) return Stop::time_limit;
    if (watch && !watch(found_.trace.back())) return Stop::told_to;
    if (settled && !fell) return Stop::no_progress;
    return std::nullopt;
  }

  void take(const std::vector<Candidate>& candidates) {
    std::vector<int> signs = signs_of(at().units);
    for (const Candidate& one : candidates) {
      if (!(one.witness.value > problem_.lambda * (1 + 1e-12)) || is_among(at().units, one, options_.distinct))
        continue;
      at().units.add(one.witness.u, 0, one.output);
      signs.push_back(one.sign);
    }
    solve_master(problem_, at(), signs);
  }

  const Problem& problem_;
  const SearchOptions& options_;
  double at_zero_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool searches_well_ = false;  ///< from many starts
  Found found_;
};

}  // namespace

Found train(const Problem& problem, const SearchOptions& options, const Units& start, const Watch& watch) {
  return Training(problem, options, start).run(watch);
}

double largest_lambda(const Matrix& features, const TrainingLoss& loss, std::uint64_t seed) {
  Matrix gradient;
  loss.gradient(Matrix::Zero(loss.samples(), loss.outputs()), gradient);
  Units none;
  none.directions.resize(0, features.cols());
  return largest_value(search_units({features, loss, 1}, -gradient, none, {64, 50, 64}, seed));
}

}  // namespace nadir::relu
