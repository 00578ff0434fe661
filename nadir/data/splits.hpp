#pragma once
// Rows held out for testing or validation, with every class, or every part of a quantity's range, spread as evenly as
// its size allows.
#include <cstdint>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir {

/// The test rows, in increasing order: about `fraction` of all and of each class, at least one, and never the last row
/// of a class. The same for the same seed. `labels` are in [0, classes).
/// Throws UsageError unless 0 < fraction < 1, InputError if every class has a single row.
std::vector<Index> stratified_holdout(const std::vector<int>& labels, int classes, double fraction, std::uint64_t seed);

/// The fold, in [0, folds), of each row. Folds differ in size by at most one row, and by at most one of each class.
/// Throws UsageError unless 2 <= folds <= rows.
std::vector<int> stratified_folds(const std::vector<int>& labels, int classes, int folds, std::uint64_t seed);

/// The same for a quantity: the rows, sorted by it, are cut into bins of neighbours of which one is drawn each.
/// Throws UsageError unless 0 < fraction < 1, InputError if there is a single row.
std::vector<Index> stratified_holdout(const Vector& targets, double fraction, std::uint64_t seed);

/// The same for a quantity: of each `folds` neighbours in the sorted order every fold gets one. Folds differ in size by
/// at most one row. Throws UsageError unless 2 <= folds <= rows.
std::vector<int> stratified_folds(const Vector& targets, int folds, std::uint64_t seed);

}  // namespace nadir
