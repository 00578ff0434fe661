#include "nadir/exchange/networks.hpp"

#include "nadir/base/error.hpp"

namespace nadir::exchange {
namespace {

/// "3 -> 10 relu -> 1".
std::string describe(const Layers& layers) {
  std::string text = std::to_string(layers.inputs());
  for (const Layer& layer : layers.list) {
    text += " -> " + std::to_string(layer.weights.rows());
    if (layer.activation == Activation::relu) text += " relu";
    if (layer.activation == Activation::leaky_relu) text += " leaky relu";
  }
  return text;
}

}  // namespace

TwoLayerNetwork to_two_layer(const Layers& layers, const std::string& name) {
  const std::vector<Layer>& list = layers.list;
  if (list.size() != 2 || list[0].activation == Activation::none || list[1].activation != Activation::none)
    throw InputError(name + ": the network is " + describe(layers) +
                     "; what can be certified are two layers with ReLU or leaky ReLU between them");
  const double slope = list[0].activation == Activation::leaky_relu ? list[0].slope : 0;
  return {list[0].weights, list[0].biases, list[1].weights, list[1].biases, slope};
}

BiasedChain to_chain(const Layers& layers, const std::string& name) {
  BiasedChain chain;
  for (const Layer& layer : layers.list) {
    if (layer.activation != Activation::none)
      throw InputError(name + ": has an activation between its layers; --method linear is for chains without any");
    chain.chain.weights.push_back(layer.weights);
    chain.biases.push_back(layer.biases);
  }
  return chain;
}

}  // namespace nadir::exchange
