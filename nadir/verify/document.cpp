#include "nadir/verify/document.hpp"

#include <set>

#include "nadir/verify/json.hpp"

namespace nadir::verify {
namespace {

std::vector<std::string> distinct_texts(const Node& node) {
  std::vector<std::string> texts;
  std::set<std::string> seen;
  for (const Node& entry : node.list()) {
    texts.push_back(entry.text());
    require(seen.insert(texts.back()).second, entry.path + " repeats a name");
  }
  return texts;
}

/// The place of the node's text in `choices`.
std::size_t choice(const Node& node, std::initializer_list<const char*> choices) {
  std::size_t place = 0;
  for (const char* text : choices) {
    if (node.text() == text) return place;
    ++place;
  }
  refuse(node.path + " is none of the known words");
}

double above(double least, const Node& node) {
  const double value = node.hex();
  require(value > least, node.path + " is too small");
  return value;
}

void read_source(const Node& source, Recipe& recipe) {
  recipe.format = static_cast<Recipe::Format>(choice(source.at("format"), {"csv", "libsvm", "idx", "npy"}));
  recipe.cells = source.at("columns").count();
  if (recipe.format != Recipe::Format::csv) return void(source.only({"format", "columns", "delimiter?", "header?"}));
  source.only({"format", "delimiter", "header", "columns"});
  const std::string& delimiter = source.at("delimiter").text();
  require(delimiter.size() == 1 && std::string("\"\r\n").find(delimiter) == std::string::npos, "no fit delimiter");
  recipe.delimiter = delimiter[0];
  recipe.header = source.at("header").truth();
}

void read_target(const Node& target, Recipe& recipe) {
  target.only({"column?", "name", "classes"});
  recipe.target_name = target.at("name").text();
  recipe.classes = distinct_texts(target.at("classes"));
  require(recipe.classes.size() >= 2, "fewer than 2 classes");
  if (target.has("column")) recipe.target_column = target.at("column").count();
  const bool csv = recipe.format == Recipe::Format::csv, npy = recipe.format == Recipe::Format::npy;
  require(recipe.target_column ? (csv || npy) && *recipe.target_column < recipe.cells : !csv,
          "the target's column does not fit the format or the columns");
}

Column read_column(const Node& node) {
  Column column;
  column.kind = static_cast<Column::Kind>(choice(node.at("kind"), {"numeric", "categorical", "ignored"}));
  column.index = node.at("index").count();
  column.name = node.at("name").text();
  if (column.kind == Column::Kind::ignored) node.only({"index", "name", "kind"});
  if (column.kind == Column::Kind::numeric) {
    node.only({"index", "name", "kind", "offset", "range", "missing"});
    column.offset = node.at("offset").hex();
    column.range = above(0, node.at("range"));
    if (!node.at("missing").json.is_null()) column.missing_value = node.at("missing").hex();
  }
  if (column.kind == Column::Kind::categorical) {
    node.only({"index", "name", "kind", "levels", "missing"});
    column.levels = distinct_texts(node.at("levels"));
    column.missing_level = node.at("missing").truth();
  }
  return column;
}

Recipe read_recipe(const Node& node) {
  node.only({"source", "target", "columns", "clip", "complement", "bias"});
  Recipe recipe;
  read_source(node.at("source"), recipe);
  read_target(node.at("target"), recipe);
  std::size_t next = 0;
  const auto skip_target = [&] { next += recipe.target_column == next ? 1 : 0; };
  for (const Node& entry : node.at("columns").list()) {
    skip_target();
    recipe.columns.push_back(read_column(entry));
    require(recipe.columns.back().index == next++, entry.path + ".index is out of order");
  }
  skip_target();
  require(next == recipe.cells, "the recipe does not have one entry for each column but the target");
  recipe.clip = node.at("clip").truth();
  recipe.complement = node.at("complement").truth();
  recipe.bias = node.at("bias").truth();
  require(recipe.features() > 0, "the recipe makes no features");
  return recipe;
}

void read_network(const Node& network, const Node& objective, Document& document) {
  network.only({"kind", "hidden"});
  objective.only({"kind", "epsilon", "hidden", "output"});
  choice(network.at("kind"), {"polynomial"});
  choice(objective.at("kind"), {"softmax_minus_outputs"});
  document.epsilon = objective.at("epsilon").hex();
  require(document.epsilon >= 0, "epsilon is negative");
  const std::vector<Node> units = network.at("hidden").list(), norms = objective.at("hidden").list();
  require(!units.empty() && units.size() == norms.size(), "no hidden layer, or not one norm for each");
  for (std::size_t j = 0; j < units.size(); ++j) {
    Layer layer;
    layer.exponents = units[j].only({"exponents"}).at("exponents").hexes();
    for (const double exponent : layer.exponents) require(exponent >= 1, units[j].path + " has an exponent below 1");
    layer.norm_per_unit = choice(norms[j].only({"norm", "p", "radius"}).at("norm"), {"matrix", "unit"}) == 1;
    layer.radius = above(0, norms[j].at("radius"));
    layer.p = norms[j].at("p").hexes();
    for (const double p : layer.p) require(p > 1, norms[j].path + " has a p that is not above 1");
    require(!layer.exponents.empty() && layer.p.size() == (layer.norm_per_unit ? layer.exponents.size() : 1),
            norms[j].path + " has no units, or another number of p");
    document.hidden.push_back(layer);
  }
  const Node output = objective.at("output").only({"p", "radius"});
  document.output_p = above(1, output.at("p"));
  document.output_radius = above(0, output.at("radius"));
}

Claims read_certificate(const Node& node) {
  node.only({"claim", "objective", "lower_bound", "objective_at_zero", "relative_gap", "target_gap", "samples",
             "evidence", "features_sha256", "weights_sha256"});
  Claims claims;
  claims.certified = choice(node.at("claim"), {"bounded", "certified"}) == 1;
  claims.objective = node.at("objective").hex();
  claims.lower_bound = node.at("lower_bound").hex();
  claims.objective_at_zero = node.at("objective_at_zero").hex();
  claims.relative_gap = node.at("relative_gap").hex();
  claims.target_gap = above(0, node.at("target_gap"));
  require(claims.target_gap < 1, "target_gap is not in (0, 1)");
  claims.samples = node.at("samples").count();
  const Node evidence = node.at("evidence");
  claims.box = choice(evidence.at("kind"), {"hidden_concavity", "box"}) == 1;
  if (claims.box) claims.steps = evidence.only({"kind", "steps"}).at("steps").count();
  if (claims.box) require(claims.steps >= 1 && claims.steps <= 1000, "steps are not in 1 ... 1000");
  if (!claims.box) evidence.only({"kind"});
  claims.features_sha256 = node.at("features_sha256").text();
  claims.weights_sha256 = node.at("weights_sha256").text();
  return claims;
}

}  // namespace

std::size_t Recipe::features() const {
  std::size_t features = bias ? 1 : 0;
  for (const Column& column : columns) {
    if (column.kind == Column::Kind::numeric) features += 1 + (column.missing_value ? 1 : 0) + (complement ? 1 : 0);
    if (column.kind == Column::Kind::categorical) features += column.levels.size() + (column.missing_level ? 1 : 0);
  }
  return features;
}

Document read_document(const std::string& text) {
  const nlohmann::json json = parse_strict(text);
  const Node root{json, "document"};
  root.only({"version", "program", "recipe", "network", "objective", "certificate", "notes?"});
  require(root.at("version").count() == 1, "version is not 1");
  root.at("program").text();
  Document document;
  document.recipe = read_recipe(root.at("recipe"));
  read_network(root.at("network"), root.at("objective"), document);
  document.claims = read_certificate(root.at("certificate"));
  return document;
}

}  // namespace nadir::verify
