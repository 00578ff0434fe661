#pragma once
// The penalties of gated networks, as norms Ω of the weights (docs/math/two-layer.md, section 9): what a proximal
// method needs of them. Row r of the weights belongs to groups[r]; rows of one gate are neighbours.
#include <string>
#include <vector>

#include "nadir/net/masked_products.hpp"

namespace nadir::convex {

enum class Penalty {
  group,     ///< Σ_pk ‖v_pk‖₂
  nuclear,   ///< Σ_p ‖V_p‖_*: the singular values of all V_p, K × d
  l1,        ///< Σ_pk ‖v_pk‖₁
  features,  ///< Σ_i (Σ_pk v_pki²)^½: a group for each feature, over all gates and outputs
};

/// As in docs/certificate-format.md, section 5.2. Throws UsageError.
Penalty penalty_named(const std::string& name);

/// Ω(V). Rows of zeros may be left out.
double norm_of(Penalty penalty, const std::vector<Group>& groups, const Matrix& weights);
/// Ω°(T) = max ⟨T, V⟩ over Ω(V) ≤ 1, V on these groups.
double polar_of(Penalty penalty, const std::vector<Group>& groups, const Matrix& correlations);
/// V ← argmin over U of ‖U − V‖²/2 + level Ω(U), U on these groups; whole gates for nuclear.
void shrink(Penalty penalty, const std::vector<Group>& groups, Matrix& weights, double level);
/// ‖U‖² of that U, for the penalties other than nuclear: to the last digits where V is just above the level.
double shrunk_square(Penalty penalty, const Matrix& weights, double level);

/// What a dual point says of all gates, with T = Xᵀ D_p g_k.
struct Polar {
  Matrix shares;     ///< Ω° of each block alone, P × blocks of a gate: its K groups for group, else all as one
  double whole = 0;  ///< Ω° of all
};
Polar polar_of_all(Penalty penalty, const MaskedProducts& products, const Matrix& dual);

}  // namespace nadir::convex
