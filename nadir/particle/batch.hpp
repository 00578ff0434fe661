#pragma once
// The gradient over many samples, as matrix products on pieces of rows that stay in the cache.
#include <span>

#include "nadir/particle/particles.hpp"

namespace nadir::particle {

/// Room for the pieces; one can serve many calls.
class Batch {
 public:
  /// For rows of the features, at least one: fills m ∇ of their mean loss and returns the sum of ½ (f − y)².
  /// Per row 4 m d operations in the two products, and m activations.
  double gradient(const Particles& particles, const Matrix& features, const Vector& targets,
                  std::span<const Index> rows, Particles& gradient);

 private:
  Matrix X_, Z_, H_, C_, product_;
};

}  // namespace nadir::particle
