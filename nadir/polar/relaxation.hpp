#pragma once
// Good parameters for majorants, from a relaxation of the polar (docs/math/relu-polar.md, section 4):
//
//   maximize Σ_{g>0} ½ gᵢ (xᵢᵀu + ‖Zᵀxᵢ‖) − Σ_{g<0} ½ |gᵢ| (xᵢᵀu + max(|xᵢᵀu|, ‖Uxᵢ‖)) + Σ_{σ=1} gᵢ xᵢᵀu
//     over Z ∈ ℝ^{d×k} with ‖Z‖_F = 1, where u = Ze₁ and U = ZZᵀ (Burer and Monteiro 2003), and for fixed samples
//   subject to ‖Uxᵢ‖ ≤ σᵢ xᵢᵀu and σⱼσₖ xⱼᵀUxₖ ≥ 0, by a penalty on what violates them.
//
// Its value at Z = (u, 0, .., 0) is f(u). It is smoothed by √(z² + δ²), solved by L-BFGS for falling δ, each from the
// last, and its derivatives at the solution are the parameters c, t, w, θ, π. They are valid however far it was solved;
// the solution decides only how good the bound is.
#include <optional>
#include <vector>

#include "nadir/polar/majorant.hpp"

namespace nadir::polar {

struct RelaxationOptions {
  int rank = 16;  ///< k, at most d + 1, where no local maximum but the global one is left
  std::vector<double> temperatures = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};  ///< δ, for samples scaled to norm 1
  /// Lower temperatures only where the relaxation itself is below what is wanted; there it is solved further.
  double last_hope = 1e-4;
  int iterations = 60;  ///< of L-BFGS for each temperature, at most
  double least_decrease = 1e-7;
  double penalty = 0;  ///< of a fixed sample's violation, in units of `reference`; 0: by the dimension
};

/// A point of the smoothed relaxation, from whose derivatives the parameters of a majorant follow: evidence in few
/// numbers.
struct RelaxedPoint {
  Matrix Z;                ///< d × k
  double temperature = 0;  ///< δ > 0
  double penalty = 0;      ///< of a violation
  double multiplier = 0;   ///< μ
};

/// Where cones are cut into small pieces, their cuts must be felt; elsewhere they only make the problem harder. Nodes
/// until a gap was met, with 2 for 0.5: a fifth for d = 3 (random), a third for d = 5 (iris), more for d = 4
/// (haberman), twice as many for d = 55.
inline double default_penalty(Index dimension) { return dimension <= 6 ? 1 : 0.5; }

struct Relaxed {
  ProvenUpper<RelaxedPoint> upper;
  Matrix Z;
  double value = 0;      ///< of the relaxation at Z, unsmoothed and penalized: no parameters prove less, nearly
  double violation = 0;  ///< the penalty's part of it
  Vector ambiguity;      ///< n; by how much the relaxation exceeds f for the sake of each free sample
};

/// One problem's samples, scaled to norm 1, and the weights that go with them.
class Relaxation {
 public:
  /// `reference`: a positive number of the polar's size.
  Relaxation(const ReluPolar& problem, double reference);

  /// Solves from Z and proves the best bound met. Where a bound of `enough` is all that is wanted, ends early when it
  /// is proved, or when the relaxation's own value is so far above it that little is left to gain.
  Relaxed solve(const Signs& signs, Matrix start, std::optional<double> enough, const RelaxationOptions& options) const;

  /// The valid majorant that follows from a point.
  Majorant majorant_at(const Signs& signs, const RelaxedPoint& point) const;

  /// A start near rank one: u first, then small columns that depend on nothing but their number.
  Matrix start_at(const Vector& u, const RelaxationOptions& options) const;

 private:
  friend class SmoothedRelaxation;
  const ReluPolar& problem_;
  Vector norms_;       ///< ‖xᵢ‖
  RescaledRows rows_;  ///< xᵢ/‖xᵢ‖, or 0
  Vector scaled_;      ///< gᵢ‖xᵢ‖
  double reference_;
};

}  // namespace nadir::polar
