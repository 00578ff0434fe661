#pragma once
// Bounds over cones of signs (section 6.4 of docs/certificate-format.md): with g a signed column of the dual point,
//   rho(g) = max over ||u|| <= 1 of sum_i g_i max(0, x_i.u),
// over the u with signs_i x_i.u >= 0 for all i. Parameters of a bound are computed in plain doubles, moved until they
// provably meet their conditions, and then are exact: what is proven holds for just these doubles.
#include "nadir/verify/proof.hpp"

namespace nadir::verify {
/// By row 1, -1, or 0 where the row is free.
using Signs = std::vector<std::int8_t>;
/// What a leaf of the tree states besides Z.
struct Smoothing {
  double delta = 0, pi0 = 0, mu = 0;
};

class Cones {
 public:
  explicit Cones(const Matrix& features);
  /// The bound by the numbers t. Throws where their conditions do not hold.
  double linear(const std::vector<double>& g, const Signs& signs, const double* t) const;
  /// The bound by the parameters that follow from Z. Throws where nothing is proven.
  double quadratic(const std::vector<double>& g, const Signs& signs, const Matrix& z, const Smoothing& smoothing);
  /// At least the change of rho if the entries of g are off by so many roundings: the sum of |change of g_i| ||x_i||.
  double change(const std::vector<double>& g, std::size_t roundings) const;

 private:
  /// b and M of the page, and what they leave out; `size` is the sum of the sizes of all products in b and M.
  struct Majorant {
    std::vector<double> linear;  // of x_i in b
    double size = 0, kappa = 0;
  };
  void project(const Matrix& z);
  void add_row(std::size_t i, double g, int sign, const Smoothing& smoothing, Majorant& majorant);
  void add_pairs(const Signs& signs, const Smoothing& smoothing, Majorant& majorant);
  std::vector<double> sum_of(const std::vector<double>& factors) const;
  double lost(const std::vector<double>& g) const;

  std::size_t n_, d_;
  Matrix rows_, directions_;    // x_i and x_i / ||x_i||, with room for tiles
  std::vector<double> norms_;   // rounded up; 0 only of zeros
  double all_norms_ = 0;        // their sum, rounded up
  Matrix projected_, factors_;  // rows S_i; rows w_i, then those whose products with x_i add up to M
};

/// At least b.u - u.A u for every u, with `bordered` = [A, b/2], of which the upper half of A is read. Throws where A
/// is not proven to be positive definite.
double maximum_of(const Matrix& bordered);
}  // namespace nadir::verify
