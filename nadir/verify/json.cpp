#include "nadir/verify/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace nadir::verify {

nlohmann::json parse_strict(std::string_view text) {
  using Event = nlohmann::json::parse_event_t;
  constexpr std::size_t most_events = std::size_t{1} << 23;  // keys, values, brackets; bounds the memory of the tree
  // The parser takes a zero byte for the end of its input; what follows would go unread.
  require(text.find('\0') == std::string_view::npos, "zero byte in JSON");
  std::vector<std::set<std::string>> keys;
  std::size_t events = 0;
  const auto watch = [&](int depth, Event event, nlohmann::json& value) {
    require(++events <= most_events, "JSON of too many values");
    require(depth < 32 || (event != Event::object_start && event != Event::array_start), "JSON nested deeper than 32");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get<std::string>()).second) refuse("duplicate key in JSON");
    return true;
  };
  try {
    return nlohmann::json::parse(text, watch);
  } catch (const nlohmann::json::exception& error) {
    refuse(std::string("not JSON: ") + error.what());
  }
}

const Node& Node::only(std::initializer_list<std::string_view> keys) const {
  require(json.is_object(), path + " is not an object");
  std::size_t known = 0;
  for (std::string_view key : keys) {
    const bool optional = key.ends_with('?');
    if (optional) key.remove_suffix(1);
    const bool present = json.contains(std::string(key));
    if (!present && !optional) refuse(path + " lacks \"" + std::string(key) + "\"");
    known += present ? 1 : 0;
  }
  require(known == json.size(), path + " has an unknown key");
  return *this;
}

Node Node::at(const std::string& key) const {
  require(json.is_object() && json.contains(key), path + " lacks \"" + key + "\"");
  return {json[key], path + "." + key};
}

std::vector<Node> Node::list() const {
  require(json.is_array(), path + " is not a list");
  std::vector<Node> nodes;
  for (const auto& entry : json) nodes.push_back({entry, path + "[" + std::to_string(nodes.size()) + "]"});
  return nodes;
}

const std::string& Node::text() const {
  require(json.is_string(), path + " is not a text");
  return json.get_ref<const std::string&>();
}

std::uint64_t Node::count() const {
  require(json.is_number_unsigned(), path + " is not a count");
  return json.get<std::uint64_t>();
}

bool Node::truth() const {
  require(json.is_boolean(), path + " is neither true nor false");
  return json.get<bool>();
}

double Node::hex() const {
  std::string_view rest = text();
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const bool known =
      rest.starts_with("0x") && rest.find_first_not_of("0123456789abcdefpx.+-") == std::string_view::npos;
  rest.remove_prefix(known ? 2 : 0);
  double value = 0;
  const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), value, std::chars_format::hex);
  const bool whole = known && status == std::errc{} && end == rest.data() + rest.size() && !std::signbit(value);
  require(whole && std::isfinite(value), path + " is not a finite number in hexadecimal notation");
  return negative ? -value : value;
}

std::vector<double> Node::hexes() const {
  std::vector<double> numbers;
  for (const Node& node : list()) numbers.push_back(node.hex());
  return numbers;
}

}  // namespace nadir::verify
