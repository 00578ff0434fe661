#pragma once
// The objective's definition as the model file states it (docs/certificate-format.md, section 5.2).
#include <nlohmann/json.hpp>

#include "nadir/loss/training_loss.hpp"

namespace nadir::convex {

/// `huber_delta` is read for Huber's loss only.
nlohmann::json objective_to_json(LossKind loss, double huber_delta, double lambda);

}  // namespace nadir::convex
