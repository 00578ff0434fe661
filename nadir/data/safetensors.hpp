#pragma once
// The container of docs/certificate-format.md, section 1: named tensors and texts in one file that the stock
// safetensors library reads too.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
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

/// A tensor as any safetensors file describes it; `bytes` are a view of the file.
struct TensorView {
  std::string name;
  std::string type;                  ///< "F64", "BOOL", ..
  std::vector<std::uint64_t> shape;  ///< rows first
  std::string_view bytes;
};

struct TensorFileView {
  std::map<std::string, std::string> metadata;
  std::vector<TensorView> tensors;  ///< in the order of their bytes
};

/// What a file of some kind may hold.
struct TensorRules {
  std::string kind;                                          ///< in messages: "model file"
  std::uint64_t max_header = 0;                              ///< bytes, a multiple of 1 MiB
  std::size_t max_tensors = 0;                               ///< in one file
  std::vector<std::pair<std::string, std::uint64_t>> types;  ///< and how many bytes an element has
  std::string of_other_types;                                ///< in messages: "is neither F64 nor BOOL"
};

/// The file's bytes; the same for the same content. The data section begins at a multiple of 8 bytes.
/// Throws ResourceError if the header exceeds 64 MiB.
std::string encode_tensors(const TensorFile& file);

/// The content of a file; `name` is for messages. Lengths are held against the file before anything is allocated.
/// Throws InputError for everything that section 1 refuses, except unknown tensor names and metadata keys.
TensorFile decode_tensors(std::string_view bytes, const std::string& name);

/// The same for a safetensors file of any program, within `rules`; elements are not looked at.
TensorFileView view_tensors(std::string_view bytes, const std::string& name, const TensorRules& rules);

}  // namespace nadir
