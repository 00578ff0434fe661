#include "nadir/convex/options.hpp"

#include <vector>

namespace nadir::convex {

std::span<const Option<GatedOptions>> option_table() {
  using S = GatedOptions;
  static const std::vector<Option<S>> table = [] {
    std::vector<Option<S>> lines = path::path_option_table<S>();
    lines.push_back(one_of<S>(
        "penalty", &S::penalty,
        "what lambda weighs: group, the norms of the weights of each gate and output; nuclear, "
        "the singular values of each gate's weights (weight decay of units that feed all outputs); l1, the sizes of "
        "all weights (variables are left out gate by gate); features, a norm for each feature over all gates and "
        "outputs (variables are left out altogether)",
        {"group", "nuclear", "l1", "features"}));
    lines.emplace_back("gates", &S::gates,
                       "random gates to draw; 0: half the number of rows, but 100 at least and 500 at most", 0, 1e6);
    lines.emplace_back("gates-file", &S::gates_file, "gates to use instead: an NPY array of inputs x gates");
    lines.emplace_back("max-iterations", &S::max_iterations, "most iterations of the final training", 0, 1e9);
    return lines;
  }();
  return table;
}

}  // namespace nadir::convex
