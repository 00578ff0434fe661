#include "nadir/relu/certify.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "nadir/base/error.hpp"
#include "nadir/data/feature_count.hpp"
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
  require_feature_count(path, columns, network.inputs(), fit.ignored);
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

/// What is to be proven from the better network, at which F is `best`: the gap that certifies the given one, at which
/// it is `given`, too, where that asks for half of the wanted gap at least.
double gap_to_prove(const Problem& problem, double given, double best, double gap) {
  const double at_zero = problem.loss.value_at_zero();
  const double certifying = relative_gap(best, (given - gap * at_zero) / (1 - gap), at_zero);
  return certifying > gap / 2 ? std::min(certifying, gap) : gap;
}

/// A better network, with what is proved from it. `objective`: at the given one, before its units were balanced.
Proved improve(const Problem& problem, const ReluNetwork& given, double objective, const CertifyOptions& options,
               std::uint64_t seed, const std::vector<int>& labels, const ReluWatch& watch) {
  const bool free_biases = given.output_biases.size() > 0 && problem.bias_weight == 0;
  /// What the bound is proven from.
  const auto balance = [&](Iterate& at) {
    if (free_biases) at.dual = balanced_dual(problem.loss, at.outputs, labels);
  };
  const auto begin = std::chrono::steady_clock::now();
  SearchOptions search;
  search.gap = std::max(options.gap / 10, 1e-9), search.max_rounds = options.max_rounds;
  search.time_limit = options.time_limit / 2, search.seed = seed;
  const Iterate at = iterate_of(problem, given);
  Found better = train_shared(problem, search, at, watch.training);
  const auto proof = [&] {
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
    const double gap = gap_to_prove(problem, std::max(objective, at.objective), better.at.objective, options.gap);
    return ProveOptions{gap, std::max(0.0, options.time_limit - used.count()), options.nodes, seed};
  };
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

/// Hidden biases at no cost, as weights of a large constant M (docs/math/two-layer.md, section 8): on features with M
/// in the place of 1, and with λ/room in the place of λ, no network has an objective above the one that it has without
/// a cost of its biases, once these are at most R times their units' norms, as they can be made. So what bounds the one
/// bounds the other.
struct LargeConstant {
  double scale = 1;  ///< M; a power of two, so that scaled weights are exact
  double room = 1;   ///< (1 + R²/M²)^½
  Matrix features;

  explicit LargeConstant(const Matrix& X) : features(X) {
    constexpr double times = 4;  // R: more costs branch and bound far more cones, less much of the penalty
    const double R = X.leftCols(X.cols() - 1).rowwise().norm().maxCoeff();
    scale = std::exp2(std::round(std::log2(std::clamp(times * R, 1.0, 0x1p90))));
    room = std::hypot(1, R / scale) * (1 + 0x1p-45);
    features.rightCols(1).setConstant(scale);
  }
  ReluNetwork scaled(ReluNetwork network, double by) const {
    network.units.rightCols(1) *= by;
    return network;
  }
};

/// L(f) + λ Σ‖u_j‖‖w_j‖ without the biases in u_j.
double free_objective(const Problem& problem, const ReluNetwork& network) {
  const Index d = problem.inputs() - 1;
  return problem.loss.value(outputs(network, problem.features)) +
         problem.lambda * network.units.leftCols(d).rowwise().norm().dot(network.unit_outputs.rowwise().norm());
}

/// The certificate of the network in the result as the file states it: biases as weights of the constant 1.
void restate(Certified& result, const Problem& stated, double gap) {
  const Certificate proved = result.certificate;
  const double objective = proven_objective(stated, result.network);
  Evidence evidence = proved.evidence;
  evidence.bias_scale = result.bias_scale;
  evidence.patterns_relative_gap = relative_gap(objective, evidence.patterns_lower_bound, proved.objective_at_zero);
  result.certificate = make_certificate(objective, ProvenLowerBound{std::min(proved.lower_bound, objective)},
                                        proved.objective_at_zero, gap, evidence);
  result.certificate.bind(proved.samples, proved.features_sha256, weights_sha256(result.network));
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
  if (options.free_hidden_biases && !options.free_output_biases)
    throw UsageError(
        "--free-hidden-biases goes with --free-output-biases: a hidden unit with a bias alone, which costs nothing, is "
        "an "
        "output bias");
  Certified result;
  path::prepare(result, table, rows, std::move(recipe), path_options_of(options, network));
  const TrainingLoss loss = path::loss_of(result.goal, result.training);
  require_fit(result, network, loss, table.path);
  const Matrix& X = result.training.features;
  result.lambda = options.our_lambda(loss, network.slope);
  ReluNetwork given = to_relu(network);
  std::optional<LargeConstant> large;
  if (options.free_hidden_biases && network.hidden_biases.size() > 0) large.emplace(X);
  if (large) given = large->scaled(std::move(given), 1 / large->scale), result.bias_scale = large->scale;
  if (large && given.output_biases.size() == 0) given.output_biases = Vector::Zero(loss.outputs());
  const bool biased = given.output_biases.size() > 0;
  const Problem problem{large ? large->features : X,
                        loss,
                        result.lambda / (large ? large->room : 1),
                        0,
                        true,
                        biased ? options.our_bias_weight(loss) : 0};
  const Problem stated{X, loss, result.lambda, 0, true, problem.bias_weight, 0, 1, large.has_value()};
  judge(result, problem, given, X.leftCols(network.inputs()), network, options, seed);
  result.largest_lambda = largest_shared_lambda(problem, seed);

  CertifyOptions wanted = options;
  if (large) wanted.gap *= 0.8;  // the rest is for what the large constant costs
  const Proved better = improve(problem, given, result.given.objective / options.factor(loss), wanted, seed,
                                result.training.labels, watch);
  const Found& found = better.found;
  const ReluNetwork best = balanced_network(problem, found.at);
  result.best = options.factor(loss) * found.at.objective;
  result.network = options.improve ? best : given;
  finish(result, problem, better, options.gap);
  if (large) {
    result.network = large->scaled(std::move(result.network), large->scale);
    restate(result, stated, options.gap);
    result.balanced = options.factor(loss) * free_objective(stated, large->scaled(given, large->scale));
    result.best = options.factor(loss) * free_objective(stated, large->scaled(best, large->scale));
    result.unit.u.tail(1) *= large->scale;
  }
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
      {"free-hidden-biases", &S::free_hidden_biases, "hidden biases are no part of it, either"},
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
