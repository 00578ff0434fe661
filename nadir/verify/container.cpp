#include <openssl/evp.h>

#include <bit>
#include <cstring>
#include <memory>

#include "nadir/verify/json.hpp"

namespace nadir::verify {
namespace {
static_assert(std::endian::native == std::endian::little, "tensors are read in place");

Tensor read_tensor(const Json& entry, const std::string& name, std::string_view data) {
  require_shape(entry, Json::parse(R"({"dtype": "=F64|BOOL", "shape": ["count"], "data_offsets": ["count"]})"), name);
  Tensor tensor{entry["dtype"] == "BOOL", entry["shape"], {}};
  std::uint64_t size = tensor.is_bool ? 1 : 8;
  for (const std::uint64_t extent : tensor.shape)
    require(!__builtin_mul_overflow(size, extent, &size), name + " has a shape that overflows");
  const std::vector<std::uint64_t> offsets = entry["data_offsets"];
  require(
      offsets.size() == 2 && offsets[0] <= offsets[1] && offsets[1] <= data.size() && offsets[1] - offsets[0] == size,
      name + " does not match its bytes");
  tensor.bytes = data.substr(offsets[0], size);
  for (const char byte : tensor.is_bool ? tensor.bytes : "")
    require(byte == 0 || byte == 1, name + " has a byte other than 0 and 1");
  return tensor;
}

/// In the order of their places, each tensor begins where the one before ends, and the last ends with the file.
void require_tiling(const Container& container, std::string_view data) {
  std::multimap<std::size_t, std::size_t> sizes;
  for (const auto& [name, tensor] : container.tensors)
    if (!tensor.bytes.empty()) sizes.emplace(tensor.bytes.data() - data.data(), tensor.bytes.size());
  std::size_t end = 0;
  for (const auto& [begin, size] : sizes) {
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
    require(known != is_bool.end() && tensor.is_bool == known->second, name + " is unknown or has the wrong dtype");
    require(tensor.shape.size() == (name == "training_rows" ? 1U : 2U), name + " has the wrong dimensions");
    require(name != "trace" || tensor.shape[1] == 3, "trace does not have 3 columns");
    if (name.starts_with("mask."))
      require(tensor.shape == container.find("hidden." + name.substr(5))->shape, name + " does not fit its layer");
  }
}
}  // namespace

std::string sha256(const std::vector<std::string_view>& pieces) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  unsigned char digest[EVP_MAX_MD_SIZE];
  bool done = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const std::string_view piece : pieces)
    done = done && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  require(done && EVP_DigestFinal_ex(context.get(), digest, nullptr) == 1, "SHA-256 failed");
  std::string text;
  for (int i = 0; i < 64; ++i) text += "0123456789abcdef"[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15];
  return text;
}

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
  std::uint64_t length = 0;
  require(file.size() >= 8, "shorter than its first 8 bytes");
  std::memcpy(&length, file.data(), 8);
  require(length <= std::uint64_t{64} << 20 && length <= file.size() - 8,
          "header longer than allowed, or than the file");
  const std::string_view padded = file.substr(8, length), data = file.substr(8 + length);
  const std::string_view header = padded.substr(0, padded.find_last_not_of(' ') + 1);
  require(header.starts_with('{') && header.ends_with('}'), "header is not one JSON object padded with blanks");

  const Json json = parse_strict(header);
  require(json.size() <= 64 + 1, "more than 64 tensors");
  const Json metadata = json.value("__metadata__", Json());
  require_shape(metadata, Json::parse(R"({"format": "=nadir-model 1", "nadir": "text", "sha256": "text"})"),
                "__metadata__");
  Container container{metadata["nadir"], {}, 0};
  for (const auto& [name, entry] : json.items())
    if (name != "__metadata__") container.tensors[name] = read_tensor(entry, name, data);
  require_tiling(container, data);
  require_known(container);
  require(sha256({container.document, data}) == metadata["sha256"], "sha256 does not match the contents");
  return container;
}
}  // namespace nadir::verify
