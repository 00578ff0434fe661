#pragma once
// Networks kept as named arrays: safetensors and NPZ. Two ways of naming are read, one of them a file:
//   W1, W2, ..   of shape outputs x inputs, and b1, b2, .. of shape outputs where a layer has biases; or
//   NAME.weight  and NAME.bias, as the state_dict of a torch.nn.Sequential of Linear layers has them. Layers follow one
//                another by name, with numbers inside names as numbers: 0, 2, 10; fc1, fc2, fc10.
// Any other array in the file is an error, because it may stand for something between the layers.
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nadir/exchange/branches.hpp"
#include "nadir/exchange/chain.hpp"

namespace nadir::exchange {

/// What one layer's arrays are called.
struct LayerNames {
  std::string weights;
  std::string biases;  ///< empty where the layer has none

  bool operator==(const LayerNames&) const = default;
};

/// The layers that arrays of these names make up, in their order. Throws InputError, which begins with `path` and lists
/// what is there.
std::vector<LayerNames> layers_of(const std::vector<std::string>& names, const std::string& path);

/// The names of each sub-network's arrays, by what they begin with, "branches.0."; one group that begins with nothing
/// where they are those of a chain. Throws InputError where some are of one kind and some of the other.
std::vector<std::pair<std::string, std::vector<std::string>>> subnetworks_of(const std::vector<std::string>& names,
                                                                             const std::string& path);

/// What a file holds.
struct Arrays {
  Chain& chain;  ///< for messages, and the limits
  const std::vector<std::string>& names;
  /// An array of 1 or 2 dimensions by its name, of 1 as a row. Throws InputError for other dimensions and elements.
  const std::function<Matrix(const std::string& name, std::size_t dimensions)>& load;
  std::string source;
};
using TakeArrays = std::function<void(const Arrays&)>;

/// A safetensors file of F64, F32, F16 or BF16; any metadata. Throws InputError as read_layers does.
void read_safetensors(std::string_view bytes, const std::string& path, const TakeArrays& take);

/// An NPZ file, of numpy.savez or savez_compressed. Throws InputError as read_layers does.
void read_npz(std::string_view bytes, const std::string& path, const TakeArrays& take);

/// The file's bytes, once its size is known to be one that is read. Throws InputError.
std::string network_bytes(const std::filesystem::path& path);

/// Whether it is a file of arrays, which then are taken. Throws InputError for a file that is neither that nor ONNX.
bool take_arrays(std::string_view bytes, const std::string& name, const TakeArrays& take);

/// The chains that the arrays make up.
Branches branches_of(const Arrays& arrays, const Between& between, Shape shape);

}  // namespace nadir::exchange
