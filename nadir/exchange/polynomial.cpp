#include "nadir/exchange/polynomial.hpp"

#include <algorithm>

#include "nadir/base/error.hpp"
#include "nadir/exchange/arrays.hpp"
#include "nadir/exchange/onnx_formula.hpp"

namespace nadir::exchange {
namespace {

/// L where the names are U1 .. UL, alpha1 .. alphaL and W; else 0.
std::size_t hidden_layers(std::vector<std::string> names) {
  const std::size_t layers = (names.size() - 1) / 2;
  std::vector<std::string> wanted{"W"};
  for (std::size_t j = 1; j <= layers; ++j)
    for (const char* const letter : {"U", "alpha"}) wanted.push_back(letter + std::to_string(j));
  std::sort(names.begin(), names.end());
  std::sort(wanted.begin(), wanted.end());
  return names == wanted ? layers : 0;
}

/// What is wrong with a layer of weights that takes so many inputs (0: any), or nothing.
std::string wrong_with(const std::string& name, const Matrix& weights, Index inputs) {
  if (weights.size() == 0) return name + " is empty";
  if (inputs > 0 && weights.cols() != inputs)
    return name + " takes " + std::to_string(weights.cols()) + " inputs, but the layer before it gives " +
           std::to_string(inputs);
  if (!weights.allFinite() || !(weights.minCoeff() >= 0)) return name + " has a weight below 0, or not a finite number";
  return {};
}

/// The same of a whole network, its layers called as in a file of arrays.
std::string wrong_with(const PolynomialNetwork& network) {
  Index inputs = 0;
  for (std::size_t j = 0; j < network.hidden.size(); ++j) {
    const std::string number = std::to_string(j + 1);
    const PolynomialLayer& layer = network.hidden[j];
    if (std::string why = wrong_with("U" + number, layer.weights, inputs); !why.empty()) return why;
    if (!layer.exponents.allFinite() || !(layer.exponents.minCoeff() >= 1))
      return "alpha" + number + " has an exponent below 1, or not a finite number";
    inputs = layer.weights.rows();
  }
  return wrong_with("W", network.output, inputs);
}

ReadPolynomial polynomial_of(OnnxFormula formula, const std::string& name) {
  if (formula.hidden.empty())
    throw InputError(name + ": has no layer of powers (Pow by constants); polynomial networks have one or more");
  ReadPolynomial result;
  for (PolynomialLayer& layer : formula.hidden) {
    const bool constant = result.network.hidden.empty() && formula.constant;
    if (!constant) layer.weights = Matrix(layer.weights.leftCols(layer.weights.cols() - 1));
    result.network.hidden.push_back(std::move(layer));
  }
  const Matrix output = matrix_of(formula.output);
  result.network.output = output.leftCols(output.cols() - 1);
  result.scale = formula.scale, result.source = formula.source;
  return result;
}

}  // namespace

ReadPolynomial read_polynomial(const std::filesystem::path& path) {
  return read_polynomial_from_bytes(network_bytes(path), path.string());
}

ReadPolynomial read_polynomial_from_bytes(std::string_view bytes, const std::string& name) {
  ReadPolynomial result;
  const auto take = [&](const Arrays& arrays) {
    const auto fail_if = [&](const std::string& why) {
      if (!why.empty()) arrays.chain.fail(why);
    };
    const std::size_t layers = arrays.names.empty() ? 0 : hidden_layers(arrays.names);
    if (layers == 0) fail_if("a polynomial network is the arrays U1, alpha1, U2, alpha2, .., W, and no other");
    for (std::size_t j = 1; j <= layers; ++j) {
      const std::string number = std::to_string(j);
      PolynomialLayer layer{arrays.load("U" + number, 2), {}, {}};
      const Matrix exponents = arrays.load("alpha" + number, 1);
      if (exponents.cols() != layer.weights.rows())
        fail_if("alpha" + number + " does not have an exponent for each row of U" + number);
      layer.exponents = exponents.row(0).transpose();
      result.network.hidden.push_back(std::move(layer));
    }
    result.network.output = arrays.load("W", 2);
    result.source = arrays.source;
  };
  if (!take_arrays(bytes, name, take)) result = polynomial_of(read_formula(bytes, name, FormulaKind::polynomial), name);
  if (const std::string why = wrong_with(result.network); !why.empty()) throw InputError(name + ": " + why);
  return result;
}

}  // namespace nadir::exchange
