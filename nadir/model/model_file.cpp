#include "nadir/model/model_file.hpp"

#include <cmath>
#include <cstring>
#include <set>

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/base/version.hpp"
#include "nadir/data/safetensors.hpp"

namespace nadir {
namespace {

using nlohmann::json;

Tensor numbers(const std::string& name, const Matrix& matrix) {
  Tensor tensor{
      name, false, {static_cast<std::uint64_t>(matrix.rows()), static_cast<std::uint64_t>(matrix.cols())}, {}};
  tensor.bytes.assign(reinterpret_cast<const char*>(matrix.data()),
                      static_cast<std::size_t>(matrix.size()) * sizeof(double));
  return tensor;
}

Tensor flags(const std::string& name, const Mask& mask) {
  Tensor tensor{name, true, {static_cast<std::uint64_t>(mask.rows()), static_cast<std::uint64_t>(mask.cols())}, {}};
  for (Index i = 0; i < mask.size(); ++i) tensor.bytes.push_back(mask.data()[i] ? 1 : 0);
  return tensor;
}

Matrix to_matrix(const Tensor& tensor) {
  if (tensor.boolean || tensor.shape.size() != 2)
    throw InputError("tensor '" + tensor.name + "' is not a matrix of numbers");
  Matrix matrix(static_cast<Index>(tensor.shape[0]), static_cast<Index>(tensor.shape[1]));
  if (!tensor.bytes.empty()) std::memcpy(matrix.data(), tensor.bytes.data(), tensor.bytes.size());
  return matrix;
}

Mask to_mask(const Tensor& tensor) {
  if (!tensor.boolean || tensor.shape.size() != 2)
    throw InputError("tensor '" + tensor.name + "' is not a matrix of flags");
  Mask mask(static_cast<Index>(tensor.shape[0]), static_cast<Index>(tensor.shape[1]));
  for (Index i = 0; i < mask.size(); ++i) mask.data()[i] = tensor.bytes[static_cast<std::size_t>(i)] != 0;
  return mask;
}

std::string sealed(const std::string& document, const std::vector<Tensor>& tensors) {
  Sha256 hash;
  hash.add(document);
  for (const Tensor& tensor : tensors) hash.add(tensor.bytes);
  return hash.finish();
}

json network_to_json(const PolynomialNetwork& network) {
  json hidden = json::array();
  for (const auto& layer : network.hidden)
    hidden.push_back({{"exponents", to_hex(std::vector<double>(layer.exponents.begin(), layer.exponents.end()))}});
  return {{"kind", "polynomial"}, {"hidden", hidden}};
}

const Tensor* find(const TensorFile& file, const std::string& name) {
  for (const Tensor& tensor : file.tensors)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

const Tensor& need(const TensorFile& file, const std::string& name) {
  if (const Tensor* tensor = find(file, name)) return *tensor;
  throw InputError("tensor '" + name + "' is missing");
}

PolynomialNetwork read_network(const TensorFile& file, const json& document) {
  if (document.at("kind") != "polynomial")
    throw InputError("network kind " + document.at("kind").dump() + " is unknown");
  PolynomialNetwork network;
  for (const auto& layer_document : document.at("hidden")) {
    const std::string number = std::to_string(network.hidden.size() + 1);
    PolynomialLayer layer;
    layer.weights = to_matrix(need(file, "hidden." + number));
    if (const Tensor* mask = find(file, "mask." + number)) layer.mask = to_mask(*mask);
    const auto& exponents = layer_document.at("exponents");
    layer.exponents.resize(static_cast<Index>(exponents.size()));
    for (std::size_t i = 0; i < exponents.size(); ++i)
      layer.exponents[static_cast<Index>(i)] = from_hex(exponents[i].get<std::string>());
    const Index inputs = network.hidden.empty() ? layer.weights.cols() : network.hidden.back().weights.rows();
    if (layer.weights.rows() != layer.exponents.size() || layer.weights.cols() != inputs || layer.weights.rows() == 0)
      throw InputError("hidden layer " + number + " does not fit its neighbours");
    if (!(layer.exponents.minCoeff() >= 1) || !layer.weights.allFinite() || !(layer.weights.minCoeff() >= 0))
      throw InputError("hidden layer " + number + " has a weight or an exponent out of its range");
    network.hidden.push_back(std::move(layer));
  }
  network.output = to_matrix(need(file, "output"));
  if (network.hidden.empty() || network.output.cols() != network.hidden.back().weights.rows() ||
      !network.output.allFinite())
    throw InputError("the output layer does not fit the hidden ones");
  return network;
}

/// The seal covers the tensors' bytes but not their names.
void require_known_tensors(const TensorFile& file, std::size_t layers) {
  std::set<std::string> known = {"output", "trace", "training_rows"};
  for (std::size_t j = 1; j <= layers; ++j)
    known.insert("hidden." + std::to_string(j)), known.insert("mask." + std::to_string(j));
  for (const Tensor& tensor : file.tensors)
    if (!known.contains(tensor.name)) throw InputError("tensor '" + tensor.name + "' is unknown");
  const Tensor* rows = find(file, "training_rows");
  if (rows != nullptr && (!rows->boolean || rows->shape.size() != 1))
    throw InputError("tensor 'training_rows' is not a list of flags");
}

Model read_model(const TensorFile& file) {
  const auto text = [&](const char* key) -> const std::string& {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      throw InputError(std::string("its header has no '") + key + "'; it is no nadir model");
    return found->second;
  };
  if (text("format") != "nadir-model 1")
    throw InputError("its format is '" + text("format") + "'; this program reads 'nadir-model 1'");
  if (text("sha256") != sealed(text("nadir"), file.tensors))
    throw InputError("its checksum is wrong; the file was damaged or changed");
  const json document = json::parse(text("nadir"));
  Model model;
  model.recipe = Recipe::from_json(document.at("recipe"));
  model.network = read_network(file, document.at("network"));
  model.objective = document.at("objective");
  model.certificate = certificate_from_json(document.at("certificate"));
  model.notes = document.at("notes");
  if (model.recipe.quantity)
    throw InputError("a polynomial network has classes, and the recipe's target is a quantity");
  const Index classes = static_cast<Index>(model.recipe.classes.size());
  const Index features = static_cast<Index>(model.recipe.feature_names().size());
  if (model.network.classes() != classes || model.network.inputs() != features)
    throw InputError("the network's shape is not that of its recipe");
  require_known_tensors(file, model.network.hidden.size());
  if (const Tensor* rows = find(file, "training_rows"))
    for (const char flag : rows->bytes) model.training_rows.push_back(flag != 0);
  if (const Tensor* trace = find(file, "trace")) model.trace = to_matrix(*trace);
  return model;
}

}  // namespace

std::string encode_model(const Model& model) {
  TensorFile file;
  for (std::size_t j = 0; j < model.network.hidden.size(); ++j)
    file.tensors.push_back(numbers("hidden." + std::to_string(j + 1), model.network.hidden[j].weights));
  file.tensors.push_back(numbers("output", model.network.output));
  if (model.trace.size() > 0) file.tensors.push_back(numbers("trace", model.trace));
  for (std::size_t j = 0; j < model.network.hidden.size(); ++j)
    if (model.network.hidden[j].mask.size() > 0)
      file.tensors.push_back(flags("mask." + std::to_string(j + 1), model.network.hidden[j].mask));
  if (!model.training_rows.empty()) {
    Tensor rows{"training_rows", true, {model.training_rows.size()}, {}};
    for (const bool used : model.training_rows) rows.bytes.push_back(used ? 1 : 0);
    file.tensors.push_back(std::move(rows));
  }
  const json document = {{"version", 1},
                         {"program", std::string("nadir ") + version},
                         {"recipe", model.recipe.to_json()},
                         {"network", network_to_json(model.network)},
                         {"objective", model.objective},
                         {"certificate", to_json(model.certificate)},
                         {"notes", model.notes}};
  const std::string text = document.dump();
  file.metadata = {{"format", "nadir-model 1"}, {"nadir", text}, {"sha256", sealed(text, file.tensors)}};
  return encode_tensors(file);
}

Model decode_model(std::string_view bytes, const std::string& name) {
  const TensorFile file = decode_tensors(bytes, name);
  try {
    return read_model(file);
  } catch (const InputError& error) {
    throw InputError(name + ": " + error.what());
  } catch (const json::exception& error) {
    throw InputError(name + ": the header is malformed: " + error.what());
  }
}

}  // namespace nadir
