#include "nadir/exchange/arrays.hpp"

#include <map>

#include "nadir/data/bytes.hpp"
#include "nadir/data/npy.hpp"
#include "nadir/data/safetensors.hpp"
#include "nadir/data/zip.hpp"
#include "nadir/exchange/chain.hpp"
#include "nadir/exchange/floats.hpp"

namespace nadir::exchange {
namespace {

using Sizes = std::vector<std::uint64_t>;

/// Throws unless the shape has so many dimensions, and takes room in the chain.
void reserve(Chain& chain, const std::string& name, const Sizes& shape, std::size_t dimensions) {
  const std::string what = in_quotes(name);
  if (dimensions == 2 && shape.size() != 2)
    chain.fail(what + " has the shape " + in_words(shape) + " where weights are outputs x inputs" +
               (shape.size() == 1 ? "; for one output, reshape it to 1 x " + std::to_string(shape[0]) : ""));
  if (dimensions == 1 && shape.size() != 1)
    chain.fail(what + " has the shape " + in_words(shape) +
               " where biases have one dimension; reshape it by b.reshape(-1)");
  chain.reserve(shape, what);
}

/// An empty matrix for an array of one or two dimensions.
Matrix room_for(const Sizes& shape) {
  return Matrix(shape.size() == 2 ? static_cast<Index>(shape[0]) : 1, static_cast<Index>(shape.back()));
}

void assemble(const Arrays& arrays, const std::vector<LayerNames>& layers, const Between& between) {
  Chain& chain = arrays.chain;
  for (const LayerNames& names : layers) {
    if (!chain.empty())
      chain.activate(between.activation, between.activation == Activation::leaky_relu ? between.slope : 0);
    chain.add(arrays.load(names.weights, 2), in_quotes(names.weights));
    if (names.biases.empty()) continue;
    const Matrix biases = arrays.load(names.biases, 1);
    if (biases.cols() != chain.last().weights.rows())
      chain.fail(in_quotes(names.biases) + " holds " + std::to_string(biases.cols()) + " biases where " +
                 in_quotes(names.weights) + " has " + std::to_string(chain.last().weights.rows()) + " outputs");
    chain.add_biases(biases.row(0).transpose(), in_quotes(names.biases));
  }
}

Float float_of(const TensorView& tensor, const Chain& chain) {
  static const std::map<std::string, Float> known{
      {"F64", Float::f64}, {"F32", Float::f32}, {"F16", Float::f16}, {"BF16", Float::bf16}};
  const auto type = known.find(tensor.type);
  if (type == known.end())
    chain.fail(in_quotes(tensor.name) + " is of type " + tensor.type + "; F64, F32, F16 and BF16 are read");
  return type->second;
}

/// A bound on what headers of arrays may take beside their elements.
constexpr std::size_t kHeaders = std::size_t{1} << 20;

Matrix load_npy(const std::string& content, const std::string& name, std::size_t dimensions, Chain& chain) {
  const ArrayLayout layout = parse_npy(content, chain.path() + ": " + in_quotes(name));
  reserve(chain, name, layout.shape, dimensions);
  Matrix matrix = room_for(layout.shape);
  const auto rows = static_cast<std::size_t>(matrix.rows());
  const auto columns = static_cast<std::size_t>(matrix.cols());
  const char* array = content.data() + layout.begin;
  for (std::size_t i = 0; i < rows; ++i)
    decode_elements(array, layout.element, layout.columns_first ? i : i * columns, layout.columns_first ? rows : 1,
                    {matrix.data() + i * columns, columns});
  return matrix;
}

}  // namespace

void read_safetensors(std::string_view bytes, const std::string& path, const TakeArrays& take) {
  static const TensorRules rules{"safetensors file",
                                 2ULL << 20,  // a header of 2 MiB takes up to 100 MB of memory as JSON
                                 4096,
                                 {{"F64", 8},
                                  {"F32", 4},
                                  {"F16", 2},
                                  {"BF16", 2},
                                  {"I64", 8},
                                  {"I32", 4},
                                  {"I16", 2},
                                  {"I8", 1},
                                  {"U64", 8},
                                  {"U32", 4},
                                  {"U16", 2},
                                  {"U8", 1},
                                  {"BOOL", 1}},
                                 "is of a type that is not known"};
  Chain chain(path);
  const TensorFileView file = view_tensors(bytes, path, rules);
  std::map<std::string, const TensorView*> by_name;
  std::vector<std::string> names;
  for (const TensorView& tensor : file.tensors) by_name[tensor.name] = &tensor;
  for (const auto& [name, tensor] : by_name) names.push_back(name);
  const std::function<Matrix(const std::string&, std::size_t)> load = [&](const std::string& name,
                                                                          std::size_t dimensions) {
    const TensorView& tensor = *by_name.at(name);
    const Float type = float_of(tensor, chain);
    reserve(chain, name, tensor.shape, dimensions);
    Matrix matrix = room_for(tensor.shape);
    decode_floats(tensor.bytes, type, {matrix.data(), static_cast<std::size_t>(matrix.size())});
    return matrix;
  };
  take({chain, names, load, "safetensors"});
}

void read_npz(std::string_view bytes, const std::string& path, const TakeArrays& take) {
  Chain chain(path);
  std::map<std::string, ZipEntry> by_name;
  std::vector<std::string> names;
  for (const ZipEntry& entry : zip_directory(bytes, path)) {
    std::string name(entry.name);
    if (name.ends_with("/data.pkl"))
      chain.fail("was written by torch.save; save the network by safetensors.torch.save_file or torch.onnx.export");
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    names.push_back(name);
    by_name[name] = entry;
  }
  std::size_t left =
      max_weights * sizeof(double) + kHeaders;  // of all entries together: archives may unpack to anything
  const std::function<Matrix(const std::string&, std::size_t)> load = [&](const std::string& name,
                                                                          std::size_t dimensions) {
    const std::string content = unzip(by_name.at(name), left, path);
    left -= content.size();
    return load_npy(content, name, dimensions, chain);
  };
  take({chain, names, load, "NPZ"});
}

Branches branches_of(const Arrays& arrays, const Between& between, Shape shape) {
  Chain& chain = arrays.chain;
  Branches result{{}, arrays.source};
  if (shape == Shape::chain) {
    assemble(arrays, layers_of(arrays.names, chain.path()), between);
    result.list.push_back(chain.finish(arrays.source));
    return result;
  }
  for (const auto& [prefix, parts] : subnetworks_of(arrays.names, chain.path())) {
    std::vector<LayerNames> layers = layers_of(parts, chain.path());
    for (LayerNames& layer : layers) {
      layer.weights = prefix + layer.weights;
      if (!layer.biases.empty()) layer.biases = prefix + layer.biases;
    }
    assemble(arrays, layers, between);
    result.list.push_back(chain.finish(arrays.source));
  }
  return result;
}

}  // namespace nadir::exchange
