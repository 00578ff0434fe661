#pragma once
// What a user of kernel machines can ask for. Defaults are at the members; ranges and help are in the table.
#include <span>

#include "nadir/path/options.hpp"

namespace nadir::kernel {

struct KernelOptions : path::PathOptions {
  int power = 1;         ///< α of the kernel
  int random_units = 0;  ///< in the place of all; 0: all
  int max_iterations = 500;

  KernelOptions() {
    path = 21;
    path_ratio = 1e-6;
    selection_rows = 1000;
  }
  bool operator==(const KernelOptions&) const = default;
};

std::span<const Option<KernelOptions>> option_table();

}  // namespace nadir::kernel
