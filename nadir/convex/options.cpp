#include "nadir/convex/options.hpp"

#include <vector>

namespace nadir::convex {

std::span<const Option<GatedOptions>> option_table() {
  using S = GatedOptions;
  static const std::vector<Option<S>> table = {
      one_of<S>("loss", &S::loss, "auto: squared for quantities, logistic for two classes, softmax for more",
                {"auto", "squared", "huber", "logistic", "squared_hinge", "softmax"}),
      {"huber-delta", &S::huber_delta, "where Huber's loss turns from square to line, in deviations of the target", 0,
       HUGE_VAL, true},
      {"lambda", &S::lambda, "weight of the penalty; 0: chosen by cross-validation", 0, HUGE_VAL},
      {"gates", &S::gates, "random gates to draw; 0: half the number of rows, but 100 at least and 500 at most", 0,
       1e6},
      {"gates-file", &S::gates_file, "gates to use instead: an NPY array of inputs x gates"},
      one_of<S>("intercept", &S::intercept, "a constant feature, penalized as every other", {"on", "off"}),
      {"path", &S::path, "values of lambda that cross-validation chooses among", 1, 1000},
      {"path-ratio", &S::path_ratio, "the smallest lambda of the path over the largest", 0, 1, true},
      {"folds", &S::folds, "parts of the cross-validation", 2, 1000},
      {"selection-rows", &S::selection_rows, "rows that the cross-validation sees at most", 2, 1e9},
      one_of<S>("rule", &S::rule,
                "one-se: the largest lambda whose error is within one standard error of the best; or best",
                {"one-se", "best"}),
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"max-iterations", &S::max_iterations, "most iterations of the final training", 0, 1e9},
      {"time-limit", &S::time_limit, "seconds for the final training", 0, HUGE_VAL, true},
  };
  return table;
}

}  // namespace nadir::convex
