#pragma once
// What proves the bound of a deep linear network, as the model file holds it (docs/certificate-format.md, section 6.5).
#include "nadir/base/matrix.hpp"

namespace nadir {

/// With r columns of the d features, which the certificate names.
struct RankEvidence {
  Matrix triangle;   ///< G, r × r, upper triangular: the columns times it are nearly orthonormal
  Matrix relations;  ///< H, (d − r) × (r + 1): what the other features are of the columns and of 1
  Matrix factor;     ///< Z, K × any
};

}  // namespace nadir
