#pragma once
// JSON as the format allows it, read with the path to each value at hand for the message of a refusal.
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "nadir/verify/tools.hpp"

namespace nadir::verify {

/// Refuses duplicate keys, nesting deeper than 32, and more values than a model needs.
nlohmann::json parse_strict(std::string_view text);

struct Node {
  const nlohmann::json& json;
  std::string path;

  /// An object with these keys, those that end in '?' optional, and no others.
  const Node& only(std::initializer_list<std::string_view> keys) const;
  bool has(const char* key) const { return json.is_object() && json.contains(key); }
  Node at(const std::string& key) const;
  std::vector<Node> list() const;
  const std::string& text() const;
  std::uint64_t count() const;
  bool truth() const;
  /// C99 hexadecimal notation in a string, lower case; finite.
  double hex() const;
  std::vector<double> hexes() const;
};

}  // namespace nadir::verify
