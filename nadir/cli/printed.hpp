#pragma once
// Lines of the tables that commands print.
#include <string>

#include "nadir/base/printed.hpp"

namespace nadir::cli {

/// A name and what is to be said of it, on stderr.
void print_line(const std::string& name, const std::string& text);

/// A cell of a CSV file with this delimiter: in quotes where it needs them.
std::string csv_cell(const std::string& text, char delimiter = ',');

}  // namespace nadir::cli
