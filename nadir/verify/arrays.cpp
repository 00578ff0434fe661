// Data as binary arrays: IDX and NPY, read in place; and gzip.
#include <zlib.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <regex>

#include "nadir/verify/data.hpp"

namespace nadir::verify {
namespace {
std::uint64_t little_endian(const char* at, std::size_t width) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, at, width);
  return bits;
}

struct Array {
  std::size_t rows = 0, columns = 1, width = 1;  // width: bytes of an element
  bool one_dimensional = false, by_columns = false;
  char kind = 'u';  // f, i, u, b as in NumPy
  std::string_view bytes;

  double at(std::size_t row, std::size_t column) const {
    const std::size_t place = by_columns ? column * rows + row : row * columns + column;
    const std::uint64_t bits = little_endian(bytes.data() + width * place, width);
    if (kind == 'f' && width == 4) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (kind == 'f') return std::bit_cast<double>(bits);
    if (kind == 'i')
      return static_cast<double>(static_cast<std::int64_t>(bits << (64 - 8 * width)) >> (64 - 8 * width));
    require(kind == 'u' || bits <= 1, "a truth value that is neither 0 nor 1");
    return static_cast<double>(bits);
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
  const std::size_t dimensions = static_cast<unsigned char>(bytes[3]), header = 4 + 4 * dimensions;
  require(dimensions >= 1 && bytes.size() >= header, "a truncated IDX file");
  Array array;
  array.one_dimensional = dimensions == 1;
  array.rows = __builtin_bswap32(static_cast<std::uint32_t>(little_endian(&bytes[4], 4)));
  for (std::size_t at = 8; at < header; at += 4) {
    const std::size_t extent = __builtin_bswap32(static_cast<std::uint32_t>(little_endian(&bytes[at], 4)));
    require(!__builtin_mul_overflow(array.columns, extent, &array.columns), "an IDX file too large");
  }
  return array.over(bytes.substr(header));
}

Array read_npy(std::string_view bytes) {
  require(bytes.size() >= 12 && bytes.starts_with("\x93NUMPY") && bytes[6] >= 1 && bytes[6] <= 3, "not an .npy file");
  const std::size_t begin = bytes[6] == 1 ? 10 : 12;
  const std::size_t length = little_endian(&bytes[8], begin - 8);
  require(length <= 4096 && length <= bytes.size() - begin, "an .npy file with a truncated or oversized header");
  // The dictionary as NumPy writes it, keys in alphabetical order.
  static const std::regex pattern(
      R"(\{'descr': '(<[fiu][248]|\|[uib]1)', 'fortran_order': (True|False), 'shape': \((\d{1,18}),(?: (\d{1,18}))?\), \} *\n?)");
  const std::string header(bytes.substr(begin, length));
  std::smatch match;
  require(std::regex_match(header, match, pattern) && match[1] != "<f2", "an .npy header of another form or type");
  Array array;
  array.kind = match[1].str()[1];
  array.width = static_cast<std::size_t>(match[1].str()[2] - '0');
  array.by_columns = match[2] == "True";
  array.one_dimensional = !match[4].matched;
  array.rows = std::stoull(match[3]);
  if (match[4].matched) array.columns = std::stoull(match[4]);
  return array.over(bytes.substr(begin + length));
}
}  // namespace

void visit_array_rows(const Recipe& recipe, const Sources& sources, const Visit& visit) {
  const bool idx = recipe.format == "idx";
  const auto read = idx ? read_idx : read_npy;
  const Array data = read(sources.data), labels = sources.labels ? read(*sources.labels) : data;
  require(data.columns == recipe.cells && (idx || !data.one_dimensional), "the data do not have the recipe's columns");
  require(labels.rows == data.rows && (!sources.labels || labels.one_dimensional), "the labels do not fit the data");
  std::vector<Cell> cells(data.columns, {.is_number = true});
  for (std::size_t i = 0; i < data.rows; ++i) {
    for (std::size_t j = 0; j < data.columns; ++j) {
      cells[j].number = data.at(i, j);
      require(std::isfinite(cells[j].number), "a value that is not finite");
    }
    const double label = labels.at(i, recipe.target_column.value_or(0));
    require(std::isfinite(label), "a label that is not finite");
    const std::string text = number_text(label);
    visit(cells, {.text = text});
  }
}

std::string unpacked(std::string bytes) {
  constexpr std::size_t most = std::size_t{1} << 29;  // a bomb ends here
  if (!bytes.starts_with("\x1f\x8b")) return bytes;
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
