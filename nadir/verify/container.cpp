#include "nadir/verify/container.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "nadir/verify/json.hpp"

namespace nadir::verify {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are read in place");

Tensor read_tensor(const Node& entry, std::string_view data) {
  entry.only({"dtype", "shape", "data_offsets"});
  Tensor tensor;
  tensor.is_bool = entry.at("dtype").text() == "BOOL";
  require(tensor.is_bool || entry.at("dtype").text() == "F64", entry.path + " has an unknown dtype");
  std::uint64_t size = tensor.is_bool ? 1 : 8;
  for (const Node& extent : entry.at("shape").list()) {
    tensor.shape.push_back(extent.count());
    require(!__builtin_mul_overflow(size, tensor.shape.back(), &size), entry.path + " has a shape that overflows");
  }
  const std::vector<Node> offsets = entry.at("data_offsets").list();
  require(offsets.size() == 2, entry.path + " does not have two offsets");
  const std::uint64_t begin = offsets[0].count(), end = offsets[1].count();
  require(begin <= end && end <= data.size(), entry.path + " lies outside of the file");
  require(end - begin == size, entry.path + " has a shape that does not match its bytes");
  tensor.bytes = data.substr(begin, size);
  for (const char byte : tensor.is_bool ? tensor.bytes : "")
    require(byte == 0 || byte == 1, entry.path + " has a byte other than 0 and 1");
  return tensor;
}

/// In the order of their places, each tensor begins where the one before ends, and the last ends with the file.
void require_tiling(const Container& container, std::string_view data) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const auto& [name, tensor] : container.tensors)
    ranges.emplace_back(tensor.bytes.data() - data.data(), tensor.bytes.size());
  std::sort(ranges.begin(), ranges.end());
  std::size_t end = 0;
  for (const auto& [begin, size] : ranges) {
    require(begin == end, begin < end ? "tensors overlap" : "hole between tensors");
    end += size;
  }
  require(end == data.size(), "bytes after the last tensor");
}

/// The names, types and dimensions of the table of section 1.
void require_known(Container& container) {
  std::map<std::string, bool> is_bool{{"output", false}, {"trace", false}, {"training_rows", true}};
  while (container.find("hidden.", container.layers + 1) != nullptr) {
    const std::string layer = std::to_string(++container.layers);
    is_bool["hidden." + layer] = false;
    is_bool["mask." + layer] = true;
  }
  require(container.layers > 0 && container.find("output") != nullptr, "tensor hidden.1 or output is missing");
  for (const auto& [name, tensor] : container.tensors) {
    const auto known = is_bool.find(name);
    require(known != is_bool.end(), "unknown tensor " + name);
    require(tensor.is_bool == known->second, "tensor " + name + " has the wrong dtype");
    require(tensor.shape.size() == (name == "training_rows" ? 1U : 2U), "tensor " + name + " has the wrong dimensions");
    require(name != "trace" || tensor.shape[1] == 3, "trace does not have 3 columns");
    if (name.starts_with("mask."))
      require(tensor.shape == container.find("hidden." + name.substr(5))->shape,
              name + " does not have its layer's shape");
  }
}

}  // namespace

Matrix Tensor::matrix() const {
  Matrix result(shape.at(0), shape.at(1));
  std::memcpy(result.values.data(), bytes.data(), bytes.size());
  return result;
}

const Tensor* Container::find(const std::string& name) const {
  const auto tensor = tensors.find(name);
  return tensor == tensors.end() ? nullptr : &tensor->second;
}

Container read_container(std::string_view file) {
  require(file.size() >= 8, "shorter than its first 8 bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  require(length <= std::uint64_t{64} << 20 && length <= file.size() - 8,
          "header longer than allowed, or than the file");
  std::string_view header = file.substr(8, length);
  const std::string_view data = file.substr(8 + length);
  header.remove_suffix(header.size() - (header.find_last_not_of(' ') + 1));
  require(header.starts_with('{') && header.ends_with('}'), "header is not one JSON object padded with blanks");

  const nlohmann::json json = parse_strict(header);
  require(json.size() <= 64 + 1, "more than 64 tensors");
  const Node metadata = Node{json, "header"}.at("__metadata__").only({"format", "nadir", "sha256"});
  require(metadata.at("format").text() == "nadir-model 1", "format is not \"nadir-model 1\"");
  Container container;
  container.document = metadata.at("nadir").text();
  for (const auto& [name, entry] : json.items())
    if (name != "__metadata__") container.tensors[name] = read_tensor({entry, "tensor " + name}, data);
  require_tiling(container, data);
  require_known(container);
  Sha256 hash;
  hash.add(container.document);
  hash.add(data);
  require(hash.hex() == metadata.at("sha256").text(), "sha256 does not match the contents");
  return container;
}

}  // namespace nadir::verify
