#pragma once
// The objective without a penalty, as the model file states it (docs/certificate-format.md, section 5.4).
#include <nlohmann/json.hpp>

namespace nadir {

inline nlohmann::json mean_squared_loss_json() { return {{"kind", "mean_loss"}, {"loss", {{"kind", "squared"}}}}; }

}  // namespace nadir
