#pragma once
// From a table to a certified kernel machine: recipe, kernel matrix, lambda by cross-validation over a path, training.
#include "nadir/kernel/options.hpp"
#include "nadir/net/kernel_machine.hpp"
#include "nadir/path/fit.hpp"

namespace nadir::kernel {

struct KernelFit : path::Fit {
  KernelMachine network;
  Matrix outputs;  ///< n × K, at the training rows
};

/// The most training rows: their kernel matrix and one factor of it take 6.4 GB.
inline constexpr Index most_rows = 20000;

/// Fits on `rows` of the table. `largest_lambda` is the scale λ₀ of docs/math/kernel.md, section 4. `begin_with`: a
/// machine whose coefficients the final training begins with, if it is of the same features, power and number of
/// outputs. Throws UsageError, InputError, and ResourceError for more than most_rows.
KernelFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const KernelOptions& options,
              std::uint64_t seed, int threads, const path::FitWatch& watch, const KernelMachine* begin_with = nullptr);

}  // namespace nadir::kernel
