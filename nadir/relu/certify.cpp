#include "nadir/relu/certify.hpp"

#include <algorithm>
#include <chrono>

#include "nadir/base/error.hpp"
#include "nadir/relu/free_bias.hpp"
#include "nadir/relu/proof.hpp"
#include "nadir/relu/prove.hpp"

namespace nadir::relu {
namespace {

path::PathOptions path_options_of(const CertifyOptions& options, const TwoLayerNetwork& network) {
  path::PathOptions path;
  path.loss = options.loss, path.huber_delta = options.huber_delta;
  path.intercept = network.hidden_biases.size() > 0 ? "on" : "off";
  return path;
}

void require_fit(const path::Fit& fit, const TwoLayerNetwork& network, const TrainingLoss& loss,
                 const std::string& path) {
  const Index columns = fit.training.features.cols() - (network.hidden_biases.size() > 0 ? 1 : 0);
  if (columns != network.inputs()) {
    std::string message = path + ": gives " + std::to_string(columns) + " features, but the network takes " +
                          std::to_string(network.inputs());
    for (const IgnoredColumn& column : fit.ignored)
      message += "; column " + column.name + " is left out: " + column.reason;
    throw InputError(message + "; see --ignore and --categorical");
  }
  if (loss.outputs() != network.outputs())
    throw InputError("the network has " + std::to_string(network.outputs()) + " outputs, but the loss " +
                     std::string(to_string(loss.kind())) + " on this target wants " + std::to_string(loss.outputs()) +
                     "; see --loss and --task");
  constexpr double most = 0x1p27;  // numbers of the evidence on the units' own cells: 1 GiB
  const Index units = network.units() * (network.slope != 0 ? 2 : 1);
  const Index K = network.outputs(), directions = K <= polar::OutputCones::most_outputs ? Index{1} << K : 2 * K;
  const double numbers =
      static_cast<double>(units) * static_cast<double>(directions) * static_cast<double>(fit.training.samples());
  if (numbers > most)
    throw ResourceError(path + ": " + std::to_string(fit.training.samples()) + " rows are too many for a network of " +
                        std::to_string(network.units()) + " units: the evidence would exceed 1 GiB; take fewer rows");
}

/// A better network, with what is proved from it.
Proved improve(const Problem& problem, const ReluNetwork& given, const CertifyOptions& options, std::uint64_t seed,
               const std::vector<int>& labels, const ReluWatch& watch) {
  const bool free_biases = given.output_biases.size() > 0 && problem.bias_weight == 0;
  /// What the bound is proven from.
  const auto balance = [&](Iterate& at) {
    if (free_biases) at.dual = balanced_dual(problem.loss, at.outputs, labels);
  };
  const auto begin = std::chrono::steady_clock::now();
  SearchOptions search;
  search.gap = std::max(options.gap / 10, 1e-9), search.max_rounds = options.max_rounds;
  search.time_limit = options.time_limit / 2, search.seed = seed;
  const auto proof = [&] {
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
    return ProveOptions{options.gap, std::max(0.0, options.time_limit - used.count()), options.nodes, seed};
  };
  Found better = train_shared(problem, search, iterate_of(problem, given), watch.training);
  balance(better.at);
  const auto train_on = [&](const Found& before, const Units& units, double seconds) {
    SearchOptions onward = search;
    onward.time_limit = seconds;
    Found next = train_shared_on(problem, onward, before, units, watch.training);
    balance(next.at);
    return next;
  };
  return prove(problem, std::move(better), proof(), train_on, watch.proof);
}

/// What is to be said of the given network itself.
void judge(Certified& result, const Problem& problem, const ReluNetwork& given, const Matrix& features,
           const TwoLayerNetwork& network, const CertifyOptions& options, std::uint64_t seed) {
  const Iterate at = iterate_of(problem, given);
  const double factor = options.factor(problem.loss);
  result.bias_weight = problem.bias_weight;
  result.given = evaluate(options, network, features, problem.loss);
  result.balanced = factor * at.objective;
  result.at_zero = factor * problem.loss.value_at_zero();
  result.unit = search_shared_unit(problem, at.dual, given, {64, 50, 16}, seed);
  result.step = best_size(problem, at.outputs, result.unit);
  result.step.decrease *= factor;
}

}  // namespace

Certified certify(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                  const TwoLayerNetwork& network, const CertifyOptions& options, std::uint64_t seed,
                  const ReluWatch& watch) {
  validate(options, certify_option_table());
  if (!(options.lambda > 0))
    throw UsageError(
        "--lambda is wanted: the penalty of the network's own training; without one, networks that are wide enough fit "
        "the data exactly, and no network is optimal that does not");
  Certified result;
  path::prepare(result, table, rows, std::move(recipe), path_options_of(options, network));
  const TrainingLoss loss = path::loss_of(result.goal, result.training);
  require_fit(result, network, loss, table.path);
  const Matrix& X = result.training.features;
  result.lambda = options.our_lambda(loss, network.slope);
  const bool biased = network.output_biases.size() > 0;
  const Problem problem{X, loss, result.lambda, 0, true, biased ? options.our_bias_weight(loss) : 0};
  const ReluNetwork given = to_relu(network);
  judge(result, problem, given, X.leftCols(network.inputs()), network, options, seed);
  result.largest_lambda = largest_shared_lambda(problem, seed);

  const Proved better = improve(problem, given, options, seed, result.training.labels, watch);
  const Found& found = better.found;
  result.best = options.factor(loss) * found.at.objective;
  result.network = options.improve ? balanced_network(problem, found.at) : given;
  finish(result, problem, better, options.gap);
  result.lower_bound = lower_bound_of_theirs(options, loss, result.certificate.lower_bound);
  result.relative_gap = nadir::relative_gap(result.given.objective, result.lower_bound, result.at_zero);
  result.claim = result.relative_gap <= options.gap ? Claim::certified : Claim::bounded;
  result.iterations = found.rounds, result.trace = found.trace;
  return result;
}

std::span<const Option<CertifyOptions>> certify_option_table() {
  using S = CertifyOptions;
  static const std::vector<Option<S>> table = {
      one_of<S>(
          "loss", &S::loss,
          "squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge "
          "(two classes, one output), softmax (classes); auto: squared for quantities, logistic for two classes, "
          "softmax for more",
          {"auto", "squared", "huber", "logistic", "squared_hinge", "softmax"}),
      {"huber-delta", &S::huber_delta, "where the Huber loss turns from squares to lines", 0, HUGE_VAL, true},
      {"lambda", &S::lambda, "weight of the penalty, in the definition that the next options give", 0, HUGE_VAL},
      one_of<S>(
          "penalty", &S::penalty,
          "what lambda weighs: weight-decay: half the sum of all squared weights and biases (torch's "
          "weight_decay); squares: their sum (l2 of Keras); norms: the sum over units of the norm of what comes in "
          "times the norm of what goes out (parallel: the sum over sub-networks of the product of their layers' "
          "norms); "
          "powers: the sum over sub-networks of the mean of their K layers' norms to the power K, for two layers "
          "weight "
          "decay",
          {"weight-decay", "squares", "norms", "powers"}),
      {"free-output-biases", &S::free_output_biases,
       "output biases are no part of the penalty, as where torch's weight_decay is for weights only; hidden ones are"},
      one_of<S>("reduction", &S::reduction, "of the loss over the rows", {"mean", "sum"}),
      {"half", &S::half, "squared errors carry the factor 1/2; torch's MSELoss does not: --no-half"},
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"time-limit", &S::time_limit, "seconds", 0, HUGE_VAL, true},
      {"max-rounds", &S::max_rounds, "most rounds of the training that the bound is proven from", 1, 1e6},
      {"nodes", &S::nodes,
       "most cones that the proof looks at, for each output and sign; 0: 300, and fewer from 1,000 rows on", 0, 1e6},
      {"improve", &S::improve, "write the better network that this training finds, not the given one"},
  };
  return table;
}

}  // namespace nadir::relu
