#include <set>

#include "nadir/verify/json.hpp"

namespace nadir::verify {
namespace {
const char* const kShape = R"({"version": "count", "program": "text", "notes?": "any",
  "recipe": {"source": {"format": "=csv|libsvm|idx|npy", "columns": "count", "delimiter?": "text", "header?": "bool"},
             "target": {"column?": "count", "name": "text", "classes": ["text"]},
             "columns": ["any"], "clip": "bool", "complement": "bool", "bias": "bool"},
  "network": {"kind": "=polynomial", "hidden": [{"exponents": ["hex"]}]},
  "objective": {"kind": "=softmax_minus_outputs", "epsilon": "hex", "hidden": [{"norm": "=matrix|unit", "p": ["hex"], "radius": "hex"}],
                "output": {"p": "hex", "radius": "hex"}},
  "certificate": {"claim": "=certified|bounded", "objective": "hex", "lower_bound": "hex", "objective_at_zero": "hex",
                  "relative_gap": "hex", "target_gap": "hex", "samples": "count",
                  "evidence": {"kind": "=hidden_concavity|box", "steps?": "count"}, "features_sha256": "text", "weights_sha256": "text"}})";
const char* const kNumeric =
    R"({"kind": "text", "index": "count", "name": "text", "offset": "hex", "range": "hex", "missing": "any"})";
const char* const kCategorical =
    R"({"kind": "text", "index": "count", "name": "text", "levels": ["text"], "missing": "bool"})";
const char* const kIgnored = R"({"kind": "=ignored", "index": "count", "name": "text"})";

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
  const std::string kind = json.is_object() ? json.value("kind", Json()).dump() : "";
  require_shape(json,
                Json::parse(kind == "\"numeric\""       ? kNumeric
                            : kind == "\"categorical\"" ? kCategorical
                                                        : kIgnored),
                "a column");
  Column column;
  column.kind = kind[1];
  column.index = json["index"];
  column.name = json["name"];
  if (column.kind == 'n') {
    column.offset = hex(json["offset"]);
    column.range = above(0, json["range"]);
    if (!json["missing"].is_null()) column.missing_value = hex(json["missing"]);
  }
  if (column.kind == 'c') {
    column.levels = distinct(json["levels"]);
    column.missing_level = json["missing"];
  }
  return column;
}

Recipe read_recipe(const Json& json) {
  const Json &source = json["source"], &target = json["target"];
  Recipe recipe;
  recipe.format = source["format"];
  const bool csv = recipe.format == "csv", npy = recipe.format == "npy";
  const std::string delimiter = source.value("delimiter", csv ? "" : ",");
  require(delimiter.size() == 1 && std::string("\"\r\n").find(delimiter) == std::string::npos, "no fit delimiter");
  require(!csv || source.contains("header"), "a csv source without header");
  recipe.delimiter = delimiter[0];
  recipe.header = source.value("header", false);
  recipe.cells = source["columns"];
  recipe.target_name = target["name"];
  recipe.classes = distinct(target["classes"]);
  require(recipe.classes.size() >= 2, "fewer than 2 classes");
  if (target.contains("column")) recipe.target_column = target["column"].get<std::size_t>();
  require(recipe.target_column ? (csv || npy) && *recipe.target_column < recipe.cells : !csv,
          "the target's column does not fit the format or the columns");
  std::size_t next = recipe.target_column == 0U ? 1 : 0;
  for (const Json& entry : json["columns"]) {
    recipe.columns.push_back(read_column(entry));
    require(recipe.columns.back().index == next, "a column's index is out of order or out of range");
    next += recipe.target_column == next + 1 ? 2 : 1;
  }
  require(next == recipe.cells, "the recipe does not have one entry for each column but the target");
  recipe.clip = json["clip"];
  recipe.complement = json["complement"];
  recipe.bias = json["bias"];
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
    document.layers.push_back(
        {hexes(units[j]["exponents"]), per_unit, hexes(norms[j]["p"]), above(0, norms[j]["radius"])});
    const Layer& layer = document.layers.back();
    for (const double exponent : layer.exponents) require(exponent >= 1, "an exponent is below 1");
    for (const double p : layer.p) require(p > 1, "a p is not above 1");
    require(!layer.exponents.empty() && layer.p.size() == (per_unit ? layer.exponents.size() : 1),
            "a layer without units, or with another number of p");
  }
  const std::vector<double> p(document.recipe.classes.size(), above(1, output["p"]));
  document.layers.push_back({{}, true, p, above(0, output["radius"])});
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
  claims.steps = evidence.value("steps", std::uint64_t{0});
  require(claims.box == evidence.contains("steps") && claims.steps <= 1000 && claims.steps >= (claims.box ? 1U : 0U),
          "steps belong to a box, and are in 1 ... 1000");
  claims.features_sha256 = json["features_sha256"];
  claims.weights_sha256 = json["weights_sha256"];
  return claims;
}
}  // namespace

std::size_t Recipe::features() const {
  std::size_t features = bias ? 1 : 0;
  for (const Column& column : columns) {
    if (column.kind == 'n') features += 1 + (column.missing_value ? 1 : 0) + (complement ? 1 : 0);
    if (column.kind == 'c') features += column.levels.size() + (column.missing_level ? 1 : 0);
  }
  return features;
}

Document read_document(const std::string& text) {
  const Json json = parse_strict(text);
  require_shape(json, Json::parse(kShape), "document");
  require(json["version"] == 1, "version is not 1");
  Document document;
  document.recipe = read_recipe(json["recipe"]);
  read_layers(json["network"], json["objective"], document);
  document.claims = read_certificate(json["certificate"]);
  return document;
}
}  // namespace nadir::verify
