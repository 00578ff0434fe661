#include "nadir/model/tensors.hpp"

#include <cstring>
#include <set>

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"

namespace nadir {
namespace {

using nlohmann::json;

Tensor to_tensor(const std::string& name, const Mask& mask) {
  Tensor tensor{name, true, {static_cast<std::uint64_t>(mask.rows()), static_cast<std::uint64_t>(mask.cols())}, {}};
  for (Index i = 0; i < mask.size(); ++i) tensor.bytes.push_back(mask.data()[i] ? 1 : 0);
  return tensor;
}

Mask to_mask(const Tensor& tensor) {
  if (!tensor.boolean || tensor.shape.size() != 2)
    throw InputError("tensor '" + tensor.name + "' is not a matrix of flags");
  Mask mask(static_cast<Index>(tensor.shape[0]), static_cast<Index>(tensor.shape[1]));
  for (Index i = 0; i < mask.size(); ++i) mask.data()[i] = tensor.bytes[static_cast<std::size_t>(i)] != 0;
  return mask;
}

PolynomialNetwork read_polynomial(const TensorFile& file, const json& document) {
  PolynomialNetwork network;
  for (const auto& layer_document : document.at("hidden")) {
    const std::string number = std::to_string(network.hidden.size() + 1);
    PolynomialLayer layer;
    layer.weights = to_matrix(need(file, "hidden." + number));
    if (const Tensor* mask = find_tensor(file, "mask." + number)) layer.mask = to_mask(*mask);
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

/// K of section 5.2, for a loss that fits the target.
Index outputs_of(const json& objective, const Recipe& recipe, const std::string& network, int power = 1) {
  const bool relu = network == "relu", given = relu && has_given_units(objective);
  const std::set<std::string> penalties = given        ? std::set<std::string>{"output_weights"}
                                          : power != 1 ? std::set<std::string>{"variation_norm"}
                                          : relu       ? std::set<std::string>{"weight_decay", "shared_weight_decay"}
                                          : network == "kernel" ? std::set<std::string>{"kernel_norm"}
                                          : network == "parallel"
                                              ? std::set<std::string>{"product_of_norms"}
                                              : std::set<std::string>{"group", "nuclear", "l1", "features"};
  if (relu && power == 1 && objective.at("kind") == "mean_loss") {
    if (objective.at("loss").at("kind") != "squared" || !recipe.quantity)
      throw InputError("a sum of ReLU units has another loss or target than the squared one of a quantity");
    return 1;
  }
  const bool constrained = objective.at("kind") == "constrained" && relu;
  if (!constrained &&
      (objective.at("kind") != "penalized" || penalties.count(objective.at("penalty").get<std::string>()) == 0))
    throw InputError("the objective " + objective.at("kind").dump() + " is not one of a " + (relu ? "ReLU" : network) +
                     " network");
  const std::string size = constrained ? "radius" : "lambda";
  if (!(from_hex(objective.at(size).get<std::string>()) > 0))
    throw InputError("the objective's " + size + " is not above 0");
  const std::string loss = objective.at("loss").at("kind").get<std::string>();
  const bool two = loss == "logistic" || loss == "squared_hinge", quantity = recipe.quantity.has_value();
  if (!two && loss != "squared" && loss != "huber" && loss != "softmax")
    throw InputError("the loss '" + loss + "' is unknown");
  const bool fits = two                 ? recipe.classes.size() == 2
                    : loss == "huber"   ? quantity
                    : loss == "softmax" ? !quantity
                                        : true;
  if (!fits) throw InputError("the loss '" + loss + "' does not fit the recipe's target");
  const json& kind = objective.at("loss");
  if (kind.contains("delta") != (loss == "huber") ||
      (loss == "huber" && !(from_hex(kind["delta"].get<std::string>()) > 0)))
    throw InputError("the objective's delta is not above 0, or not where it belongs");
  if (power != 1 && !given && !quantity && !two)
    throw InputError("units of this power have one output, and the loss has several");
  return quantity || two ? 1 : static_cast<Index>(recipe.classes.size());
}

GatedNetwork read_gated(const TensorFile& file, Index outputs) {
  GatedNetwork network;
  network.outputs = outputs;
  network.gates = to_matrix(need(file, "gates"));
  network.weights = to_matrix(need(file, "weights"));
  if (network.gates.rows() == 0) throw InputError("the network has no gates");
  if (network.weights.cols() != network.gates.cols() || network.weights.rows() % outputs != 0)
    throw InputError("the weights do not fit the gates or the outputs");
  if (network.active() > network.gates.rows()) throw InputError("the network has more active gates than gates");
  if (!network.gates.allFinite() || !network.weights.allFinite())
    throw InputError("a gate or a weight is not a finite number");
  return network;
}

/// Of max(0, u·x) in units.
int read_power(const json& document) {
  const auto power = document.at("power").get<std::int64_t>();
  if (power < 0 || power > 2) throw InputError("the network's power is not 0, 1 or 2");
  return static_cast<int>(power);
}

KernelMachine read_kernel(const TensorFile& file, const json& document, Index outputs) {
  KernelMachine network{to_matrix(need(file, "samples")), to_matrix(need(file, "coefficients")), read_power(document)};
  if (network.samples.rows() != network.coefficients.rows() || network.outputs() != outputs)
    throw InputError("the coefficients do not fit the samples or the outputs");
  if (!network.samples.allFinite() || !network.coefficients.allFinite())
    throw InputError("a sample or a coefficient is not a finite number");
  return network;
}

ParallelNetwork read_parallel(const TensorFile& file, const json& document, Index outputs) {
  ParallelNetwork network{{}, outputs, from_hex(document.at("slope").get<std::string>())};
  for (std::string number = "1"; const Tensor* const tensor = find_tensor(file, "parallel." + number);
       number = std::to_string(network.layers.size() + 1))
    network.layers.push_back(to_matrix(*tensor));
  require_parallel(network);
  return network;
}

/// Whether the objective weighs such a part of the network: exactly then there is a tensor of this name.
bool has_part(const json& objective, const char* name, bool may_be_free) {
  if (!objective.contains(name)) return false;
  const double weight = from_hex(objective[name].get<std::string>());
  if (!(weight > 0 || (may_be_free && weight == 0)))
    throw InputError(std::string("the objective's ") + name + (may_be_free ? " is below 0" : " is not above 0"));
  return true;
}

ReluNetwork read_relu(const TensorFile& file, const json& document, const Recipe& recipe, const json& objective) {
  ReluNetwork network{to_matrix(need(file, "units")), to_matrix(need(file, "unit_outputs"))};
  if (document.contains("power")) network.power = read_power(document);
  if (document.contains("power") && network.power == 1) throw InputError("the power 1 of ReLU units is left out");
  const Index outputs = outputs_of(objective, recipe, "relu", network.power);
  if ((network.power != 1 || has_given_units(objective)) &&
      (objective.contains("output_bias") || objective.contains("skip")))
    throw InputError("units that are given, or of this power, have no output biases or linear part beside them");
  if (network.unit_outputs.rows() != network.units.rows() || network.outputs() != outputs)
    throw InputError("the output weights do not fit the units or the outputs");
  if (has_part(objective, "output_bias", true)) {
    const Matrix biases = to_matrix(need(file, "output_bias"));
    if (biases.rows() != 1 || biases.cols() != outputs) throw InputError("the output biases do not fit the outputs");
    network.output_biases = biases.row(0).transpose();
  }
  if (has_part(objective, "skip", false)) {
    network.skip = to_matrix(need(file, "skip"));
    if (network.skip.rows() != network.inputs() || network.skip.cols() != outputs)
      throw InputError("the linear part does not fit the inputs or the outputs");
  }
  if (!network.units.allFinite() || !network.unit_outputs.allFinite() || !network.output_biases.allFinite() ||
      !network.skip.allFinite())
    throw InputError("a weight is not a finite number");
  return network;
}

BiasedChain read_linear(const TensorFile& file, const json& objective, const Recipe& recipe) {
  if (objective.at("kind") != "mean_loss" || objective.at("loss").at("kind") != "squared")
    throw InputError("the objective " + objective.at("kind").dump() + " is not one of a linear network");
  BiasedChain network;
  for (std::string number = "1"; find_tensor(file, "layer." + number) != nullptr;
       number = std::to_string(network.chain.weights.size() + 1)) {
    const Matrix& weights = network.chain.weights.emplace_back(to_matrix(need(file, "layer." + number)));
    Vector& bias = network.biases.emplace_back();
    const Tensor* const tensor = find_tensor(file, "bias." + number);
    if (tensor == nullptr) continue;
    const Matrix row = to_matrix(*tensor);
    if (row.rows() != 1 || row.cols() != weights.rows() || !row.allFinite())
      throw InputError("bias." + number + " does not fit its layer, or is not finite");
    bias = row.row(0).transpose();
  }
  require_chain(network.chain);
  if (network.chain.outputs() != (recipe.quantity ? 1 : static_cast<Index>(recipe.classes.size())))
    throw InputError("the network's shape is not that of its recipe");
  return network;
}

/// What the format allows besides.
void require_fewer_tensors(const BiasedChain& network) {
  std::size_t tensors = network.chain.weights.size() + 5;
  for (const Vector& bias : network.biases) tensors += bias.size() > 0 ? 1 : 0;
  if (tensors > 64)
    throw ResourceError("a network of " + std::to_string(network.chain.weights.size()) +
                        " layers has more tensors than a model file holds, which is 64");
}

}  // namespace

Tensor to_tensor(const std::string& name, const Matrix& matrix) {
  Tensor tensor{
      name, false, {static_cast<std::uint64_t>(matrix.rows()), static_cast<std::uint64_t>(matrix.cols())}, {}};
  tensor.bytes.assign(reinterpret_cast<const char*>(matrix.data()),
                      static_cast<std::size_t>(matrix.size()) * sizeof(double));
  return tensor;
}

Matrix to_matrix(const Tensor& tensor) {
  if (tensor.boolean || tensor.shape.size() != 2)
    throw InputError("tensor '" + tensor.name + "' is not a matrix of numbers");
  Matrix matrix(static_cast<Index>(tensor.shape[0]), static_cast<Index>(tensor.shape[1]));
  if (!tensor.bytes.empty()) std::memcpy(matrix.data(), tensor.bytes.data(), tensor.bytes.size());
  return matrix;
}

const Tensor* find_tensor(const TensorFile& file, const std::string& name) {
  for (const Tensor& tensor : file.tensors)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

const Tensor& need(const TensorFile& file, const std::string& name) {
  if (const Tensor* tensor = find_tensor(file, name)) return *tensor;
  throw InputError("tensor '" + name + "' is missing");
}

json network_to_json(const Network& network) {
  if (std::holds_alternative<GatedNetwork>(network)) return {{"kind", "gated"}};
  if (std::holds_alternative<BiasedChain>(network)) return {{"kind", "linear"}};
  if (const auto* const kernel = std::get_if<KernelMachine>(&network))
    return {{"kind", "kernel"}, {"power", kernel->power}};
  if (const auto* const parallel = std::get_if<ParallelNetwork>(&network))
    return {{"kind", "parallel"}, {"slope", to_hex(parallel->slope)}};
  const auto* const polynomial = std::get_if<PolynomialNetwork>(&network);
  if (polynomial == nullptr) {
    json relu = {{"kind", "relu"}};
    if (const int power = std::get<ReluNetwork>(network).power; power != 1) relu["power"] = power;
    return relu;
  }
  json hidden = json::array();
  for (const auto& layer : polynomial->hidden)
    hidden.push_back({{"exponents", to_hex(std::vector<double>(layer.exponents.begin(), layer.exponents.end()))}});
  return {{"kind", "polynomial"}, {"hidden", hidden}};
}

std::vector<Tensor> weight_tensors(const Network& network) {
  std::vector<Tensor> tensors;
  if (const auto* const gated = std::get_if<GatedNetwork>(&network)) {
    tensors.push_back(to_tensor("gates", gated->gates));
    tensors.push_back(to_tensor("weights", gated->weights));
    return tensors;
  }
  if (const auto* const relu = std::get_if<ReluNetwork>(&network)) {
    tensors.push_back(to_tensor("units", relu->units));
    tensors.push_back(to_tensor("unit_outputs", relu->unit_outputs));
    if (relu->output_biases.size() > 0)
      tensors.push_back(to_tensor("output_bias", Matrix(relu->output_biases.transpose())));
    if (relu->skip.size() > 0) tensors.push_back(to_tensor("skip", relu->skip));
    return tensors;
  }
  if (const auto* const kernel = std::get_if<KernelMachine>(&network))
    return {to_tensor("samples", kernel->samples), to_tensor("coefficients", kernel->coefficients)};
  if (const auto* const parallel = std::get_if<ParallelNetwork>(&network)) {
    for (const Matrix& layer : parallel->layers)
      tensors.push_back(to_tensor("parallel." + std::to_string(tensors.size() + 1), layer));
    return tensors;
  }
  if (const auto* const linear = std::get_if<BiasedChain>(&network)) {
    require_fewer_tensors(*linear);
    const auto add = [&](const char* name, std::size_t i, const Matrix& matrix) {
      if (matrix.size() > 0) tensors.push_back(to_tensor(name + std::to_string(i + 1), matrix));
    };
    for (std::size_t i = 0; i < linear->chain.weights.size(); ++i) add("layer.", i, linear->chain.weights[i]);
    for (std::size_t i = 0; i < linear->biases.size(); ++i) add("bias.", i, linear->biases[i].transpose());
    return tensors;
  }
  const auto& polynomial = std::get<PolynomialNetwork>(network);
  for (std::size_t j = 0; j < polynomial.hidden.size(); ++j)
    tensors.push_back(to_tensor("hidden." + std::to_string(j + 1), polynomial.hidden[j].weights));
  tensors.push_back(to_tensor("output", polynomial.output));
  return tensors;
}

std::vector<Tensor> mask_tensors(const Network& network) {
  std::vector<Tensor> tensors;
  if (const auto* const polynomial = std::get_if<PolynomialNetwork>(&network))
    for (std::size_t j = 0; j < polynomial->hidden.size(); ++j)
      if (polynomial->hidden[j].mask.size() > 0)
        tensors.push_back(to_tensor("mask." + std::to_string(j + 1), polynomial->hidden[j].mask));
  return tensors;
}

Network read_network(const TensorFile& file, const json& document, const Recipe& recipe, const json& objective) {
  const auto features = static_cast<Index>(recipe.feature_names().size());
  const auto require_shape = [](bool fits) {
    if (!fits) throw InputError("the network's shape is not that of its recipe");
  };
  if (document.at("kind") == "gated") {
    GatedNetwork network = read_gated(file, outputs_of(objective, recipe, "gated"));
    require_shape(network.inputs() == features);
    return network;
  }
  if (document.at("kind") == "relu") {
    ReluNetwork network = read_relu(file, document, recipe, objective);
    require_shape(network.inputs() == features);
    return network;
  }
  if (document.at("kind") == "linear") {
    BiasedChain network = read_linear(file, objective, recipe);
    require_shape(network.chain.inputs() == features);
    return network;
  }
  if (document.at("kind") == "kernel") {
    KernelMachine network = read_kernel(file, document, outputs_of(objective, recipe, "kernel"));
    require_shape(network.inputs() == features);
    return network;
  }
  if (document.at("kind") == "parallel") {
    ParallelNetwork network = read_parallel(file, document, outputs_of(objective, recipe, "parallel"));
    require_shape(network.inputs() == features);
    return network;
  }
  if (document.at("kind") != "polynomial")
    throw InputError("network kind " + document.at("kind").dump() + " is unknown");
  if (recipe.quantity) throw InputError("a polynomial network has classes, and the recipe's target is a quantity");
  PolynomialNetwork network = read_polynomial(file, document);
  require_shape(network.inputs() == features && network.classes() == static_cast<Index>(recipe.classes.size()));
  return network;
}

void require_known_tensors(const TensorFile& file, const Network& network, bool polar) {
  std::set<std::string> known = {"trace", "training_rows"};
  if (const auto* const polynomial = std::get_if<PolynomialNetwork>(&network)) {
    known.insert("output");
    for (std::size_t j = 1; j <= polynomial->hidden.size(); ++j)
      known.insert("hidden." + std::to_string(j)), known.insert("mask." + std::to_string(j));
  } else if (std::holds_alternative<KernelMachine>(network)) {
    known.insert({"samples", "coefficients"});
  } else if (std::holds_alternative<GatedNetwork>(network)) {
    known.insert({"gates", "weights", "dual"});
  } else if (const auto* const parallel = std::get_if<ParallelNetwork>(&network)) {
    known.insert({"dual", "tree", "relaxed", "linear", "output_cones", "scalings"});
    for (std::size_t k = 1; k <= parallel->layers.size(); ++k) known.insert("parallel." + std::to_string(k));
  } else if (const auto* const linear = std::get_if<BiasedChain>(&network)) {
    known.insert({"triangle", "relations", "factor"});
    for (std::size_t i = 1; i <= linear->chain.weights.size(); ++i)
      known.insert("layer." + std::to_string(i)), known.insert("bias." + std::to_string(i));
  } else {
    const auto& relu = std::get<ReluNetwork>(network);
    known.insert({"units", "unit_outputs", "dual"});
    if (polar && relu.power != 1)
      known.insert("cones");
    else if (polar)
      known.insert({"cells", "tree", "relaxed", "linear", "output_cones", "simplices"});
    if (relu.output_biases.size() > 0) known.insert("output_bias");
    if (relu.skip.size() > 0) known.insert("skip");
  }
  for (const Tensor& tensor : file.tensors)
    if (!known.contains(tensor.name)) throw InputError("tensor '" + tensor.name + "' is unknown");
}

}  // namespace nadir
