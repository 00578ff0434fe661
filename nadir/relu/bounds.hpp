#pragma once
// What is proved about units found: lower bounds of F with their evidence (docs/certificate-format.md, section 6.4).
//
// With G = −∇L(f) and q ≥ max over outputs k and signs s of ρ(s g_k), where ρ is the polar (polar/relu_polar.hpp), the
// dual point τG, τ = min(1, λ/q), bounds F over networks of any width. Over networks with the patterns of the units
// found the polar is taken over these units' own cells only, where linear majorants are exact. Where units are shared
// by the outputs, q is the largest bound of cones of output weights (output_cones.hpp); of more than four outputs, the
// 2-norm over k of max over s of ρ(s g_k) (section 8).
//
// In the constrained form every τ in (0, 1] gives a bound, −L*(−τG) − τδq, which is concave in τ.
#include <optional>

#include "nadir/net/relu.hpp"
#include "nadir/polar/branch_and_bound.hpp"
#include "nadir/polar/output_cones.hpp"
#include "nadir/relu/effort.hpp"

namespace nadir::relu {

struct BoundOptions {
  double gap = 1e-3;                                            ///< relative, that is wanted
  long max_nodes = 2000;                                        ///< of one polar
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds, for all of them
  std::uint64_t seed = 1;
  Effort effort{64, 50, 16};                                  ///< of the local search before each polar's
  std::function<bool(double lower_bound, long nodes)> watch;  ///< answers whether to go on
};

/// The τ that is taken for a bound from G, n × K, and q ≥ 0: min(1, λ/q); in the constrained form the best one in
/// (0, 1 − 2⁻⁴²], up to the square of 1e-9.
double best_scaling(const Problem& problem, const Matrix& G, double q);

/// ‖Gᵀ1‖² / (2β) + ‖XᵀG‖² / (2γ): what output biases and a linear part take from every bound at τ = 1, and τ² of it at
/// another; 0 without them. `error`: of each sum, relative to the sum of its terms' sizes; what is returned allows for
/// it.
double taken_beside_units(const Problem& problem, const Matrix& G, double error = 0);

/// What G and q prove at that τ, as computed.
double lower_bound(const Problem& problem, const Matrix& G, double q);

/// One polar, ρ(Gv), from both sides.
struct PolarBound {
  Vector direction;            ///< v, K: ± a unit vector, or where units are shared by 2 to 4 outputs of whole numbers
  polar::BranchResult result;  ///< without leaves where there is a tree
  Matrix tree = {};  ///< the cones that prove it where α is not 1, or features are few (polar/simplicial_cones.hpp)
};

struct WidthBound {
  std::vector<PolarBound> polars;           ///< by output, sign 1 before −1; with cones, by number of the direction
  std::optional<polar::OutputCones> cones;  ///< of output weights, of units that are shared by 2 to 4 outputs
  double polar = 0;                         ///< q
  double lower_bound = 0;                   ///< as computed
  long nodes = 0;
};

/// Over every width.
WidthBound bound_over_widths(const Problem& problem, const Iterate& at, const BoundOptions& options);

struct PatternsBound {
  Matrix cells;  ///< t of each linear bound, × n: by unit, then in the order of file_order(), but for outputs that a
                 ///< unit does not feed
  double polar = 0;        ///< q
  double lower_bound = 0;  ///< as computed
};

/// Over networks with the patterns of this one's units, whose exact signs decide, in the directions and cones of
/// `widths`; G is n × K.
PatternsBound bound_over_patterns(const Problem& problem, const Matrix& G, const ReluNetwork& network,
                                  const WidthBound& widths);

/// The places of WidthBound::polars in the order in which the model file has them.
std::vector<Index> file_order(const WidthBound& widths);

}  // namespace nadir::relu
