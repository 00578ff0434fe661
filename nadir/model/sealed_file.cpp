#include "nadir/model/sealed_file.hpp"

#include "nadir/base/error.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/base/version.hpp"

namespace nadir {
namespace {

std::string seal_of(const std::string& document, const std::vector<Tensor>& tensors) {
  Sha256 hash;
  hash.add(document);
  for (const Tensor& tensor : tensors) hash.add(tensor.bytes);
  return hash.finish();
}

nlohmann::json document_of(const TensorFile& file) {
  const auto text = [&](const char* key) -> const std::string& {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      throw InputError(std::string("its header has no '") + key + "'; it is no nadir model");
    return found->second;
  };
  if (text("format") != "nadir-model 1")
    throw InputError("its format is '" + text("format") + "'; this program reads 'nadir-model 1'");
  if (text("sha256") != seal_of(text("nadir"), file.tensors))
    throw InputError("its checksum is wrong; the file was damaged or changed");
  return nlohmann::json::parse(text("nadir"));
}

}  // namespace

std::string seal(SealedFile sealed) {
  sealed.document["version"] = 1;
  sealed.document["program"] = std::string("nadir ") + version;
  const std::string text = sealed.document.dump();
  sealed.file.metadata = {{"format", "nadir-model 1"}, {"nadir", text}, {"sha256", seal_of(text, sealed.file.tensors)}};
  return encode_tensors(sealed.file);
}

SealedFile unseal(std::string_view bytes, const std::string& name) {
  SealedFile sealed{decode_tensors(bytes, name), {}};
  try {
    sealed.document = document_of(sealed.file);
  } catch (const InputError& error) {
    throw InputError(name + ": " + error.what());
  } catch (const nlohmann::json::exception& error) {
    throw InputError(name + ": the header is malformed: " + error.what());
  }
  return sealed;
}

}  // namespace nadir
