#include "nadir/train/certify_parallel.hpp"

#include <chrono>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/data/feature_count.hpp"
#include "nadir/homogeneous/proof.hpp"
#include "nadir/homogeneous/relaxed_dual.hpp"
#include "nadir/homogeneous/unit_bounds.hpp"
#include "nadir/path/fit.hpp"
#include "nadir/path/objective_json.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {
namespace {

using homogeneous::Combination;
using homogeneous::Regularizer;
using homogeneous::Subnetwork;
using nlohmann::json;

Subnetwork subnetwork_of(const ParallelNetwork& network) {
  const std::vector<Index> widths = network.widths();
  std::vector<homogeneous::Layer> layers;
  for (std::size_t k = 0; k + 1 < widths.size(); ++k) {
    const bool last = k + 2 == widths.size();
    const auto map = last                 ? homogeneous::Map::linear
                     : network.slope == 0 ? homogeneous::Map::relu
                                          : homogeneous::Map::leaky_relu;
    layers.push_back({widths[k], widths[k + 1], map, last ? 0 : network.slope});
  }
  return Subnetwork(std::move(layers));
}

/// Each sub-network's weights in one vector.
std::vector<Vector> weights_of(const ParallelNetwork& network) {
  std::vector<Vector> all;
  for (Index i = 0; i < network.count(); ++i) {
    Vector& weights = all.emplace_back(subnetwork_of(network).size());
    Index at = 0;
    for (std::size_t k = 0; k < network.layers.size(); ++k) {
      const ConstMatrixView layer = network.weights(i, k);
      weights.segment(at, layer.size()) = Eigen::Map<const Vector>(layer.data(), layer.size());
      at += layer.size();
    }
  }
  return all;
}

ParallelNetwork network_of(const Subnetwork& subnetwork, const std::vector<Vector>& weights, double slope) {
  ParallelNetwork network{{}, subnetwork.outputs(), slope};
  const auto count = static_cast<Index>(weights.size());
  for (std::size_t k = 0; k < subnetwork.layers().size(); ++k) {
    const homogeneous::Layer& layer = subnetwork.layers()[k];
    Matrix& all = network.layers.emplace_back(count * layer.outputs, layer.inputs);
    for (Index i = 0; i < count; ++i)
      all.middleRows(i * layer.outputs, layer.outputs) = subnetwork.weights(weights[static_cast<std::size_t>(i)], k);
  }
  return network;
}

/// What the user's λ weighs.
struct Penalty {
  Regularizer regularizer;
  double factor = 1;
};
Penalty penalty_of(const ParallelOptions& options) {
  if (options.penalty == "norms") return {{Combination::product, {}}};
  if (options.penalty == "powers") return {{Combination::mean_of_powers, {}}};
  return {{Combination::squares, {}}, options.penalty == "squares" ? 2.0 : 1.0};
}

/// Objective and stationarity in the user's definition.
relu::Theirs evaluate(const ParallelOptions& options, const homogeneous::Problem& problem,
                      const homogeneous::Iterate& at) {
  const Penalty penalty = penalty_of(options);
  const double factor = options.factor(problem.loss), scale = options.lambda * penalty.factor;
  relu::Theirs theirs;
  double of_loss = 0, of_penalty = 0, together = 0;
  for (const Vector& weights : at.weights) {
    Vector by_loss = Vector::Zero(weights.size()), by_penalty = by_loss;
    problem.subnetwork.pull_back(problem.features, weights, -factor * at.dual, by_loss);
    penalty.regularizer.add_gradient(problem.subnetwork, weights, scale, by_penalty);
    theirs.penalty += scale * penalty.regularizer.value(problem.subnetwork, weights);
    of_loss += by_loss.squaredNorm(), of_penalty += by_penalty.squaredNorm();
    together += (by_loss + by_penalty).squaredNorm();
  }
  theirs.objective = factor * problem.loss.value(at.outputs) + theirs.penalty;
  const double size = std::sqrt(of_loss) + std::sqrt(of_penalty);
  theirs.stationarity = size > 0 ? std::sqrt(together) / size : 0;
  return theirs;
}

void require_fit(const path::Fit& fit, const TrainingLoss& loss, const ParallelNetwork& network,
                 const ParallelRequest& request, const std::string& path) {
  const Index constant = request.constant ? 1 : 0;
  require_feature_count(path, fit.training.features.cols() - constant, network.inputs() - constant, fit.ignored);
  if (loss.outputs() != network.outputs)
    throw InputError("the network has " + std::to_string(network.outputs) + " outputs, but the loss " +
                     std::string(to_string(loss.kind())) + " on this target wants " + std::to_string(loss.outputs()) +
                     "; see --loss and --task");
  if (network.layers.size() > 60)
    throw ResourceError("a network of " + std::to_string(network.layers.size()) +
                        " layers has more tensors than a model file holds");
}

/// What the search finds to append, and, where that is wanted, further training from it.
std::vector<Vector> better(CertifiedParallel& told, const homogeneous::Problem& problem,
                           const homogeneous::Iterate& given, Follower& follower) {
  const ParallelOptions& options = told.request.options;
  const Watches watches = watches_for(follower, "", "");
  homogeneous::PolarSearch search;
  search.seed = told.request.seed, search.go_on = watches.go_on;
  const homogeneous::PolarWitness found = homogeneous::search_polar(problem, given.dual, given.weights, search);
  told.correlation = found.value / problem.lambda;
  if (told.correlation > 1) {
    homogeneous::Iterate more = given;
    more.weights.push_back(homogeneous::at_best_size(problem, given, found));
    homogeneous::evaluate(problem, more);
    told.decrease = std::max(0.0, options.factor(problem.loss) * (given.objective - more.objective));
  }
  told.stop_sentence = "judged, not trained";
  if (!options.improve) return given.weights;
  homogeneous::MetaOptions meta;
  meta.gap = options.gap, meta.max_rounds = options.max_rounds, meta.time_limit = options.time_limit / 2;
  meta.search = search, meta.go_on = watches.go_on;
  std::vector<Progress> trace;
  const homogeneous::MetaResult result = homogeneous::train(problem, given.weights, meta, [&](const Progress& now) {
    trace.push_back(now);
    return !watches.training || watches.training(now);
  });
  told.stop = result.stop;
  told.stop_sentence = printed("%zu rounds of the meta-algorithm%s", trace.size() + 1,
                               result.no_descent_found ? "; no further sub-network was found that helps" : "");
  return result.at.weights;
}

/// A dual point, what it proves and by what.
struct Proof {
  Matrix dual;
  ProvenLowerBound bound;
  Evidence evidence;
  PolarEvidence tensors = {};
};

Proof prove_by_norms(const homogeneous::Problem& problem) {
  Evidence evidence{.kind = "layer_norms", .features_norm = homogeneous::stated_norm(problem.features)};
  Matrix dual = homogeneous::relaxed_dual(problem, evidence.features_norm);
  if (dual.cols() > 1) evidence.dual_norm = homogeneous::stated_norm(dual);
  const ProvenLowerBound bound = homogeneous::proven_bound(problem, dual, evidence.features_norm, evidence.dual_norm);
  return {std::move(dual), bound, evidence};
}

Proof prove_by_units(const homogeneous::Problem& problem, Matrix dual, const homogeneous::UnitBoundOptions& options) {
  homogeneous::UnitBound found = homogeneous::bound_by_units(problem, dual, options);
  const ProvenLowerBound bound = homogeneous::proven_bound(problem, dual, found.polar);
  return {std::move(dual), bound, {.kind = "layer_units"}, std::move(found.evidence)};
}

/// The better proof: by norms, or, where that does not do, by units of the first layer, from the network's own dual
/// point and from the one of the norms.
Proof prove(const CertifiedParallel& told, const homogeneous::Problem& problem, const homogeneous::Iterate& at,
            double seconds, Follower& follower) {
  const ParallelOptions& options = told.request.options;
  Proof best = prove_by_norms(problem);
  const double zero = problem.loss.value_at_zero();
  const auto is_enough = [&] { return relative_gap(at.objective, best.bound.value, zero) <= options.gap * 0.99; };
  if (!homogeneous::has_unit_bound(problem.subnetwork)) return best;
  const long nodes = options.nodes > 0 ? options.nodes : homogeneous::default_nodes(problem);
  homogeneous::UnitBoundOptions units;
  units.nodes = nodes, units.go_on = watches_for(follower, "", "").go_on;
  const Matrix of_norms = best.dual;
  for (const Matrix* const dual : {&at.dual, &of_norms}) {
    if (nodes == 0 || is_enough()) break;
    units.level = dual == &at.dual ? homogeneous::level_for_gap(problem, at, options.gap) : problem.lambda;
    units.time_limit = seconds / 2;
    Proof other = prove_by_units(problem, *dual, units);
    if (other.bound.value > best.bound.value) best = std::move(other);
  }
  return best;
}

/// The model of these weights with its certificate, in the model's definition.
void conclude(CertifiedParallel& told, const homogeneous::Problem& problem, const path::Fit& fit,
              const homogeneous::Iterate& at, Proof proof) {
  const double objective = homogeneous::proven_objective(problem, at);
  proof.bound.value = std::min(proof.bound.value, objective);
  Model& model = told.model;
  model.dual = path::dual_for_file(proof.dual, fit.training, fit.goal.loss);
  model.evidence = std::move(proof.tensors);
  model.network = network_of(problem.subnetwork, at.weights, told.given.slope);
  model.certificate = make_certificate(objective, proof.bound, problem.loss.value_at_zero(), told.request.options.gap,
                                       std::move(proof.evidence));
  model.certificate.bind(fit.training.samples(), features_sha256(fit.training),
                         weights_sha256(std::get<ParallelNetwork>(model.network)));
  model.objective = path::objective_to_json(fit.goal, problem.lambda, "product_of_norms");
}

}  // namespace

std::span<const Option<ParallelOptions>> parallel_option_table() {
  using S = ParallelOptions;
  static const std::vector<Option<S>> table = {
      one_of<S>("loss", &S::loss, "as of relu", {"auto", "squared", "huber", "logistic", "squared_hinge", "softmax"}),
      {"huber-delta", &S::huber_delta, "where the Huber loss turns from squares to lines", 0, HUGE_VAL, true},
      {"lambda", &S::lambda, "weight of the penalty, in the definition that the next options give", 0, HUGE_VAL},
      one_of<S>("penalty", &S::penalty, "as of relu", {"weight-decay", "squares", "norms", "powers"}),
      one_of<S>("reduction", &S::reduction, "of the loss over the rows", {"mean", "sum"}),
      {"half", &S::half, "squared errors carry the factor 1/2; torch's MSELoss does not: --no-half"},
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"time-limit", &S::time_limit, "seconds", 0, HUGE_VAL, true},
      {"nodes", &S::nodes,
       "most cones that the bound by units looks at, for all outputs together; 0: up to 2,000, fewer for large tables, "
       "none where a few would take minutes",
       0, 1e6},
      {"max-rounds", &S::max_rounds, "most rounds of --improve", 1, 1e6},
      {"improve", &S::improve, "train on by the meta-algorithm, and write the better network"},
  };
  return table;
}

std::string CertifiedParallel::definition() const {
  const ParallelOptions& c = request.options;
  const std::string weighed = c.penalty == "norms"     ? "the products of the norms of sub-networks' layers"
                              : c.penalty == "powers"  ? "the mean of their layers' norms to the power of their number"
                              : c.penalty == "squares" ? "all squared weights"
                                                       : "half of all squared weights";
  return loss_in_words(loss, c.half, c.reduction) + printed("; %.6g times ", c.lambda) + weighed +
         (request.constant ? " and biases" : "");
}

CertifiedParallel certify_parallel(const Table& table, const RecipeOptions& recipe, const ParallelNetwork& network,
                                   const ParallelRequest& request, Follower& follower) {
  const auto begin = std::chrono::steady_clock::now();
  const ParallelOptions& options = request.options;
  validate(options, parallel_option_table());
  if (!(options.lambda > 0)) throw UsageError("--lambda is wanted: the penalty of the network's own training");
  const Subnetwork subnetwork = subnetwork_of(network);
  homogeneous::require_balanced(subnetwork, penalty_of(options).regularizer);
  CertifiedParallel told;
  told.request = request, told.given = network;
  path::Fit fit;
  path::PathOptions path;
  path.loss = options.loss, path.huber_delta = options.huber_delta, path.intercept = request.constant ? "on" : "off";
  const std::vector<Index> rows = usable_rows(table, recipe);
  path::prepare(fit, table, rows, recipe, path);
  const TrainingLoss loss = path::loss_of(fit.goal, fit.training);
  require_fit(fit, loss, network, request, table.path);
  told.lambda = options.our_lambda(loss, 0), told.loss = to_string(fit.goal.loss);
  const homogeneous::Problem problem{fit.training.features, loss, subnetwork, {Combination::product, {}}, told.lambda};
  homogeneous::Iterate at;
  at.weights = weights_of(network);
  homogeneous::evaluate(problem, at);
  const double factor = options.factor(loss);
  told.at = evaluate(options, problem, at);
  told.balanced = factor * at.objective, told.at_zero = factor * loss.value_at_zero();
  at.weights = better(told, problem, at, follower);
  homogeneous::evaluate(problem, at);
  told.best = factor * at.objective;
  const std::chrono::duration<double> used = std::chrono::steady_clock::now() - begin;
  conclude(told, problem, fit, at,
           prove(told, problem, at, std::max(0.0, options.time_limit - used.count()), follower));
  const Certificate& c = told.model.certificate;
  told.lower_bound = relu::lower_bound_of_theirs(options, loss, c.lower_bound);
  told.relative_gap = nadir::relative_gap(told.at.objective, told.lower_bound, told.at_zero);
  told.claim = told.relative_gap <= options.gap ? Claim::certified : Claim::bounded;
  told.model.recipe = fit.recipe;
  told.model.notes = certify_notes(request.network, request.data, told.stop, told.stop_sentence, 0);
  told.model.notes.update({{"improved", options.improve}, {"seed", request.seed}});
  mark_training_rows(told.model, rows, table.rows);
  return told;
}

json to_json(const CertifiedParallel& told, double seconds, const std::string& model) {
  const Certificate& c = told.model.certificate;
  const bool helps = told.decrease > 0;
  json certificate = certificate_told(c, told.request.options.improve, told.lambda);
  certificate["subnetworks"] = std::get<ParallelNetwork>(told.model.network).count();
  return {{"method", "parallel"},
          {"network", told.request.network},
          {"source", told.request.source},
          {"subnetworks", told.given.count()},
          {"widths", told.given.widths()},
          {"definition", told.definition()},
          {"objective", told.at.objective},
          {"penalty", told.at.penalty},
          {"balanced_objective", told.balanced},
          {"stationarity", told.at.stationarity},
          {"lower_bound", told.lower_bound},
          {"gap", told.at.objective - told.lower_bound},
          {"relative_gap", told.relative_gap},
          {"target_gap", told.request.options.gap},
          {"objective_at_zero", told.at_zero},
          {"claim", to_string(told.claim)},
          {"better_objective", told.best},
          {"subnetwork",
           helps ? json{{"decrease", told.decrease}, {"correlation_over_lambda", told.correlation}} : json(nullptr)},
          {"stop", to_string(told.stop)},
          {"stop_sentence", told.stop_sentence},
          {"seconds", seconds},
          {"samples", c.samples},
          {"model", model},
          {"certificate", std::move(certificate)}};
}

}  // namespace nadir::train
