#pragma once
// JSON as the format allows it.
#include <nlohmann/json.hpp>

#include "nadir/verify/format.hpp"

namespace nadir::verify {
using Json = nlohmann::json;

/// Refuses duplicate keys, nesting deeper than 32, and more values than a model needs.
Json parse_strict(std::string_view text);

/// Refuses what does not have the shape: an object of such objects, a list of such entries, or by name a "text",
/// "bool", "count", "hex" or "any". Keys that end in '?' may be left out; other keys than the shape's are refused.
void require_shape(const Json& json, const Json& shape, const std::string& path);

/// C99 hexadecimal notation in a string, lower case; finite.
double hex(const Json& json);
std::vector<double> hexes(const Json& json);
}  // namespace nadir::verify
