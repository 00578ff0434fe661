#pragma once
// The objective's definition as the model file states it (docs/certificate-format.md, section 5.2).
#include <nlohmann/json.hpp>

#include "nadir/path/path.hpp"

namespace nadir::path {

/// `penalty`: its name there.
nlohmann::json objective_to_json(const Goal& goal, double lambda, const std::string& penalty);

}  // namespace nadir::path
