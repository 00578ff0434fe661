#pragma once
// Floating-point elements as other programs store them, little-endian.
#include <cstddef>
#include <span>
#include <string_view>

namespace nadir::exchange {

enum class Float { f64, f32, f16, bf16 };

/// Bytes of an element.
std::size_t width(Float type);

/// All elements as doubles, exactly. `bytes` are as many as `values` need.
void decode_floats(std::string_view bytes, Float type, std::span<double> values);

}  // namespace nadir::exchange
