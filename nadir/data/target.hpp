#pragma once
// What is to be predicted: one of several classes, or a quantity. Decided on the training rows.
#include <optional>
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/data/table.hpp"

namespace nadir {

/// A target that is a number v: trainers see y = (v - offset) / range, with mean 0 and standard deviation 1 on the
/// training rows.
struct Quantity {
  double offset = 0;
  double range = 1;

  double scaled(double value) const { return (value - offset) / range; }
  /// Scaled predictions in the target's own units: f * range + offset.
  Vector in_units(const Vector& f) const { return (f * range).array() + offset; }

  bool operator==(const Quantity&) const = default;
};

enum class Task { classification, regression };

/// `asked` is auto, classification or regression. Auto: regression if all of the target's values on `rows` are numbers,
/// of which there are
/// - more than 50 different ones, in fewer than 10 rows each on average (too few to be classes), or
/// - more than 20 different ones, not all whole (classes have names or whole numbers).
/// Where most of so many are numbers, and the others look like slips, it is regression as well: the slips are then
/// refused by row and column. Throws UsageError (`asked` is something else) or InputError (a missing target; row and
/// column).
Task task_of(const Table& table, const std::vector<Index>& rows, const std::string& asked);

/// For a method that classifies only: throws, naming it and the ways out, if the task is regression; UsageError if
/// that was asked for, InputError if the data look like it.
void require_classification(const Table& table, const std::vector<Index>& rows, const std::string& asked,
                            const std::string& method);

/// The different labels on `rows`, in order. Throws InputError for a missing label, for a single class, and for so
/// many classes that they are none.
std::vector<std::string> fit_classes(const Table& table, const std::vector<Index>& rows);

/// Mean and population standard deviation on `rows`. Throws InputError for a target that is missing or not a number
/// (row and column), or that is constant unless the range for that is given.
Quantity fit_quantity(const Table& table, const std::vector<Index>& rows, std::optional<double> range_if_constant = {});

/// The target of each row as a number. Throws InputError as fit_quantity does.
std::vector<double> target_numbers(const Table& table, const std::vector<Index>& rows);

}  // namespace nadir
