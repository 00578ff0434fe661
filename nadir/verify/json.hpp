#pragma once
// JSON that nobody vouches for: parsed strictly, held against a shape, its numbers in hexadecimal.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nadir::verify {
using Json = nlohmann::json;
/// Refuses duplicate keys, nesting deeper than 32, more values than a model needs, and what is no JSON.
Json parse_strict(std::string_view text);
/// C99 hexadecimal notation in a string; finite.
double hex(const Json& json);
/// A list of hexadecimal numbers, none below `least`.
std::vector<double> hexes(const Json& json, double least);
/// Refuses what does not have the shape: an object of shapes, a list of one shape, or a "text", "bool", "count", "hex",
/// "any", or one of "|words|so". Keys that end in '?' may be left out; keys that the shape lacks are refused.
void require_shape(const Json& json, const Json& shape, const std::string& path);
}  // namespace nadir::verify
