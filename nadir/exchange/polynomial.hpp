#pragma once
// Generalized polynomial networks (net/polynomial.hpp). Arrays, in NPZ or safetensors: U1, U2, .. with the weights of
// the hidden layers, units x inputs; alpha1, alpha2, .. with the exponents of their units; W with the output weights,
// classes x units. ONNX: layers of weights, Pow by constants behind hidden ones (none: exponents 1), as
// onnx_formula.hpp follows them; biases of the first one are weights of a constant 1 behind the features. No weight is
// negative, and no exponent below 1.
#include <optional>

#include "nadir/data/recipe.hpp"
#include "nadir/exchange/layers.hpp"
#include "nadir/net/polynomial.hpp"

namespace nadir::exchange {

struct ReadPolynomial {
  PolynomialNetwork network;        ///< without masks
  std::optional<FixedScale> scale;  ///< features that an ONNX file makes of its inputs itself
  std::string source;               ///< what was read, in words
};

/// Throws InputError as read_layers does.
ReadPolynomial read_polynomial(const std::filesystem::path& path);
ReadPolynomial read_polynomial_from_bytes(std::string_view bytes, const std::string& name);

}  // namespace nadir::exchange
