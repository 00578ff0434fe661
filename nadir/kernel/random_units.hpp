#pragma once
// From a table to a certified network of random units, whose output weights alone are trained (docs/math/kernel.md,
// section 5): what approximates a kernel machine where there are more rows than a kernel matrix has room for.
#include "nadir/kernel/options.hpp"
#include "nadir/net/relu.hpp"
#include "nadir/path/fit.hpp"

namespace nadir::kernel {

struct RandomUnitsFit : path::Fit {
  ReluNetwork network;
  Matrix outputs;  ///< n × K, at the training rows
};

/// The largest number of bytes that the features of the training rows and a factor of their products may take.
inline constexpr double most_bytes = 8e9;

/// Fits on `rows` of the table, with options.random_units > 0 units. `largest_lambda` is the scale λ₀ of
/// docs/math/kernel.md, section 4, with these units. Throws UsageError, InputError, and ResourceError for more than
/// most_bytes.
RandomUnitsFit fit_random_units(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                                const KernelOptions& options, std::uint64_t seed, int threads,
                                const path::FitWatch& watch);

}  // namespace nadir::kernel
