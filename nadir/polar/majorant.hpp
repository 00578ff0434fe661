#pragma once
// Quadratic majorants of f on the sphere, and the upper bounds they prove (docs/math/relu-polar.md, sections 2 and 3).
//
// Let C be a cone on which some samples have a known sign: σᵢ = 1 where xᵢᵀu ≥ 0, −1 where xᵢᵀu ≤ 0, 0 where free.
// For u ∈ C with ‖u‖ = 1 and z = xᵢᵀu,
//   free, gᵢ > 0:   (z)₊ ≤ z/2 + z²/(4cᵢ) + cᵢ/4                     for every cᵢ > 0,
//   free, gᵢ < 0:  −(z)₊ ≤ −z/2 − (tᵢ + wᵢᵀu) z/2                    for |tᵢ| + ‖wᵢ‖ ≤ 1,
//   fixed:          (z)₊ = z or 0, and 0 ≤ (tᵢ − wᵢᵀu) σᵢz           for ‖wᵢ‖ ≤ tᵢ,
//   two fixed:      0 ≤ π σⱼσₖ (xⱼᵀu)(xₖᵀu)                           for π ≥ 0.
// Their sum is f(u) ≤ bᵀu + uᵀMu + κ, and for every μ with μI − M ≻ 0
//
//   max of f over C ∩ {‖u‖ ≤ 1}  ≤  max(0, μ + κ + ¼ bᵀ(μI − M)⁻¹b).
//
// Any parameters are a proof. Those that make a good one come from relaxation.hpp.
#include <cstdint>
#include <functional>
#include <vector>

#include "nadir/polar/relu_polar.hpp"

namespace nadir::polar {

/// σ, one a sample; all 0: the whole space.
using Signs = std::vector<std::int8_t>;

/// The evidence: parameters of a majorant. w is kept as W = A Zᵀ, of low rank; Z = I makes A dense.
struct Majorant {
  struct Pair {
    Index first, second;
    double weight;  ///< π
  };
  Vector c;  ///< n; read where free and g > 0
  Vector t;  ///< n; read elsewhere
  Matrix A;  ///< n × k; read where t is
  Matrix Z;  ///< d × k
  std::vector<Pair> pairs;
  double mu = 0;
};

/// bᵀu + uᵀMu + κ, and by how much rounding may have made it too small anywhere on the sphere.
struct Quadratic {
  Vector b;
  Eigen::MatrixXd M;
  double kappa = 0;
  double rounding = 0;
};

/// c, t and A of a block of rows: of the samples from `first` on. Z, pairs and mu are not read.
using MajorantPart = std::function<Majorant(Index first, const ConstMatrixView& rows)>;

/// Shrinks wᵢ and tᵢ, or raises tᵢ, as far as the conditions above ask, with a margin for rounding.
void make_valid(const Signs& signs, Majorant& majorant);
/// The same of the samples from `first` on.
void make_valid(const Signs& signs, Index first, Majorant& part);

/// The majorant that the parameters describe. κ is infinite where a condition is not provably met.
Quadratic quadratic_of(const ReluPolar& problem, const Signs& signs, const Majorant& majorant);
/// The same, with c, t and A made a block at a time, of which there are as many as sums have.
Quadratic quadratic_of(const ReluPolar& problem, const Signs& signs, const MajorantPart& part, const Matrix& Z,
                       const std::vector<Majorant::Pair>& pairs);

/// With w = 0 and M = 0 the bound is ‖b‖. Where no sample with g > 0 is free: the t of the shortest b, nearly, by at
/// most so many sweeps of coordinate descent. Exact where every sample is fixed, as f is linear there.
Majorant linear_majorant(const ReluPolar& problem, const Signs& signs, int sweeps);
/// The one with a given t.
Majorant linear_majorant_at(const ReluPolar& problem, const Signs& signs, Vector t);

/// The μ that minimizes μ + ¼ bᵀ(μI − M)⁻¹b, by the secular equation ¼ Σ βₖ²/(μ − mₖ)² = 1 in the eigenbasis of M.
double best_multiplier(const Quadratic& quadratic);

/// The bound that the evidence proves, rounding included (section 3: a Cholesky factorization that succeeds with room
/// to spare); infinite where the evidence proves nothing.
ProvenUpper<Majorant> prove(const ReluPolar& problem, const Signs& signs, Majorant majorant);
/// The same for the quadratic of a majorant with this μ.
double proven_bound(const Quadratic& quadratic, double mu);

}  // namespace nadir::polar
