#include "nadir/convex/working_set.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "nadir/convex/accelerated.hpp"
#include "nadir/convex/newton_entries.hpp"
#include "nadir/convex/proximal_step.hpp"

namespace nadir::convex {
namespace {

using Clock = std::chrono::steady_clock;

/// Keeps the blocks of `at` that are not 0, and adds those with the largest shares of the polar up to `size` blocks.
std::vector<Group> choose_groups(const Iterate& at, const Matrix& shares, Index outputs, std::size_t size) {
  const Index of_gate = shares.cols(), in_block = outputs / of_gate;
  std::vector<bool> taken(static_cast<std::size_t>(shares.size()), false);
  std::size_t count = 0;
  for (std::size_t g = 0; g < at.groups.size(); ++g) {
    if (at.weights.row(static_cast<Index>(g)).isZero(0)) continue;
    const auto block = static_cast<std::size_t>(at.groups[g].gate * of_gate + at.groups[g].output / in_block);
    count += taken[block] ? 0 : 1;
    taken[block] = true;
  }
  std::vector<Index> order;
  for (Index b = 0; b < shares.size(); ++b)
    if (!taken[static_cast<std::size_t>(b)]) order.push_back(b);
  const std::size_t wanted = std::min(size > count ? size - count : 0, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted), order.end(),
                    [&](Index a, Index b) {
                      const double x = shares.data()[a], y = shares.data()[b];
                      return x != y ? x > y : a < b;
                    });
  for (std::size_t i = 0; i < wanted; ++i) taken[static_cast<std::size_t>(order[i])] = true;
  std::vector<Group> groups;
  for (Index g = 0; g < shares.rows() * outputs; ++g)
    if (taken[static_cast<std::size_t>(g / in_block)]) groups.push_back({g / outputs, g % outputs});
  return groups;
}

/// The iterate with its weights laid out for another list of groups, which holds all that are not 0.
void regroup(Iterate& at, std::vector<Group> groups, Index outputs) {
  std::vector<Index> place(at.groups.size() + 1);
  Matrix weights = Matrix::Zero(static_cast<Index>(groups.size()), at.weights.cols());
  const auto key = [outputs](const Group& g) { return g.gate * outputs + g.output; };
  std::vector<std::pair<Index, Index>> old;
  for (std::size_t g = 0; g < at.groups.size(); ++g) old.emplace_back(key(at.groups[g]), static_cast<Index>(g));
  std::sort(old.begin(), old.end());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto found = std::lower_bound(old.begin(), old.end(), std::pair<Index, Index>(key(groups[g]), 0));
    if (found != old.end() && found->first == key(groups[g]))
      weights.row(static_cast<Index>(g)) = at.weights.row(found->second);
  }
  at.groups = std::move(groups);
  at.weights = std::move(weights);
}

std::size_t count_active(const Iterate& at) {
  std::size_t count = 0;
  for (Index g = 0; g < at.weights.rows(); ++g) count += at.weights.row(g).isZero(0) ? 0 : 1;
  return count;
}

class Solver {
 public:
  Solver(const GroupProblem& problem, NewtonData& data, const SolverOptions& options, const Watch& watch)
      : problem_(problem), data_(data), options_(options), watch_(watch), zero_(problem.loss.value_at_zero()) {}

  Solution run(const Solution* start, const path::Continuation& continuation) {
    if (continuation.from != nullptr)
      restore(*continuation.from);
    else
      begin(start);
    for (;;) {
      if (continuation) continuation.keep(state());
      if (finished()) break;
      expand();
      improve();
    }
    drop_zeros();
    return std::move(result_);
  }

 private:
  Iterate& at() { return result_.at; }
  double relative(double bound) const { return relative_gap(result_.at.objective, bound, zero_); }

  void begin(const Solution* start) {
    if (start != nullptr) at() = start->at;
    if (at().weights.size() == 0) at().weights.resize(0, problem_.features());
    problem_.products.forward(at().groups, at().weights, problem_.outputs(), at().outputs);
    evaluate(problem_, at());
    candidate_ = at().dual;
    sigma_ = first_step_size();
  }

  /// At the beginning of a round: all but what the round sets before it reads it.
  path::State state() const {
    path::State state = warm_start(result_, data_);
    state.set("outputs", result_.at.outputs), state.set("dual", result_.at.dual);
    state.set("objective", result_.at.objective);
    state.set("best dual", result_.dual), state.set("lower bound", result_.lower_bound);
    state.set("iterations", result_.iterations), state.set("newton steps", result_.newton_steps);
    state.set("products", static_cast<double>(result_.products));
    state.set("trace", result_.trace);
    state.set("candidate", candidate_);
    state.set("curvature", first_order_.curvature), state.set("accelerated", accelerated_ ? 1 : 0);
    state.set("single precision", lowest_ == Precision::single ? 1 : 0);
    state.set("sigma", sigma_), state.set("wanted", wanted_);
    state.set("spare", static_cast<double>(spare_));
    state.set("rounds without progress", rounds_without_progress_);
    return state;
  }

  void restore(const path::State& state) {
    constexpr Index most = 1 << 30;
    const Index n = problem_.loss.samples(), K = problem_.outputs();
    convex::restore(state, problem_, result_, data_);
    at().outputs = state.matrix("outputs", n, K), at().dual = state.matrix("dual", n, K);
    at().objective = state.number("objective");
    result_.trace = state.trace("trace");
    if (!result_.trace.empty()) result_.dual = state.matrix("best dual", n, K);
    result_.lower_bound = state.number("lower bound");
    result_.iterations = static_cast<int>(state.count("iterations", most));
    result_.newton_steps = static_cast<int>(state.count("newton steps", most));
    result_.products = static_cast<long>(state.count("products", 1L << 53));
    candidate_ = state.matrix("candidate", n, K);
    first_order_.curvature = state.number("curvature"), accelerated_ = state.count("accelerated", 1) == 1;
    lowest_ = state.count("single precision", 1) == 1 ? Precision::single : Precision::full;
    sigma_ = state.number("sigma"), wanted_ = state.number("wanted");
    spare_ = static_cast<std::size_t>(state.count("spare", most));
    rounds_without_progress_ = static_cast<int>(state.count("rounds without progress", most));
  }

  /// λσ, the level that a group must exceed, is a weight: a thousandth of the sum of all norms if F(0) were all
  /// penalty.
  double first_step_size() const { return 0.001 * zero_ / (problem_.lambda * problem_.lambda); }

  /// Asked inside the rounds.
  bool within_limits() const {
    const Progress now{result_.iterations, result_.at.objective, result_.lower_bound, global_gap_};
    return seconds() < options_.time_limit && (!watch_ || watch_(now));
  }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  /// The last round's dual point held against every group; decides whether to stop.
  bool finished() {
    polar_ = polar_of_all(problem_.penalty, problem_.products, candidate_);
    const double q = polar_.whole, bound = problem_.loss.dual_bound(candidate_, problem_.lambda, q);
    if (!(bound <= result_.lower_bound) || result_.dual.size() == 0) {
      result_.lower_bound = bound;
      result_.dual = candidate_ * std::min(1.0, problem_.lambda / q);
      rounds_without_progress_ = 0;
    }
    const double gap = relative(result_.lower_bound);
    const Progress now{result_.iterations, at().objective, result_.lower_bound, gap};
    result_.trace.push_back(now);
    const bool go_on = !watch_ || watch_(now);
    const auto stop = [&](Stop why, const std::string& sentence) {
      result_.stop = why;
      result_.stop_sentence = sentence;
      return true;
    };
    char text[96];
    std::snprintf(text, sizeof text, "relative gap %.3g, asked for %.3g", gap, options_.gap);
    if (!std::isfinite(at().objective) || std::isnan(gap)) return stop(Stop::numerical_failure, text);
    if (gap <= options_.gap) return stop(Stop::gap_reached, text);
    if (!go_on) return stop(Stop::told_to, text);
    if (seconds() >= options_.time_limit) return stop(Stop::time_limit, text);
    if (result_.iterations >= options_.max_iterations) return stop(Stop::iteration_limit, text);
    if (rounds_without_progress_ >= 5) return stop(Stop::no_progress, text);
    global_gap_ = gap;
    return false;
  }

  /// The working set: what is active, and as many again (64 at least) of the groups that are nearest to entering; fewer
  /// and fewer (an eighth, 16 at least) while the gap over the set turns out to be that over all groups. A penalty that
  /// couples the gates has weights behind all of them.
  void expand() {
    const Index in_block = problem_.outputs() / polar_.shares.cols();
    const std::size_t active = count_active(at()) / static_cast<std::size_t>(in_block);
    const std::size_t least = std::max<std::size_t>(16, active / 8), most = std::max<std::size_t>(64, active);
    spare_ = global_gap_ <= 2 * wanted_ ? std::max(least, std::min(spare_, most) / 2) : most;
    const auto blocks = static_cast<std::size_t>(polar_.shares.size());
    const std::size_t size = problem_.penalty == Penalty::features ? blocks : active + spare_;
    regroup(at(), choose_groups(at(), polar_.shares, problem_.outputs(), size), problem_.outputs());
    problem_.products.adjoint(at().groups, at().dual, correlations_);
  }

  /// Proximal steps until the gap on the working set is a tenth of the gap over all groups, or as small as asked for.
  void improve() {
    constexpr int most = 30;
    constexpr double reached_in_single = 1e-5;
    const double before = at().objective;
    // Where a look at all groups costs as much as many steps on these, more is made of it.
    const bool few = 20 * static_cast<Index>(at().groups.size()) < polar_.shares.rows() * problem_.outputs();
    const double wanted = wanted_ = std::max((few ? 0.01 : 0.1) * global_gap_, 0.5 * options_.gap);
    const bool has_newton = problem_.penalty == Penalty::group || has_newton_of_entries(problem_, at().weights);
    if (rounds_without_progress_ > 0) {
      if (has_newton) accelerated_ = false;
      lowest_ = Precision::full;   // single precision may be what ends progress: its noise, and steps
      first_order_.curvature = 0;  // that became tiny in it
    }
    if (accelerated_ || !has_newton) {
      AcceleratedOptions first_order;
      first_order.objective_gap = wanted * (zero_ - result_.lower_bound);
      first_order.patience = may_be_dense(problem_) ? 40 : 200;  // what follows is slower where it is not dense
      if (!has_newton) first_order.patience = 500, first_order.most = 5000;
      first_order.precision = wanted >= reached_in_single ? lowest_ : Precision::full;
      accelerated_ = accelerate(problem_, first_order, first_order_, at(), correlations_, go_on_, result_.iterations) ||
                     !has_newton;
      if (accelerated_) {
        candidate_ = first_order_.dual;
        note_progress(before);
        return;
      }
      problem_.products.adjoint(at().groups, at().dual, correlations_);
    }
    for (int k = 0; k < most; ++k) {
      const StepReport report = proximal_step(problem_, data_, sigma_, at(), correlations_, go_on_, result_.products);
      ++result_.iterations;
      result_.newton_steps += report.newton_steps;
      sigma_ *= next_factor(report);
      const double q = polar_of(problem_.penalty, at().groups, correlations_);
      const double gap = relative(problem_.loss.dual_bound(at().dual, problem_.lambda, q));
      if (gap <= wanted || !std::isfinite(at().objective) || !go_on_()) break;
    }
    candidate_ = at().dual;
    note_progress(before);
  }

  /// Large steps need fewer of them, but more Newton steps each: three to six of these are about right.
  static double next_factor(const StepReport& report) {
    if (!report.solved || report.newton_steps > 10) return 0.25;
    return report.newton_steps <= 3 ? 3 : report.newton_steps <= 6 ? 1.5 : 1;
  }

  void note_progress(double before) {
    rounds_without_progress_ = at().objective < before ? 0 : rounds_without_progress_ + 1;
  }

  void drop_zeros() {
    std::vector<Group> groups;
    for (std::size_t g = 0; g < at().groups.size(); ++g)
      if (!at().weights.row(static_cast<Index>(g)).isZero(0)) groups.push_back(at().groups[g]);
    regroup(at(), std::move(groups), problem_.outputs());
  }

  const GroupProblem& problem_;
  NewtonData& data_;
  const SolverOptions& options_;
  const Watch& watch_;
  const GoOn go_on_ = [this] { return within_limits(); };
  Clock::time_point begin_ = Clock::now();
  double zero_;
  Solution result_;
  Matrix candidate_;     // the dual point that the last round proved most with over its groups
  Polar polar_;          // of the candidate
  Matrix correlations_;  // Xᵀ D_p g_k of the working set
  AcceleratedState first_order_;
  Precision lowest_ = Precision::single;
  bool accelerated_ = true;  // until steps of first order turn out to be slow
  double sigma_ = 1, global_gap_ = 1;
  double wanted_ = 0;      // gap that the last working set was solved to
  std::size_t spare_ = 0;  // groups of the working set that are 0
  int rounds_without_progress_ = 0;
};

}  // namespace

Solution solve(const GroupProblem& problem, NewtonData& data, const SolverOptions& options, const Solution* start,
               const Watch& watch, const path::Continuation& continuation) {
  return Solver(problem, data, options, watch).run(start, continuation);
}

path::State warm_start(const Solution& solution, const NewtonData& data) {
  std::vector<Index> gates, fed;
  for (const Group& group : solution.at.groups) gates.push_back(group.gate), fed.push_back(group.output);
  path::State state;
  state.set("gates", path::column_of(gates)), state.set("fed", path::column_of(fed));
  state.set("weights", solution.at.weights);
  state.set("conjugate gradients", data.iterations);
  return state;
}

void restore(const path::State& state, const GroupProblem& problem, Solution& solution, NewtonData& data) {
  const Matrix& weights = state.matrix("weights", -1, problem.features());
  const Index gates = problem.products.patterns().gates();
  const std::vector<Index> gate = state.places("gates", weights.rows(), gates);
  const std::vector<Index> output = state.places("fed", weights.rows(), problem.outputs());
  solution.at.groups.clear();
  for (std::size_t g = 0; g < gate.size(); ++g) solution.at.groups.push_back({gate[g], output[g]});
  solution.at.weights = weights;
  data.iterations = state.number("conjugate gradients");
}

}  // namespace nadir::convex
