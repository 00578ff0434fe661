#include "nadir/homogeneous/subnetwork.hpp"

#include <cmath>
#include <string>

#include "nadir/base/error.hpp"

namespace nadir::homogeneous {
namespace {

double value_of(const Layer& layer, double z) {
  switch (layer.map) {
    case Map::relu:
      return std::max(z, 0.0);
    case Map::leaky_relu:
      return z > 0 ? z : layer.parameter * z;
    case Map::power:
      return z > 0 ? std::pow(z, layer.parameter) : 0;
    default:
      return z;
  }
}

double slope_of(const Layer& layer, double z) {
  switch (layer.map) {
    case Map::relu:
      return z > 0 ? 1 : 0;
    case Map::leaky_relu:
      return z > 0 ? 1 : layer.parameter;
    case Map::power:
      return z > 0 ? layer.parameter * std::pow(z, layer.parameter - 1) : 0;
    default:
      return 1;
  }
}

/// The patches of each sample's image, one below the other: (n · patches) × patch_size.
Matrix patches_of(const Matrix& features, const Image& image) {
  const Index row = image.width * image.channels, line = image.kernel * image.channels;
  Matrix patches(features.rows() * image.patches(), image.patch_size());
  Index place = 0;
  for (Index i = 0; i < features.rows(); ++i)
    for (Index y = 0; y + image.kernel <= image.height; ++y)
      for (Index x = 0; x + image.kernel <= image.width; ++x, ++place)
        for (Index k = 0; k < image.kernel; ++k)
          patches.block(place, k * line, 1, line) = features.block(i, (y + k) * row + x * image.channels, 1, line);
  return patches;
}

/// Of every `group` rows and `pool` columns the largest, and where it was.
Matrix largest_of(const Matrix& values, Index group, Index pool, Matrix& place) {
  Matrix result(values.rows() / group, values.cols() / pool);
  place.resize(result.rows(), result.cols());
  for (Index i = 0; i < result.rows(); ++i)
    for (Index j = 0; j < result.cols(); ++j) {
      Index row = 0, column = 0;
      result(i, j) = values.block(i * group, j * pool, group, pool).maxCoeff(&row, &column);
      place(i, j) = static_cast<double>((i * group + row) * values.cols() + j * pool + column);
    }
  return result;
}

void require(bool holds, const std::string& why) {
  if (!holds) throw UsageError("the layers of a sub-network do not fit: " + why);
}

}  // namespace

/// What one pass leaves of each layer.
struct Subnetwork::Pass {
  std::vector<Matrix> before;  ///< what the layer takes
  std::vector<Matrix> sums;    ///< before the map
  std::vector<Matrix> places;  ///< of the largest ones, where some are taken
  Matrix result;
};

Subnetwork::Subnetwork(std::vector<Layer> layers, Image image) : layers_(std::move(layers)), image_(image) {
  require(!layers_.empty(), "there are none");
  if (image_.kernel > 0) {
    require(image_.kernel <= image_.height && image_.kernel <= image_.width, "the kernel is larger than the image");
    require(layers_.front().inputs == image_.patch_size(), "the first one does not take a patch");
  }
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Layer& layer = layers_[k];
    const std::string name = "layer " + std::to_string(k + 1);
    require(layer.inputs > 0 && layer.outputs > 0, name + " is empty");
    require(layer.pool > 0 && layer.outputs % layer.pool == 0, name + " is not pooled evenly");
    require(layer.map != Map::power || layer.parameter >= 1, name + " has a power below 1");
    if (k > 0)
      require(layers_[k - 1].outputs / layers_[k - 1].pool == layer.inputs,
              name + " takes " + std::to_string(layer.inputs) + " numbers, but the one before gives " +
                  std::to_string(layers_[k - 1].outputs / layers_[k - 1].pool));
  }
}

Index Subnetwork::inputs() const {
  return image_.kernel > 0 ? image_.height * image_.width * image_.channels : layers_.front().inputs;
}

Index Subnetwork::outputs() const { return layers_.back().outputs / layers_.back().pool; }

Index Subnetwork::offset(std::size_t layer) const {
  Index sum = 0;
  for (std::size_t k = 0; k < layer; ++k) sum += layers_[k].inputs * layers_[k].outputs;
  return sum;
}

Index Subnetwork::size() const { return offset(layers_.size()); }

double Subnetwork::degree() const {
  double degree = 0;
  for (const Layer& layer : layers_) degree = (degree + 1) * (layer.map == Map::power ? layer.parameter : 1);
  return degree;
}

double Subnetwork::degree_in(std::size_t layer) const {
  double degree = 1;
  for (std::size_t k = layer; k < layers_.size(); ++k)
    if (layers_[k].map == Map::power) degree *= layers_[k].parameter;
  return degree;
}

Matrix Subnetwork::seen(const Matrix& features) const {
  return image_.kernel > 0 ? patches_of(features, image_) : features;
}

Index Subnetwork::places() const { return image_.kernel > 0 ? image_.patches() : 1; }

ConstMatrixView Subnetwork::weights(const Vector& all, std::size_t layer) const {
  return {all.data() + offset(layer), layers_[layer].outputs, layers_[layer].inputs};
}

MatrixView Subnetwork::weights(Vector& all, std::size_t layer) const {
  return {all.data() + offset(layer), layers_[layer].outputs, layers_[layer].inputs};
}

Subnetwork::Pass Subnetwork::forward(const Matrix& features, const Vector& all) const {
  Pass pass;
  const std::size_t count = layers_.size();
  pass.before.resize(count), pass.sums.resize(count), pass.places.resize(count);
  pass.result = seen(features);
  for (std::size_t k = 0; k < count; ++k) {
    const Layer& layer = layers_[k];
    const Index group = k == 0 ? places() : 1;
    pass.before[k] = std::move(pass.result);
    pass.sums[k].noalias() = pass.before[k] * weights(all, k).transpose();
    pass.result = pass.sums[k].unaryExpr([&](double z) { return value_of(layer, z); });
    if (group > 1 || layer.pool > 1) pass.result = largest_of(Matrix(pass.result), group, layer.pool, pass.places[k]);
  }
  return pass;
}

Matrix Subnetwork::apply(const Matrix& features, const Vector& all) const { return forward(features, all).result; }

void Subnetwork::pull_back(const Matrix& features, const Vector& all, const Matrix& B, Vector& gradient) const {
  const Pass pass = forward(features, all);
  Matrix back = B;
  for (std::size_t k = layers_.size(); k-- > 0;) {
    const Layer& layer = layers_[k];
    if (const Matrix& places = pass.places[k]; places.size() > 0) {
      Matrix spread = Matrix::Zero(pass.sums[k].rows(), pass.sums[k].cols());
      for (Index i = 0; i < places.size(); ++i) spread.data()[static_cast<Index>(places.data()[i])] += back.data()[i];
      back = std::move(spread);
    }
    back.array() *= pass.sums[k].unaryExpr([&](double z) { return slope_of(layer, z); }).array();
    weights(gradient, k).noalias() += back.transpose() * pass.before[k];
    if (k > 0) back = (back * weights(all, k)).eval();
  }
}

}  // namespace nadir::homogeneous
