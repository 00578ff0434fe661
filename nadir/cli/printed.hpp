#pragma once
// printf into a text, and lines of the tables that commands print.
#include <string>

#include "nadir/net/linear_chain.hpp"

namespace nadir::cli {

[[gnu::format(printf, 1, 2)]] std::string printed(const char* format, ...);

/// A name and what is to be said of it, on stderr.
void print_line(const std::string& name, const std::string& text);

/// "linear, 4 -> 2 -> 1, with biases".
std::string chain_in_words(const BiasedChain& network);

}  // namespace nadir::cli
