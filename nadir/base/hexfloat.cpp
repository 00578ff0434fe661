#include "nadir/base/hexfloat.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "nadir/base/error.hpp"

namespace nadir {

std::string to_hex(double value) {
  std::array<char, 40> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value), std::chars_format::hex);
  return (std::signbit(value) ? "-0x" : "0x") + std::string(buffer.data(), end.ptr);
}

std::vector<std::string> to_hex(const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(to_hex(value));
  return texts;
}

double from_hex(std::string_view text) {
  const std::string original(text);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  double value = 0;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::hex);
    if (status == std::errc{} && end == text.data() + text.size() && !text.starts_with('-') && std::isfinite(value))
      return negative ? -value : value;
  }
  throw InputError("'" + original + "' is not a hexadecimal number such as 0x1.8p+1");
}

}  // namespace nadir
