#include "nadir/relu/options.hpp"

#include <vector>

namespace nadir::relu {

std::span<const Option<ReluOptions>> option_table() {
  using S = ReluOptions;
  static const std::vector<Option<S>> table = [] {
    std::vector<Option<S>> lines = path::path_option_table<S>();
    lines.push_back(one_of<S>("skip", &S::skip,
                              "a linear part beside the units, its weights V at lambda/2 |V|^2: weight decay as theirs",
                              {"off", "on"}));
    lines.push_back(one_of<S>("units", &S::units,
                              "of more than one output: separate, each output has its own; shared, each unit feeds all",
                              {"separate", "shared"}));
    lines.emplace_back("max-rounds", &S::max_rounds, "most rounds of the search for units; with --radius, most steps",
                       1, 1e6);
    lines.emplace_back(
        "nodes", &S::nodes,
        "most cones that the proof over every width looks at, for each output and sign; 0: 300, and fewer from "
        "1,000 rows on; of two to seven features besides a thousand smaller cones for each; with --power 0 or 2 "
        "50,000, and "
        "fewer from 400 rows on",
        0, 1e6);
    lines.emplace_back("radius", &S::radius,
                       "the constrained form, in place of a penalty: the least loss with sum |u| |w| at most so much; "
                       "needs no cross-validation; 0: the penalized form",
                       0, 1e100);
    lines.push_back(one_of<S>("steps", &S::steps,
                              "with --radius, of the conditional gradient method: corrective (all sizes anew), "
                              "line-search, or classic (2 / (t + 1)); the last two want many --max-rounds",
                              {"corrective", "line-search", "classic"}));
    lines.emplace_back(
        "power", &S::power,
        "of max(0, u.x) in ReLU units, which for 0 and 2 have one output, and in those of a kernel: 0 (steps), 1 "
        "(ReLU) or 2 (squares)",
        0, 2);
    return lines;
  }();
  return table;
}

}  // namespace nadir::relu
