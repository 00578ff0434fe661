#pragma once
// printf into a text.
#include <string>

namespace nadir {

[[gnu::format(printf, 1, 2)]] std::string printed(const char* format, ...);

}  // namespace nadir
