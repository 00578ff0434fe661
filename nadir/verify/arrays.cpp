#include <zlib.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <regex>

#include "nadir/verify/data.hpp"

namespace nadir::verify {
namespace {

template <class T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
double as(const char* at) {
  return static_cast<double>(load<T>(at));
}

/// An array of one or two dimensions, read in place.
struct Array {
  std::size_t rows = 0, columns = 1;
  bool one_dimensional = false, by_columns = false;
  char kind = 'u';        // f, i, u, b as in NumPy
  std::size_t width = 1;  // bytes of an element
  std::string_view bytes;

  double at(std::size_t row, std::size_t column) const {
    const char* const from = bytes.data() + width * (by_columns ? column * rows + row : row * columns + column);
    if (kind == 'f') return width == 4 ? as<float>(from) : as<double>(from);
    if (kind == 'i' && width < 4) return width == 1 ? as<std::int8_t>(from) : as<std::int16_t>(from);
    if (kind == 'i') return width == 4 ? as<std::int32_t>(from) : as<std::int64_t>(from);
    require(kind == 'u' || as<std::uint8_t>(from) <= 1, "a truth value that is neither 0 nor 1");
    if (width < 4) return width == 1 ? as<std::uint8_t>(from) : as<std::uint16_t>(from);
    return width == 4 ? as<std::uint32_t>(from) : as<std::uint64_t>(from);
  }

  /// The elements fill `rest` exactly.
  Array over(std::string_view rest) {
    std::size_t size = width;
    const bool overflow = __builtin_mul_overflow(size, rows, &size) || __builtin_mul_overflow(size, columns, &size);
    require(!overflow && size == rest.size(), "an array's shape does not match the file's length");
    bytes = rest;
    return *this;
  }
};

Array read_idx(std::string_view bytes) {
  require(bytes.size() >= 4 && bytes.starts_with(std::string_view("\0\0\x08", 3)), "not an IDX file of unsigned bytes");
  const auto dimensions = static_cast<std::size_t>(static_cast<unsigned char>(bytes[3]));
  require(dimensions >= 1 && bytes.size() >= 4 + 4 * dimensions, "a truncated IDX file");
  const auto extent = [bytes](std::size_t i) {
    return __builtin_bswap32(load<std::uint32_t>(bytes.data() + 4 + 4 * i));
  };
  Array array;
  array.one_dimensional = dimensions == 1;
  array.rows = extent(0);
  for (std::size_t i = 1; i < dimensions; ++i)
    require(!__builtin_mul_overflow(array.columns, std::size_t{extent(i)}, &array.columns), "an IDX file too large");
  return array.over(bytes.substr(4 + 4 * dimensions));
}

Array read_npy(std::string_view bytes) {
  require(bytes.size() >= 12 && bytes.starts_with("\x93NUMPY"), "not an .npy file");
  require(bytes[6] >= 1 && bytes[6] <= 3, "an .npy file of unknown version");
  const std::size_t begin = bytes[6] == 1 ? 10 : 12;
  const std::size_t length = bytes[6] == 1 ? load<std::uint16_t>(&bytes[8]) : load<std::uint32_t>(&bytes[8]);
  require(length <= 4096 && length <= bytes.size() - begin, "an .npy file with a truncated or oversized header");
  // The dictionary as NumPy writes it, keys in alphabetical order.
  static const std::regex pattern(
      R"(\{ *'descr': *'([<|][fuib][1248])', *'fortran_order': *(True|False), *'shape': *\((\d{1,18}), *(\d{1,18})?,? *\),? *\}\s*)");
  const std::string header(bytes.substr(begin, length));
  std::smatch match;
  require(std::regex_match(header, match, pattern), "an .npy header of another form than NumPy's");
  Array array;
  const std::string type = match[1];
  require(std::string("<f8 <f4 |u1 |i1 <u2 <i2 <u4 <i4 <u8 <i8 |b1").find(type) != std::string::npos,
          "an .npy file of another type");
  array.kind = type[1];
  array.width = static_cast<std::size_t>(type[2] - '0');
  array.by_columns = match[2] == "True";
  array.one_dimensional = !match[4].matched;
  array.rows = std::stoull(match[3]);
  if (match[4].matched) array.columns = std::stoull(match[4]);
  return array.over(bytes.substr(begin + length));
}

}  // namespace

void for_each_array_row(const Recipe& recipe, const Sources& sources, const Visit& visit) {
  const bool idx = recipe.format == Recipe::Format::idx;
  const auto read = idx ? read_idx : read_npy;
  const Array data = read(sources.data);
  require(data.columns == recipe.cells && (idx || !data.one_dimensional), "the data do not have the recipe's columns");
  const Array labels = sources.labels ? read(*sources.labels) : data;
  require(labels.rows == data.rows && labels.one_dimensional >= sources.labels.has_value(),
          "the labels do not fit the data");
  Row row;
  row.cells.assign(data.columns, {.is_number = true});
  for (std::size_t i = 0; i < data.rows; ++i) {
    for (std::size_t j = 0; j < data.columns; ++j) {
      row.cells[j].number = data.at(i, j);
      require(std::isfinite(row.cells[j].number), "a value that is not finite");
    }
    const double label = labels.at(i, sources.labels ? 0 : *recipe.target_column);
    require(std::isfinite(label), "a label that is not finite");
    row.label = number_text(label);
    visit(row);
  }
}

std::string unpacked(std::string bytes) {
  if (!bytes.starts_with("\x1f\x8b")) return bytes;
  constexpr std::size_t most = std::size_t{1} << 29;  // a bomb ends here
  require(bytes.size() <= most, "a gzip file of more than 512 MiB");
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  require(inflateInit2(&stream, 15 + 16) == Z_OK, "zlib is not available");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closing(&stream, inflateEnd);
  std::string result, chunk(std::size_t{1} << 18, '\0');
  for (int status = Z_OK; status != Z_STREAM_END || stream.avail_in > 0;) {
    if (status == Z_STREAM_END) inflateReset(&stream);  // the next member
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    require(status == Z_OK || status == Z_STREAM_END, "broken or truncated gzip");
    result.append(chunk.data(), chunk.size() - stream.avail_out);
    require(result.size() <= most, "gzip that unpacks to more than 512 MiB");
  }
  return result;
}

}  // namespace nadir::verify
