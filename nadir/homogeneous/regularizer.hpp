#pragma once
// θ: what a sub-network costs. Every kind is positively homogeneous in all weights together; a pair (φ, θ) is balanced
// where both have one degree, and only then do the theorems of Haeffele and Vidal (2017) hold.
#include <string>
#include <vector>

#include "nadir/homogeneous/subnetwork.hpp"

namespace nadir::homogeneous {

enum class Norm { l1, l2, l_inf };  ///< of all entries of a layer's weights

/// With eₖ the degree of φ in Wₖ alone, 1 without powers, and p = Σ eₖ its degree, K without powers.
enum class Combination {
  product,         ///< Πₖ ‖Wₖ‖^eₖ, degree p
  mean_of_powers,  ///< Σₖ (eₖ/p) ‖Wₖ‖ᵖ, degree p; not below the product, and equal to it where all norms agree
  squares,         ///< ½ Σₖ ‖Wₖ‖², weight decay, degree 2
  path,            ///< Σ over paths from an input to an output of Π |w|, degree K
};

struct Regularizer {
  Combination combination = Combination::product;
  std::vector<Norm> norms;              ///< by layer; empty: all l2; not read by path
  std::vector<bool> non_negative = {};  ///< by layer: whether θ = ∞ unless its weights are ≥ 0; empty: none is

  double degree(const Subnetwork& subnetwork) const;
  double value(const Subnetwork& subnetwork, const Vector& weights) const;
  /// Adds factor · ∇θ to `gradient`; at kinks one slope, 0 where a norm is 0.
  void add_gradient(const Subnetwork& subnetwork, const Vector& weights, double factor, Vector& gradient) const;
  bool is_non_negative(std::size_t layer) const { return !non_negative.empty() && non_negative[layer]; }
  /// A c with Πₖ ‖Wₖ‖₂^eₖ ≤ c θ, which the bounds of polar.hpp need: 1 but for l_inf, whose ‖·‖₂ is the root of the
  /// number of weights times larger, and weight decay of one layer; infinite where none is known.
  double product_over_value(const Subnetwork& subnetwork) const;
  std::string name() const;

 private:
  Norm norm(std::size_t layer) const { return norms.empty() ? Norm::l2 : norms[layer]; }
};

/// Throws UsageError, naming both degrees, unless they agree; also for a number of norms or of cones that is not that
/// of the layers.
void require_balanced(const Subnetwork& subnetwork, const Regularizer& regularizer);

}  // namespace nadir::homogeneous
