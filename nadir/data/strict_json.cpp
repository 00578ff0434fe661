#include "nadir/data/strict_json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"

namespace nadir {

nlohmann::json parse_json(std::string_view text, const std::string& name) {
  using Json = nlohmann::json;
  constexpr int kMaxDepth = 32;
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth >= kMaxDepth) throw InputError(name + ": JSON is nested deeper than 32");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
      throw InputError(name + ": the key " + in_quotes(parsed.get<std::string>()) + " appears twice");
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::exception&) {
    throw InputError(name + ": is not JSON");
  }
}

}  // namespace nadir
