#include "nadir/verify/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace nadir::verify {
Json parse_strict(std::string_view text) try {
  using Event = Json::parse_event_t;
  // The parser takes a zero byte for the end of its input; what follows would go unread.
  require(text.find('\0') == std::string_view::npos, "zero byte in JSON");
  std::vector<std::set<std::string>> keys;
  std::size_t events = 0;  // keys, values, brackets: they bound the memory of the tree
  return Json::parse(text, [&](int depth, Event event, Json& value) {
    require(++events <= std::size_t{1} << 23, "JSON of too many values");
    require(depth < 32 || (event != Event::object_start && event != Event::array_start), "JSON nested deeper than 32");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key) require(keys.back().insert(value.get<std::string>()).second, "duplicate key in JSON");
    return true;
  });
} catch (const Json::exception& error) {
  refuse(std::string("not JSON: ") + error.what());
}

void require_shape(const Json& json, const Json& shape, const std::string& path) {
  const bool object = shape.is_object(), list = shape.is_array();
  const std::string type = object ? "object" : list ? "list" : shape.get<std::string>();
  const bool fits = object ? json.is_object()
                    : list ? json.is_array()
                    : type[0] == '='
                        ? json.is_string() && ("|" + type.substr(1) + "|").find("|" + json.get<std::string>() + "|") !=
                                                  std::string::npos
                    : type == "text" ? json.is_string()
                    : type == "bool" ? json.is_boolean()
                    : type == "hex"  ? std::isfinite(hex(json))
                                     : type == "any" || json.is_number_unsigned();
  require(fits, path + " is not of type " + type);
  for (std::size_t i = 0; list && i < json.size(); ++i) require_shape(json[i], shape[0], path + "[]");
  if (!object) return;
  std::size_t known = 0;
  for (const auto& [key, inner] : shape.items()) {
    const std::string name = key.substr(0, key.find('?'));
    require(json.contains(name) || name != key, path + " lacks " + name);
    if (json.contains(name)) require_shape(json[name], inner, path + "." + name);
    known += json.contains(name) ? 1 : 0;
  }
  require(known == json.size(), path + " has an unknown key");
}

double hex(const Json& json) {
  const std::string whole = json.is_string() ? json.get<std::string>() : "";
  const std::size_t begin = whole.starts_with('-') ? 3 : 2;
  const char* const end = whole.data() + whole.size();
  double value = 0;
  bool read = whole.size() > begin && whole.substr(begin - 2, 2) == "0x" && whole[begin] != '-' &&
              whole.find_first_not_of("0123456789abcdefpx.+-") == std::string::npos;
  if (read) {
    const auto [stop, status] = std::from_chars(whole.data() + begin, end, value, std::chars_format::hex);
    read = stop == end && status == std::errc{} && std::isfinite(value);
  }
  require(read, whole + " is not a finite number in hexadecimal notation");
  return begin == 3 ? -value : value;
}

std::vector<double> hexes(const Json& json) {
  std::vector<double> numbers;
  for (const Json& entry : json) numbers.push_back(hex(entry));
  return numbers;
}
}  // namespace nadir::verify
