#pragma once
// printf into a text, and lines of the tables that commands print.
#include <string>

namespace nadir::cli {

[[gnu::format(printf, 1, 2)]] std::string printed(const char* format, ...);

/// A name and what is to be said of it, on stderr.
void print_line(const std::string& name, const std::string& text);

}  // namespace nadir::cli
