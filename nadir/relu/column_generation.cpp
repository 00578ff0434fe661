#include "nadir/relu/column_generation.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "nadir/relu/master.hpp"
#include "nadir/relu/unit_search.hpp"

namespace nadir::relu {
namespace {

/// Column generation, a round at a time.
class Training {
 public:
  Training(const Problem& problem, const SearchOptions& options, const Units& start, const path::State* from)
      : problem_(problem), options_(options), at_zero_(problem.loss.value_at_zero()) {
    if (from != nullptr) {
      found_ = found_of(*from, problem_);
      end_.restore(*from);
      return;
    }
    at().units = start;
    if (start.count() == 0) at().units.directions.resize(0, problem.inputs());
    if (problem.skip_weight > 0) at().skip = Matrix::Zero(problem.inputs(), problem.outputs());
    evaluate(problem_, at());
    if (start.count() > 0 || at().skip.size() > 0) solve_master(problem_, at(), signs_of(start));
  }

  Found run(const Watch& watch, const path::Continuation& continuation) {
    for (;; ++found_.rounds) {
      if (continuation) continuation.keep(state_of(found_, end_));
      if (at().units.count() > 0) improve();
      const std::vector<Candidate> candidates = look();
      if (const std::optional<Stop> stop = end_.after(found_, false, watch)) {
        found_.stop = *stop;
        return std::move(found_);
      }
      take(candidates);
    }
  }

 private:
  Iterate& at() { return found_.at; }

  /// The units that there are, moved and weighed.
  void improve() {
    found_.iterations += move_units(problem_, options_, at());
    solve_master(problem_, at(), signs_of(at().units));
  }

  /// Units that would lower F; sets polar and estimate.
  std::vector<Candidate> look() {
    std::vector<Candidate> candidates = search_units(problem_, at().dual, at().units, end_.effort(),
                                                     options_.seed + static_cast<std::uint64_t>(found_.rounds));
    note_search(problem_, at_zero_, largest_value(candidates), found_);
    return candidates;
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
  RoundEnd end_{options_};
  double at_zero_;
  Found found_;
};

}  // namespace

Found train(const Problem& problem, const SearchOptions& options, const Units& start, const Watch& watch,
            const path::Continuation& continuation) {
  return Training(problem, options, start, continuation.from).run(watch, continuation);
}

double largest_lambda(const SampleRows& features, const TrainingLoss& loss, std::uint64_t seed, int power) {
  Matrix gradient;
  loss.gradient(Matrix::Zero(loss.samples(), loss.outputs()), gradient);
  Units none;
  none.directions.resize(0, features.cols());
  Problem problem{features, loss, 1};
  problem.power = power;
  return largest_value(search_units(problem, -gradient, none, {64, 50, 64}, seed));
}

}  // namespace nadir::relu
