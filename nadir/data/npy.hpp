#pragma once
// Arrays as they lie in a file: what a header announces, the header of NumPy's format, and elements as doubles.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nadir {

/// Element type of a binary array; little-endian.
enum class Element { float64, float32, uint8, int8, uint16, int16, uint32, int32, uint64, int64 };

/// What the elements are and where they begin.
struct ArrayLayout {
  Element element = Element::uint8;
  std::vector<std::uint64_t> shape;
  bool boolean = false;        ///< npy: bytes that are 0 or 1
  bool columns_first = false;  ///< npy: Fortran order
  std::size_t begin = 0;       ///< of the elements, in the file
};

/// Throws InputError unless the shape's elements fill a file of `size` bytes exactly.
void require_size(const ArrayLayout& layout, std::size_t size, const std::string& name);

/// The header of an NPY file, versions 1 to 3, held against all of the file. Throws InputError: `name`, and what is
/// wrong.
ArrayLayout parse_npy(std::string_view bytes, const std::string& name);

/// Elements first, first + step, .. of `array`, one for each of `values` (integers beyond 2^53 round to nearest). They
/// must lie in the array.
void decode_elements(const char* array, Element element, std::size_t first, std::size_t step, std::span<double> values);

}  // namespace nadir
