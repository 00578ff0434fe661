#include "nadir/cli/printed.hpp"

#include <cstdio>

namespace nadir::cli {

void print_line(const std::string& name, const std::string& text) {
  std::fprintf(stderr, "  %-12s %s\n", name.c_str(), text.c_str());
}

std::string csv_cell(const std::string& text, char delimiter) {
  const bool as_it_is = text.find_first_of(std::string("\"\r\n") + delimiter) == std::string::npos;
  if (as_it_is && (text.empty() || (text.front() != ' ' && text.back() != ' '))) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + '"';
}

}  // namespace nadir::cli
