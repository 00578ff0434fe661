#include "nadir/cli/printed.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace nadir::cli {

std::string printed(const char* format, ...) {
  va_list values, again;
  va_start(values, format);
  va_copy(again, values);
  std::string text(static_cast<std::size_t>(std::max(0, std::vsnprintf(nullptr, 0, format, values))), '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  va_end(values);
  return text;
}

void print_line(const std::string& name, const std::string& text) {
  std::fprintf(stderr, "  %-12s %s\n", name.c_str(), text.c_str());
}

std::string chain_in_words(const BiasedChain& network) {
  std::string text;
  for (const Index width : widths_of(network.chain))
    text += (text.empty() ? "linear, " : " -> ") + std::to_string(width);
  return text + (network.has_biases() ? ", with biases" : "");
}

}  // namespace nadir::cli
