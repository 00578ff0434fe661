// The recipe as text: section 3 of docs/certificate-format.md, and all that it refuses.
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_set>

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/data/recipe.hpp"

namespace nadir {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& why) { throw InputError("recipe: " + why); }

void require(bool holds, const std::string& why) {
  if (!holds) refuse(why);
}

/// Exactly these keys, an object.
void require_keys(const Json& json, std::initializer_list<std::string_view> keys, const std::string& what) {
  require(json.is_object() && json.size() == keys.size(), what + " is not an object of the expected keys");
  for (const std::string_view key : keys) require(json.contains(key), what + " lacks '" + std::string(key) + "'");
}

std::string text_of(const Json& json, const std::string& what) {
  require(json.is_string(), what + " is not a text");
  return json.get<std::string>();
}

bool truth_of(const Json& json, const std::string& what) {
  require(json.is_boolean(), what + " is not true or false");
  return json.get<bool>();
}

Index count_of(const Json& json, const std::string& what) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  require(json.is_number_integer() && json >= 0 && json <= kMost, what + " is not a count");
  return json.get<Index>();
}

double number_of(const Json& json, const std::string& what) {
  try {
    return from_hex(text_of(json, what));
  } catch (const InputError& error) {
    refuse(what + ": " + error.what());
  }
}

std::vector<std::string> different_texts(const Json& json, const std::string& what) {
  require(json.is_array(), what + " is not a list");
  std::vector<std::string> texts;
  std::unordered_set<std::string> seen;
  for (const Json& item : json) {
    texts.push_back(text_of(item, what));
    require(seen.insert(texts.back()).second, what + " repeats a text");
  }
  return texts;
}

Json column_to_json(const ColumnRecipe& column) {
  Json json{{"index", column.index}, {"name", column.name}};
  if (column.kind == ColumnKind::numeric) {
    json["kind"] = "numeric";
    json["offset"] = to_hex(column.offset);
    json["range"] = to_hex(column.range);
    json["missing"] = column.missing ? Json(to_hex(*column.missing)) : Json(nullptr);
  } else if (column.kind == ColumnKind::categorical) {
    json["kind"] = "categorical";
    json["levels"] = column.levels;
    json["missing"] = column.missing_level;
  } else {
    json["kind"] = "ignored";
  }
  return json;
}

ColumnRecipe column_from_json(const Json& json) {
  require(json.is_object() && json.contains("kind"), "a column lacks its kind");
  const std::string kind = text_of(json["kind"], "a column's kind");
  ColumnRecipe column;
  if (kind == "numeric") {
    require_keys(json, {"index", "name", "kind", "offset", "range", "missing"}, "a numeric column");
    column.kind = ColumnKind::numeric;
    column.offset = number_of(json["offset"], "offset");
    column.range = number_of(json["range"], "range");
    require(column.range > 0, "a range is not positive");
    if (!json["missing"].is_null()) column.missing = number_of(json["missing"], "missing");
  } else if (kind == "categorical") {
    require_keys(json, {"index", "name", "kind", "levels", "missing"}, "a categorical column");
    column.kind = ColumnKind::categorical;
    column.levels = different_texts(json["levels"], "levels");
    column.missing_level = truth_of(json["missing"], "missing");
  } else {
    require(kind == "ignored", "a column's kind is not numeric, categorical or ignored");
    require_keys(json, {"index", "name", "kind"}, "an ignored column");
  }
  column.index = count_of(json["index"], "index");
  column.name = text_of(json["name"], "a column's name");
  return column;
}

Source source_from_json(const Json& json) {
  Source source;
  require(json.is_object() && json.contains("format"), "the source lacks its format");
  source.format = text_of(json["format"], "format");
  if (source.format == "csv") {
    require_keys(json, {"format", "delimiter", "header", "columns"}, "source");
    const std::string delimiter = text_of(json["delimiter"], "delimiter");
    require(delimiter.size() == 1, "the delimiter is not one byte");
    source.delimiter = delimiter[0];
    source.header = truth_of(json["header"], "header");
  } else if (source.format == "npz") {
    source.array = text_of(json.value("array", Json()), "array");
    if (json.contains("labels")) source.labels = text_of(json["labels"], "labels");
    require(json.size() == (source.labels.empty() ? 3 : 4) && json.contains("columns"), "the source has other keys");
  } else {
    require(source.format == "libsvm" || source.format == "idx" || source.format == "npy", "unknown source format");
    require_keys(json, {"format", "columns"}, "source");
  }
  source.columns = count_of(json["columns"], "columns");
  return source;
}

void target_from_json(const Json& json, Recipe& recipe) {
  require(json.is_object(), "target is not an object");
  const bool in_column = json.contains("column"), is_quantity = !json.contains("classes");
  if (is_quantity && in_column)
    require_keys(json, {"column", "name", "offset", "range"}, "target");
  else if (is_quantity)
    require_keys(json, {"name", "offset", "range"}, "target");
  else if (in_column)
    require_keys(json, {"column", "name", "classes"}, "target");
  else
    require_keys(json, {"name", "classes"}, "target");
  const std::string& format = recipe.source.format;
  if (in_column) {
    recipe.target_column = count_of(json["column"], "target column");
    require(recipe.target_column < recipe.source.columns, "the target column is out of range");
    require((format == "csv" || format == "npy" || format == "npz") && recipe.source.labels.empty(),
            "this format has no target column");
  } else {
    require(format != "csv", "a csv target lacks its column");
    require(format != "npz" || !recipe.source.labels.empty(), "an npz target lacks its column or its array of labels");
  }
  recipe.target_name = text_of(json["name"], "target name");
  if (is_quantity) {
    recipe.quantity = {number_of(json["offset"], "target offset"), number_of(json["range"], "target range")};
    require(recipe.quantity->range > 0, "the target's range is not positive");
  } else {
    recipe.classes = different_texts(json["classes"], "classes");
    require(recipe.classes.size() >= 2, "there are fewer than 2 classes");
  }
}

}  // namespace

Json Recipe::to_json() const {
  Json source_json{{"format", source.format}, {"columns", source.columns}};
  if (source.format == "csv") {
    source_json["delimiter"] = std::string(1, source.delimiter);
    source_json["header"] = source.header;
  }
  if (source.format == "npz") source_json["array"] = source.array;
  if (!source.labels.empty()) source_json["labels"] = source.labels;
  Json target{{"name", target_name}};
  if (target_column >= 0) target["column"] = target_column;
  if (quantity) {
    target["offset"] = to_hex(quantity->offset);
    target["range"] = to_hex(quantity->range);
  } else {
    target["classes"] = classes;
  }
  Json column_list = Json::array();
  for (const ColumnRecipe& column : columns) column_list.push_back(column_to_json(column));
  return {{"source", std::move(source_json)},
          {"target", std::move(target)},
          {"columns", std::move(column_list)},
          {"clip", clip},
          {"map", root ? "root" : "identity"},
          {"complement", complement},
          {"bias", bias}};
}

Recipe Recipe::from_json(const Json& json) {
  require_keys(json, {"source", "target", "columns", "clip", "map", "complement", "bias"}, "recipe");
  Recipe recipe;
  recipe.source = source_from_json(json["source"]);
  target_from_json(json["target"], recipe);

  require(json["columns"].is_array(), "columns is not a list");
  Index expected = 0;
  for (const Json& item : json["columns"]) {
    if (expected == recipe.target_column) ++expected;
    recipe.columns.push_back(column_from_json(item));
    require(recipe.columns.back().index == expected++, "a column's index is out of order");
  }
  if (expected == recipe.target_column) ++expected;
  require(expected == recipe.source.columns, "columns are missing, or there are too many");
  recipe.clip = truth_of(json["clip"], "clip");
  const std::string map = text_of(json["map"], "map");
  require(map == "identity" || map == "root", "the map is neither identity nor root");
  recipe.root = map == "root";
  recipe.complement = truth_of(json["complement"], "complement");
  recipe.bias = truth_of(json["bias"], "bias");
  return recipe;
}

}  // namespace nadir
