#include "nadir/relu/fixed_patterns.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/relu/bounds.hpp"
#include "nadir/relu/cone_step.hpp"
#include "nadir/relu/proof.hpp"

namespace nadir::relu {
namespace {

/// Every group: patterns in turn, of each its outputs, of these the sign 1 before −1.
std::vector<ConeGroup> all_groups(const Problem& problem, const Patterns& patterns) {
  std::vector<ConeGroup> groups;
  for (Index p = 0; p < patterns.gates(); ++p)
    for (Index k = 0; k < problem.outputs(); ++k)
      for (const int sign : {1, -1}) groups.push_back({{p, k}, sign});
  return groups;
}

class Training {
 public:
  Training(const ConeProgram& program, const FixedPatternsOptions& options, const Watch& watch)
      : program_(program),
        options_(options),
        watch_(watch),
        zero_(program.problem.loss.value_at_zero()),
        groups_(all_groups(program.problem, program.products.patterns())),
        points_(groups_.size()),
        norms_(Vector::Zero(static_cast<Index>(groups_.size()))),
        weights_(Matrix::Zero(static_cast<Index>(groups_.size()), program.problem.inputs())),
        sigma_(0.001 * zero_ / (program.problem.lambda * program.problem.lambda)) {}

  FixedPatterns run() {
    now_.weights.resize(0, program_.problem.inputs());
    now_.outputs = Matrix::Zero(program_.problem.samples(), program_.problem.outputs());
    evaluate(program_, now_);
    for (look(); !finished(); look()) {
      choose();
      improve();
      put_back();
      ++result_.rounds;
    }
    finish();
    return std::move(result_);
  }

 private:
  double relative(double q) const {
    return relative_gap(now_.objective, program_.problem.loss.dual_bound(now_.dual, program_.problem.lambda, q), zero_);
  }

  /// Upper bounds on the support function of every cone at the dual; exact where they are above λ.
  void look() {
    const Index K = program_.problem.outputs();
    const double enough = program_.problem.lambda * (1 - 1e-12);
    std::vector<Group> places;
    for (std::size_t g = 0; g < groups_.size(); g += 2) places.push_back(groups_[g].at);
    Matrix all;
    program_.products.adjoint(places, now_.dual, all);
    const Vector norms = all.rowwise().norm();
    for_each_task(static_cast<int>(program_.products.patterns().gates()), options_.threads, [&](int pattern) {
      for (Index g = 2 * K * pattern; g < 2 * K * (pattern + 1); ++g) {
        norms_[g] = norms[g / 2];
        if (norms_[g] <= enough) continue;
        ConePoint& point = points_[static_cast<std::size_t>(g)];
        const Vector z = all.row(g / 2).transpose();
        point = project(program_, groups_[static_cast<std::size_t>(g)], z, std::move(point), enough);
        norms_[g] = point.point.norm();
      }
    });
    result_.polar = norms_.maxCoeff();
    global_gap_ = relative(result_.polar);
    const double bound = program_.problem.loss.dual_bound(now_.dual, program_.problem.lambda, result_.polar);
    result_.trace.push_back({result_.rounds, now_.objective, bound, result_.polar / program_.problem.lambda - 1});
  }

  bool finished() {
    const bool go_on = !watch_ || watch_(result_.trace.back());
    stalled_ = now_.objective < last_ ? 0 : stalled_ + 1;
    last_ = now_.objective;
    const auto stop = [&](Stop why) {
      result_.stop = why;
      return true;
    };
    if (!std::isfinite(now_.objective) || std::isnan(global_gap_)) return stop(Stop::numerical_failure);
    const bool zero_is_best = weights_.isZero(0) && result_.polar <= program_.problem.lambda;
    if (global_gap_ <= options_.gap || zero_is_best) return stop(Stop::gap_reached);
    if (!go_on) return stop(Stop::told_to);
    if (!(seconds() < options_.time_limit)) return stop(Stop::time_limit);
    if (result_.rounds >= options_.max_rounds) return stop(Stop::iteration_limit);
    if (stalled_ >= 5) return stop(Stop::no_progress);
    return false;
  }

  /// The working set: groups with weights, and as many again (32 at least) of those that are the most above λ.
  void choose() {
    std::vector<Index> chosen, others;
    for (Index g = 0; g < norms_.size(); ++g) {
      if (!weights_.row(g).isZero(0))
        chosen.push_back(g);
      else if (norms_[g] > program_.problem.lambda)
        others.push_back(g);
    }
    const std::size_t room = std::min(others.size(), std::max<std::size_t>(32, chosen.size()));
    std::stable_sort(others.begin(), others.end(), [&](Index a, Index b) { return norms_[a] > norms_[b]; });
    chosen.insert(chosen.end(), others.begin(), others.begin() + static_cast<std::ptrdiff_t>(room));
    std::sort(chosen.begin(), chosen.end());
    places_ = chosen;
    now_.groups.clear(), now_.points.clear();
    now_.weights.resize(static_cast<Index>(chosen.size()), weights_.cols());
    for (std::size_t c = 0; c < chosen.size(); ++c) {
      const auto g = static_cast<std::size_t>(chosen[c]);
      now_.groups.push_back(groups_[g]);
      now_.points.push_back(points_[g]);
      now_.weights.row(static_cast<Index>(c)) = weights_.row(chosen[c]);
    }
  }

  /// Proximal steps until the gap on the working set is a tenth of that over all groups, or as small as asked for.
  void improve() {
    constexpr int most = 30;
    const double wanted = std::max(0.1 * global_gap_, 0.5 * options_.gap);
    const GoOn go_on = [&] { return seconds() < options_.time_limit; };
    for (int step = 0; step < most && go_on(); ++step) {
      const ConeStepReport report = cone_step(program_, sigma_, now_, go_on);
      ++result_.steps, result_.newton_steps += report.newton_steps;
      // Large steps need fewer of them, but more Newton steps each.
      if (!report.solved || report.newton_steps > 10)
        sigma_ /= 4;
      else
        sigma_ *= report.newton_steps <= 3 ? 3 : report.newton_steps <= 6 ? 1.5 : 1;
      if (relative(largest_chosen()) <= wanted) break;
    }
  }

  /// The support function's largest value over the working set's cones; λ where it is below.
  double largest_chosen() {
    const Matrix T = correlations(program_, now_.groups, now_.dual);
    Vector norms(T.rows());
    for_each_task(static_cast<int>(T.rows()), options_.threads, [&](int task) {
      const auto place = static_cast<std::size_t>(task);
      norms[task] =
          project(program_, now_.groups[place], T.row(task).transpose(), now_.points[place], program_.problem.lambda)
              .point.norm();
    });
    return norms.maxCoeff();
  }

  void put_back() {
    for (std::size_t c = 0; c < places_.size(); ++c) {
      weights_.row(places_[c]) = now_.weights.row(static_cast<Index>(c));
      points_[static_cast<std::size_t>(places_[c])] = std::move(now_.points[c]);
    }
  }

  /// Units from weights; and what the dual of these units proves, which differs from that of the weights by rounding.
  void finish() {
    Iterate& at = result_.at;
    at.units.directions.resize(0, weights_.cols());
    for (Index g = 0; g < weights_.rows(); ++g) {
      const double norm = weights_.row(g).norm();
      if (!(norm > 0)) continue;
      const ConeGroup& group = groups_[static_cast<std::size_t>(g)];
      at.units.add(group.sign / norm * weights_.row(g).transpose(), group.sign * norm, group.at.output);
      result_.patterns.push_back(group.at.gate);
    }
    relu::evaluate(program_.problem, at);
    now_.dual = at.dual;
    look();
    result_.trace.pop_back();
    // A sum over the samples errs by at most this share of the sum of its terms' sizes.
    const double n = static_cast<double>(program_.problem.samples());
    const double d = static_cast<double>(program_.problem.inputs());
    result_.polar = result_.polar * (1 + 4 * 0x1p-53 * (d + 8)) + 4 * 0x1p-53 * (n + 8) * largest_sum_of_sizes();
    result_.bound = proven_bound(program_.problem, at.dual, result_.polar);
    result_.relative_gap = relative_gap(at.objective, result_.bound.value, zero_);
  }

  /// Of the terms of any group's z + Σ sᵢbᵢ.
  double largest_sum_of_sizes() const {
    const double terms = (row_norms(program_.problem.features).transpose() * now_.dual.cwiseAbs()).maxCoeff();
    double most = 0;
    for (const ConePoint& point : points_) most = std::max(most, point.multipliers.sum());
    return terms + most;
  }

  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

  const ConeProgram& program_;
  const FixedPatternsOptions& options_;
  const Watch& watch_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double zero_;
  std::vector<ConeGroup> groups_;
  std::vector<ConePoint> points_;  // of every group, the last one
  Vector norms_;                   // bounds on the support functions
  Matrix weights_;                 // of every group
  std::vector<Index> places_;      // of the working set among all groups
  ConeIterate now_;
  double sigma_, global_gap_ = 1, last_ = std::numeric_limits<double>::infinity();
  int stalled_ = 0;
  FixedPatterns result_;
};

}  // namespace

FixedPatterns train_on_patterns(const Problem& problem, const Patterns& patterns, const FixedPatternsOptions& options,
                                const Watch& watch) {
  if (problem.constrained() || problem.shared || problem.bias_weight > 0 || problem.skip_weight > 0)
    throw UsageError("fixed patterns are for units that feed one output each, with a penalty and nothing beside them");
  if (patterns.samples() != problem.samples() || patterns.gates() == 0)
    throw UsageError("there are patterns of " + std::to_string(patterns.samples()) + " samples, but " +
                     std::to_string(problem.samples()) + " are wanted, of one gate at least");
  const MaskedProducts products(problem.features, patterns, options.threads);
  return Training({problem, products}, options, watch).run();
}

}  // namespace nadir::relu
