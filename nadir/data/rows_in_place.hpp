#pragma once
// Features that are scaled where they are wanted, for apply_in_place (data/recipe.hpp).
#include <memory>
#include <vector>

#include "nadir/data/recipe.hpp"

namespace nadir {

/// So many numbers, 128 MiB, are read in place. Fewer are scaled once: that is faster where products have few gates.
constexpr Index least_in_place = Index{1} << 24;

/// The features of `rows`, made of the table, which must outlive it, a block at a time; the same bits as
/// apply_recipe's. Nothing where that is refused: the rows hold fewer than `least` numbers, the table is no array of
/// float64 by rows or not laid out as the recipe's, the recipe does more than scale, or a feature is not finite.
std::unique_ptr<const RowMaker> rows_in_place(const Recipe& recipe, const Table& table, const std::vector<Index>& rows,
                                              Index least = least_in_place);

}  // namespace nadir
