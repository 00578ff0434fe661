#include "nadir/spectral/options.hpp"

namespace nadir::spectral {

std::span<const Option<SpectralOptions>> option_table() {
  using S = SpectralOptions;
  static const std::vector<Option<S>> table = {
      one_of<S>("model", &S::model,
                "which networks to choose from: best (additive families, by cross-validation), published (dense draws, "
                "p by the paper's (4) and (9)), masked (the same with masks and bias), or given (the network that the "
                "options below describe)",
                {"best", "published", "masked", "given"}),
      {"layers", &S::layers, "hidden layers of published and masked networks", 1, 5},
      {"draws", &S::draws, "random architectures tried for published and masked", 1, 100000},
      {"folds", &S::folds, "folds of the cross-validation on training rows", 2, 100},
      {"selection-rows", &S::selection_rows, "cross-validate on at most so many rows, drawn by class", 10, 1e9},
      {"hidden", &S::hidden, "units of each hidden layer (spectral: of --model given)", 1, 1e6},
      {"alpha", &S::alpha, "given: exponents, dealt out to the units in turn", 1, 1e3},
      one_of<S>("p-rule", &S::p_rule,
                "given: how p is chosen: published ((4) and (9)), concave (smallest p of hidden concavity at --p-w), "
                "or given (--p-w, --p-u)",
                {"published", "concave", "given"}),
      {"p-w", &S::p_w, "given: p of the output's norms", 1, 1e9, true},
      {"p-u", &S::p_u, "given: p of each hidden layer's norm", 1, 1e9, true},
      {"rho-w", &S::rho_w, "given: radius of the output's norms", 0, 1e12, true},
      {"rho-u", &S::rho_u, "given: radius of each hidden layer's norm", 0, 1e12, true},
      {"epsilon", &S::epsilon, "given: reward of the sum of weights", 0, 1e12},
      one_of<S>("norm", &S::norm, "given: one norm per hidden layer (matrix) or per unit", {"matrix", "unit"}),
      one_of<S>("mask", &S::mask,
                "given: which weights exist: dense, random (--mask-density), or single (a unit for each feature and "
                "exponent)",
                {"dense", "random", "single"}),
      {"mask-density", &S::mask_density, "given: share of weights that exist under a random mask", 0, 1, true},
      {"bias", &S::bias, "given: add the constant feature 1"},
      {"complement", &S::complement, "given: add 1 - f for each scaled feature f"},
      one_of<S>("map", &S::map, "given: map scaled columns: identity or root", {"identity", "root"}),
      one_of<S>("start", &S::start, "where the iteration begins: flat or random (--seed)", {"flat", "random"}),
      {"start-spread", &S::start_spread, "how far apart random log-weights may lie", 0, 100},
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"change", &S::change, "and no log-weight would move by more than this in a plain step", 0, 1},
      {"max-iterations", &S::max_iterations, "most iterations of the final training", 0, 1e9},
      {"time-limit", &S::time_limit, "seconds for the final training", 0, HUGE_VAL, true},
      {"memory", &S::memory, "steps that the quasi-Newton direction looks back on; 0: the paper's map, safeguarded", 0,
       1000},
      {"box-steps", &S::box_steps, "where hidden concavity does not hold: cuts of the box certificate", 1, 1000},
      {"all-certificates", &S::all_certificates, "also try the box, and report its width"},
  };
  return table;
}

}  // namespace nadir::spectral
