#include "nadir/train/certify_gated.hpp"

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/convex/proof.hpp"
#include "nadir/convex/working_set.hpp"
#include "nadir/data/feature_count.hpp"
#include "nadir/path/fit.hpp"
#include "nadir/path/objective_json.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

/// Recipe, data and loss; with a constant feature where the network has one input more than the data have features.
void prepare(path::Fit& fit, const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
             const GatedNetwork& network, const GatedCertifyOptions& options) {
  path::PathOptions path;
  path.loss = options.loss, path.huber_delta = options.huber_delta, path.intercept = "off";
  path::prepare(fit, table, rows, recipe, path);
  const Index features = fit.training.features.cols();
  if (features + 1 == network.inputs()) {
    path.intercept = "on";
    fit = {};
    path::prepare(fit, table, rows, recipe, path);
    return;
  }
  require_feature_count(table.path, features, network.inputs(), fit.ignored);
}

/// Gates that are open where g·x > 0 must be those that are open where g·x ≥ 0, on all rows but those of zeros, which
/// give 0 in any case. Where both g·x ≥ 0 and −g·x ≥ 0, it is 0.
void require_alike_at_0(const Matrix& features, const Matrix& gates, const std::vector<Index>& strict,
                        const std::vector<Index>& rows, int threads) {
  if (strict.empty()) return;
  const Matrix some = gates(strict, Eigen::all);
  const Patterns open(features, some, threads), opposite(features, -some, threads);
  for (Index p = 0; p < some.rows(); ++p)
    for (Index i = 0; i < features.rows(); ++i)
      if (open.open(p, i) && opposite.open(p, i) && (features.row(i).array() != 0).any())
        throw InputError("g.x of gate " + std::to_string(strict[static_cast<std::size_t>(p)] + 1) +
                         " is 0 on data row " + std::to_string(rows[static_cast<std::size_t>(i)] + 1) +
                         ", where the file's g.x > 0 is closed; gates of a model are g.x >= 0, so give the network "
                         "with >=");
}

/// All weights, in the order of the gates.
Matrix weights_in_order(const convex::Iterate& at, const GatedNetwork& network) {
  Matrix weights = Matrix::Zero(network.weights.rows(), network.weights.cols());
  for (std::size_t g = 0; g < at.groups.size(); ++g)
    weights.row(at.groups[g].gate * network.outputs + at.groups[g].output) = at.weights.row(static_cast<Index>(g));
  return weights;
}

convex::Iterate iterate_of_weights(const convex::GroupProblem& problem, const GatedNetwork& network) {
  convex::Iterate at;
  for (Index row = 0; row < network.weights.rows(); ++row)
    at.groups.push_back({row / network.outputs, row % network.outputs});
  at.weights = network.weights;
  problem.products.forward(at.groups, at.weights, network.outputs, at.outputs);
  convex::evaluate(problem, at);
  return at;
}

}  // namespace

std::span<const Option<GatedCertifyOptions>> gated_certify_option_table() {
  using S = GatedCertifyOptions;
  static const std::vector<Option<S>> table = {
      one_of<S>("loss", &S::loss, "as of relu", {"auto", "squared", "huber", "logistic", "squared_hinge", "softmax"}),
      {"huber-delta", &S::huber_delta, "where the Huber loss turns from squares to lines", 0, HUGE_VAL, true},
      {"lambda", &S::lambda, "weight of the penalty, in the definition that the next options give", 0, HUGE_VAL},
      one_of<S>("gated-penalty", &S::gated_penalty,
                "what lambda weighs: group: the norms of the weights of each gate and output; nuclear: the singular "
                "values of each gate's weights; l1: the sizes of all; features: a norm for each feature",
                {"group", "nuclear", "l1", "features"}),
      one_of<S>("reduction", &S::reduction, "of the loss over the rows", {"mean", "sum"}),
      {"half", &S::half, "squared errors carry the factor 1/2; torch's MSELoss does not: --no-half"},
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"time-limit", &S::time_limit, "seconds", 0, HUGE_VAL, true},
      {"improve", &S::improve, "write the better weights"},
  };
  return table;
}

std::string CertifiedGated::definition() const {
  const GatedCertifyOptions& c = request.options;
  const char* const of = c.gated_penalty == "group"     ? "the norms of the weights of each gate and output"
                         : c.gated_penalty == "nuclear" ? "the singular values of each gate's weights"
                         : c.gated_penalty == "l1"      ? "the sizes of all weights"
                                                        : "the norm of the weights of each feature";
  return loss_in_words(loss, c.half, c.reduction) + printed("; %.6g times the sum of %s", c.lambda, of);
}

CertifiedGated certify_gated(const Table& table, const RecipeOptions& recipe, const GatedNetwork& network,
                             const GatedRequest& request, Follower& follower) {
  const GatedCertifyOptions& options = request.options;
  validate(options, gated_certify_option_table());
  if (!(options.lambda > 0)) throw UsageError("--lambda is wanted: the penalty of the network's own training");
  const std::vector<Index> rows = usable_rows(table, recipe);
  path::Fit fit;
  prepare(fit, table, rows, recipe, network, options);
  const TrainingLoss loss = path::loss_of(fit.goal, fit.training);
  if (loss.outputs() != network.outputs)
    throw InputError("the network has " + std::to_string(network.outputs) + " outputs, but the loss " +
                     std::string(to_string(loss.kind())) + " on this target wants " + std::to_string(loss.outputs()) +
                     "; see --loss and --task");
  const int threads = resolve_threads(request.threads);
  require_alike_at_0(fit.training.features, network.gates, request.strict, rows, threads);
  const Patterns patterns(fit.training.features, network.gates, threads);
  const MaskedProducts products(fit.training.features, patterns, threads, Precision::single);
  const double lambda = options.lambda / options.factor(loss);
  const convex::Penalty named = convex::penalty_named(options.gated_penalty);
  const convex::GroupProblem problem{
      products, loss, lambda,
      named == convex::Penalty::nuclear && network.outputs == 1 ? convex::Penalty::group : named};
  const convex::Iterate given = iterate_of_weights(problem, network);

  CertifiedGated told;
  told.request = request, told.gates = network.gates.rows(), told.outputs = network.outputs, told.lambda = lambda;
  const double factor = options.factor(loss);
  told.loss = to_string(loss.kind());
  told.objective = factor * given.objective, told.at_zero = factor * loss.value_at_zero();
  told.penalty = factor * (given.objective - loss.value(given.outputs));
  convex::SolverOptions solver;
  solver.gap = 0.999 * options.gap, solver.time_limit = options.time_limit;
  convex::NewtonData data(problem);
  convex::Solution start;
  start.at = given;
  const Watches watches = watches_for(follower, "", "");
  convex::Solution solution = convex::solve(problem, data, solver, &start, watches.training);
  told.best = factor * solution.at.objective;
  told.stop = solution.stop, told.stop_sentence = solution.stop_sentence, told.iterations = solution.iterations;

  const convex::ProvenInterval interval = convex::prove(problem, options.improve ? solution.at : given, solution.dual);
  Model& model = told.model;
  GatedNetwork written = network;
  if (options.improve) written.weights = weights_in_order(solution.at, network);
  model.recipe = fit.recipe;
  model.certificate = make_certificate(interval.objective, interval.bound, loss.value_at_zero(), options.gap,
                                       Evidence{.kind = "dual_point"});
  model.certificate.bind(fit.training.samples(), features_sha256(fit.training), weights_sha256(written));
  model.network = std::move(written);
  model.dual = path::dual_for_file(std::move(solution.dual), fit.training, fit.goal.loss);
  model.objective = path::objective_to_json(fit.goal, lambda, options.gated_penalty);
  model.trace = trace_of(solution.trace);
  model.notes = certify_notes(request.network, request.data, told.stop, told.stop_sentence, told.iterations);
  model.notes["improved"] = options.improve;
  mark_training_rows(model, rows, table.rows);
  told.lower_bound = relu::lower_bound_of_theirs(options, loss, model.certificate.lower_bound);
  told.relative_gap = nadir::relative_gap(told.objective, told.lower_bound, told.at_zero);
  told.claim = told.relative_gap <= options.gap ? Claim::certified : Claim::bounded;
  return told;
}

json to_json(const CertifiedGated& told, double seconds, const std::string& model) {
  const Certificate& c = told.model.certificate;
  return {{"method", "gated"},
          {"network", told.request.network},
          {"source", told.request.source},
          {"gates", told.gates},
          {"outputs", told.outputs},
          {"definition", told.definition()},
          {"objective", told.objective},
          {"penalty", told.penalty},
          {"lower_bound", told.lower_bound},
          {"gap", told.objective - told.lower_bound},
          {"relative_gap", told.relative_gap},
          {"target_gap", told.request.options.gap},
          {"objective_at_zero", told.at_zero},
          {"claim", to_string(told.claim)},
          {"better_objective", told.best},
          {"stop", to_string(told.stop)},
          {"stop_sentence", told.stop_sentence},
          {"iterations", told.iterations},
          {"seconds", seconds},
          {"samples", c.samples},
          {"model", model},
          {"certificate", certificate_told(c, told.request.options.improve, told.lambda)}};
}

}  // namespace nadir::train
