#pragma once
// Random units in place of all (docs/math/kernel.md, section 5).
#include <cstdint>

#include "nadir/base/matrix.hpp"

namespace nadir::kernel {

/// Units drawn uniformly from the unit sphere of ℝᵈ, count × d. More of the same seed begin with the same.
Matrix draw_units(Index count, Index d, std::uint64_t seed);

/// Φ: n × count, max(0, v·x)^power / √count for each unit v. ΦΦᵀ converges to the arc-cosine kernel. The bits do not
/// depend on `threads`.
Matrix random_features(const Matrix& x, const Matrix& units, int power, int threads = 1);

}  // namespace nadir::kernel
