#pragma once
// Tensors of an ONNX graph as functions of the graph's input, for networks that are no plain chain of layers: gated and
// polynomial ones. Sums are taken as exact, as the gates' sums in files of `nadir export` are (docs/onnx.md).
#include <memory>
#include <string_view>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir::exchange {

/// A column of the input, or a hidden unit of the layer before, made ready as a recipe does (data/recipe.hpp): (x -
/// offset) / range, cut off at 0 and 1, its root, one minus that; and divided by a unit.
struct Feature {
  Index column = 0;  ///< -1: the constant 1
  double offset = 0, range = 1;
  bool clip = false, root = false, complement = false;
  double unit = 1;

  bool operator==(const Feature&) const = default;
  bool is_linear() const { return !clip && !root && !complement; }  ///< in the column, and an offset
};
/// Lists are the same where they are one object: those of two layers may look alike.
using FeatureList = std::shared_ptr<const std::vector<Feature>>;

/// N × features: entry j is scale_j times the feature, and size_j times a number of the row that stays unknown.
struct FeatureTensor {
  FeatureList list;
  Vector scale, size;
  std::string_view size_of;  ///< the tensor that is that number; empty where all of `size` are 0
};

/// N × 1: a multiple of that number.
struct SizeTensor {
  std::string_view size_of;
  double times = 1;
};

/// 1[g·(x, 1) ≥ 0] with the features x, or > where `strict`.
struct Gate {
  FeatureList list;
  Vector g;
  bool strict = false;
};

/// Shape behind the samples.
using Extents = std::vector<Index>;
Index entries(const Extents& sizes);

/// N × sizes: each entry one of a table of gates, as 0 or 1.
struct GateTensor {
  Extents sizes;
  std::vector<Index> gates;
};

constexpr Index always = -1;  ///< in place of a gate

/// N × sizes: each entry a sum of terms v·(x, 1), some of them times a gate.
struct SumTensor {
  Extents sizes;
  FeatureList list;
  std::vector<Index> entry, gate;  ///< of each term
  Matrix v;                        ///< terms × (features + 1)

  bool is_linear() const;  ///< without gates
};

// Each gives back no value where the shapes do not fit.

/// Entries × (features + 1), of a sum without gates.
Matrix matrix_of(const SumTensor& sum);

/// One linear term for each entry.
SumTensor sum_of(FeatureList list, Extents sizes, Matrix v);

/// a + factor b; b may have size 1 where a has another one, or the other way round.
std::shared_ptr<SumTensor> add(const SumTensor& a, const SumTensor& b, double factor);

/// A sum without gates, times gates, with sizes as above.
std::shared_ptr<SumTensor> multiply(const SumTensor& sum, const GateTensor& gates);

/// weights (outputs × entries) times the entries.
std::shared_ptr<SumTensor> multiply(const Matrix& weights, const SumTensor& sum);

/// Summed along one axis of the sizes, which stays as 1 or goes.
SumTensor reduce(const SumTensor& sum, std::size_t axis, bool keep);

}  // namespace nadir::exchange
