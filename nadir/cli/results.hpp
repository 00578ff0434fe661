#pragma once
// What `nadir train` tells people at the end.
#include "nadir/train/trained.hpp"

namespace nadir::cli {

/// As a table on stderr.
void print_table(const train::Trained& trained, const train::Outcome& outcome);

}  // namespace nadir::cli
