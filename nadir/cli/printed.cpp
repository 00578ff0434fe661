#include "nadir/cli/printed.hpp"

#include <cstdio>

namespace nadir::cli {

void print_line(const std::string& name, const std::string& text) {
  std::fprintf(stderr, "  %-12s %s\n", name.c_str(), text.c_str());
}

}  // namespace nadir::cli
