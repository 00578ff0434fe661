#pragma once
// The contraction certificates: a matrix A computed from the architecture and the data's size whose spectral radius
// below 1 makes the spectral map a contraction. Published: Theorems 1, 4, 5 of Gautier, Nguyen, Hein (2016), here for
// any depth, with the misprints of (6) and of Theorems 4 and 5 corrected. Sharper: docs/math/spectral.md, section 3.
// All of them hold only where hidden concavity holds too; they add a rate, and are what the paper claims.
//
// Given one norm per hidden layer (NormScope::matrix). Masks only remove terms from what is bounded.
#include <array>
#include <string>
#include <vector>

#include "nadir/spectral/problem.hpp"

namespace nadir::spectral {

/// Ψ^α_{p,q}(δ, t) of equation (6), corrected: the exponent inside is p q / (q − ᾱ p). δ = 1 or δ = α.
double psi(const Vector& exponents, const Vector& delta, double t, double p, double q);

/// Sizes that the matrices are built from, for L hidden layers: C_w, then C_L .. C_1; D_L .. D_1 (D_L = ‖α⁽ᴸ⁾‖_∞).
struct Sizes {
  double rho_x = 0;
  double output = 0;                    ///< C_w ≥ every output f_r
  std::vector<double> layers, degrees;  ///< from layer L down to layer 1
};
/// Sums in place of Ψ and ρ_x = max ‖x‖_1: Theorem 1.
Sizes sizes_by_sums(const Architecture& architecture, const Matrix& features);
/// Corrected Ψ and ρ_x = max ‖x‖_{p'_u}: Theorems 4 and 5.
Sizes sizes_by_psi(const Architecture& architecture, const Matrix& features);

/// Blocks in the order w_1 .. w_K, U_L .. U_1 for `theorem`; `thompson` and `hilbert` take all rows of W as one.
Matrix theorem_matrix(const Architecture& architecture, const Sizes& sizes);
Matrix thompson_matrix(const Architecture& architecture, const Sizes& sizes);
Matrix hilbert_matrix(const Architecture& architecture, const Sizes& sizes);

struct SpectralRadius {
  double upper = 0;  ///< Collatz-Wielandt: max (A^T γ)_i / γ_i ≥ ρ(A), for the γ below
  Vector left;       ///< γ > 0, left Perron vector, largest entry 1
};
SpectralRadius spectral_radius(const Matrix& nonnegative);

/// One certificate as tried, for the report.
struct ContractionReport {
  std::string name;        ///< theorem_1, theorem_4_5, thompson, hilbert
  double spectral_radius;  ///< below 1: contraction
};
/// All of them; empty if some layer has a norm per unit, which the theorems do not cover.
std::vector<ContractionReport> contraction_certificates(const Architecture& architecture, const Matrix& features);

/// Smallest p by the paper's (4) and (9), for any number of hidden layers, times `factor` > 1: sets p of every block.
void set_published_p(Architecture& architecture, const Matrix& features, double factor);

/// The paper's stop rule (Theorem 3): R with ‖z^k − z*‖_∞ ≤ R ρ(A)^k, from the first step z⁰ → z¹ in log-weights.
double theorem_3_constant(const Architecture& architecture, const SpectralRadius& radius, const Vector& log_z0,
                          const Vector& log_z1);
/// Iterations after which the paper's rule stops: the least k ≥ 1 with k ≥ ln(τ/R) / ln ρ(A).
long published_iterations(double R, double radius, double tau);
/// The a-posteriori bound, same assumptions: ‖z^k − z*‖_∞ ≤ ρ/(1−ρ) · μ(z^k, z^{k−1}) / min_b(γ_b/ρ_b).
double a_posteriori_bound(const Architecture& architecture, const SpectralRadius& radius, const Vector& log_previous,
                          const Vector& log_current);

}  // namespace nadir::spectral
