#pragma once
// The option tables of reading and of the recipe.
#include <span>

#include "nadir/base/options.hpp"
#include "nadir/data/recipe.hpp"

namespace nadir {

std::span<const Option<ReadOptions>> read_option_table();
std::span<const Option<RecipeOptions>> recipe_option_table();

}  // namespace nadir
