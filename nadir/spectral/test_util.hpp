#pragma once
// Problems with known answers, for the tests of this room.
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nadir/base/random.hpp"
#include "nadir/spectral/problem.hpp"

namespace nadir::spectral {

/// A problem: the data are kept beside the architecture.
struct TestProblem {
  Matrix features;
  std::vector<int> labels;
  Architecture architecture;
};

inline double number(const nlohmann::json& value) {
  return value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
}

inline Vector vector_of(const nlohmann::json& values) {
  Vector result(static_cast<Index>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) result[static_cast<Index>(i)] = number(values[i]);
  return result;
}

/// All numbers of nested lists, in order.
inline void flatten(const nlohmann::json& values, std::vector<double>& out) {
  if (!values.is_array()) return out.push_back(number(values));
  for (const auto& value : values) flatten(value, out);
}

inline nlohmann::json reference_cases() {
  std::ifstream file(std::string(NADIR_SOURCE_DIR) + "/nadir/spectral/reference.json");
  return nlohmann::json::parse(file);
}

/// Cases of reference.json: numbers found by an independent program in 50-digit arithmetic.
inline TestProblem problem_of(const nlohmann::json& reference) {
  TestProblem problem;
  const auto& x = reference["X"];
  problem.features.resize(static_cast<Index>(x.size()), static_cast<Index>(x[0].size()));
  for (Index i = 0; i < problem.features.rows(); ++i)
    problem.features.row(i) = vector_of(x[static_cast<std::size_t>(i)]).transpose();
  problem.labels = reference["y"].get<std::vector<int>>();
  Architecture& a = problem.architecture;
  a.inputs = problem.features.cols();
  a.classes = 1 + *std::max_element(problem.labels.begin(), problem.labels.end());
  const auto& alphas = reference["al"];
  const std::size_t layers = alphas.size();
  for (std::size_t j = 0; j < layers; ++j) {
    HiddenShape layer;
    layer.exponents = vector_of(alphas[j]);
    layer.p = {number(reference["p"][j])};
    layer.radius = number(reference["rho"][j]);
    a.hidden.push_back(layer);
  }
  if (!reference["mask"].is_null()) {
    const auto rows =
        reference["mask"].size() == 1 && reference["mask"][0][0].is_array() ? reference["mask"][0] : reference["mask"];
    Mask& mask = a.hidden[0].mask;
    mask.resize(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
    for (Index l = 0; l < mask.rows(); ++l)
      for (Index m = 0; m < mask.cols(); ++m)
        mask(l, m) = number(rows[static_cast<std::size_t>(l)][static_cast<std::size_t>(m)]) != 0;
  }
  a.output_p = number(reference["p"][layers]);
  a.output_radius = number(reference["rho"][layers]);
  a.epsilon = number(reference["eps"]);
  return problem;
}

/// Existing weights only, in packed order, from the reference's list [U_1, .., U_L, W].
inline Vector packed_reference(const TestProblem& problem, const nlohmann::json& weights) {
  PolynomialNetwork network = Packing(problem.architecture).empty_network();
  for (std::size_t j = 0; j <= network.hidden.size(); ++j) {
    Matrix& target = j < network.hidden.size() ? network.hidden[j].weights : network.output;
    std::vector<double> values;
    flatten(weights[j], values);
    target = Eigen::Map<const Matrix>(values.data(), target.rows(), target.cols());
  }
  return Packing(problem.architecture).pack(network);
}

/// Random data and a random architecture of `layers` layers with everything that the room offers: masks, norms per
/// unit, real exponents. Its degree is `degree` at most.
inline TestProblem random_problem(int layers, int classes, Index samples, double degree, std::uint64_t seed) {
  Random random(seed);
  TestProblem problem;
  const Index inputs = 3 + random.integer(0, 3);
  problem.features.resize(samples, inputs);
  for (Index i = 0; i < samples; ++i)
    for (Index m = 0; m < inputs; ++m) problem.features(i, m) = random.uniform() / static_cast<double>(inputs);
  for (Index i = 0; i < samples; ++i)
    problem.labels.push_back(i < classes ? static_cast<int>(i) : random.integer(0, classes - 1));
  Architecture& a = problem.architecture;
  a.inputs = inputs, a.classes = classes, a.epsilon = 1e-6;
  // Each layer gets an equal share of the degree: α θ_below + 1/p = θ.
  const double share = degree / (layers + 1);
  a.output_p = 1 / share;
  a.output_radius = random.uniform(0.5, 20);
  double above = 1;  // product of the largest exponents from here up
  Index width = inputs;
  std::vector<HiddenShape> reversed;
  for (int j = 0; j < layers; ++j) {
    HiddenShape layer;
    layer.exponents.resize(2 + random.integer(0, 3));
    for (double& alpha : layer.exponents) alpha = random.uniform(1, 3);
    layer.exponents[0] = 2, layer.exponents[1] = 1.5;
    layer.scope = random.uniform() < 0.5 ? NormScope::matrix : NormScope::unit;
    layer.radius = random.uniform(0.5, layers > 1 ? 1.0 : 3.0);
    reversed.push_back(layer);
  }
  for (int j = layers; j-- > 0;) {
    HiddenShape& layer = reversed[static_cast<std::size_t>(j)];
    above *= layer.exponents.maxCoeff();
    layer.p.assign(layer.scope == NormScope::matrix ? 1 : static_cast<std::size_t>(layer.units()), above / share);
  }
  for (HiddenShape& layer : reversed) {
    if (random.uniform() < 0.5) {
      layer.mask.resize(layer.units(), width);
      for (Index l = 0; l < layer.units(); ++l) {
        for (Index m = 0; m < width; ++m) layer.mask(l, m) = random.uniform() < 0.6;
        layer.mask(l, random.integer(0, static_cast<int>(width) - 1)) = true;
      }
    }
    width = layer.units();
    a.hidden.push_back(layer);
  }
  return problem;
}

}  // namespace nadir::spectral
