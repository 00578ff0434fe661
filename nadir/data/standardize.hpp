#pragma once
// Numeric columns to mean 0 and standard deviation 1, for fit_recipe and refit_numbers.
#include <vector>

#include "nadir/data/recipe.hpp"

namespace nadir {

/// Offsets, ranges and values for missing cells of the recipe's numeric columns: mean, population standard deviation
/// and mean of the cells that `rows` hold. Throws InputError, naming the column, if they are beyond doubles.
void standardize(Recipe& recipe, const Table& table, const std::vector<Index>& rows);

}  // namespace nadir
