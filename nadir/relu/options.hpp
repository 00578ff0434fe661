#pragma once
// What a user of ReLU networks can ask for. Defaults are at the members; ranges and help are in the table.
#include <span>

#include "nadir/path/options.hpp"

namespace nadir::relu {

struct ReluOptions : path::PathOptions {
  ReluOptions() { gap = 1e-2; }

  std::string skip = "off";          ///< on: a linear part beside the units
  std::string units = "separate";    ///< for each output; or shared by all
  int max_rounds = 100;              ///< of column generation
  int nodes = 0;                     ///< of branch and bound, for each output and sign; 0: a number by the rows
  double radius = 0;                 ///< of the constrained form, in place of lambda; 0: the penalized form
  std::string steps = "corrective";  ///< of the constrained form: or line-search, classic

  int power = 1;  ///< of max(0, u·x) in the units: 0, 1 or 2

  bool operator==(const ReluOptions&) const = default;
};

std::span<const Option<ReluOptions>> option_table();

}  // namespace nadir::relu
