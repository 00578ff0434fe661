#pragma once
// What a network's outputs mean, as outputs of an ONNX graph (docs/onnx.md).
#include <set>
#include <string>

#include "nadir/exchange/onnx_networks.hpp"

namespace nadir::exchange {

/// What these outputs are called.
inline const std::set<std::string> onnx_answers{"label", "probabilities", "scores", "prediction"};

/// Labels with probabilities or scores, or predictions of a quantity: NaN and the empty text in rows that are refused.
void write_answers(OnnxWriter& onnx, const OnnxFeatures& features, const OnnxOutputs& outputs, const Recipe& recipe,
                   bool has_probabilities);

}  // namespace nadir::exchange
