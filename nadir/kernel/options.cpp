#include "nadir/kernel/options.hpp"

#include <vector>

namespace nadir::kernel {

std::span<const Option<KernelOptions>> option_table() {
  using S = KernelOptions;
  static const std::vector<Option<S>> table = [] {
    std::vector<Option<S>> lines = path::path_option_table<S>();
    lines.emplace_back("power", &S::power,
                       "of the units max(0, v.x)^power whose kernel it is: 0 (steps), 1 (ReLU) or 2 (smoother)", 0, 2);
    lines.emplace_back("random-units", &S::random_units,
                       "so many units drawn at random in the place of infinitely many, with the density's weights on "
                       "them alone: for more rows than a kernel matrix has room for; 0: all units",
                       0, 1e6);
    lines.emplace_back("max-iterations", &S::max_iterations, "most iterations of the final training", 0, 1e9);
    return lines;
  }();
  return table;
}

}  // namespace nadir::kernel
