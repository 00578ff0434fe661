#pragma once
// The objective's definition as the model file states it (docs/certificate-format.md, section 5.2).
#include <nlohmann/json.hpp>

#include "nadir/path/path.hpp"

namespace nadir::path {

/// `penalty`: its name there.
nlohmann::json objective_to_json(const Goal& goal, double lambda, const std::string& penalty);
/// The loss alone, over the networks of at most this norm.
nlohmann::json constrained_to_json(const Goal& goal, double radius);

/// The goal that such an objective states, of a model with this recipe. Throws InputError for a loss that is unknown.
Goal goal_of(const nlohmann::json& objective, const Recipe& recipe);

}  // namespace nadir::path
