#include "nadir/verify/json.hpp"

#include <charconv>
#include <cmath>
#include <set>

#include "nadir/verify/format.hpp"

namespace nadir::verify {
namespace {
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
bool is_one_of(const Json& json, const std::string& words) {
  return json.is_string() && (words + "|").find("|" + json.get<std::string>() + "|") != std::string::npos;
}
}  // namespace

Json parse_strict(std::string_view text) try {
  // The parser takes a zero byte for the end of its input; what follows would go unread.
  require(text.find('\0') == std::string_view::npos, "zero byte in JSON");
  Strictness strictness;
  require(Json::sax_parse(text, &strictness), "not JSON");
  return Json::parse(text);
} catch (const Json::exception& error) {
  throw Refusal(std::string("not JSON: ") + error.what());
}
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
std::vector<double> hexes(const Json& json, double least) {
  std::vector<double> numbers;
  for (const Json& entry : json) require(numbers.emplace_back(hex(entry)) >= least, "too small an exponent or p");
  return numbers;
}

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
}  // namespace nadir::verify
