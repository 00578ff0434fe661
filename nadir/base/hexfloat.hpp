#pragma once
// Doubles as text that loses nothing: C99 hexadecimal, as in 0x1.8p+1.
#include <string>
#include <string_view>
#include <vector>

namespace nadir {

std::string to_hex(double value);
std::vector<std::string> to_hex(const std::vector<double>& values);

/// The double that `text` denotes. Throws InputError unless the whole text is one finite hexadecimal number.
double from_hex(std::string_view text);

}  // namespace nadir
