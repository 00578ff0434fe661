#pragma once
// The activations on arrays of any shape: h = σ(z) and s = σ'(z) in one go.
#include "nadir/particle/particles.hpp"

namespace nadir::particle {

/// (·)₊^α, α = 1, 2, 3.
template <int alpha>
struct Power {
  template <class Z, class H, class S>
  static void apply(const Z& z, H&& h, S&& s) {
    h = z.max(0.0);
    if constexpr (alpha == 1) s = (z > 0.0).template cast<double>();
    if constexpr (alpha == 2) s = 2.0 * h, h = h * h;
    if constexpr (alpha == 3) s = 3.0 * h * h, h = h * h * h;
  }
};

struct Sigmoid {
  template <class Z, class H, class S>
  static void apply(const Z& z, H&& h, S&& s) {
    h = 1.0 / (1.0 + (-z).exp());
    s = h * (1.0 - h);
  }
};

/// Calls visit(Power<α>{}) or visit(Sigmoid{}).
template <class Visit>
auto with_activation(Activation activation, const Visit& visit) {
  switch (activation) {
    case Activation::relu:
      return visit(Power<1>{});
    case Activation::squared_relu:
      return visit(Power<2>{});
    case Activation::cubed_relu:
      return visit(Power<3>{});
    case Activation::sigmoid:
      break;
  }
  return visit(Sigmoid{});
}

}  // namespace nadir::particle
