#pragma once
// Plans: descriptions of a network that do not depend on the data's size yet, and the architectures they become.
#include <string>
#include <vector>

#include "nadir/data/recipe.hpp"
#include "nadir/spectral/options.hpp"
#include "nadir/spectral/problem.hpp"

namespace nadir::spectral {

enum class PRule { published, concave, given };
enum class MaskKind { dense, random, single };

/// A network to be tried, for each of several radii of the output.
struct Plan {
  std::string name;  ///< for people
  // What is made of the columns.
  bool bias = false, complement = false;
  std::string map = "identity";
  // The hidden layers: units and exponents of each (under MaskKind::single, exponents of which each feature gets one
  // unit; the bias feature gets one unit of exponent 1).
  std::vector<Vector> exponents;
  MaskKind mask = MaskKind::dense;
  double mask_density = 0.6;
  std::uint64_t mask_seed = 0;
  NormScope scope = NormScope::matrix;
  std::vector<double> radii = {1};  ///< of each hidden layer; the last one serves for the rest
  PRule p_rule = PRule::concave;
  double output_p = 2;
  std::vector<double> hidden_p;  ///< PRule::given
  double epsilon = 1e-8;
  std::vector<double> output_radii;  ///< in increasing order
};

/// The plans that `options.model` stands for; random draws come from `seed` alone.
std::vector<Plan> plans_of(const SpectralOptions& options, std::uint64_t seed);

/// The recipe's options for this plan.
RecipeOptions recipe_options(const Plan& plan, RecipeOptions base);

/// The architecture for these features (their number, and their size for the published p).
/// Throws UsageError where the numbers do not allow one.
Architecture build(const Plan& plan, double output_radius, const Dataset& dataset);

}  // namespace nadir::spectral
