#pragma once
// The training problem of the spectral method: which networks are allowed.
//
//   minimize  F(U, W) = (1/n) Σᵢ [ log Σ_r e^{f_r(xⁱ)} − f_{yᵢ}(xⁱ) − Σ_r f_r(xⁱ) ] − ε Σ weights
//   subject to  weights ≥ 0 and ‖z_b‖_{p_b} ≤ ρ_b for every block b of weights.
//
// F = −Φ of Gautier, Nguyen, Hein (2016), equations (2) and (7), for any number of hidden layers. The blocks are the
// rows of W and, for each hidden layer, either the whole matrix (as published) or each of its rows. Weights may be
// absent (masked). docs/math/spectral.md proves what is used here for all of these.
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/net/polynomial.hpp"

namespace nadir::spectral {

/// Which weights of a hidden layer share one norm constraint.
enum class NormScope { matrix, unit };

struct HiddenShape {
  Vector exponents;  ///< α, one per unit, each ≥ 1
  NormScope scope = NormScope::matrix;
  std::vector<double> p;  ///< > 1; one number (matrix), or one per unit
  double radius = 1;      ///< ρ > 0, of every block of this layer
  Mask mask;              ///< units × inputs, or empty: every weight exists

  Index units() const { return exponents.size(); }
  double p_of(Index unit) const { return scope == NormScope::matrix ? p[0] : p[static_cast<std::size_t>(unit)]; }
  bool exists(Index unit, Index input) const { return mask.size() == 0 || mask(unit, input); }
};

/// Everything that fixes the feasible set and the regularizer.
struct Architecture {
  Index inputs = 0;
  int classes = 0;
  std::vector<HiddenShape> hidden;
  double output_p = 2;
  double output_radius = 1;
  double epsilon = 1e-8;

  /// Throws UsageError, naming layer and number, unless the shapes fit and every number is in its range.
  void validate() const;
  Index weights() const;  ///< how many weights exist
};

/// A maximal set of weights under one norm constraint: entries [first, first + count) of a packed vector.
struct Block {
  Index first;
  Index count;
  double p;
  double radius;
};

/// Existing weights of a network in one vector (layer by layer, row by row, the output last), and back.
class Packing {
 public:
  explicit Packing(const Architecture& architecture);

  const std::vector<Block>& blocks() const { return blocks_; }
  Index size() const { return size_; }
  Vector pack(const PolynomialNetwork& network) const;
  /// Writes the entries into `network`, which has the architecture's shapes; absent weights become 0.
  void unpack(const Vector& packed, PolynomialNetwork& network) const;
  /// A network of the architecture's shapes, exponents and masks, with all weights 0.
  PolynomialNetwork empty_network() const;

 private:
  Architecture architecture_;
  std::vector<Block> blocks_;
  Index size_ = 0;
};

/// log of the p-norm of e^{logs}, without leaving the log domain.
double log_norm(const Eigen::Ref<const Vector>& logs, double p);

// Iterations run on log-shares log(z/ρ_b): close to 0 for any radius, so that weights keep their last bits.

/// The weights ρ_b (1 − 2⁻⁴⁶) e^{logs}: drawn in a little, so that norms computed as ρ_b are at most ρ_b.
Vector weights_of(const Packing& packing, const Vector& logs);
/// The inverse, but for the drawing in: log(z/ρ_b).
Vector log_shares(const Packing& packing, const PolynomialNetwork& network);
/// Log-shares that are equal within each block, every norm equal to its radius.
Vector flat_start(const Packing& packing);
/// Log-shares that differ by up to `spread` at random, every norm equal to its radius.
Vector random_start(const Packing& packing, double spread, std::uint64_t seed);
/// Shifts each block so that its norm equals its radius.
void normalize(const Packing& packing, Vector& logs);

}  // namespace nadir::spectral
