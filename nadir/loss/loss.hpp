#pragma once
// Losses ℓ(f, y) as values: what every trainer needs of one. One file a loss.
//
// The conjugate ℓ*(g) = sup_f ⟨g, f⟩ − ℓ(f, y) is what lower bounds are made of (math in docs/math/losses.md).
#include <limits>

#include "nadir/base/matrix.hpp"

namespace nadir {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// ½ (f − y)² for one real output.
struct SquaredLoss {
  double value(double f, double y) const { return 0.5 * (f - y) * (f - y); }
  double gradient(double f, double y) const { return f - y; }
  double curvature(double /*f*/, double /*y*/) const { return 1; }
  /// ½ g² + g y.
  double conjugate(double g, double y) const { return 0.5 * g * g + g * y; }
};

/// log(1 + e^{−y f}) for one real output, y ∈ {−1, 1}.
struct LogisticLoss {
  double value(double f, double y) const;
  double gradient(double f, double y) const;
  double curvature(double f, double y) const;
  /// With t = −g y: t log t + (1 − t) log(1 − t) for t ∈ [0, 1], infinite elsewhere.
  double conjugate(double g, double y) const;
};

/// log Σ_r e^{f_r} − f_y for one output per class, y the index of the class.
struct SoftmaxLoss {
  double value(const Eigen::Ref<const Vector>& f, Index y) const;
  /// softmax(f) − e_y.
  Vector gradient(const Eigen::Ref<const Vector>& f, Index y) const;
  /// direction ↦ (diag(s) − s sᵀ) direction, s = softmax(f).
  Vector curvature_times(const Eigen::Ref<const Vector>& f, const Eigen::Ref<const Vector>& direction) const;
  /// With t = g + e_y: Σ t log t where t is in the simplex (to 1e-12 in its sum), infinite elsewhere.
  double conjugate(const Eigen::Ref<const Vector>& g, Index y) const;
};

}  // namespace nadir
