#include "nadir/relu/options.hpp"

#include <vector>

namespace nadir::relu {

std::span<const Option<ReluOptions>> option_table() {
  using S = ReluOptions;
  static const std::vector<Option<S>> table = [] {
    std::vector<Option<S>> lines = path::path_option_table<S>();
    lines.emplace_back("max-rounds", &S::max_rounds, "most rounds of the search for units", 1, 1e6);
    lines.emplace_back(
        "nodes", &S::nodes,
        "most cones that the proof over every width looks at, for each output and sign; 0: 300, and fewer from "
        "1,000 rows on",
        0, 1e6);
    return lines;
  }();
  return table;
}

}  // namespace nadir::relu
