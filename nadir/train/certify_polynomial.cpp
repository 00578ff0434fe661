#include "nadir/train/certify_polynomial.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/data/feature_count.hpp"
#include "nadir/spectral/architecture_json.hpp"
#include "nadir/spectral/concavity.hpp"
#include "nadir/spectral/train.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

constexpr double drawn_in = 1e-6;  ///< of a norm, what may be the rounding of other programs

/// Recipe and training data; with a constant feature where the network has one input more than the data have features.
Dataset prepare(Recipe& recipe, const Table& table, const std::vector<Index>& rows, RecipeOptions options,
                const PolynomialNetwork& network) {
  std::vector<IgnoredColumn> ignored;
  options.bias = false;
  recipe = fit_recipe(table, rows, options, &ignored);
  const auto features = static_cast<Index>(recipe.feature_names().size());
  options.bias = features + 1 == network.inputs();
  if (options.bias)
    recipe = fit_recipe(table, rows, options);
  else
    require_feature_count(table.path, features, network.inputs(), ignored);
  Dataset training = apply_recipe(recipe, table, rows, Sign::non_negative);
  if (training.classes() != network.classes())
    throw InputError("the network has " + std::to_string(network.classes()) + " outputs, but the target has " +
                     std::to_string(training.classes()) + " classes");
  return training;
}

double norm_of(const Eigen::Ref<const Vector>& weights, double p) {
  const double largest = weights.maxCoeff();
  return largest > 0 ? largest * std::pow((weights / largest).array().pow(p).sum(), 1 / p) : 0;
}

/// The largest p-norm of the blocks from `first` of so many, of weights as they are packed.
double largest_norm(const spectral::Packing& packing, const Vector& weights, std::size_t first, std::size_t count) {
  double most = 0;
  for (std::size_t b = first; b < first + count; ++b) {
    const spectral::Block& block = packing.blocks()[b];
    most = std::max(most, norm_of(weights.segment(block.first, block.count), block.p));
  }
  return most * (1 + 0x1p-40);
}

/// With the radii that were given, or those that the network's own norms want.
spectral::Architecture architecture_of(const PolynomialNetwork& network, const PolynomialCertifyOptions& options) {
  spectral::Architecture architecture;
  architecture.inputs = network.inputs(), architecture.classes = static_cast<int>(network.classes());
  architecture.output_p = options.p_w, architecture.epsilon = options.epsilon;
  const auto one_of_list = [](const std::vector<double>& list, std::size_t j) {
    return list[std::min(j, list.size() - 1)];
  };
  for (std::size_t j = 0; j < network.hidden.size(); ++j) {
    spectral::HiddenShape layer;
    layer.exponents = network.hidden[j].exponents;
    layer.scope = options.norm == "unit" ? spectral::NormScope::unit : spectral::NormScope::matrix;
    const bool per_unit = layer.scope == spectral::NormScope::unit;
    layer.p.assign(per_unit ? static_cast<std::size_t>(layer.units()) : 1, one_of_list(options.p_u, j));
    architecture.hidden.push_back(std::move(layer));
  }
  const spectral::Packing packing(architecture);
  const Vector weights = packing.pack(network);
  std::size_t block = 0;
  for (std::size_t j = 0; j < architecture.hidden.size(); ++j) {
    spectral::HiddenShape& layer = architecture.hidden[j];
    const std::size_t count = layer.p.size();
    const double wanted = one_of_list(options.rho_u, j);
    layer.radius = wanted > 0 ? wanted : largest_norm(packing, weights, block, count);
    block += count;
  }
  const auto classes = static_cast<std::size_t>(network.classes());
  architecture.output_radius = options.rho_w > 0 ? options.rho_w : largest_norm(packing, weights, block, classes);
  architecture.validate();
  return architecture;
}

/// Blocks whose norm is above their radius by rounding are drawn in; returns the largest share of that.
double draw_in(const spectral::Packing& packing, Vector& weights) {
  double most = 0;
  for (const spectral::Block& block : packing.blocks()) {
    auto part = weights.segment(block.first, block.count);
    const double norm = norm_of(part, block.p), excess = norm / block.radius - 1;
    if (excess > drawn_in)
      throw InputError(
          printed("the %g-norm of some weights is %.9g, which is above their radius, %.9g; see --rho-u, --rho-w "
                  "and --norm",
                  block.p, norm, block.radius));
    if (excess > -0x1p-46) part *= (1 - 0x1p-45) / (1 + excess), most = std::max(most, excess);
  }
  return most;
}

}  // namespace

std::span<const Option<PolynomialCertifyOptions>> polynomial_certify_option_table() {
  using S = PolynomialCertifyOptions;
  static const std::vector<Option<S>> table = {
      {"p-u", &S::p_u, "p of each hidden layer's norm; the last one serves for the rest", 1, 1e9, true},
      {"p-w", &S::p_w, "p of the norms of the output's rows", 1, 1e9, true},
      {"rho-u", &S::rho_u, "radius of each hidden layer's norm; 0: the largest that the network has", 0, 1e12},
      {"rho-w", &S::rho_w, "radius of the norms of the output's rows; 0: the largest that the network has", 0, 1e12},
      one_of<S>("norm", &S::norm, "one norm per hidden layer (matrix) or per unit", {"matrix", "unit"}),
      {"epsilon", &S::epsilon, "reward of the sum of weights", 0, 1e12},
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"max-iterations", &S::max_iterations, "most iterations of the training from the network on", 0, 1e9},
      {"time-limit", &S::time_limit, "seconds", 0, HUGE_VAL, true},
      {"box-steps", &S::box_steps, "where hidden concavity does not hold: cuts of the box certificate", 1, 1000},
      {"improve", &S::improve, "write the better network"},
  };
  return table;
}

CertifiedPolynomial certify_polynomial(const Table& table, const RecipeOptions& recipe_options,
                                       const PolynomialNetwork& network, const PolynomialRequest& request,
                                       Follower& follower) {
  const PolynomialCertifyOptions& options = request.options;
  validate(options, polynomial_certify_option_table());
  const std::vector<Index> rows = usable_rows(table, recipe_options);
  require_classification(table, rows, recipe_options.task, "spectral");
  CertifiedPolynomial told;
  told.request = request;
  Model& model = told.model;
  const Dataset training = prepare(model.recipe, table, rows, recipe_options, network);
  const spectral::Architecture architecture = architecture_of(network, options);
  told.widths.push_back(network.inputs());
  for (const PolynomialLayer& layer : network.hidden) told.widths.push_back(layer.weights.rows());
  told.widths.push_back(network.classes());
  told.degree = spectral::degree(architecture);

  spectral::Objective objective(architecture, training.features, training.labels, resolve_threads(request.threads));
  const spectral::Packing& packing = objective.packing();
  Vector weights = packing.pack(network);
  told.shrunk = draw_in(packing, weights);
  PolynomialNetwork given = packing.empty_network();
  packing.unpack(weights, given);
  const bool positive = weights.minCoeff() > 0;
  told.given = spectral::certify(objective, given, options.gap, options.box_steps);

  spectral::TrainOptions loop;
  loop.gap = options.gap, loop.max_iterations = options.max_iterations, loop.time_limit = options.time_limit;
  loop.box_steps = options.box_steps;
  Vector start = positive ? spectral::log_shares(packing, given) : spectral::flat_start(packing);
  spectral::normalize(packing, start);
  const Watches watches = watches_for(follower, "", "");
  spectral::TrainResult result = spectral::train(objective, std::move(start), loop, watches.training);
  told.better = result.certificate;
  told.stop = result.stop, told.stop_sentence = result.stop_sentence, told.iterations = result.iterations;

  model.network = options.improve ? std::move(result.network) : std::move(given);
  model.objective = spectral::objective_to_json(architecture);
  model.certificate = options.improve ? told.better : told.given;
  model.certificate.bind(training.samples(), features_sha256(training),
                         weights_sha256(std::get<PolynomialNetwork>(model.network)));
  model.trace = trace_of(result.trace);
  model.notes = certify_notes(request.network, request.data, told.stop, told.stop_sentence, told.iterations);
  model.notes["improved"] = options.improve;
  mark_training_rows(model, rows, table.rows);
  return told;
}

json to_json(const CertifiedPolynomial& told, double seconds, const std::string& model) {
  const Certificate& c = told.given;
  return {{"method", "spectral"},
          {"network", told.request.network},
          {"source", told.request.source},
          {"widths", told.widths},
          {"degree", told.degree},
          {"drawn_in", told.shrunk},
          {"objective", c.objective},
          {"lower_bound", std::isfinite(c.lower_bound) ? json(c.lower_bound) : json()},
          {"gap", std::isfinite(c.lower_bound) ? json(c.objective - c.lower_bound) : json()},
          {"relative_gap", std::isfinite(c.relative_gap) ? json(c.relative_gap) : json()},
          {"target_gap", told.request.options.gap},
          {"objective_at_zero", told.better.objective_at_zero},
          {"claim", to_string(c.claim)},
          {"better_objective", told.better.objective},
          {"better_lower_bound", told.better.lower_bound},
          {"stop", to_string(told.stop)},
          {"stop_sentence", told.stop_sentence},
          {"iterations", told.iterations},
          {"seconds", seconds},
          {"samples", told.model.certificate.samples},
          {"model", model},
          {"certificate",
           {{"kind", told.model.certificate.evidence.kind},
            {"network", told.request.options.improve ? "improved" : "given"},
            {"objective", told.model.certificate.objective},
            {"lower_bound", told.model.certificate.lower_bound},
            {"relative_gap", told.model.certificate.relative_gap},
            {"claim", to_string(told.model.certificate.claim)}}}};
}

}  // namespace nadir::train
