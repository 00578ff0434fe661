#pragma once
// Networks as operators of ONNX, in double precision (docs/onnx.md).
#include <string>

#include "nadir/exchange/onnx_features.hpp"
#include "nadir/net/gated.hpp"
#include "nadir/net/kernel_machine.hpp"
#include "nadir/net/linear_chain.hpp"
#include "nadir/net/parallel.hpp"
#include "nadir/net/polynomial.hpp"
#include "nadir/net/relu.hpp"

namespace nadir::exchange {

struct OnnxOutputs {
  std::string tensor;  ///< N × count
  Index count = 1;     ///< K
};

// Each takes as many features as there are, the constant 1 included.
OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const PolynomialNetwork& network);
OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const GatedNetwork& network);
OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const ReluNetwork& network);
OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const BiasedChain& network);
OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const KernelMachine& network);
OnnxOutputs write_network(OnnxWriter& onnx, const OnnxFeatures& features, const ParallelNetwork& network);

}  // namespace nadir::exchange
