#include "nadir/exchange/layers.hpp"

#include <algorithm>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/exchange/arrays.hpp"
#include "nadir/exchange/gated.hpp"
#include "nadir/exchange/onnx.hpp"
#include "nadir/exchange/polynomial.hpp"

namespace nadir::exchange {
namespace {

/// Eight bytes of length, of which a header has little use for the upper ones, and a JSON object.
bool looks_like_safetensors(std::string_view bytes) {
  return bytes.size() > 8 && bytes[8] == '{' && bytes.substr(4, 4) == std::string_view("\0\0\0\0", 4);
}

void require_size(std::uintmax_t size, const std::string& name) {
  if (size > max_bytes)
    throw InputError(name + ": holds " + std::to_string(size) + " bytes; networks of up to " +
                     std::to_string(max_bytes) + " bytes are read");
}

/// What files are that end so and are none of ours; empty if nothing is known.
std::string advice(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".npz") return "does not begin as an NPZ file does; save it by numpy.savez";
  if (extension == ".safetensors")
    return "does not begin as a safetensors file does; save it by safetensors.torch.save_file";
  if (extension == ".npy") return "holds a single array; save all of them by numpy.savez(path, W1=.., b1=.., W2=..)";
  if (extension == ".pkl" || extension == ".joblib" || extension == ".pt" || extension == ".pth")
    return "may run code when opened, so it is not read; export the network as ONNX or safetensors";
  if (extension == ".h5" || extension == ".hdf5" || extension == ".keras" || extension == ".pb")
    return "is not read; export the network as ONNX, by tf2onnx";
  return {};
}

/// The file's bytes, once its size is known to be one that is read.
std::string bytes_of(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error))
    throw InputError(name + ": is not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error) require_size(size, name);
  return read_file(path);
}

/// Whether it is a file of arrays, which then are taken. Throws for a file that is neither that nor ONNX.
bool take_arrays(std::string_view bytes, const std::string& name, const TakeArrays& take) {
  require_size(bytes.size(), name);
  const bool zipped = bytes.starts_with("PK");
  if (zipped || looks_like_safetensors(bytes)) {
    (zipped ? read_npz : read_safetensors)(bytes, name, take);
    return true;
  }
  const std::string why = advice(name);
  if (!why.empty()) throw InputError(name + ": " + why);
  return false;
}

Branches read_any(std::string_view bytes, const std::string& name, const Between& between, Shape shape) {
  Branches branches;
  const auto take = [&](const Arrays& arrays) { branches = branches_of(arrays, between, shape); };
  return take_arrays(bytes, name, take) ? branches : read_onnx(bytes, name, shape);
}

}  // namespace

Layers read_layers(const std::filesystem::path& path, const Between& between) {
  return read_layers_from_bytes(bytes_of(path), path.string(), between);
}

Layers read_layers_from_bytes(std::string_view bytes, const std::string& name, const Between& between) {
  return std::move(read_any(bytes, name, between, Shape::chain).list.front());
}

Branches read_branches(const std::filesystem::path& path, const Between& between) {
  return read_branches_from_bytes(bytes_of(path), path.string(), between);
}

Branches read_branches_from_bytes(std::string_view bytes, const std::string& name, const Between& between) {
  return read_any(bytes, name, between, Shape::branches);
}

ReadGated read_gated(const std::filesystem::path& path) { return read_gated_from_bytes(bytes_of(path), path.string()); }

ReadGated read_gated_from_bytes(std::string_view bytes, const std::string& name) {
  ReadGated result;
  const auto take = [&](const Arrays& arrays) {
    const auto fail = [&](const std::string& why) { arrays.chain.fail(why); };
    std::vector<std::string> names = arrays.names;
    std::sort(names.begin(), names.end());
    const bool letters = names == std::vector<std::string>{"G", "V"};
    if (!letters && names != std::vector<std::string>{"gates", "weights"})
      fail("a gated network is an array of gates, G, and one of weights, V (or gates, weights), and no other");
    GatedNetwork& network = result.network;
    network.gates = arrays.load(names[0], 2), network.weights = arrays.load(names[1], 2);
    if (network.weights.cols() != network.gates.cols() || network.weights.rows() % network.gates.rows() != 0)
      fail(
          "gates are gates x inputs, and weights (gates outputs) x inputs, a row for each gate and output, but here "
          "are " +
          std::to_string(network.gates.rows()) + " x " + std::to_string(network.gates.cols()) + " and " +
          std::to_string(network.weights.rows()) + " x " + std::to_string(network.weights.cols()));
    if (!network.gates.allFinite() || !network.weights.allFinite())
      fail("a gate or a weight is infinite or not a number");
    network.outputs = network.weights.rows() / network.gates.rows();
    result.source = arrays.source;
  };
  if (!take_arrays(bytes, name, take))
    throw InputError(name + ": gated networks are read from NPZ and safetensors only");
  return result;
}

Layer without_constant(Layer layer) {
  const Index inputs = layer.weights.cols() - 1;
  const Vector own = layer.weights.col(inputs);
  layer.biases = layer.biases.size() > 0 ? Vector(layer.biases + own) : own;
  layer.weights = Matrix(layer.weights.leftCols(inputs));
  return layer;
}

namespace {

/// L where the names are U1 .. UL, alpha1 .. alphaL and W; else 0.
std::size_t hidden_layers(std::vector<std::string> names) {
  const std::size_t layers = (names.size() - 1) / 2;
  std::vector<std::string> wanted{"W"};
  for (std::size_t j = 1; j <= layers; ++j)
    for (const char* const letter : {"U", "alpha"}) wanted.push_back(letter + std::to_string(j));
  std::sort(names.begin(), names.end());
  std::sort(wanted.begin(), wanted.end());
  return names == wanted ? layers : 0;
}

/// What is wrong with a layer of weights that takes so many inputs (0: any), or nothing.
std::string wrong_with(const std::string& name, const Matrix& weights, Index inputs) {
  if (weights.size() == 0) return name + " is empty";
  if (inputs > 0 && weights.cols() != inputs)
    return name + " takes " + std::to_string(weights.cols()) + " inputs, but the layer before it gives " +
           std::to_string(inputs);
  if (!weights.allFinite() || !(weights.minCoeff() >= 0)) return name + " has a weight below 0, or not a finite number";
  return {};
}

}  // namespace

ReadPolynomial read_polynomial(const std::filesystem::path& path) {
  return read_polynomial_from_bytes(bytes_of(path), path.string());
}

ReadPolynomial read_polynomial_from_bytes(std::string_view bytes, const std::string& name) {
  ReadPolynomial result;
  const auto take = [&](const Arrays& arrays) {
    const auto fail_if = [&](const std::string& why) {
      if (!why.empty()) arrays.chain.fail(why);
    };
    const std::size_t layers = arrays.names.empty() ? 0 : hidden_layers(arrays.names);
    if (layers == 0) fail_if("a polynomial network is the arrays U1, alpha1, U2, alpha2, .., W, and no other");
    Index inputs = 0;
    for (std::size_t j = 1; j <= layers; ++j) {
      const std::string number = std::to_string(j);
      PolynomialLayer layer{arrays.load("U" + number, 2), {}, {}};
      fail_if(wrong_with("U" + number, layer.weights, inputs));
      const Matrix exponents = arrays.load("alpha" + number, 1);
      if (exponents.cols() != layer.weights.rows())
        fail_if("alpha" + number + " does not have an exponent for each row of U" + number);
      layer.exponents = exponents.row(0).transpose();
      if (!layer.exponents.allFinite() || !(layer.exponents.minCoeff() >= 1))
        fail_if("alpha" + number + " has an exponent below 1, or not a finite number");
      inputs = layer.weights.rows();
      result.network.hidden.push_back(std::move(layer));
    }
    result.network.output = arrays.load("W", 2);
    fail_if(wrong_with("W", result.network.output, inputs));
    result.source = arrays.source;
  };
  if (!take_arrays(bytes, name, take))
    throw InputError(name + ": polynomial networks are read from NPZ and safetensors only");
  return result;
}

}  // namespace nadir::exchange
