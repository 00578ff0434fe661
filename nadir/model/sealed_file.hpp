#pragma once
// What all model files are (docs/certificate-format.md, section 1): tensors and a JSON document under one seal.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "nadir/base/error.hpp"
#include "nadir/data/safetensors.hpp"

namespace nadir {

struct SealedFile {
  TensorFile file;
  nlohmann::json document;
};

/// The file's bytes. The document's version and program are set here.
std::string seal(SealedFile sealed);

/// Throws InputError, in one line that begins with `name`, for what is no such file, or was changed.
SealedFile unseal(std::string_view bytes, const std::string& name);

/// read(sealed), whose errors become an InputError in one line that begins with `name`.
template <class Read>
auto read_sealed(const SealedFile& sealed, const std::string& name, const Read& read) {
  try {
    return read(sealed);
  } catch (const InputError& error) {
    throw InputError(name + ": " + error.what());
  } catch (const nlohmann::json::exception& error) {
    throw InputError(name + ": the header is malformed: " + error.what());
  }
}

}  // namespace nadir
