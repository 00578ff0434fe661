#pragma once
// Section 1 of docs/certificate-format.md: the file as a document and tensors.
#include <cstdint>
#include <map>

#include "nadir/verify/tools.hpp"

namespace nadir::verify {

struct Tensor {
  bool is_bool = false;  // else F64
  std::vector<std::uint64_t> shape;
  std::string_view bytes;

  Matrix matrix() const;
  std::vector<std::uint8_t> flags() const { return {bytes.begin(), bytes.end()}; }
};

struct Container {
  std::string document;  // the text `nadir`
  std::map<std::string, Tensor> tensors;
  std::size_t layers = 0;  // hidden.1 ... hidden.layers are present

  const Tensor* find(const std::string& name) const;
  const Tensor* find(const char* kind, std::size_t layer) const { return find(kind + std::to_string(layer)); }
};

/// Views into `file`, which must outlive the result. Nothing is allocated before its size is known to be right.
Container read_container(std::string_view file);

}  // namespace nadir::verify
