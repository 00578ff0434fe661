#include <bit>
#include <cstring>
#include <utility>

#include "nadir/verify/format.hpp"
#include "nadir/verify/json.hpp"

namespace nadir::verify {
namespace {
static_assert(std::endian::native == std::endian::little, "tensors are read in place");

Tensor read_tensor(const Json& entry, const std::string& name, std::string_view data) {
  require_shape(entry, Json::parse(R"({"dtype": "|F64|BOOL", "shape": ["count"], "data_offsets": ["count"]})"), name);
  Tensor tensor{entry["dtype"] == "BOOL", entry["shape"], {}};
  std::uint64_t size = tensor.is_bool ? 1 : 8;
  for (const std::uint64_t extent : tensor.shape)
    require(!__builtin_mul_overflow(size, extent, &size), name + " has a shape that overflows");
  const std::vector<std::uint64_t> offsets = entry["data_offsets"];
  require(offsets.size() == 2 && offsets[0] <= data.size(), name + " has no good offsets");
  require(size <= data.size() - offsets[0] && offsets[1] == offsets[0] + size, name + " does not match its bytes");
  tensor.bytes = data.substr(offsets[0], size);
  for (const char byte : tensor.is_bool ? tensor.bytes : "")
    require(byte == 0 || byte == 1, name + " has a byte other than 0 and 1");
  return tensor;
}
/// Each tensor begins where another ends, and the last ends with the file.
void require_tiling(const Container& container, std::string_view data) {
  std::map<std::ptrdiff_t, std::size_t> sizes;
  for (const auto& [name, tensor] : container.tensors)
    require(tensor.bytes.empty() || sizes.emplace(tensor.bytes.data() - data.data(), tensor.bytes.size()).second,
            "overlap");
  std::ptrdiff_t end = 0;
  for (const auto& [begin, size] : sizes)
    require(begin == std::exchange(end, begin + static_cast<std::ptrdiff_t>(size)), "tensors overlap or leave a hole");
  require(end == static_cast<std::ptrdiff_t>(data.size()), "bytes after the last tensor");
}
/// The names, types and dimensions of the table of section 1.
void require_known(Container& container) {
  std::map<std::string, bool> is_bool{{"trace", false}, {"training_rows", true}};
  std::vector<std::string> names{"hidden.1", "output"};
  if (container.find("gates") != nullptr) {
    container.kind = Kind::gated;
    names = {"gates", "weights", "dual"};
  } else if (container.find("units") != nullptr) {
    container.kind = Kind::relu;
    names = {"units", "unit_outputs"};
    const bool tree = container.find("tree") != nullptr;
    if (container.find("dual") != nullptr) names.emplace_back("dual");
    if (container.find("cones") != nullptr) names.emplace_back("cones");
    if (tree)
      for (const char* const part : {"dual", "cells", "tree", "relaxed", "linear"}) names.emplace_back(part);
    for (const char* const part : {"output_bias", "skip"})
      if (container.find(part) != nullptr) names.emplace_back(part);
    for (const char* const part : {"output_cones", "simplices"})
      if (container.find(part) != nullptr && tree) names.emplace_back(part);
  } else if (container.find("layer.1") != nullptr) {
    container.kind = Kind::linear;
    names = {"layer.1", "triangle", "relations", "factor"};
  } else if (container.find("samples") != nullptr) {
    container.kind = Kind::kernel;
    names = {"samples", "coefficients"};
  } else if (container.find("parallel.1") != nullptr) {
    container.kind = Kind::parallel;
    names = {"parallel.1", "dual"};
    if (container.find("tree") != nullptr) names.insert(names.end(), {"tree", "relaxed", "linear"});
    for (const char* const part : {"output_cones", "scalings"})
      if (container.find(part) != nullptr && container.find("tree") != nullptr) names.emplace_back(part);
  } else if (container.find("left") != nullptr) {
    container.kind = Kind::factorization;
    names = {"left", "right", "dual"};
    is_bool.erase("training_rows");
    for (const char* const part : {"above", "left_added", "right_added"})
      if (container.find(part) != nullptr) names.emplace_back(part);
  }
  for (const std::string& name : names) {
    require(container.find(name) != nullptr, "tensor " + name + " is missing");
    is_bool[name] = false;
  }
  const bool linear = container.kind == Kind::linear, parallel = container.kind == Kind::parallel;
  const bool layered = linear || parallel || container.kind == Kind::polynomial;
  const std::string layer = parallel ? "parallel."
                            : linear ? "layer."
                                     : "hidden.",
                    with_it = linear ? "bias." : "mask.";
  for (std::string number = "1"; layered && container.find(layer + number);
       number = std::to_string(++container.layers + 1)) {
    is_bool[layer + number] = false;
    if (!parallel) is_bool[with_it + number] = !linear;
  }
  for (const auto& [name, tensor] : container.tensors) {
    const auto known = is_bool.find(name);
    require(known != is_bool.end() && tensor.is_bool == known->second, name + " is unknown or has the wrong dtype");
    require(tensor.shape.size() == (name == "training_rows" ? 1U : 2U), name + " has the wrong dimensions");
    require(name != "trace" || tensor.shape[1] == 3, "trace does not have 3 columns");
    if (name.starts_with("mask."))
      require(tensor.shape == container.find("hidden." + name.substr(5))->shape, name + " does not fit its layer");
  }
}
}  // namespace

const Tensor* Container::find(const std::string& name) const {
  const auto tensor = tensors.find(name);
  return tensor == tensors.end() ? nullptr : &tensor->second;
}

Container read_container(std::string_view file) {
  std::uint64_t length = 0;
  require(file.size() >= 8, "shorter than its first 8 bytes");
  std::memcpy(&length, file.data(), 8);
  require(length <= std::uint64_t{64} << 20 && length <= file.size() - 8, "header too long");
  const std::string_view padded = file.substr(8, length), data = file.substr(8 + length);
  const std::string_view header = padded.substr(0, padded.find_last_not_of(' ') + 1);
  require(header.starts_with('{') && header.ends_with('}'), "header is not one JSON object padded with blanks");
  const Json json = parse_strict(header);
  require(json.size() <= 64 + 1, "more than 64 tensors");
  const Json metadata = json.value("__metadata__", Json());
  require_shape(metadata, Json::parse(R"({"format": "|nadir-model 1", "nadir": "text", "sha256": "text"})"),
                "metadata");
  Container container{metadata["nadir"], {}};
  for (const auto& [name, entry] : json.items())
    if (name != "__metadata__") container.tensors[name] = read_tensor(entry, name, data);
  require_tiling(container, data);
  require_known(container);
  require(sha256({container.document, data}) == metadata["sha256"], "sha256 does not match the contents");
  return container;
}
}  // namespace nadir::verify
