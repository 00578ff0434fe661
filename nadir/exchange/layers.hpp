#pragma once
// Networks from other programs, as what all of them can say: layers one after the other.
//   a⁽⁰⁾ = x;   a⁽ˡ⁾ = σₗ(Wₗ a⁽ˡ⁻¹⁾ + bₗ);   outputs a⁽ᴸ⁾.
// Read from ONNX (onnx.hpp), safetensors and NPZ (arrays.hpp). The files are nobody's friends: every length is held
// against the file and against the limits below before anything is allocated, and no other file is ever opened.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir::exchange {

enum class Activation { none, relu, leaky_relu };

struct Layer {
  Matrix weights;  ///< W, outputs × inputs
  Vector biases;   ///< b; empty where the layer has none
  Activation activation = Activation::none;
  double slope = 0;  ///< of leaky_relu, for negative arguments
};

struct Layers {
  std::vector<Layer> list;  ///< at least one; each takes what the one before gives
  std::string source;       ///< what was read, in words: "ONNX of pytorch 2.1", "NPZ"

  Index inputs() const { return list.front().weights.cols(); }
  Index outputs() const { return list.back().weights.rows(); }
};

/// The same without the last input, which is always 1: its weights are the biases, added to those there are.
Layer without_constant(Layer layer);

/// What lies between layers in files that hold arrays only. The last layer has no activation.
struct Between {
  Activation activation = Activation::relu;
  double slope = 0.01;
};

constexpr std::size_t max_bytes = std::size_t{5} << 24;    ///< of a file: all weights as doubles, and a quarter more
constexpr std::size_t max_weights = std::size_t{1} << 23;  ///< of all layers together, biases included
constexpr std::size_t max_layers = 256;

/// Reads .onnx, .safetensors or .npz, told apart by the first bytes. `between` is not used for ONNX, which says itself
/// what lies between layers. Throws InputError in one line that begins with the
/// path: what is damaged, beyond the limits, not a chain of such layers, or not finite; and what to do about it.
Layers read_layers(const std::filesystem::path& path, const Between& between);

/// The same for a file that is in memory already. `name` stands for the path.
Layers read_layers_from_bytes(std::string_view bytes, const std::string& name, const Between& between);

}  // namespace nadir::exchange
