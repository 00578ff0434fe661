#include "nadir/model/predictions.hpp"

#include <algorithm>
#include <cmath>

namespace nadir {

Sign sign_of(const Network& network) {
  return std::holds_alternative<PolynomialNetwork>(network) ? Sign::non_negative : Sign::any;
}

Matrix outputs(const Network& network, const Matrix& features, int threads) {
  return std::visit([&](const auto& one) { return outputs(one, features, threads); }, network);
}

Matrix outputs(const Network& network, const Dataset& dataset, int threads) {
  if (!dataset.in_place) return outputs(network, dataset.features, threads);
  constexpr Index most = 1 << 14;  // a multiple of every network's own blocks of rows
  const Index n = dataset.samples();
  Matrix f;
  for (Index first = 0; first < n; first += most) {
    Matrix block(std::min(most, n - first), dataset.inputs());
    dataset.in_place->make(first, block.rows(), MatrixView(block.data(), block.rows(), block.cols()));
    const Matrix of_block = outputs(network, block, threads);
    if (first == 0) f.resize(n, of_block.cols());
    f.middleRows(first, block.rows()) = of_block;
  }
  return f;
}

std::string loss_of(const Model& model) {
  if (std::holds_alternative<PolynomialNetwork>(model.network)) return "softmax";
  return model.objective.at("loss").at("kind").get<std::string>();
}

std::vector<int> classes_of(const Matrix& outputs) {
  if (outputs.cols() > 1) return classify(outputs);
  std::vector<int> classes(static_cast<std::size_t>(outputs.rows()));
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = outputs(static_cast<Index>(i), 0) >= 0 ? 1 : 0;
  return classes;
}

bool has_probabilities(const Model& model) {
  const std::string loss = loss_of(model);
  return loss == "softmax" || loss == "logistic";
}

Matrix class_probabilities(const Matrix& outputs) {
  if (outputs.cols() > 1) return probabilities(outputs);
  Matrix pair(outputs.rows(), 2);  // the logistic function is the softmax of (0, f)
  pair << Vector::Zero(outputs.rows()), outputs;
  return probabilities(pair);
}

}  // namespace nadir
