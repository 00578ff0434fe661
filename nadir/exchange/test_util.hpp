#pragma once
// For this room's tests: files made by hand, outputs of layers.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/data/test_util.hpp"
#include "nadir/exchange/layers.hpp"
#include "nadir/exchange/onnx_answers.hpp"
#include "nadir/exchange/onnx_networks.hpp"

namespace nadir::exchange::test {

using nadir::test::Entry;
using nadir::test::expect_contains;
using nadir::test::little;
using nadir::test::message_of;
using nadir::test::npy_of;
using nadir::test::raw;
using nadir::test::zip;

/// An empty file that is gone when the test is.
class TemporaryFile {
 public:
  TemporaryFile()
      : path_(std::filesystem::path(testing::TempDir()) / ("exchange" + std::to_string(::getpid()) + ".bin")) {
    write_file(path_, "");
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Layers read(const std::string& bytes, const std::string& extension) {
  return read_layers_from_bytes(bytes, "net" + extension, {});
}

/// Why a file is refused, without the name that begins the message.
inline std::string refusal(const std::string& bytes, const std::string& extension) {
  const std::string message = message_of<InputError>([&] { read(bytes, extension); });
  const std::string start = "net" + extension + ": ";
  EXPECT_TRUE(message.starts_with(start)) << message;
  return message.substr(std::min(start.size(), message.size()));
}

/// The outputs for one input.
inline Vector outputs(const Layers& layers, Vector a) {
  for (const Layer& layer : layers.list) {
    a = layer.weights * a;
    if (layer.biases.size() > 0) a += layer.biases;
    const double slope = layer.activation == Activation::none ? 1 : layer.slope;
    a = a.unaryExpr([&](double x) { return x < 0 ? slope * x : x; });
  }
  return a;
}

/// The fixtures of tests/networks.
inline std::filesystem::path network(const std::string& name) {
  return std::filesystem::path(NADIR_SOURCE_DIR) / "tests" / "networks" / name;
}

// ---------------------------------------------------------------------------------------------- ONNX
struct Message {
  std::string bytes;

  Message& text(std::uint32_t tag, const std::string& value) {
    protozero::pbf_writer(bytes).add_bytes(tag, value);
    return *this;
  }
  Message& integer(std::uint32_t tag, std::int64_t value) {
    protozero::pbf_writer(bytes).add_int64(tag, value);
    return *this;
  }
  Message& number(std::uint32_t tag, float value) {
    protozero::pbf_writer(bytes).add_float(tag, value);
    return *this;
  }
};

inline Message tensor(const std::string& name, const std::vector<std::int64_t>& shape, const std::string& elements,
                      int type = 1) {
  Message message;
  for (const std::int64_t size : shape) message.integer(1, size);
  return message.integer(2, type).text(8, name).text(9, elements);
}
inline Message floats(const std::string& name, const std::vector<std::int64_t>& shape,
                      const std::vector<float>& elements) {
  return tensor(name, shape, raw(elements));
}
inline Message number_attribute(const std::string& name, float value) {
  return Message().text(1, name).number(2, value).integer(20, 1);
}
inline Message integer_attribute(const std::string& name, std::int64_t value) {
  return Message().text(1, name).integer(3, value).integer(20, 2);
}
inline Message node(const std::string& type, const std::vector<std::string>& inputs,
                    const std::vector<std::string>& outputs, const std::vector<Message>& attributes = {}) {
  Message message;
  for (const std::string& name : inputs) message.text(1, name);
  for (const std::string& name : outputs) message.text(2, name);
  message.text(3, "the " + outputs[0]).text(4, type);
  for (const Message& attribute : attributes) message.text(5, attribute.bytes);
  return message;
}
/// ValueInfoProto; sizes below 0 are left open.
inline Message value(const std::string& name, const std::vector<std::int64_t>& shape) {
  Message dimensions;
  for (const std::int64_t size : shape)
    dimensions.text(1, size < 0 ? Message().text(2, "n").bytes : Message().integer(1, size).bytes);
  const Message type = Message().text(1, Message().integer(1, 1).text(2, dimensions.bytes).bytes);
  return Message().text(1, name).text(2, type.bytes);
}

/// A graph of one input x of `features` and one output y.
struct Graph {
  std::vector<Message> nodes;
  std::vector<Message> tensors;
  std::vector<Message> inputs{value("x", {-1, 2})};
  std::vector<Message> outputs{value("y", {-1, 1})};
  std::int64_t operators = 17;
  Message more{};  ///< further fields of the graph

  std::string bytes() const {
    Message graph;
    for (const Message& it : nodes) graph.text(1, it.bytes);
    for (const Message& it : tensors) graph.text(5, it.bytes);
    for (const Message& it : inputs) graph.text(11, it.bytes);
    for (const Message& it : outputs) graph.text(12, it.bytes);
    graph.bytes += more.bytes;
    return Message()
        .integer(1, 8)
        .text(2, "test")
        .text(8, Message().integer(2, operators).bytes)
        .text(7, graph.bytes)
        .bytes;
  }
};

/// Numeric columns as they are, a quantity as target, and perhaps the constant 1.
inline Recipe plain_recipe(Index columns, bool constant) {
  Recipe recipe;
  recipe.source = {"csv", ',', true, static_cast<int>(columns) + 1};
  recipe.target_column = columns, recipe.bias = constant, recipe.quantity = Quantity{};
  for (Index j = 0; j < columns; ++j)
    recipe.columns.push_back({j, "x" + std::to_string(j), ColumnKind::numeric, 0, 1, {}, {}, false});
  return recipe;
}

/// A network as `nadir export` writes it; several outputs are those of classes.
template <class Network>
std::string written(const Network& network, Recipe recipe, Sign sign) {
  OnnxWriter onnx(onnx_answers);
  const OnnxFeatures features = write_features(onnx, recipe, sign);
  const OnnxOutputs outputs = write_network(onnx, features, network);
  if (outputs.count > 1) {
    recipe.quantity.reset();
    for (Index k = 0; k < outputs.count; ++k) recipe.classes.push_back(std::to_string(k));
  }
  write_answers(onnx, features, outputs, recipe, outputs.count > 1);
  return onnx.finish({}, "net");
}

inline std::string npy(const std::string& shape, const std::vector<double>& elements) {
  return npy_of("<f8", shape, raw(elements));
}

// ---------------------------------------------------------------------------------------------- safetensors
struct NamedTensor {
  std::string name;
  std::string type;
  std::string shape;
  std::string elements;
};

inline std::string safetensors(const std::vector<NamedTensor>& tensors) {
  std::string header = "{\"__metadata__\":{\"format\":\"pt\"}";
  std::string data;
  for (const NamedTensor& it : tensors) {
    header += ",\"" + it.name + "\":{\"dtype\":\"" + it.type + "\",\"shape\":[" + it.shape + "],\"data_offsets\":[" +
              std::to_string(data.size()) + ',' + std::to_string(data.size() + it.elements.size()) + "]}";
    data += it.elements;
  }
  header += '}';
  return little(header.size(), 8) + header + data;
}

}  // namespace nadir::exchange::test
