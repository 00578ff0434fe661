#include "nadir/verify/format.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace nadir::verify {
namespace {
using Json = nlohmann::json;
/// Refuses duplicate keys, nesting deeper than 32, and more values than a model needs. A pass of its own: a parser with
/// a callback takes time quadratic in the length of a list.
struct Strictness final : nlohmann::json_sax<Json> {
  std::vector<std::set<std::string>> keys;
  std::size_t events = 0, depth = 0;  // events: keys, values, brackets: they bound the memory of the tree
  bool count() {
    require(++events <= std::size_t{1} << 23, "JSON of too many values");
    return true;
  }
  bool open() {
    require(++depth <= 32, "JSON nested deeper than 32");
    return count();
  }
  bool close() { return --depth, count(); }
  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(std::int64_t) override { return count(); }
  bool number_unsigned(std::uint64_t) override { return count(); }
  bool number_float(double, const std::string&) override { return count(); }
  bool string(std::string&) override { return count(); }
  bool binary(Json::binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return keys.emplace_back(), open(); }
  bool end_object() override { return keys.pop_back(), close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(std::string& text) override {
    require(keys.back().insert(text).second, "duplicate key in JSON");
    return count();
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override { return false; }
};
Json parse_strict(std::string_view text) try {
  // The parser takes a zero byte for the end of its input; what follows would go unread.
  require(text.find('\0') == std::string_view::npos, "zero byte in JSON");
  Strictness strictness;
  require(Json::sax_parse(text, &strictness), "not JSON");
  return Json::parse(text);
} catch (const Json::exception& error) {
  throw Refusal(std::string("not JSON: ") + error.what());
}
/// C99 hexadecimal notation in a string; finite.
double hex(const Json& json) {
  const std::string whole = json.is_string() ? json.get<std::string>() : "";
  const std::size_t begin = whole.starts_with('-') ? 3 : 2;
  const char *const first = whole.data() + std::min(begin, whole.size()), *const last = whole.data() + whole.size();
  double value = 0;
  const auto [stop, status] = std::from_chars(first, last, value, std::chars_format::hex);
  const bool prefixed = whole.size() > begin && whole.substr(begin - 2, 2) == "0x" && whole[begin] != '-';
  require(prefixed && stop == last && status == std::errc{} && std::isfinite(value),
          whole + " is no hexadecimal number");
  return begin == 3 ? -value : value;
}
/// A list of hexadecimal numbers, none below `least`.
std::vector<double> hexes(const Json& json, double least) {
  std::vector<double> numbers;
  for (const Json& entry : json) require(numbers.emplace_back(hex(entry)) >= least, "too small an exponent or p");
  return numbers;
}

bool is_one_of(const Json& json, const std::string& words) {
  return json.is_string() && (words + "|").find("|" + json.get<std::string>() + "|") != std::string::npos;
}
/// Refuses what does not have the shape: an object of shapes, a list of one shape, or a "text", "bool", "count", "hex",
/// "any", or one of "|words|so". Keys that end in '?' may be left out; keys that the shape lacks are refused.
void require_shape(const Json& json, const Json& shape, const std::string& path) {
  const std::string type = shape.is_string() ? shape.get<std::string>() : shape.type_name();
  const bool fits = type == "object"  ? json.is_object()
                    : type == "array" ? json.is_array()
                    : type[0] == '|'  ? is_one_of(json, type)
                    : type == "text"  ? json.is_string()
                    : type == "bool"  ? json.is_boolean()
                    : type == "hex"   ? std::isfinite(hex(json))
                                      : type == "any" || json.is_number_unsigned();
  require(fits, path + " is not of type " + type);
  for (std::size_t i = 0; shape.is_array() && i < json.size(); ++i) require_shape(json[i], shape[0], path + "[]");
  if (!shape.is_object()) return;
  std::size_t known = 0;
  for (const auto& [key, inner] : shape.items()) {
    const std::string name = key.substr(0, key.find('?'));
    require(json.contains(name) || name != key, path + " lacks " + name);
    if (json.contains(name)) require_shape(json[name], inner, path + "." + name);
    known += json.contains(name) ? 1 : 0;
  }
  require(known == json.size(), path + " has an unknown key");
}

static_assert(std::endian::native == std::endian::little, "tensors are read in place");

Tensor read_tensor(const Json& entry, const std::string& name, std::string_view data) {
  require_shape(entry, Json::parse(R"({"dtype": "|F64|BOOL", "shape": ["count"], "data_offsets": ["count"]})"), name);
  Tensor tensor{entry["dtype"] == "BOOL", entry["shape"], {}};
  std::uint64_t size = tensor.is_bool ? 1 : 8;
  for (const std::uint64_t extent : tensor.shape)
    require(!__builtin_mul_overflow(size, extent, &size), name + " has a shape that overflows");
  const std::vector<std::uint64_t> offsets = entry["data_offsets"];
  require(offsets.size() == 2 && offsets[0] <= data.size(), name + " has no good offsets");
  require(size <= data.size() - offsets[0] && offsets[1] == offsets[0] + size, name + " does not match its bytes");
  tensor.bytes = data.substr(offsets[0], size);
  for (const char byte : tensor.is_bool ? tensor.bytes : "")
    require(byte == 0 || byte == 1, name + " has a byte other than 0 and 1");
  return tensor;
}
/// Each tensor begins where another ends, and the last ends with the file.
void require_tiling(const Container& container, std::string_view data) {
  std::map<std::ptrdiff_t, std::size_t> sizes;
  for (const auto& [name, tensor] : container.tensors)
    require(tensor.bytes.empty() || sizes.emplace(tensor.bytes.data() - data.data(), tensor.bytes.size()).second,
            "overlap");
  std::ptrdiff_t end = 0;
  for (const auto& [begin, size] : sizes)
    require(begin == std::exchange(end, begin + static_cast<std::ptrdiff_t>(size)), "tensors overlap or leave a hole");
  require(end == static_cast<std::ptrdiff_t>(data.size()), "bytes after the last tensor");
}
/// The names, types and dimensions of the table of section 1.
void require_known(Container& container) {
  std::map<std::string, bool> is_bool{{"trace", false}, {"training_rows", true}};
  std::vector<std::string> names{"hidden.1", "output"};
  if (container.find("gates") != nullptr) {
    container.kind = Kind::gated;
    names = {"gates", "weights", "dual"};
  } else if (container.find("units") != nullptr) {
    container.kind = Kind::relu;
    names = {"units", "unit_outputs", "dual", "cells", "tree", "relaxed", "linear"};
    for (const char* const part : {"output_bias", "skip"})
      if (container.find(part) != nullptr) names.emplace_back(part);
  } else if (container.find("layer.1") != nullptr) {
    container.kind = Kind::linear;
    names = {"layer.1", "triangle", "relations", "factor"};
  }
  for (const std::string& name : names) {
    require(container.find(name) != nullptr, "tensor " + name + " is missing");
    is_bool[name] = false;
  }
  const bool linear = container.kind == Kind::linear;
  const std::string layer = linear ? "layer." : "hidden.", with_it = linear ? "bias." : "mask.";
  for (std::string number = "1"; (linear || container.kind == Kind::polynomial) && container.find(layer + number);
       number = std::to_string(++container.layers + 1)) {
    is_bool[layer + number] = false;
    is_bool[with_it + number] = !linear;
  }
  for (const auto& [name, tensor] : container.tensors) {
    const auto known = is_bool.find(name);
    require(known != is_bool.end() && tensor.is_bool == known->second, name + " is unknown or has the wrong dtype");
    require(tensor.shape.size() == (name == "training_rows" ? 1U : 2U), name + " has the wrong dimensions");
    require(name != "trace" || tensor.shape[1] == 3, "trace does not have 3 columns");
    if (name.starts_with("mask."))
      require(tensor.shape == container.find("hidden." + name.substr(5))->shape, name + " does not fit its layer");
  }
}

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
  "objective": {"penalty": "|weight_decay|shared_weight_decay", "output_bias?": "hex", "skip?": "hex"},
  "certificate": {"evidence": {"kind": "|relu_polar", "patterns_lower_bound": "hex", "patterns_relative_gap": "hex"}}})";
/// What is otherwise where a ReLU network's objective is constrained.
const char* const kConstrainedShape = R"({
  "objective": {"kind": "|constrained", "radius": "hex", "lambda": null, "penalty": null, "output_bias?": null, "skip?": null},
  "certificate": {"evidence": {"tau": "hex", "patterns_tau": "hex"}}})";

/// What is otherwise in linear networks than in gated ones.
const char* const kLinearShape = R"({"network": {"kind": "|linear"}, "objective": {"kind": "|mean_loss", "lambda": null,
  "penalty": null, "weights?": null, "loss": {"kind": "|squared", "delta?": null}},
  "certificate": {"evidence": {"kind": "|reduced_rank", "columns": ["count"], "level": "hex"}}})";

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

Recipe read_recipe(const Json& json) {
  const Json &source = json["source"], &target = json["target"];
  Recipe recipe;
  recipe.format = source["format"];
  const bool csv = recipe.format == "csv", npz = recipe.format == "npz", npy = npz || recipe.format == "npy";
  recipe.array = source.value("array", ""), recipe.labels = source.value("labels", "");
  require(source.contains("array") == npz && source.contains("labels") == (npz && !target.contains("column")),
          "an array of another format, or not those of the samples and the labels");
  const std::string delimiter = csv ? source.at("delimiter") : Json(",");
  require(delimiter.size() == 1 && std::string("\"\r\n").find(delimiter) == std::string::npos, "no fit delimiter");
  recipe.delimiter = delimiter[0];
  recipe.header = csv && source.at("header").get<bool>();
  recipe.cells = source["columns"];
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

void read_penalized(const Json&, const Json& objective, Document& document) {
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
  const std::string penalties[] = {"", "group", "nuclear", "l1", "features", "weight_decay", "shared_weight_decay"};
  const std::string penalty = objective.value("penalty", "");  // as in Penalty
  document.penalty = static_cast<Penalty>(std::find(penalties, std::end(penalties), penalty) - penalties);
  document.shared = document.penalty == Penalty::shared_weight_decay;
  if (objective.contains("output_bias")) document.bias_weight = above(0, objective["output_bias"]);
  if (objective.contains("skip")) document.skip_weight = above(0, objective["skip"]);
  require(document.shared || document.bias_weight == 0, "output_bias goes with shared_weight_decay");
  if (objective.contains("weights")) read_weights(objective["weights"], document.recipe);
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
  require(claims.box == evidence.contains("steps"), "steps belong to a box");
  require(claims.steps <= 1000 && claims.box == (claims.steps > 0), "steps are not in 1 ... 1000");
  if (evidence["kind"] == "relu_polar") {
    claims.patterns_lower_bound = hex(evidence["patterns_lower_bound"]);
    claims.patterns_relative_gap = hex(evidence["patterns_relative_gap"]);
    for (const auto& [key, tau] : {std::pair{"tau", &claims.tau}, {"patterns_tau", &claims.patterns_tau}})
      if (evidence.contains(key)) *tau = above(0, evidence[key]);
    require(std::max(claims.tau, claims.patterns_tau) <= kMostScale, "a tau above 1 - 2^-42");
  }
  if (evidence["kind"] == "reduced_rank") {
    claims.columns = evidence["columns"].get<std::vector<std::size_t>>();
    require((claims.level = hex(evidence["level"])) >= 0, "a level below 0");
  }
  claims.features_sha256 = json["features_sha256"];
  claims.weights_sha256 = json["weights_sha256"];
  return claims;
}
}  // namespace

const Tensor* Container::find(const std::string& name) const {
  const auto tensor = tensors.find(name);
  return tensor == tensors.end() ? nullptr : &tensor->second;
}

Container read_container(std::string_view file) {
  std::uint64_t length = 0;
  require(file.size() >= 8, "shorter than its first 8 bytes");
  std::memcpy(&length, file.data(), 8);
  require(length <= std::uint64_t{64} << 20 && length <= file.size() - 8, "header too long");
  const std::string_view padded = file.substr(8, length), data = file.substr(8 + length);
  const std::string_view header = padded.substr(0, padded.find_last_not_of(' ') + 1);
  require(header.starts_with('{') && header.ends_with('}'), "header is not one JSON object padded with blanks");
  const Json json = parse_strict(header);
  require(json.size() <= 64 + 1, "more than 64 tensors");
  const Json metadata = json.value("__metadata__", Json());
  require_shape(metadata, Json::parse(R"({"format": "|nadir-model 1", "nadir": "text", "sha256": "text"})"),
                "metadata");
  Container container{metadata["nadir"], {}};
  for (const auto& [name, entry] : json.items())
    if (name != "__metadata__") container.tensors[name] = read_tensor(entry, name, data);
  require_tiling(container, data);
  require_known(container);
  require(sha256({container.document, data}) == metadata["sha256"], "sha256 does not match the contents");
  return container;
}

Document read_document(const std::string& text) {
  const Json json = parse_strict(text);
  const Json::json_pointer kind("/network/kind"), objective("/objective/kind");
  Json shape = Json::parse(kShape);
  Document document;
  if (json.contains(kind) && json[kind] == "gated") document.kind = Kind::gated;
  if (json.contains(kind) && json[kind] == "relu") document.kind = Kind::relu;
  if (json.contains(kind) && json[kind] == "linear") document.kind = Kind::linear;
  const bool polynomial = document.kind == Kind::polynomial;
  if (!polynomial) shape.merge_patch(Json::parse(kGatedShape));
  if (document.kind == Kind::relu) shape.merge_patch(Json::parse(kReluShape));
  if (document.kind == Kind::linear) shape.merge_patch(Json::parse(kLinearShape));
  const bool constrained = json.contains(objective) && json[objective] == "constrained";
  if (document.kind == Kind::relu && constrained) shape.merge_patch(Json::parse(kConstrainedShape));
  require_shape(json, shape, "document");
  require(json["version"] == 1, "version is not 1");
  document.recipe = read_recipe(json["recipe"]);
  document.recipe.negative = !polynomial;
  document.claims = read_certificate(json["certificate"]);
  (polynomial ? read_layers : read_penalized)(json["network"], json["objective"], document);
  return document;
}
}  // namespace nadir::verify
