#pragma once
// The container of docs/certificate-format.md, section 1: named tensors and texts in one file that the stock
// safetensors library reads too.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nadir {

struct Tensor {
  std::string name;
  bool boolean = false;              ///< BOOL, a byte each, 0 or 1; otherwise F64, little-endian
  std::vector<std::uint64_t> shape;  ///< rows first
  std::string bytes;

  bool operator==(const Tensor&) const = default;
};

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<Tensor> tensors;  ///< in the order of their bytes

  bool operator==(const TensorFile&) const = default;
};

/// The file's bytes; the same for the same content. The data section begins at a multiple of 8 bytes.
/// Throws ResourceError if the header exceeds 64 MiB.
std::string encode_tensors(const TensorFile& file);

/// The content of a file; `name` is for messages. Lengths are held against the file before anything is allocated.
/// Throws InputError for everything that section 1 refuses, except unknown tensor names and metadata keys.
TensorFile decode_tensors(std::string_view bytes, const std::string& name);

}  // namespace nadir
