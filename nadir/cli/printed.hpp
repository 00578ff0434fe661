#pragma once
// Lines of the tables that commands print.
#include <string>

#include "nadir/base/printed.hpp"

namespace nadir::cli {

/// A name and what is to be said of it, on stderr.
void print_line(const std::string& name, const std::string& text);

}  // namespace nadir::cli
