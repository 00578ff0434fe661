#include "nadir/exchange/layers.hpp"

#include <algorithm>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/exchange/arrays.hpp"
#include "nadir/exchange/onnx.hpp"

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

}  // namespace

std::string network_bytes(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error))
    throw InputError(name + ": is not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error) require_size(size, name);
  return read_file(path);
}

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

namespace {

Branches read_any(std::string_view bytes, const std::string& name, const Between& between, Shape shape) {
  Branches branches;
  const auto take = [&](const Arrays& arrays) { branches = branches_of(arrays, between, shape); };
  return take_arrays(bytes, name, take) ? branches : read_onnx(bytes, name, shape);
}

}  // namespace

Layers read_layers(const std::filesystem::path& path, const Between& between) {
  return read_layers_from_bytes(network_bytes(path), path.string(), between);
}

Layers read_layers_from_bytes(std::string_view bytes, const std::string& name, const Between& between) {
  return std::move(read_any(bytes, name, between, Shape::chain).list.front());
}

Branches read_branches(const std::filesystem::path& path, const Between& between) {
  return read_branches_from_bytes(network_bytes(path), path.string(), between);
}

Branches read_branches_from_bytes(std::string_view bytes, const std::string& name, const Between& between) {
  return read_any(bytes, name, between, Shape::branches);
}

Layer without_constant(Layer layer) {
  const Index inputs = layer.weights.cols() - 1;
  const Vector own = layer.weights.col(inputs);
  layer.biases = layer.biases.size() > 0 ? Vector(layer.biases + own) : own;
  layer.weights = Matrix(layer.weights.leftCols(inputs));
  return layer;
}

}  // namespace nadir::exchange
