#include "nadir/model/sealed_file.hpp"

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
  sealed.document = read_sealed(sealed, name, [](const SealedFile& it) { return document_of(it.file); });
  return sealed;
}

}  // namespace nadir
