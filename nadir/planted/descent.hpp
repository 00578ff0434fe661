#pragma once
// Sums of ReLU units fitted to what such a sum can be (Ergen and Pilanci 2019; docs/math/planted.md).
//
// Given samples A (n × d) and targets y ≥ 0 (n), with units u_1 .. u_m, the rows of U, and r = Σ_j (A u_j)₊ − y:
//   minimize f(U) = ½ ‖r‖².
// - One unit: the convex relaxation f_r(u) = ½ ‖(A u)₊‖² − yᵀ A u + ½ ‖y‖² (equation (4)), by accelerated gradients.
//   Where y = (A u*)₊, every minimizer of f_r has f = 0 (theorem 1).
// - Several: regularized gradient descent (section II-B): unit j moves along (D_j + Π_l (I − D_l)) r, D_j the samples
//   at which it is active; a sample at which none is pulls all. Where n ≤ d, A has full row rank and steps are those of
//   the metric, such a sample lifts all units by so much that the highest is active after the step, and each residual
//   falls by a factor 1 − 1/m a step, from any start (docs/math/planted.md, theorem 2).
// - Gradient descent on f itself, to compare with.
#include <span>
#include <vector>

#include "nadir/base/options.hpp"
#include "nadir/base/watch.hpp"
#include "nadir/claim/claim.hpp"
#include "nadir/planted/directions.hpp"

namespace nadir::planted {

struct PlantedOptions {
  int neurons = 1;
  std::string intercept = "on";         ///< a bias of each unit
  std::string descent = "regularized";  ///< or gradient
  std::string precondition = "on";      ///< steps in the metric of the samples
  int max_iterations = 10000;
  double gap = 1e-9;

  bool operator==(const PlantedOptions&) const = default;
};
std::span<const Option<PlantedOptions>> option_table();

struct Descent {
  Matrix units;  ///< m × d, where f was least
  double loss = 0;
  int iterations = 0;
  Stop stop = Stop::no_progress;
  double relaxation = 0;        ///< one unit: f_r where it ended
  double relaxation_bound = 0;  ///< one unit: below f_r anywhere but for rounding, by its dual; −∞ where none was found
  std::vector<Progress> trace;  ///< means over the samples
};

/// From the units of `start`, m × d. Ends where f is at most `enough`; where f_r is at its minimum by its dual; where
/// nothing more is gained; at most after options.max_iterations.
Descent minimize(const Matrix& A, const Vector& y, const Directions& directions, Matrix start, double enough,
                 const PlantedOptions& options, const Watch& watch = {});

/// A number that f_r does not fall below: ½‖y‖² − ½‖t‖² for a t ≥ 0 with Aᵀt = Aᵀy near (A u)₊, but for rounding;
/// −∞ where none is found.
double relaxation_bound(const Matrix& A, const Vector& y, const Vector& u);

}  // namespace nadir::planted
