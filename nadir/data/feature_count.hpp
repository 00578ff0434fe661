#pragma once
// A table and a network that was trained elsewhere have to agree on how many features there are.
#include <string>
#include <vector>

#include "nadir/data/recipe.hpp"

namespace nadir {

/// Throws InputError unless the table at `path` gives as many features as the network takes; names the columns that
/// were left out, and why.
void require_feature_count(const std::string& path, Index given, Index taken,
                           const std::vector<IgnoredColumn>& ignored);

}  // namespace nadir
