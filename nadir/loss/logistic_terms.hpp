#pragma once
// What the logistic and the softmax loss are made of, without overflow.
#include <cmath>

namespace nadir {

/// 1 / (1 + e^{−z}).
inline double sigmoid(double z) { return z >= 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z)); }

/// t log t, for t ≥ 0; 0 at 0.
inline double entropy_term(double t) { return t > 0 ? t * std::log(t) : 0.0; }

}  // namespace nadir
