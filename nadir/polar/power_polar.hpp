#pragma once
// The polar of networks with units of the power α = 0 or 2, for few features also 1 (docs/math/powers.md, section 2):
//
//   ρ(g) = max over ‖u‖₂ = 1 of f(u),   f(u) = Σᵢ gᵢ (xᵢᵀu)₊^α,   t₊⁰ = 1 for t > 0 and 0 otherwise,
//
// and a search for units with large f. For α = 2, f is once differentiable, and L-BFGS climbs f(u)/‖u‖² from many
// starts. For α = 0, f is constant on cells: on a circle through u and another direction, the best arc is found exactly
// by a sweep over the angles at which samples change sides; circles are tried until none helps.
#include "nadir/polar/local_search.hpp"

namespace nadir::polar {

struct PowerPolar {
  SampleRows features;  ///< X, n × d; in memory where α is not 1
  Vector weights;       ///< g, n
  int power;            ///< α

  Index samples() const { return features.rows(); }
  Index dimension() const { return features.cols(); }
};

/// (z)₊^α of each entry, α from 0 to 2.
Vector power_of(const Vector& z, int power);

/// f(u/‖u‖); u ≠ 0.
double value(const PowerPolar& problem, const Vector& u);

/// Distinct local maxima with f > 0, the best first, ‖u‖ = 1; `given` (rows) are further starts. Deterministic. Of the
/// options `plain_steps`, `concave_steps` and `sweeps` are not read.
std::vector<Witness> local_search(const PowerPolar& problem, const Matrix& given, const LocalSearchOptions& options);

}  // namespace nadir::polar
