#include "nadir/exchange/networks.hpp"

#include <algorithm>
#include <cmath>

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

namespace {

bool has_biases(const Layer& layer) { return layer.biases.size() > 0 && (layer.biases.array() != 0).any(); }

/// Throws unless a chain is like the first one, and homogeneous in its weights.
void require_like(const Layers& chain, const Layers& first, const std::string& name) {
  const auto fail = [&](const std::string& why) { throw InputError(name + " is " + describe(chain) + "; " + why); };
  const std::size_t depth = chain.list.size();
  if (depth < 2) fail("sub-networks of two layers or more are read");
  if (depth != first.list.size() || chain.outputs() != first.outputs() || chain.inputs() != first.inputs())
    fail("the first one is " + describe(first) + ", and all are to have its layers, inputs and outputs");
  for (std::size_t k = 0; k < depth; ++k) {
    const Layer &layer = chain.list[k], &like = first.list.front();
    const bool last = k + 1 == depth;
    if (last != (layer.activation == Activation::none) ||
        (!last && (layer.activation != like.activation || layer.slope != like.slope)))
      fail("what is read has the same ReLU or leaky ReLU after each layer but the last");
    if (!(std::fabs(layer.slope) <= 1)) fail("slopes of leaky ReLU are to be from -1 to 1");
    if (k > 0 && has_biases(layer))
      fail("layer " + std::to_string(k + 1) +
           " has biases; only those of the first layer, weights of a constant feature 1, leave it homogeneous");
  }
}

}  // namespace

ReadParallel to_parallel(const Branches& branches, const std::string& name) {
  const Layers& first = branches.list.front();
  const auto count = static_cast<Index>(branches.list.size());
  ReadParallel result;
  result.network.outputs = first.outputs();
  result.network.slope = first.list.front().activation == Activation::leaky_relu ? first.list.front().slope : 0;
  std::vector<Index> widths;
  for (std::size_t i = 0; i < branches.list.size(); ++i) {
    const Layers& chain = branches.list[i];
    require_like(chain, first, name + ": sub-network " + std::to_string(i + 1));
    result.constant = result.constant || has_biases(chain.list.front());
    widths.resize(chain.list.size());
    for (std::size_t k = 0; k < widths.size(); ++k) widths[k] = std::max(widths[k], chain.list[k].weights.rows());
  }
  double numbers = 0;
  for (std::size_t k = 0; k < widths.size(); ++k)
    numbers +=
        static_cast<double>(count * widths[k]) * static_cast<double>(k == 0 ? first.inputs() + 1 : widths[k - 1]);
  if (numbers > static_cast<double>(2 * max_weights))
    throw ResourceError(name + ": sub-networks of such different widths, made alike, are more than " +
                        std::to_string(2 * max_weights) + " weights");
  for (std::size_t k = 0; k < widths.size(); ++k) {
    const Index inputs = k == 0 ? first.inputs() + (result.constant ? 1 : 0) : widths[k - 1];
    Matrix& all = result.network.layers.emplace_back(Matrix::Zero(count * widths[k], inputs));
    for (Index i = 0; i < count; ++i) {
      const Layer& layer = branches.list[static_cast<std::size_t>(i)].list[k];
      all.block(i * widths[k], 0, layer.weights.rows(), layer.weights.cols()) = layer.weights;
      if (k == 0 && has_biases(layer)) all.block(i * widths[k], inputs - 1, layer.biases.size(), 1) = layer.biases;
    }
  }
  return result;
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
