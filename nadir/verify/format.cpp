#include "nadir/verify/format.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "nadir/verify/json.hpp"

namespace nadir::verify {
namespace {
const char* const kShape = R"({"version": "count", "program": "text", "notes?": "any",
  "recipe": {"source": {"format": "|csv|libsvm|idx|npy|npz", "columns": "count", "delimiter?": "text",
    "header?": "bool", "array?": "text", "labels?": "text"},
    "target": {"column?": "count", "name": "text", "classes": ["text"]},
    "columns": [{"index": "count", "name": "text", "kind": "|numeric|categorical|ignored", "offset?": "hex",
                 "range?": "hex", "levels?": ["text"], "missing?": "any"}],
    "clip": "bool", "map": "|identity|root", "complement": "bool", "bias": "bool"},
  "network": {"kind": "|polynomial", "hidden": [{"exponents": ["hex"]}]},
  "objective": {"kind": "|softmax_minus_outputs", "epsilon": "hex", "output": {"p": "hex", "radius": "hex"},
    "hidden": [{"norm": "|matrix|unit", "p": ["hex"], "radius": "hex"}]},
  "certificate": {"claim": "|certified|bounded", "objective": "hex", "lower_bound": "hex", "objective_at_zero": "hex",
    "relative_gap": "hex", "target_gap": "hex", "samples": "count", "features_sha256": "text", "weights_sha256": "text",
    "evidence": {"kind": "|hidden_concavity|box", "steps?": "count"}}})";
/// What is otherwise in gated networks.
const char* const kGatedShape = R"({
  "recipe": {"target": {"classes": null, "classes?": ["text"], "offset?": "hex", "range?": "hex"}},
  "network": {"kind": "|gated", "hidden": null},
  "objective": {"kind": "|penalized", "epsilon": null, "output": null, "hidden": null, "lambda": "hex",
    "loss": {"kind": "|squared|huber|logistic|squared_hinge|softmax", "delta?": "hex"}, "penalty": "|group|nuclear|l1|features",
    "weights?": {"column?": "count", "classes?": ["hex"]}},
  "certificate": {"evidence": {"kind": "|dual_point", "steps?": null}}})";
/// What is otherwise in ReLU networks than in gated ones.
const char* const kReluShape = R"({
  "network": {"kind": "|relu"},
  "objective": {"penalty": "|weight_decay|shared_weight_decay", "output_bias?": "hex", "skip?": "hex", "hidden_bias?": "hex"},
  "certificate": {"evidence": {"kind": "|relu_polar", "patterns_lower_bound": "hex", "patterns_relative_gap": "hex",
    "bias_scale?": "hex"}}})";
/// What is otherwise where the units are of another power than 1; and where besides the objective is constrained.
const char* const kPowerShape = R"({
  "network": {"power": "count"}, "objective": {"penalty": "|variation_norm", "output_bias?": null, "skip?": null, "hidden_bias?": null},
  "certificate": {"evidence": {"kind": "|power_cones", "patterns_lower_bound": null, "patterns_relative_gap": null}}})";
const char* const kPowerInBallShape = R"({"certificate": {"evidence": {"patterns_tau": null}}})";
/// What is otherwise where the units of a ReLU network are given.
const char* const kGivenShape = R"({
  "network": {"power?": "count"}, "objective": {"penalty": "|output_weights", "output_bias?": null, "skip?": null},
  "certificate": {"evidence": {"kind": "|given_units", "patterns_lower_bound": null, "patterns_relative_gap": null}}})";
/// What is otherwise where a ReLU network's objective is constrained.
const char* const kConstrainedShape = R"({
  "objective": {"kind": "|constrained", "radius": "hex", "lambda": null, "penalty": null, "output_bias?": null, "skip?": null,
    "hidden_bias?": null},
  "certificate": {"evidence": {"tau": "hex", "patterns_tau": "hex"}}})";

/// What is otherwise where the objective has no penalty, of linear networks and of ReLU networks.
const char* const kMeanLossShape =
    R"({"objective": {"kind": "|mean_loss", "lambda": null, "penalty": null, "weights?": null,
  "output_bias?": null, "skip?": null, "hidden_bias?": null, "loss": {"kind": "|squared", "delta?": null}}})";
const char* const kLinearShape = R"({"network": {"kind": "|linear"},
  "certificate": {"evidence": {"kind": "|reduced_rank", "columns": ["count"], "level": "hex"}}})";
const char* const kPlantedShape = R"({"recipe": {"target": {"classes?": null}}, "certificate": {"evidence":
  {"kind": "|nonnegative_outputs", "patterns_lower_bound": null, "patterns_relative_gap": null}}})";

/// What is otherwise in kernel machines than in gated networks.
const char* const kKernelShape = R"({"network": {"kind": "|kernel", "power": "count"},
  "objective": {"penalty": "|kernel_norm"}, "certificate": {"evidence": {"kind": "|coefficients"}}})";
/// What is otherwise in parallel sub-networks than in gated ones.
const char* const kParallelShape = R"({"network": {"kind": "|parallel", "slope": "hex"},
  "objective": {"penalty": "|product_of_norms"},
  "certificate": {"evidence": {"kind": "|layer_norms", "features_norm": "hex", "dual_norm?": "hex"}}})";
const char* const kUnitsShape =
    R"({"certificate": {"evidence": {"kind": "|layer_units", "features_norm": null, "dual_norm?": null}}})";

/// What is otherwise in factorizations than in polynomial networks.
const char* const kFactorizationShape = R"({
  "recipe": {"source": {"format": "|csv|npy|npz", "labels?": null}, "target": null, "columns": null, "clip": null,
    "map": null, "complement": null, "bias": null},
  "network": {"kind": "|factorization", "hidden": null},
  "objective": {"kind": "|factorization", "epsilon": null, "output": null, "hidden": null, "lambda": "hex",
    "norms": ["|l1|l2"], "non_negative": ["bool"]},
  "certificate": {"evidence": {"kind": "|factor_polar", "steps?": null}}})";

std::vector<std::string> distinct(const Json& json) {
  const std::vector<std::string> texts = json;
  require(std::set(texts.begin(), texts.end()).size() == texts.size(), "a repeated class or level");
  return texts;
}
double above(double least, const Json& json) {
  const double value = hex(json);
  require(value > least, json.get<std::string>() + " is not above " + std::to_string(least));
  return value;
}

Column read_column(const Json& json) {
  Column column;
  column.kind = json["kind"].get<std::string>()[0];
  column.index = json["index"];
  column.name = json["name"];
  if (column.kind == 'n') {
    column.offset = hex(json.at("offset"));
    column.range = above(0, json.at("range"));
    if (!json.at("missing").is_null()) column.missing_value = hex(json["missing"]);
  }
  if (column.kind == 'c') {
    column.levels = distinct(json.at("levels"));
    column.missing_level = json.at("missing").get<bool>();
  }
  require(json.size() == (column.kind == 'n' ? 6 : column.kind == 'c' ? 5 : 3), "a column with a key of another kind");
  return column;
}

Recipe read_source(const Json& source) {
  Recipe recipe;
  recipe.format = source["format"];
  const bool csv = recipe.format == "csv";
  recipe.array = source.value("array", ""), recipe.labels = source.value("labels", "");
  require(source.contains("array") == (recipe.format == "npz"),
          "an array of another format, or not that of the samples");
  const std::string delimiter = csv ? source.at("delimiter") : Json(",");
  require(delimiter.size() == 1 && std::string("\"\r\n").find(delimiter) == std::string::npos, "no fit delimiter");
  recipe.delimiter = delimiter[0];
  recipe.header = csv && source.at("header").get<bool>();
  recipe.cells = source["columns"];
  return recipe;
}

Recipe read_recipe(const Json& json) {
  const Json &source = json["source"], &target = json["target"];
  Recipe recipe = read_source(source);
  const bool csv = recipe.format == "csv", npz = recipe.format == "npz", npy = npz || recipe.format == "npy";
  require(source.contains("labels") == (npz && !target.contains("column")), "not the array of the labels");
  recipe.target_name = target["name"];
  const bool quantity = !target.contains("classes");
  require(target.contains("offset") == quantity && target.contains("range") == quantity, "not either classes or range");
  if (!quantity) recipe.classes = distinct(target["classes"]);
  require(quantity || (recipe.classes.size() >= 2 && recipe.classes.size() <= 256), "less than 2 classes, or over 256");
  if (quantity) recipe.target_offset = hex(target["offset"]);
  if (quantity) recipe.target_range = above(0, target["range"]);
  if (target.contains("column")) recipe.target_column = target["column"].get<std::size_t>();
  require(recipe.target_column ? (csv || npy) && *recipe.target_column < recipe.cells : !csv, "no fit target column");
  std::size_t next = recipe.target_column == 0U ? 1 : 0;
  for (const Json& entry : json["columns"]) {
    require(recipe.columns.emplace_back(read_column(entry)).index == next, "a column's index is out of order");
    next += recipe.target_column == next + 1 ? 2 : 1;
  }
  require(next == recipe.cells, "the recipe does not have one entry for each column but the target");
  recipe.clip = json["clip"], recipe.root = json["map"] == "root";
  recipe.complement = json["complement"], recipe.bias = json["bias"];
  require(recipe.features() > 0, "the recipe makes no features");
  return recipe;
}

void read_layers(const Json& network, const Json& objective, Document& document) {
  document.epsilon = hex(objective["epsilon"]);
  require(document.epsilon >= 0, "epsilon is negative");
  const Json &units = network["hidden"], &norms = objective["hidden"], &output = objective["output"];
  require(!units.empty() && units.size() == norms.size(), "no hidden layer, or not one norm for each");
  for (std::size_t j = 0; j < units.size(); ++j) {
    const bool per_unit = norms[j]["norm"] == "unit";
    const std::vector<double> exponents = hexes(units[j]["exponents"], 1), p = hexes(norms[j]["p"], 1 + 0x1p-52);
    require(!exponents.empty(), "a layer without units");
    require(p.size() == (per_unit ? exponents.size() : 1), "a layer with another number of p");
    document.layers.push_back({exponents, per_unit, p, above(0, norms[j]["radius"])});
  }
  const std::vector<double> p(document.recipe.classes.size(), above(1, output["p"]));
  document.layers.push_back({{}, true, p, above(0, output["radius"])});
}

void read_weights(const Json& json, Recipe& recipe) {
  require(!json.empty(), "weights without any key");
  if (json.contains("column")) {
    recipe.weight_column = json["column"].get<std::size_t>();
    const auto fits = [&](const Column& column) { return column.index == recipe.weight_column && column.kind == 'i'; };
    const bool has_columns = recipe.format != "idx" && recipe.format != "libsvm";
    require(has_columns && std::any_of(recipe.columns.begin(), recipe.columns.end(), fits),
            "the column of weights is no ignored one of a csv, npy or npz");
  }
  if (!json.contains("classes")) return;
  for (const Json& entry : json["classes"]) require_weight(recipe.class_weights.emplace_back(hex(entry)));
  require(!recipe.classes.empty() && recipe.class_weights.size() == recipe.classes.size(),
          "not a weight for each class");
}

void read_penalized(const Json& network, const Json& objective, Document& document) {
  if (network.contains("power")) {
    const std::uint64_t power = network["power"];
    require(power <= 2 && (power != 1 || document.kind == Kind::kernel),
            "a power other than 0 and 2, or 1 of a kernel");
    document.power = static_cast<int>(power);
  }
  if (document.kind == Kind::parallel) document.slope = hex(network["slope"]);
  require(std::fabs(document.slope) <= 1, "a slope that is not in -1 ... 1");
  const Json& loss = objective["loss"];
  const std::string kind = loss["kind"];
  const std::size_t classes = document.recipe.classes.size();
  const std::vector<std::string> kinds{"squared", "huber", "logistic", "squared_hinge", "softmax"};  // as in Loss
  document.loss = static_cast<Loss>(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin());
  const bool squared = kind == "squared", huber = kind == "huber", softmax = kind == "softmax";
  require(squared || (huber ? classes == 0 : softmax ? classes > 0 : classes == 2), kind + " does not fit the target");
  document.outputs = (squared || softmax) && classes > 0 ? classes : 1;
  require(loss.contains("delta") == (kind == "huber"), "delta belongs to huber");
  if (loss.contains("delta")) document.delta = above(0, loss["delta"]);
  if (objective.contains("lambda")) document.lambda = above(0, objective["lambda"]);
  if (objective.contains("radius")) document.radius = above(0, objective["radius"]);
  const std::string penalties[] = {"",
                                   "group",
                                   "nuclear",
                                   "l1",
                                   "features",
                                   "weight_decay",
                                   "shared_weight_decay",
                                   "kernel_norm",
                                   "variation_norm",
                                   "product_of_norms",
                                   "output_weights"};
  const std::string penalty = objective.value("penalty", "");  // as in Penalty
  document.penalty = static_cast<Penalty>(std::find(penalties, std::end(penalties), penalty) - penalties);
  require(!document.powers() || document.outputs == 1, "units of this power with several outputs");
  document.shared = document.penalty == Penalty::shared_weight_decay || document.kind == Kind::parallel;
  document.biased = objective.contains("output_bias");
  if (document.biased) document.bias_weight = hex(objective["output_bias"]);
  if (objective.contains("skip")) document.skip_weight = above(0, objective["skip"]);
  require(document.bias_weight >= 0 && (document.shared || !document.biased),
          "an output_bias below 0, or not with shared_weight_decay");
  document.free_hidden = objective.contains("hidden_bias");
  const bool free_output = document.biased && document.bias_weight == 0;
  require(!document.free_hidden || (hex(objective["hidden_bias"]) == 0 && free_output && document.recipe.bias),
          "a hidden_bias other than 0, or without a constant feature and an output_bias of 0");
  require(document.free_hidden == (document.claims.bias_scale > 0), "a bias_scale belongs to a hidden_bias of 0");
  require(document.slope == 0 || !document.claims.units, "a bound by units of leaky ReLU layers");
  require((document.kind == Kind::parallel && document.outputs > 1 && !document.claims.units) ==
              (document.claims.dual_norm >= 0),
          "dual_norm belongs to parallel sub-networks of several outputs");
  if (objective.contains("weights")) read_weights(objective["weights"], document.recipe);
}

void read_factorization(const Json& json, Document& document) {
  const Json& objective = json["objective"];
  document.recipe = read_source(json["recipe"]["source"]);
  document.recipe.matrix = true;
  require(document.recipe.cells > 0 && document.claims.samples > 0, "a matrix without rows or columns");
  document.lambda = above(0, objective["lambda"]);
  require(objective["norms"].size() == 2 && objective["non_negative"].size() == 2, "not one for each of two factors");
  for (std::size_t k = 0; k < 2; ++k) {
    document.l1[k] = objective["norms"][k] == "l1";
    document.non_negative[k] = objective["non_negative"][k].get<bool>();
  }
}

Claims read_certificate(const Json& json) {
  const Json& evidence = json["evidence"];
  Claims claims;
  claims.certified = json["claim"] == "certified";
  claims.objective = hex(json["objective"]);
  claims.lower_bound = hex(json["lower_bound"]);
  claims.objective_at_zero = hex(json["objective_at_zero"]);
  claims.relative_gap = hex(json["relative_gap"]);
  claims.target_gap = above(0, json["target_gap"]);
  require(claims.target_gap < 1, "target_gap is not in (0, 1)");
  claims.samples = json["samples"];
  claims.box = evidence["kind"] == "box";
  claims.nonnegative = evidence["kind"] == "nonnegative_outputs";
  claims.units = evidence["kind"] == "layer_units";
  claims.steps = evidence.value("steps", std::uint64_t{0});
  require(claims.box == evidence.contains("steps"), "steps belong to a box");
  require(claims.steps <= 1000 && claims.box == (claims.steps > 0), "steps are not in 1 ... 1000");
  if (evidence["kind"] == "relu_polar") {
    claims.patterns_lower_bound = hex(evidence["patterns_lower_bound"]);
    claims.patterns_relative_gap = hex(evidence["patterns_relative_gap"]);
  }
  if (evidence["kind"] == "relu_polar" || evidence["kind"] == "power_cones") {
    for (const auto& [key, tau] : {std::pair{"tau", &claims.tau}, {"patterns_tau", &claims.patterns_tau}})
      if (evidence.contains(key)) *tau = above(0, evidence[key]);
    require(std::max(claims.tau, claims.patterns_tau) <= kMostScale, "a tau above 1 - 2^-42");
  }
  if (evidence.contains("bias_scale")) require_weight(claims.bias_scale = hex(evidence["bias_scale"]));
  if (evidence["kind"] == "reduced_rank") {
    claims.columns = evidence["columns"].get<std::vector<std::size_t>>();
    require((claims.level = hex(evidence["level"])) >= 0, "a level below 0");
  }
  claims.dual_norm = evidence.contains("dual_norm") ? above(0, evidence["dual_norm"]) : -1;
  if (evidence.contains("features_norm")) claims.features_norm = above(0, evidence["features_norm"]);
  claims.features_sha256 = json["features_sha256"];
  claims.weights_sha256 = json["weights_sha256"];
  return claims;
}
}  // namespace

Document read_document(const std::string& text) {
  const Json json = parse_strict(text);
  const Json::json_pointer kind("/network/kind"), objective("/objective/kind"), penalty("/objective/penalty");
  Json shape = Json::parse(kShape);
  Document document;
  if (json.contains(kind) && json[kind] == "gated") document.kind = Kind::gated;
  if (json.contains(kind) && json[kind] == "relu") document.kind = Kind::relu;
  if (json.contains(kind) && json[kind] == "linear") document.kind = Kind::linear;
  if (json.contains(kind) && json[kind] == "kernel") document.kind = Kind::kernel;
  if (json.contains(kind) && json[kind] == "parallel") document.kind = Kind::parallel;
  if (json.contains(kind) && json[kind] == "factorization") document.kind = Kind::factorization;
  const bool polynomial = document.kind == Kind::polynomial, factorization = document.kind == Kind::factorization;
  if (factorization) shape.merge_patch(Json::parse(kFactorizationShape));
  if (!polynomial && !factorization) shape.merge_patch(Json::parse(kGatedShape));
  if (document.kind == Kind::relu) shape.merge_patch(Json::parse(kReluShape));
  const bool linear = document.kind == Kind::linear, relu = document.kind == Kind::relu;
  const bool given = relu && json.contains(penalty) && json[penalty] == "output_weights";
  const bool powers = relu && !given && json.contains(Json::json_pointer("/network/power"));
  const bool constrained = relu && !given && json.contains(objective) && json[objective] == "constrained";
  const bool planted = relu && !powers && !given && json.contains(objective) && json[objective] == "mean_loss";
  const Json::json_pointer evidence("/certificate/evidence/kind");
  const bool units = document.kind == Kind::parallel && json.contains(evidence) && json[evidence] == "layer_units";
  if (document.kind == Kind::kernel) shape.merge_patch(Json::parse(kKernelShape));
  if (powers || given) shape.merge_patch(Json::parse(given ? kGivenShape : kPowerShape));
  if (document.kind == Kind::parallel) shape.merge_patch(Json::parse(kParallelShape));
  if (units) shape.merge_patch(Json::parse(kUnitsShape));
  if (constrained) shape.merge_patch(Json::parse(kConstrainedShape));
  if (powers && constrained) shape.merge_patch(Json::parse(kPowerInBallShape));
  if (linear || planted) shape.merge_patch(Json::parse(kMeanLossShape));
  if (linear || planted) shape.merge_patch(Json::parse(linear ? kLinearShape : kPlantedShape));
  require_shape(json, shape, "document");
  require(json["version"] == 1, "version is not 1");
  document.claims = read_certificate(json["certificate"]);
  if (factorization) {
    read_factorization(json, document);
    return document;
  }
  document.recipe = read_recipe(json["recipe"]);
  document.recipe.negative = !polynomial;
  (polynomial ? read_layers : read_penalized)(json["network"], json["objective"], document);
  return document;
}
}  // namespace nadir::verify
