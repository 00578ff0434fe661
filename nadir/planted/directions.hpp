#pragma once
// From a change that is wanted in every sample's units to a step of their weights: Aᵀ g, or that in the metric of the
// samples (docs/math/planted.md, section 2), so that no step's length depends on how the columns are scaled or related.
#include "nadir/base/matrix.hpp"

namespace nadir::planted {

class Directions {
 public:
  /// Of samples A, n × d, n and d at least 1; `preconditioned`: in their metric. Keeps a reference to A and a matrix of
  /// the smaller size of A squared. Takes O(n d min(n, d)).
  Directions(const Matrix& A, bool preconditioned);

  /// m × d, a row for each unit, from g, n × m: gᵀ A / ‖A‖₂², or gᵀ A (AᵀA + δI)⁻¹ with a δ below 1e-12 ‖A‖₂². Taken
  /// from the weights it changes A uᵀ by no more than g, in the 2-norm.
  Matrix of(const Matrix& g) const;

  /// Smallest over largest singular value of A, to within about 1e-8; 0 where some samples depend on others.
  double row_condition() const { return row_condition_; }

 private:
  const Matrix& A_;
  bool preconditioned_;
  double largest_ = 0;        ///< ‖A‖₂²
  double row_condition_ = 0;  ///< of A Aᵀ, its root
  Matrix inverse_;            ///< of AᵀA + δI, or of A Aᵀ + δI where that is smaller
};

}  // namespace nadir::planted
