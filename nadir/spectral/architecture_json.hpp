#pragma once
// The objective's definition as the model file states it (docs/certificate-format.md, section 5).
#include <nlohmann/json.hpp>

#include "nadir/spectral/problem.hpp"

namespace nadir::spectral {

nlohmann::json objective_to_json(const Architecture& architecture);

/// The architecture of a network and of the objective it was trained on. Throws InputError if they do not fit.
Architecture architecture_from_json(const nlohmann::json& objective, const PolynomialNetwork& network);

}  // namespace nadir::spectral
