#pragma once
// How a model does on rows whose target is known.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "nadir/model/model_file.hpp"

namespace nadir::train {

struct Measures {
  Index samples = 0;
  bool quantity = false;  ///< which of the two below is meant
  // Classes.
  double accuracy = 0;
  std::optional<double> log_loss;  ///< mean −log of the right class's probability, where the model has probabilities
  // Quantities, in the target's own units.
  std::optional<double> r2;  ///< 1 − Σ(f − v)² / Σ(v − mean v)²; absent where all v are equal
  double rmse = 0;
};

/// Of outputs of the model for the rows of the data set, which has labels or targets.
Measures measure(const Model& model, const Matrix& outputs, const Dataset& dataset);

/// R² and root mean squared error of predictions of quantities.
Measures measure_quantities(const Vector& predicted, const Vector& actual);

nlohmann::json to_json(const Measures& measures);

/// "97.3%", or "R2 0.91, RMSE 2.4".
std::string in_words(const Measures& measures);

}  // namespace nadir::train
