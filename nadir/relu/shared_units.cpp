#include "nadir/relu/shared_units.hpp"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "nadir/opt/rising_slope.hpp"
#include "nadir/relu/slide.hpp"

namespace nadir::relu {
namespace {

/// Directions of the outputs to start from, rows of norm 1.
Matrix output_starts(const Matrix& G, const ReluNetwork& network) {
  const Index K = G.cols(), m = network.units.rows();
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(G, Eigen::ComputeThinV);
  const Index r = svd.matrixV().cols();
  Matrix starts(2 * K + 2 * r + m, K);
  starts << Matrix::Identity(K, K), -Matrix::Identity(K, K), svd.matrixV().transpose(), -svd.matrixV().transpose(),
      network.unit_outputs.rowwise().normalized();
  return K == 1 ? Matrix(starts.topRows(2)) : starts;
}

SharedCandidate candidate_of(const Problem& problem, const Matrix& G, const Vector& u) {
  const Vector sums = G.transpose() * product(problem.features, u).cwiseMax(0);
  return {u, sums.normalized(), sums.norm()};
}

/// From w to the best u for it, and back, as long as that pays.
SharedCandidate alternate(const Problem& problem, const Matrix& G, SharedCandidate best,
                          const polar::LocalSearchOptions& options) {
  constexpr int most = 50;
  constexpr double pays = 1e-10;
  polar::ReluPolar one{problem.features, Vector()};
  for (int k = 0; k < most; ++k) {
    one.weights = G * best.w;
    SharedCandidate next = candidate_of(problem, G, polar::ascend(one, best.u, options).u);
    const bool rises = next.value > best.value * (1 + pays);
    if (next.value > best.value) best = std::move(next);
    if (!rises) break;
  }
  return best;
}

void keep(const std::vector<bool>& marked, ReluNetwork& network) {
  Index kept = 0;
  for (Index j = 0; j < network.units.rows(); ++j) {
    if (!marked[static_cast<std::size_t>(j)]) continue;
    network.units.row(kept) = network.units.row(j).eval();
    network.unit_outputs.row(kept++) = network.unit_outputs.row(j).eval();
  }
  network.units.conservativeResize(kept, network.units.cols());
  network.unit_outputs.conservativeResize(kept, network.unit_outputs.cols());
}

/// Without the units that hardly matter, and those that have become one made one.
ReluNetwork tidied(ReluNetwork network) {
  constexpr double small = 1e-10, same = 1 - 1e-6;
  const Index m = network.units.rows();
  Vector ins = network.units.rowwise().norm(), outs = network.unit_outputs.rowwise().norm();
  if (m == 0) return network;
  const double least = small * ins.cwiseProduct(outs).maxCoeff();
  std::vector<bool> kept(static_cast<std::size_t>(m), true);
  for (Index j = 0; j < m; ++j) {
    if (!(ins[j] * outs[j] > least)) kept[static_cast<std::size_t>(j)] = false;
    for (Index l = 0; l < j && kept[static_cast<std::size_t>(j)]; ++l) {
      const double cosine = network.units.row(j).dot(network.units.row(l)) / (ins[j] * ins[l]);
      if (!kept[static_cast<std::size_t>(l)] || !(cosine > same)) continue;
      // Directions by their weight, output weights as they add up.
      const Vector u = (outs[j] * network.units.row(j) + outs[l] * network.units.row(l)).transpose().normalized();
      const Vector w = (ins[j] * network.unit_outputs.row(j) + ins[l] * network.unit_outputs.row(l)).transpose();
      ins[l] = outs[l] = std::sqrt(w.norm());
      network.units.row(l) = ins[l] * u.transpose();
      network.unit_outputs.row(l) = w.transpose() / ins[l];
      kept[static_cast<std::size_t>(j)] = false;
    }
  }
  keep(kept, network);
  return network;
}

/// `at`, with the unit at the size that lowers F most; as it is where none does.
Iterate appended(const Problem& problem, const Iterate& at, const SharedCandidate& unit) {
  const UnitStep step = best_size(problem, at.outputs, unit);
  if (!(step.size > 0)) return at;
  Iterate more = at;
  for (Index k = 0; k < problem.outputs(); ++k)
    if (unit.w[k] != 0) more.units.add(unit.u, step.size * unit.w[k], k);
  evaluate(problem, more);
  return more.objective <= at.objective ? more : at;
}

/// The meta-algorithm, a round at a time.
class SharedTraining {
 public:
  SharedTraining(const Problem& problem, const SearchOptions& options, Iterate start, const path::State* from)
      : problem_(problem), options_(options), at_zero_(problem.loss.value_at_zero()) {
    if (from != nullptr) {
      found_ = found_of(*from, problem);
      end_.restore(*from);
      return;
    }
    at() = std::move(start);
    if (at().units.count() == 0) at().units.directions.resize(0, problem.inputs());
    if (problem.bias_weight > 0 && at().biases.size() == 0) at().biases = Vector::Zero(problem.outputs());
    if (problem.skip_weight > 0 && at().skip.size() == 0) at().skip = Matrix::Zero(problem.inputs(), problem.outputs());
    evaluate(problem_, at());
  }

  Found run(const Watch& watch, const path::Continuation& continuation) {
    for (;; ++found_.rounds) {
      if (continuation) continuation.keep(state_of(found_, end_));
      if (at().units.count() + at().biases.size() + at().skip.size() > 0) improve();
      const SharedCandidate unit = look();
      if (const std::optional<Stop> stop = end_.after(found_, false, watch)) {
        found_.stop = *stop;
        return std::move(found_);
      }
      at() = appended(problem_, at(), unit);
    }
  }

 private:
  Iterate& at() { return found_.at; }

  /// Slides all units: freely, then, those that have become one merged, along planes that samples keep them on.
  void improve() {
    LbfgsOptions lbfgs;
    lbfgs.max_iterations = options_.slide_iterations, lbfgs.least_decrease = 1e-3 * options_.gap;
    lbfgs.go_on = options_.effort.go_on;
    for (const double near : {0.0, 1e-2, 1e-4}) {
      ReluNetwork moved = balanced_network(problem_, at());
      found_.iterations += slide(problem_, at().dual, moved, near, lbfgs);
      take(moved);
      take(tidied(balanced_network(problem_, at())));
    }
  }

  SharedCandidate look() {
    SharedCandidate unit = search_shared_unit(problem_, at().dual, balanced_network(problem_, at()), end_.effort(),
                                              options_.seed + static_cast<std::uint64_t>(found_.rounds));
    note_search(problem_, at_zero_, unit.value, found_);
    return unit;
  }

  /// Where it is better.
  void take(const ReluNetwork& network) {
    Iterate next = iterate_of(problem_, network);
    if (next.objective <= at().objective) at() = std::move(next);
  }

  const Problem& problem_;
  const SearchOptions& options_;
  RoundEnd end_{options_};
  double at_zero_;
  Found found_;
};

}  // namespace

Iterate iterate_of(const Problem& problem, const ReluNetwork& network) {
  Iterate at;
  at.units = units_of(network);
  at.biases = network.output_biases, at.skip = network.skip;
  evaluate(problem, at);
  return at;
}

SharedCandidate search_shared_unit(const Problem& problem, const Matrix& G, const ReluNetwork& network,
                                   const Effort& effort, std::uint64_t seed) {
  polar::LocalSearchOptions options = search_options(problem, effort, seed);
  const Matrix starts = output_starts(G, network);
  SharedCandidate best{Vector::Zero(problem.inputs()), Vector::Zero(problem.outputs()), 0};
  polar::ReluPolar one{problem.features, Vector()};
  for (Index s = 0; s < starts.rows(); ++s) {
    one.weights = G * starts.row(s).transpose();
    const std::vector<polar::Witness> witnesses = polar::local_search(one, network.units, options);
    if (witnesses.empty()) continue;
    const SharedCandidate from = candidate_of(problem, G, witnesses.front().u);
    SharedCandidate next = problem.outputs() == 1 ? from : alternate(problem, G, from, options);
    if (next.value > best.value) best = std::move(next);
  }
  return best;
}

UnitStep best_size(const Problem& problem, const Matrix& f, const SharedCandidate& unit) {
  const Matrix direction = product(problem.features, unit.u).cwiseMax(0) * unit.w.transpose();
  Matrix gradient;
  const auto slope = [&](double size) {
    problem.loss.gradient(f + size * direction, gradient);
    return gradient.cwiseProduct(direction).sum() + problem.lambda;
  };
  if (!(slope(0) < 0)) return {};
  const double size = positive_zero_of_rising(slope);
  const double after = problem.loss.value(f + size * direction) + problem.lambda * size;
  return {size, std::max(0.0, problem.loss.value(f) - after)};
}

Found train_shared(const Problem& problem, const SearchOptions& options, Iterate start, const Watch& watch,
                   const path::Continuation& continuation) {
  return SharedTraining(problem, options, std::move(start), continuation.from).run(watch, continuation);
}

Found train_shared_on(const Problem& problem, const SearchOptions& options, const Found& before, const Units& units,
                      const Watch& watch) {
  Iterate start = before.at;
  evaluate(problem, start);  // its dual may be another's
  for (Index j = start.units.count(), end = 0; j < units.count(); j = end) {
    end = end_of_unit(problem, units, j);
    SharedCandidate unit{units.directions.row(j).transpose(), Vector::Zero(problem.outputs())};
    for (Index part = j; part < end; ++part)
      unit.w[units.outputs[static_cast<std::size_t>(part)]] = units.weights[part];
    unit.w.normalize();
    start = appended(problem, start, unit);
  }
  return train_shared(problem, options, std::move(start), watch);
}

double largest_shared_lambda(const Problem& problem, std::uint64_t seed) {
  const ReluNetwork none{Matrix(0, problem.inputs()), Matrix(0, problem.outputs())};
  return search_shared_unit(problem, iterate_of(problem, none).dual, none, {64, 50, 64}, seed).value;
}

}  // namespace nadir::relu
