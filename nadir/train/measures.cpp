#include "nadir/train/measures.hpp"

#include <cmath>
#include <cstdio>

#include "nadir/loss/loss.hpp"
#include "nadir/model/predictions.hpp"

namespace nadir::train {
namespace {

/// Accuracy and log-loss.
Measures measure_classes(const Model& model, const Matrix& f, const std::vector<int>& labels) {
  Measures measures;
  measures.samples = f.rows();
  const std::vector<int> predicted = classes_of(f);
  double right = 0, loss = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<Index>(i);
    right += predicted[i] == labels[i] ? 1 : 0;
    loss += f.cols() == 1 ? LogisticLoss{}.value(f(row, 0), labels[i] == 1 ? 1 : -1)
                          : SoftmaxLoss{}.value(f.row(row).transpose(), labels[i]);
  }
  measures.accuracy = right / static_cast<double>(labels.size());
  if (has_probabilities(model)) measures.log_loss = loss / static_cast<double>(labels.size());
  return measures;
}

}  // namespace

Measures measure_quantities(const Vector& predicted, const Vector& actual) {
  Measures measures;
  measures.quantity = true;
  measures.samples = actual.size();
  const double error = (predicted - actual).squaredNorm();
  measures.rmse = std::sqrt(error / static_cast<double>(actual.size()));
  if (actual.minCoeff() < actual.maxCoeff())
    measures.r2 = 1 - error / (actual.array() - actual.mean()).matrix().squaredNorm();
  return measures;
}

Measures measure(const Model& model, const Matrix& outputs, const Dataset& dataset) {
  if (!model.recipe.quantity) return measure_classes(model, outputs, dataset.labels);
  Measures measures = measure_quantities(outputs.col(0), dataset.targets);
  measures.rmse *= model.recipe.quantity->range;  // R² does not depend on the units
  return measures;
}

nlohmann::json to_json(const Measures& measures) {
  const auto number = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
  };
  if (measures.quantity) return {{"r2", number(measures.r2)}, {"rmse", measures.rmse}, {"samples", measures.samples}};
  return {{"accuracy", measures.accuracy}, {"log_loss", number(measures.log_loss)}, {"samples", measures.samples}};
}

std::string in_words(const Measures& measures) {
  char text[80];
  if (!measures.quantity)
    std::snprintf(text, sizeof text, "%.1f%%", 100 * measures.accuracy);
  else if (measures.r2)
    std::snprintf(text, sizeof text, "R2 %.4f, RMSE %.4g", *measures.r2, measures.rmse);
  else
    std::snprintf(text, sizeof text, "RMSE %.4g", measures.rmse);
  return text;
}

}  // namespace nadir::train
