#pragma once
// φ: one of the parallel sub-networks of Haeffele and Vidal (2017), a chain of linear maps and positively homogeneous
// maps after them,
//   A⁰ = X,  Aᵏ = pool(σₖ(Aᵏ⁻¹ Wₖᵀ)),  φ(W) = Aᴷ,  n × K,
// for all samples at once. φ(αW) = αᵖ φ(W) for α ≥ 0: p is its degree. With X = I, two layers and a width of 1 it is
// the outer product of matrix factorization.
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir::homogeneous {

/// What comes after a linear map, on each entry: all are positively homogeneous.
enum class Map {
  linear,
  relu,
  leaky_relu,  ///< z for z > 0, a z otherwise
  power,       ///< ((z)₊)^α
};

/// The same weights on each patch of an image, k × k over height × width × channels (channels last), without padding;
/// then the largest over all places.
struct Image {
  Index height = 0, width = 0, channels = 1, kernel = 0;

  Index patches() const { return (height - kernel + 1) * (width - kernel + 1); }
  Index patch_size() const { return kernel * kernel * channels; }
};

struct Layer {
  Index inputs, outputs;
  Map map = Map::linear;
  double parameter = 0;  ///< a of leaky_relu, α ≥ 1 of power
  Index pool = 1;        ///< the largest of so many neighbouring outputs after the map; divides outputs
};

class Subnetwork {
 public:
  /// Throws UsageError where layers do not fit one another. With an image the first layer's inputs are a patch.
  explicit Subnetwork(std::vector<Layer> layers, Image image = {});

  const std::vector<Layer>& layers() const { return layers_; }
  Index inputs() const;   ///< d
  Index outputs() const;  ///< K
  Index size() const;     ///< of the weights W₁, …, W_K in one vector, rows first
  double degree() const;
  double degree_in(std::size_t layer) const;  ///< in one layer's weights alone: the product of the powers from it on
  /// What the first layer sees: the features, or each sample's patches, `places` of them below one another.
  Matrix seen(const Matrix& features) const;
  Index places() const;

  /// Wₖ, outputs × inputs, in a vector of all weights.
  ConstMatrixView weights(const Vector& all, std::size_t layer) const;
  MatrixView weights(Vector& all, std::size_t layer) const;

  /// φ of these weights.
  Matrix apply(const Matrix& features, const Vector& all) const;
  /// Adds the gradient of ⟨B, φ⟩ to `gradient`; where φ has a kink, one of its slopes.
  void pull_back(const Matrix& features, const Vector& all, const Matrix& B, Vector& gradient) const;

 private:
  struct Pass;
  Pass forward(const Matrix& features, const Vector& all) const;
  Index offset(std::size_t layer) const;

  std::vector<Layer> layers_;
  Image image_;
};

}  // namespace nadir::homogeneous
