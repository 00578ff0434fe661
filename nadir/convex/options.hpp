#pragma once
// What a user of gated networks can ask for. Defaults are at the members; ranges and help are in the table.
#include <span>

#include "nadir/path/options.hpp"

namespace nadir::convex {

struct GatedOptions : path::PathOptions {
  std::string penalty = "group";  ///< Ω, as the model file names it
  int gates = 0;                  ///< random gates to draw; 0: a number by the rows
  std::string gates_file;         ///< .npy with the gates instead, inputs × gates
  int max_iterations = 100000;

  bool operator==(const GatedOptions&) const = default;
};

std::span<const Option<GatedOptions>> option_table();

}  // namespace nadir::convex
