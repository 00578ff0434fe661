#pragma once
// JSON as model files may hold it: no key twice in an object, and no deep nesting.
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace nadir {

/// Throws InputError, beginning with `name`, unless the text is one JSON document without repeated keys and nested at
/// most 32 deep.
nlohmann::json parse_json(std::string_view text, const std::string& name);

}  // namespace nadir
