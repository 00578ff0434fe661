#pragma once
// The nearest point of a polyhedral cone, and the shortest vector of a polyhedron, by active sets.
//
// For K = {u : bᵢᵀu ≥ 0} the point of K nearest to z is z + Σ sᵢbᵢ for the s ≥ 0 that make it shortest (Moreau 1962), a
// least squares problem over non-negative numbers (Lawson and Hanson 1974, chapter 23). Any s ≥ 0 proves
//   max {zᵀu : u ∈ K, ‖u‖ ≤ 1} ≤ ‖z + Σ sᵢbᵢ‖,
// and there is equality at the nearest point.
#include <optional>
#include <vector>

#include "nadir/base/sample_rows.hpp"

namespace nadir {

/// z + Σ sᵢbᵢ and what made it.
struct ConePoint {
  Vector point;
  std::vector<Index> active;  ///< rows with sᵢ > 0, linearly independent
  Vector multipliers;         ///< their sᵢ
};

/// bᵢ = signsᵢ rowsᵢ; rows, n × d, have the norm 1 or 0, signs are ±1. `start`: of a similar z. Ends early at a point
/// that is not longer than `enough`, which need not be in the cone; else it is up to rounding, and the nearest one.
ConePoint project_on_cone(const SampleRows& rows, const Vector& signs, const Vector& z, ConePoint start = {},
                          double enough = 0);

/// The shortest c with rows c ≥ h, h ≥ 0; nothing where there is none, as far as rounding tells. Rows as above.
std::optional<Vector> shortest_above(const Matrix& rows, const Vector& h);

/// Orthonormal columns, d × (d − k), that span the u with bᵢᵀu = 0 for k linearly independent rows.
Eigen::MatrixXd face_basis(const Matrix& rows, const std::vector<Index>& active);

}  // namespace nadir
