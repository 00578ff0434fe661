#pragma once
// The best dual point for the bounds by layers' norms (docs/math/homogeneous.md, section 8). With μ = λ/‖X‖ and N the
// norm whose dual norm of G those bounds have, ‖f₊‖ + ‖f₋‖, ‖f‖ or the nuclear norm,
//   minimize L(f) + μ N(f) over f, n × K,
// by accelerated proximal gradient steps (Beck and Teboulle 2009, with restarts): G = −∇L at its minimizer.
#include "nadir/homogeneous/problem.hpp"

namespace nadir::homogeneous {

/// Of G: at most max(‖g₊‖, ‖g₋‖) for one output behind a ReLU, ‖G‖ for others, in double precision.
double layer_norm(const Problem& problem, const Matrix& G);

/// n × K. `features_norm`: ‖X‖. For sub-networks whose bound is one by layers' norms.
Matrix relaxed_dual(const Problem& problem, double features_norm);

}  // namespace nadir::homogeneous
