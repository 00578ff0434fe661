#include "nadir/exchange/arrays_writer.hpp"

#include "nadir/base/error.hpp"
#include "nadir/data/safetensors.hpp"

namespace nadir::exchange {
namespace {

Tensor tensor_of(const std::string& name, std::vector<std::uint64_t> shape, const double* numbers, Index count) {
  return {name, false, std::move(shape),
          std::string(reinterpret_cast<const char*>(numbers), static_cast<std::size_t>(count) * sizeof(double))};
}

}  // namespace

Layers to_layers(const BiasedChain& network, bool constant) {
  Layers layers;
  for (std::size_t i = 0; i < network.chain.weights.size(); ++i)
    layers.list.push_back({network.chain.weights[i], i < network.biases.size() ? network.biases[i] : Vector()});
  if (constant) layers.list.front() = without_constant(std::move(layers.list.front()));
  return layers;
}

Layers to_layers(const ReluNetwork& network, bool constant, const std::string& name) {
  if (network.power != 1)
    throw InputError(name + ": its units are not ReLU units, which is what such files have; export it as .onnx");
  if (network.skip.size() > 0 || network.units.rows() == 0)
    throw InputError(name + ": a ReLU network " + (network.skip.size() > 0 ? "with a linear part" : "without units") +
                     " is no chain of layers; export it as .onnx");
  Layers layers;
  layers.list.push_back({network.units, {}, Activation::relu});
  layers.list.push_back({network.unit_outputs.transpose(), network.output_biases});
  if (constant) layers.list.front() = without_constant(std::move(layers.list.front()));
  return layers;
}

std::string encode_layers(const Layers& layers, const std::map<std::string, std::string>& metadata) {
  TensorFile file{metadata, {}};
  for (std::size_t i = 0; i < layers.list.size(); ++i) {
    const auto& [weights, biases, activation, slope] = layers.list[i];
    const auto outputs = static_cast<std::uint64_t>(weights.rows()),
               inputs = static_cast<std::uint64_t>(weights.cols());
    const std::string number = std::to_string(i + 1);
    file.tensors.push_back(tensor_of("W" + number, {outputs, inputs}, weights.data(), weights.size()));
    if (biases.size() > 0) file.tensors.push_back(tensor_of("b" + number, {outputs}, biases.data(), biases.size()));
  }
  return encode_tensors(file);
}

}  // namespace nadir::exchange
