#pragma once
// What onnx.proto (https://github.com/onnx/onnx, field numbers as of version 1.23) says of the bytes of an ONNX file:
// messages as plain structs, whose texts are views of the file. What a chain of layers has no use for is skipped.
// Damaged protobuf is thrown as protozero::exception; what is there but not read, as InputError.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nadir/exchange/chain.hpp"

namespace nadir::exchange {

struct OnnxTensor {
  std::string_view name;
  std::vector<std::int64_t> shape;  ///< as it is in the file: perhaps negative; the first nine sizes at most
  int type = 0;                     ///< TensorProto.DataType
  std::string_view message;         ///< all of it, elements included
};

struct OnnxAttribute {
  std::string_view name;
  int type = 0;  ///< AttributeProto.AttributeType: 1 float, 2 int, 4 tensor, 7 ints
  float number = 0;
  std::int64_t integer = 0;
  std::vector<std::int64_t> integers;  ///< the first nine at most
  std::string_view tensor;             ///< a message
};

struct OnnxNode {
  std::string_view name;
  std::string_view type;    ///< the operator
  std::string_view domain;  ///< of the operator; empty for ONNX itself
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<std::string_view> attributes;  ///< messages
};

struct OnnxInput {
  std::string_view name;
  bool has_shape = false;
  std::vector<std::int64_t> shape;  ///< 0 where a dimension is left open
};

struct OnnxModel {
  std::string_view producer;
  std::string_view producer_version;
  std::int64_t operators = 0;  ///< version of the operators of ONNX itself
  std::vector<OnnxNode> nodes;
  std::vector<OnnxTensor> initializers;
  std::vector<OnnxInput> inputs;
  std::vector<std::string_view> outputs;
};

/// A whole file. `chain` is for messages, here and below.
OnnxModel onnx_model(std::string_view bytes, const Chain& chain);

OnnxTensor onnx_tensor(std::string_view message, const Chain& chain);

OnnxAttribute onnx_attribute(std::string_view message);

/// The elements of a floating-point tensor, as many as `values`. Throws InputError if it holds others.
void onnx_floats(const OnnxTensor& tensor, std::span<double> values, const Chain& chain);

/// The elements of a tensor of int64, of one dimension or none: a shape, or `most` places. Throws InputError.
std::vector<std::int64_t> onnx_integers(const OnnxTensor& tensor, const Chain& chain, std::size_t most = 8);

}  // namespace nadir::exchange
