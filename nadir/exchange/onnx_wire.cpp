#include "nadir/exchange/onnx_wire.hpp"

#include <protozero/pbf_reader.hpp>

#include "nadir/data/bytes.hpp"
#include "nadir/exchange/floats.hpp"

namespace nadir::exchange {
namespace {

using protozero::pbf_reader;
using protozero::tag_and_type;
constexpr auto kVarint = protozero::pbf_wire_type::varint;
constexpr auto kText = protozero::pbf_wire_type::length_delimited;
constexpr auto kFixed32 = protozero::pbf_wire_type::fixed32;
constexpr auto kFixed64 = protozero::pbf_wire_type::fixed64;

// A message of no content takes two bytes of a file and a hundred of memory. Networks of max_layers stay far below.
constexpr std::size_t max_messages = 4096;  // of one kind in a graph
constexpr std::size_t max_names = 64;       // inputs, outputs or attributes of a node
constexpr std::size_t max_dimensions = 8;

enum DataType : int { type_float = 1, type_int64 = 7, type_float16 = 10, type_double = 11, type_bfloat16 = 16 };

/// Calls `field` with each field of a message, and skips those for which it answers no: fields that are not known, or
/// of another wire type.
template <class Field>
void each_field(std::string_view message, const Field& field) {
  pbf_reader reader(message.data(), message.size());
  while (reader.next())
    if (!field(reader, reader.tag_and_type())) reader.skip();
}

std::string_view text(pbf_reader& reader) {
  const protozero::data_view view = reader.get_view();
  return {view.data(), view.size()};
}

template <class T>
void append(std::vector<T>& list, T item, std::size_t limit, const char* what, const Chain& chain) {
  if (list.size() == limit) chain.fail("holds more than " + std::to_string(limit) + " " + what);
  list.push_back(std::move(item));
}

/// Integers of a repeated field, packed or not; of more than a shape has, the first of those too many is kept as well.
void append_integers(std::vector<std::int64_t>& list, pbf_reader& reader) {
  const auto put = [&](std::int64_t item) {
    if (list.size() <= max_dimensions) list.push_back(item);
  };
  if (reader.wire_type() == kVarint) return put(reader.get_int64());
  for (const std::int64_t item : reader.get_packed_int64()) put(item);
}

OnnxNode node_of(std::string_view message, const Chain& chain) {
  OnnxNode node;
  each_field(message, [&](pbf_reader& reader, std::uint32_t field) {
    switch (field) {
      case tag_and_type(1, kText):
        append(node.inputs, text(reader), max_names, "inputs of a node", chain);
        return true;
      case tag_and_type(2, kText):
        append(node.outputs, text(reader), max_names, "outputs of a node", chain);
        return true;
      case tag_and_type(3, kText):
        node.name = text(reader);
        return true;
      case tag_and_type(4, kText):
        node.type = text(reader);
        return true;
      case tag_and_type(5, kText):
        append(node.attributes, text(reader), max_names, "attributes of a node", chain);
        return true;
      case tag_and_type(7, kText):
        node.domain = text(reader);
        return true;
      default:
        return false;
    }
  });
  return node;
}

/// The part of a message that lies in these fields, one inside the other; empty where there is none.
std::string_view inside(std::string_view message, std::initializer_list<std::uint32_t> path, bool& found) {
  found = true;
  for (const std::uint32_t step : path) {
    if (!found) return {};
    std::string_view next;
    found = false;
    each_field(message, [&](pbf_reader& reader, std::uint32_t field) {
      if (field != tag_and_type(step, kText)) return false;
      next = text(reader);
      found = true;
      return true;
    });
    message = next;
  }
  return message;
}

/// ValueInfoProto: a name, and type.tensor_type.shape with its dim_value.
OnnxInput input_of(std::string_view message, const Chain& chain) {
  OnnxInput input;
  bool has_name = false;
  input.name = inside(message, {1}, has_name);
  const std::string_view shape = inside(message, {2, 1, 2}, input.has_shape);
  each_field(shape, [&](pbf_reader& reader, std::uint32_t field) {
    if (field != tag_and_type(1, kText)) return false;
    std::int64_t size = 0;
    each_field(text(reader), [&](pbf_reader& dimension, std::uint32_t part) {
      if (part != tag_and_type(1, kVarint)) return false;
      size = std::max<std::int64_t>(dimension.get_int64(), 0);
      return true;
    });
    append(input.shape, size, max_dimensions, "dimensions of an input", chain);
    return true;
  });
  return input;
}

void read_graph(OnnxModel& model, std::string_view message, const Chain& chain) {
  each_field(message, [&](pbf_reader& reader, std::uint32_t field) {
    bool has_name = false;
    switch (field) {
      case tag_and_type(1, kText):
        append(model.nodes, node_of(text(reader), chain), max_messages, "nodes", chain);
        return true;
      case tag_and_type(5, kText):
        append(model.initializers, onnx_tensor(text(reader), chain), max_messages, "initializers", chain);
        return true;
      case tag_and_type(11, kText):
        append(model.inputs, input_of(text(reader), chain), max_messages, "inputs", chain);
        return true;
      case tag_and_type(12, kText):
        append(model.outputs, inside(text(reader), {1}, has_name), max_messages, "outputs", chain);
        return true;
      case tag_and_type(15, kText):
        chain.fail("holds sparse initializers, which are not read; export the network with dense weights");
      default:
        return false;
    }
  });
}

Float float_of(const OnnxTensor& tensor, const Chain& chain) {
  switch (tensor.type) {
    case type_float:
      return Float::f32;
    case type_double:
      return Float::f64;
    case type_float16:
      return Float::f16;
    case type_bfloat16:
      return Float::bf16;
    default:
      chain.fail("tensor " + in_quotes(tensor.name) + " is of ONNX type " + std::to_string(tensor.type) +
                 " where floating-point numbers are wanted");
  }
}

/// A tensor is read again for each node that uses it, so it may not bring along much that is no element.
void require_plain(const OnnxTensor& tensor, std::size_t count, const Chain& chain) {
  if (tensor.message.size() > 16 * count + 65536)
    chain.fail("tensor " + in_quotes(tensor.name) + " takes more of the file than its elements do");
}

/// The fields of a TensorProto that hold its elements. Throws unless they are in one of them.
struct Elements {
  std::string_view raw;
  bool is_raw = false;

  Elements(const OnnxTensor& tensor, const Chain& chain) {
    std::uint32_t kind = 0;
    each_field(tensor.message, [&](pbf_reader& reader, std::uint32_t) {
      const std::uint32_t tag = reader.tag();
      const bool holds = (tag >= 4 && tag <= 7) || (tag >= 9 && tag <= 11);
      if (!holds) return false;
      if (kind != 0 && kind != tag) chain.fail("tensor " + in_quotes(tensor.name) + " keeps elements in two ways");
      kind = tag;
      if (reader.tag_and_type() != tag_and_type(9, kText)) return false;
      raw = text(reader);
      is_raw = true;
      return true;
    });
  }
};

}  // namespace

OnnxTensor onnx_tensor(std::string_view message, const Chain& chain) {
  OnnxTensor tensor;
  tensor.message = message;
  bool external = false;
  bool in_parts = false;
  each_field(message, [&](pbf_reader& reader, std::uint32_t field) {
    switch (field) {
      case tag_and_type(1, kVarint):
      case tag_and_type(1, kText):
        append_integers(tensor.shape, reader);
        return true;
      case tag_and_type(2, kVarint):
        tensor.type = reader.get_int32();
        return true;
      case tag_and_type(3, kText):
        in_parts = true;
        return false;
      case tag_and_type(8, kText):
        tensor.name = text(reader);
        return true;
      case tag_and_type(13, kText):
        external = true;
        return false;
      case tag_and_type(14, kVarint):
        external = reader.get_int32() != 0 || external;
        return true;
      default:
        return false;
    }
  });
  if (external)
    chain.fail("keeps tensor " + in_quotes(tensor.name) +
               " in another file, which is never opened; export the network as a single file (external_data=False)");
  if (in_parts) chain.fail("keeps tensor " + in_quotes(tensor.name) + " in segments, which are not read");
  return tensor;
}

OnnxAttribute onnx_attribute(std::string_view message) {
  OnnxAttribute attribute;
  each_field(message, [&](pbf_reader& reader, std::uint32_t field) {
    switch (field) {
      case tag_and_type(1, kText):
        attribute.name = text(reader);
        return true;
      case tag_and_type(2, kFixed32):
        attribute.number = reader.get_float();
        return true;
      case tag_and_type(3, kVarint):
        attribute.integer = reader.get_int64();
        return true;
      case tag_and_type(5, kText):
        attribute.tensor = text(reader);
        return true;
      case tag_and_type(8, kVarint):
      case tag_and_type(8, kText):
        append_integers(attribute.integers, reader);
        return true;
      case tag_and_type(20, kVarint):
        attribute.type = reader.get_int32();
        return true;
      default:
        return false;
    }
  });
  return attribute;
}

OnnxModel onnx_model(std::string_view bytes, const Chain& chain) {
  OnnxModel model;
  std::string_view graph;
  int graphs = 0;
  each_field(bytes, [&](pbf_reader& reader, std::uint32_t field) {
    switch (field) {
      case tag_and_type(2, kText):
        model.producer = text(reader);
        return true;
      case tag_and_type(3, kText):
        model.producer_version = text(reader);
        return true;
      case tag_and_type(7, kText):
        ++graphs;
        graph = text(reader);
        return true;
      case tag_and_type(8, kText): {  // OperatorSetIdProto: domain, version
        std::string_view domain;
        std::int64_t version = 0;
        each_field(text(reader), [&](pbf_reader& part, std::uint32_t which) {
          if (which == tag_and_type(1, kText))
            domain = text(part);
          else if (which == tag_and_type(2, kVarint))
            version = part.get_int64();
          else
            return false;
          return true;
        });
        if (domain.empty() || domain == "ai.onnx") model.operators = std::max(model.operators, version);
        return true;
      }
      case tag_and_type(25, kText):
        chain.fail("holds functions of its own, which are not read; inline them (onnx.inliner)");
      default:
        return false;
    }
  });
  if (graphs != 1)
    chain.fail("is no ONNX file, nor safetensors or NPZ: it holds " + std::to_string(graphs) + " graphs");
  read_graph(model, graph, chain);
  return model;
}

void onnx_floats(const OnnxTensor& tensor, std::span<double> values, const Chain& chain) {
  const Float type = float_of(tensor, chain);
  require_plain(tensor, values.size(), chain);
  const Elements elements(tensor, chain);
  const auto require = [&](bool holds) {
    if (!holds) chain.fail("tensor " + in_quotes(tensor.name) + " does not hold as many elements as its shape says");
  };
  if (elements.is_raw) {
    require(elements.raw.size() == values.size() * width(type));
    return decode_floats(elements.raw, type, values);
  }
  std::size_t count = 0;
  const auto put = [&](double value) {
    require(count < values.size());
    values[count++] = value;
  };
  each_field(tensor.message, [&](pbf_reader& reader, std::uint32_t field) {
    if (type == Float::f32 && field == tag_and_type(4, kText))
      for (const float value : reader.get_packed_float()) put(value);
    else if (type == Float::f32 && field == tag_and_type(4, kFixed32))
      put(reader.get_float());
    else if (type == Float::f64 && field == tag_and_type(10, kText))
      for (const double value : reader.get_packed_double()) put(value);
    else if (type == Float::f64 && field == tag_and_type(10, kFixed64))
      put(reader.get_double());
    else
      return false;
    return true;
  });
  require(count == values.size());
}

std::vector<std::int64_t> onnx_integers(const OnnxTensor& tensor, const Chain& chain, std::size_t most) {
  require_plain(tensor, most, chain);
  const Elements elements(tensor, chain);
  if (tensor.type != type_int64 || tensor.shape.size() != 1 || elements.raw.size() > 8 * most)
    chain.fail("tensor " + in_quotes(tensor.name) + " is no list of integers");
  std::vector<std::int64_t> list;
  if (elements.is_raw) {
    for (std::size_t i = 0; i < elements.raw.size() / 8; ++i) {
      std::uint64_t bits = 0;
      for (std::size_t k = 0; k < 8; ++k)
        bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(elements.raw[8 * i + k])) << (8 * k);
      list.push_back(static_cast<std::int64_t>(bits));
    }
  } else {
    each_field(tensor.message, [&](pbf_reader& reader, std::uint32_t field) {
      if (field != tag_and_type(7, kVarint) && field != tag_and_type(7, kText)) return false;
      append_integers(list, reader);
      return true;
    });
  }
  if (static_cast<std::int64_t>(list.size()) != tensor.shape[0] ||
      (elements.is_raw && elements.raw.size() != 8 * list.size()))
    chain.fail("tensor " + in_quotes(tensor.name) + " does not hold as many elements as its shape says");
  return list;
}

}  // namespace nadir::exchange
