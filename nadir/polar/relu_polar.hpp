#pragma once
// The polar of two-layer ReLU networks, as a value (docs/math/relu-polar.md, section 1):
//
//   ρ(g) = max over ‖u‖₂ ≤ 1 of f(u),   f(u) = Σᵢ gᵢ (xᵢᵀu)₊.
//
// f is positively homogeneous, piecewise linear, and neither convex nor concave where g has both signs; ρ ≥ f(0) = 0.
// A network with scalar outputs asks for both ρ(g) and ρ(−g).
#include "nadir/base/sample_rows.hpp"

namespace nadir::polar {

struct ReluPolar {
  SampleRows features;  ///< X, n × d
  Vector weights;       ///< g, n

  Index samples() const { return features.rows(); }
  Index dimension() const { return features.cols(); }
};

/// Refuses sizes that differ, no features, and numbers that are not finite.
void require_valid(const ReluPolar& problem);

/// f(u), for any u.
double value(const ReluPolar& problem, const Vector& u);

/// Xᵀ(1[Xu > 0] ∘ g): the gradient of f where no xᵢᵀu is 0. f(u) = ∇f(u)ᵀu for every u.
Vector gradient(const ReluPolar& problem, const Vector& u);

/// A lower bound that anyone can check: ‖u‖ = 1, or u = 0 where nothing better is known; value = f(u).
struct Witness {
  Vector u;
  double value = 0;
};

/// An upper bound on ρ(g) and what proves it. Only functions that evaluate evidence make one.
template <class Evidence>
struct ProvenUpper {
  double value;
  Evidence evidence;
};

}  // namespace nadir::polar
