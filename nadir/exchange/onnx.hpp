#pragma once
// ONNX (https://onnx.ai): graphs that are a chain of layers.
//
// Followed from the graph's only input to its output, each tensor used once:
//   Gemm (alpha, beta, transB), MatMul by a constant on the right, Add of a constant;      W and b
//   Relu, LeakyRelu;                                                                         activations
//   Identity, Cast to float or double, Dropout, Flatten, Reshape to samples x features.      nothing
// Constants are initializers and Constant nodes, also through Transpose, Identity and Cast. What classifiers end with
// (Softmax, Sigmoid, ArgMax, .. and what only sorts or names their results) is left out: the outputs are those before
// it. Anything else is an error that names the node. Numbers are as in the file; other programs compute in single
// precision.
#include <string>
#include <string_view>

#include "nadir/exchange/branches.hpp"

namespace nadir::exchange {

/// Throws InputError as read_layers does.
Branches read_onnx(std::string_view bytes, const std::string& path, Shape shape);

}  // namespace nadir::exchange
