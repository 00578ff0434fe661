#include "nadir/exchange/onnx_writer.hpp"

#include <bit>
#include <protozero/pbf_writer.hpp>

#include "nadir/base/error.hpp"
#include "nadir/base/version.hpp"

namespace nadir::exchange {
namespace {

using protozero::pbf_writer;

constexpr std::int64_t operators = 17;      // version of ONNX's own
constexpr std::int64_t ml_operators = 3;    // of ai.onnx.ml
constexpr std::int64_t representation = 8;  // IR version of ONNX 1.12, which brought both
constexpr std::size_t max_file = (std::size_t{1} << 31) - 1;

static_assert(std::endian::native == std::endian::little, "raw tensors are little-endian");

/// ValueInfoProto of a tensor of N rows; columns 0: of one dimension.
std::string value_info(const std::string& name, OnnxType type, Index columns) {
  std::string shape, bytes;
  pbf_writer shape_writer(shape);
  pbf_writer(shape_writer, 1).add_string(2, "N");
  if (columns > 0) pbf_writer(shape_writer, 1).add_int64(1, columns);
  pbf_writer writer(bytes);
  writer.add_string(1, name);
  pbf_writer type_writer(writer, 2);
  pbf_writer tensor(type_writer, 1);
  tensor.add_int32(1, static_cast<int>(type));
  tensor.add_message(2, shape);
  return bytes;
}

std::string attribute_bytes(const Attribute& attribute) {
  enum Kind : int { one_integer = 2, integers = 7, texts = 8 };
  std::string bytes;
  pbf_writer writer(bytes);
  writer.add_string(1, attribute.name);
  if (const auto* const value = std::get_if<std::int64_t>(&attribute.value)) {
    writer.add_int64(3, *value);
    writer.add_int32(20, one_integer);
  } else if (const auto* const list = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
    for (const std::int64_t item : *list) writer.add_int64(8, item);
    writer.add_int32(20, integers);
  } else {
    for (const std::string& item : std::get<std::vector<std::string>>(attribute.value)) writer.add_bytes(9, item);
    writer.add_int32(20, texts);
  }
  return bytes;
}

std::string operator_set(const std::string& domain, std::int64_t version) {
  std::string bytes;
  pbf_writer writer(bytes);
  writer.add_string(1, domain);
  writer.add_int64(2, version);
  return bytes;
}

}  // namespace

std::string OnnxWriter::fresh(const std::string& type) {
  for (std::size_t i = names_.size();; ++i)
    if (std::string name = type + "_" + std::to_string(i); names_.insert(name).second) return name;
}

std::string OnnxWriter::input(const std::string& name, const std::string& otherwise, OnnxType type, Index columns) {
  std::string chosen = names_.insert(name).second ? name : otherwise;
  if (chosen != name && !names_.insert(chosen).second) chosen = fresh(otherwise);
  pbf_writer(inputs_).add_message(11, value_info(chosen, type, columns));
  return chosen;
}

std::string OnnxWriter::tensor(OnnxType type, const std::vector<std::int64_t>& shape, const char* bytes,
                               std::size_t size) {
  std::string name = fresh("constant");
  pbf_writer graph(tensors_);
  pbf_writer writer(graph, 5);
  for (const std::int64_t extent : shape) writer.add_int64(1, extent);
  writer.add_int32(2, static_cast<int>(type));
  writer.add_string(8, name);
  writer.add_bytes(9, bytes, size);
  return name;
}

std::string OnnxWriter::numbers(const Matrix& matrix) {
  return tensor(OnnxType::float64, {matrix.rows(), matrix.cols()}, reinterpret_cast<const char*>(matrix.data()),
                static_cast<std::size_t>(matrix.size()) * sizeof(double));
}

std::string OnnxWriter::number_list(const Vector& list) {
  return tensor(OnnxType::float64, {list.size()}, reinterpret_cast<const char*>(list.data()),
                static_cast<std::size_t>(list.size()) * sizeof(double));
}

std::string OnnxWriter::number(double value) {
  return tensor(OnnxType::float64, {}, reinterpret_cast<const char*>(&value), sizeof value);
}

std::string OnnxWriter::integers(const std::vector<std::int64_t>& list) {
  return tensor(OnnxType::int64, {static_cast<std::int64_t>(list.size())}, reinterpret_cast<const char*>(list.data()),
                list.size() * sizeof(std::int64_t));
}

std::string OnnxWriter::texts(const std::vector<std::string>& list) {
  std::string name = fresh("constant");
  pbf_writer graph(tensors_);
  pbf_writer writer(graph, 5);
  writer.add_int64(1, static_cast<std::int64_t>(list.size()));
  writer.add_int32(2, static_cast<int>(OnnxType::text));
  for (const std::string& item : list) writer.add_bytes(6, item);
  writer.add_string(8, name);
  return name;
}

std::string OnnxWriter::node(const std::string& type, const std::vector<std::string>& inputs,
                             const std::vector<Attribute>& attributes, const std::string& output) {
  std::string name = output.empty() ? fresh(type) : output;
  pbf_writer graph(nodes_);
  pbf_writer writer(graph, 1);
  for (const std::string& input : inputs) writer.add_string(1, input);
  writer.add_string(2, name);
  writer.add_string(3, "make " + name);
  writer.add_string(4, type);
  for (const Attribute& attribute : attributes) writer.add_message(5, attribute_bytes(attribute));
  if (type == "LabelEncoder") {
    writer.add_string(7, "ai.onnx.ml");
    has_texts_ = true;
  }
  return name;
}

void OnnxWriter::output(const std::string& name, OnnxType type, Index columns) {
  pbf_writer(ends_).add_message(12, value_info(name, type, columns));
}

std::string OnnxWriter::finish(const std::map<std::string, std::string>& metadata, const std::string& name) const {
  std::string bytes;
  pbf_writer writer(bytes);
  writer.add_int64(1, representation);
  writer.add_string(2, "nadir");
  writer.add_string(3, version);
  writer.add_message(8, operator_set("", operators));
  if (has_texts_) writer.add_message(8, operator_set("ai.onnx.ml", ml_operators));
  for (const auto& [key, value] : metadata) {
    pbf_writer entry(writer, 14);
    entry.add_string(1, key);
    entry.add_string(2, value);
  }
  std::string title;
  pbf_writer(title).add_string(2, "nadir");
  const std::string* const parts[] = {&title, &nodes_, &tensors_, &inputs_, &ends_};
  std::size_t size = bytes.size() + 16;
  for (const std::string* part : parts) size += part->size();
  if (size > max_file)
    throw InputError(name + ": an ONNX file may have 2 GiB, and this network needs " + std::to_string(size >> 20) +
                     " MiB; predict by nadir, or train with fewer units");
  std::string graph;
  for (const std::string* part : parts) graph += *part;
  writer.add_message(7, graph);
  return bytes;
}

}  // namespace nadir::exchange
