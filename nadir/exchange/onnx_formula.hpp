#pragma once
// ONNX graphs that are no plain chain of layers, followed node by node as functions of their input (onnx_terms.hpp):
//   MatMul, Gemm by a constant; Add, Sub of a constant or of one another; ReduceSum, Reshape, Unsqueeze, Squeeze;
//   GreaterOrEqual, Greater, LessOrEqual, Less, Not, Cast of a layer's outputs, Mul and Where by them;   gates
//   Pow by constants, Mul of a layer with itself;                                          units of polynomial networks
//   Gather, Sub, Div, Clip, Sqrt, Sub from 1, Concat, Pad of the input, in the order of docs/onnx.md;      features
//   Less, Greater, Or, Where, Mul by 0, ReduceSum of these;                              NaN for rows that are refused
//   Abs, ReduceMax and what `nadir export` makes of them to add up gates without rounding (docs/onnx.md);
//   Identity, Cast to float or double, Dropout, Flatten.                                                    nothing
// What classifiers end with is left out, as of chains.
#include <optional>
#include <string>
#include <string_view>

#include "nadir/data/recipe.hpp"
#include "nadir/exchange/onnx_terms.hpp"
#include "nadir/net/polynomial.hpp"

namespace nadir::exchange {

enum class FormulaKind { gated, polynomial };

struct OnnxFormula {
  SumTensor output;                     ///< of the features, or of the units of the last hidden layer
  FeatureList features;                 ///< that the first layer takes
  std::vector<Gate> gates;              ///< the table
  std::vector<PolynomialLayer> hidden;  ///< of polynomial networks, weights × (inputs + 1): behind them the constants
  bool constant = false;                ///< whether the first layer has constants, 0 perhaps
  std::optional<FixedScale> scale;      ///< what makes the features, unless they are all columns as they are
  std::string source;                   ///< as in Layers
};

/// Throws InputError as read_layers does.
OnnxFormula read_formula(std::string_view bytes, const std::string& path, FormulaKind kind);

}  // namespace nadir::exchange
