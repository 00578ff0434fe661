#pragma once
// The gates of a gated network: drawn, or read from a file.
#include <cstdint>
#include <string>

#include "nadir/base/sample_rows.hpp"

namespace nadir::convex {

/// Up to `count` gates (P × d) with different, non-empty patterns on these features, the first of them the gate of
/// zeros, which is always open. Directions are Gaussian in units of the columns' root mean squares. Where the last
/// feature is the constant 1 (`intercept`), each gate's hyperplane goes through a training row, so that thresholds lie
/// where data are. Duplicates are removed; fewer gates come back where the features allow no more.
Matrix draw_gates(const SampleRows& features, int count, bool intercept, std::uint64_t seed, int threads);

/// From a NumPy array of inputs × gates, as other programs write them. Throws InputError where that is not so.
Matrix read_gates(const std::string& path, Index inputs);

/// Half the number of rows, but 100 at least and 500 at most.
int default_gates(Index rows);

}  // namespace nadir::convex
