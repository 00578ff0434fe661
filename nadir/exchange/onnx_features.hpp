#pragma once
// A recipe as operators of ONNX: from raw columns to features (docs/onnx.md).
#include <string>

#include "nadir/data/recipe.hpp"
#include "nadir/exchange/onnx_writer.hpp"

namespace nadir::exchange {

struct OnnxFeatures {
  std::string tensor;  ///< N × count: the features, in the recipe's order, but for the constant 1
  Index count = 0;
  bool constant = false;  ///< whether that comes behind them
  std::string refused;    ///< N × 1: 0, and NaN in rows that apply_recipe refuses; empty where `tensor` is an input
};

/// Adds the inputs and what makes features of them. `sign` as apply_recipe has it.
OnnxFeatures write_features(OnnxWriter& onnx, const Recipe& recipe, Sign sign);

}  // namespace nadir::exchange
