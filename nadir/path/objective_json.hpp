#pragma once
// The objective's definition as the model file states it (docs/certificate-format.md, section 5.2).
#include <nlohmann/json.hpp>

#include "nadir/path/path.hpp"

namespace nadir::path {

/// `penalty`: its name there.
nlohmann::json objective_to_json(const Goal& goal, double lambda, const std::string& penalty);
/// The loss alone, over the networks of at most this norm.
nlohmann::json constrained_to_json(const Goal& goal, double radius);

}  // namespace nadir::path
