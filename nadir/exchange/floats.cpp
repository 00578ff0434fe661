#include "nadir/exchange/floats.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "nadir/data/npy.hpp"

namespace nadir::exchange {
namespace {

/// IEEE 754 binary16: a sign, 5 bits of exponent, 10 of mantissa.
double half(unsigned bits) {
  const int exponent = static_cast<int>(bits >> 10 & 0x1F);
  const auto mantissa = static_cast<double>(bits & 0x3FF);
  double size = 0;
  if (exponent == 0)
    size = std::ldexp(mantissa, -24);
  else if (exponent < 31)
    size = std::ldexp(1024 + mantissa, exponent - 25);
  else
    size = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  return (bits & 0x8000) != 0 ? -size : size;
}

/// The upper half of a single-precision number.
double brain(unsigned bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits << 16)); }

}  // namespace

std::size_t width(Float type) { return type == Float::f64 ? 8 : type == Float::f32 ? 4 : 2; }

void decode_floats(std::string_view bytes, Float type, std::span<double> values) {
  if (type == Float::f64) return decode_elements(bytes.data(), Element::float64, 0, 1, values);
  if (type == Float::f32) return decode_elements(bytes.data(), Element::float32, 0, 1, values);
  decode_elements(bytes.data(), Element::uint16, 0, 1, values);  // the bits, as numbers
  for (double& value : values)
    value = type == Float::f16 ? half(static_cast<unsigned>(value)) : brain(static_cast<unsigned>(value));
}

}  // namespace nadir::exchange
