// Data as text (CSV, LIBSVM), as arrays (IDX, NPY, NPZ), all of them packed by gzip or not.
#include "nadir/verify/data.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <limits>
#include <memory>
#include <regex>

namespace nadir::verify {
namespace {
std::size_t next_line(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with("\r\n") ? at + 2 : std::min(at + 1, text.size());
}
/// RFC 4180, as section 3 narrows it.
class CsvReader {
 public:
  CsvReader(std::string_view text, char delimiter) : text_(text), stops_{delimiter, '\r', '\n'} {
    if (text.starts_with("\xEF\xBB\xBF")) at_ = 3;
    std::erase(blanks_, delimiter);
    std::erase(trimmed_, delimiter);
  }

  bool next(std::vector<Cell>& cells) {
    at_ = std::min(text_.find_first_not_of("\r\n", at_), text_.size());  // empty lines
    if (at_ == text_.size()) return false;
    cells.clear();
    quoted_.clear();
    for (cells.push_back({.text = cell()}); at_ < text_.size() && text_[at_] == stops_[0];
         cells.push_back({.text = cell()}))
      ++at_;
    at_ = next_line(text_, at_);
    return true;
  }

 private:
  std::string_view cell() {
    const std::size_t quote = text_.find_first_not_of(blanks_, at_), begin = at_;
    if (quote < text_.size() && text_[quote] == '"') return quoted(quote + 1);
    at_ = std::min(text_.find_first_of(stops_, at_), text_.size());
    const std::string_view cell = text_.substr(begin, at_ - begin);
    const std::size_t first = std::min(cell.find_first_not_of(trimmed_), cell.size());
    return cell.substr(first, cell.find_last_not_of(trimmed_) + 1 - first);
  }

  std::string_view quoted(std::size_t begin) {
    std::string& cell = quoted_.emplace_back();
    for (bool doubled = true; doubled;) {
      const std::size_t quote = text_.find('"', begin);
      require(quote != std::string_view::npos, "a quoted cell is not closed");
      doubled = quote + 1 < text_.size() && text_[quote + 1] == '"';
      cell.append(text_, begin, quote - begin + (doubled ? 1 : 0));
      begin = quote + (doubled ? 2 : 1);
    }
    at_ = std::min(text_.find_first_not_of(blanks_, begin), text_.size());
    require(at_ == text_.size() || stops_.find(text_[at_]) != std::string::npos, "text after a closing quote");
    return cell;
  }

  std::string_view text_;
  std::string stops_, blanks_ = " ", trimmed_ = " \t";
  std::size_t at_ = 0;
  std::deque<std::string> quoted_;  // of the current record
};

void visit_csv(const Recipe& recipe, std::string_view text, const Visit& visit) {
  CsvReader reader(text, recipe.delimiter);
  std::vector<Cell> cells;
  for (std::size_t record = 1; reader.next(cells); ++record) {
    require(cells.size() == recipe.cells, std::to_string(record) + std::string(" is a record of another length"));
    const Cell& target = cells[recipe.target_column.value_or(0)];
    const bool names = record == 1 && recipe.header;
    require(!names || recipe.matrix || target.text == recipe.target_name, "the file's header names another target");
    for (const Column& column : recipe.columns)
      require(!names || cells[column.index].text == column.name, "the file's header names another column");
    if (!names) visit(cells, target);
  }
}

void visit_libsvm(const Recipe& recipe, std::string_view text, const Visit& visit) {
  for (std::size_t next = 0; next < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", next), text.size());
    std::string_view line = text.substr(next, end - next);
    next = next_line(text, end);
    line = line.substr(0, line.find('#'));
    const auto token = [&line] {
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      const std::string_view word = line.substr(0, line.find_first_of(" \t"));
      line.remove_prefix(word.size());
      return word;
    };
    const std::string_view label = token();
    if (label.empty()) continue;
    std::vector<Cell> cells(recipe.cells, {.is_number = true});
    std::size_t last = 0;
    for (std::string_view pair = token(); !pair.empty(); pair = token()) {
      const char* const colon = pair.data() + std::min(pair.find(':'), pair.size());
      std::size_t index = 0;
      const auto [stop, status] = std::from_chars(pair.data(), colon, index);
      require(status == std::errc{} && stop == colon && colon != pair.end(), "a pair that is not index:value");
      require(index > last && index <= recipe.cells, "an index out of order or out of range");
      last = index;
      cells[index - 1] = {.text = pair.substr(pair.find(':') + 1)};
    }
    const std::string canonical = Cell{label}.missing() ? "" : number_text(decimal(label));
    visit(cells, {.text = canonical});
  }
}

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
    const double real =
        width == 8 ? std::bit_cast<double>(bits) : std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    require(kind != 'f' || std::isfinite(real), "a value that is not finite");
    if (kind == 'f') return real;
    require(kind != 'b' || bits <= 1, "a truth value that is neither 0 nor 1");
    const std::size_t unused = 64 - 8 * width;
    const std::int64_t whole = static_cast<std::int64_t>(bits << unused) >> unused;
    return kind == 'i' ? static_cast<double>(whole) : static_cast<double>(bits);
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
  for (std::size_t at = 4; at < header; at += 4) {
    const std::size_t extent = __builtin_bswap64(little_endian(&bytes[at], 4)) >> 32;
    if (at == 4) array.rows = extent;
    require(at == 4 || !__builtin_mul_overflow(array.columns, extent, &array.columns), "an IDX file too large");
  }
  return array.over(bytes.substr(header));
}
Array read_npy(std::string_view bytes) {
  require(bytes.size() >= 12 && bytes.starts_with("\x93NUMPY") && bytes[6] >= 1 && bytes[6] <= 3, "not an .npy file");
  const std::size_t begin = bytes[6] == 1 ? 10 : 12;
  const std::size_t length = little_endian(&bytes[8], begin - 8);
  require(length <= 4096 && length <= bytes.size() - begin, "an .npy file with a truncated or oversized header");
  // The dictionary as NumPy writes it, keys in alphabetical order.
  static const std::regex pattern(R"(\{'descr': '(<[fiu][248]|\|[uib]1)', 'fortran_order': (True|False), )"
                                  R"('shape': \((\d{1,18}),(?: (\d{1,18}))?\), \} *\n?)");
  std::cmatch match;
  require(std::regex_match(bytes.data() + begin, bytes.data() + begin + length, match, pattern) && match[1] != "<f2",
          "an .npy header of another form or type");
  Array array;
  array.kind = match[1].str()[1];
  array.width = static_cast<std::size_t>(match[1].str()[2] - '0');
  array.by_columns = match[2] == "True";
  array.one_dimensional = !match[4].matched;
  array.rows = std::stoull(match[3]);
  if (match[4].matched) array.columns = std::stoull(match[4]);
  return array.over(bytes.substr(begin + length));
}

void visit_arrays(const Recipe& recipe, const Sources& sources, const Visit& visit) {
  const bool idx = recipe.format == "idx";
  const auto read = idx ? read_idx : read_npy;
  const bool apart = !recipe.target_column && !recipe.matrix;
  const Array data = read(sources.data), labels = apart ? read(*sources.labels) : data;
  require(data.columns == recipe.cells && (idx || !data.one_dimensional), "the data do not have the recipe's columns");
  require(labels.rows == data.rows && (!apart || labels.one_dimensional), "the labels do not fit the data");
  std::vector<Cell> cells(data.columns, {.is_number = true});
  for (std::size_t i = 0; i < data.rows; ++i) {
    for (std::size_t j = 0; j < data.columns; ++j) cells[j].number = data.at(i, j);
    const std::string label = number_text(labels.at(i, recipe.target_column.value_or(0)));
    visit(cells, {.text = label});
  }
}
/// What zlib makes of the bytes. `window`: 15 + 16 for gzip, -15 for deflate without a header.
std::string inflated(std::string_view bytes, int window) {
  constexpr std::size_t most = std::size_t{1} << 29;  // a bomb ends here
  require(bytes.size() <= most, "packed data of more than 512 MiB");
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  require(inflateInit2(&stream, window) == Z_OK, "zlib is not available");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closing(&stream, inflateEnd);
  std::string result, chunk(std::size_t{1} << 18, '\0');
  for (int status = Z_OK; status != Z_STREAM_END || stream.avail_in > 0;) {
    if (status == Z_STREAM_END) inflateReset(&stream);  // the next member
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    require(status == Z_OK || status == Z_STREAM_END, "broken or truncated gzip or deflate");
    result.append(chunk.data(), chunk.size() - stream.avail_out);
    require(result.size() <= most, "data that unpack to more than 512 MiB");
  }
  return result;
}
std::string unpacked(std::string bytes) { return bytes.starts_with("\x1f\x8b") ? inflated(bytes, 15 + 16) : bytes; }
/// The one array of that name in an .npz file: a ZIP archive, its entries stored or deflated.
std::string entry_of(std::string_view zip, const std::string& array) {
  const auto part = [zip](std::size_t at, std::size_t size) {
    require(at <= zip.size() && size <= zip.size() - at, "a damaged or truncated .npz file");
    return zip.substr(at, size);
  };
  const auto number = [&part](std::size_t at, std::size_t width) {
    return little_endian(part(at, width).data(), width);
  };
  const std::size_t end = zip.rfind("PK\5\6");
  require(number(end + 20, 2) == zip.size() - end - 22, "not an .npz file");  // a comment ends it
  std::optional<std::string> content;
  std::size_t at = number(end + 16, 4);
  for (std::size_t left = number(end + 10, 2); left > 0; --left) {
    require(part(at, 4) == "PK\1\2", "a damaged directory of an .npz file");
    const std::size_t length = number(at + 28, 2), method = number(at + 10, 2), local = number(at + 42, 4);
    if (part(at + 46, length) == array + ".npy") {
      require(!content, "an array that is twice in the .npz file");
      require(number(at + 8, 2) % 2 == 0 && (method == 0 || method == 8), "an array encrypted or packed otherwise");
      require(part(local, 4) == "PK\3\4", "a damaged entry of an .npz file");
      const std::size_t begin = local + 30 + number(local + 26, 2) + number(local + 28, 2);
      const std::string_view packed = part(begin, number(at + 20, 4));
      content = method == 0 ? std::string(packed) : inflated(packed, -15);
      const uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(content->data()), content->size());
      require(content->size() == number(at + 24, 4) && sum == number(at + 16, 4), "a damaged array in an .npz file");
    }
    at += 46 + length + number(at + 30, 2) + number(at + 32, 2);
  }
  require(content.has_value(), "no array " + array + " in the .npz file");
  return *content;
}
}  // namespace

double decimal(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('+') && !rest.starts_with("+-")) rest.remove_prefix(1);
  double number = 0;
  const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  // Out of range is either too large or so small that the nearest double is subnormal or 0.
  if (status == std::errc::result_out_of_range) number = std::strtod(std::string(rest).c_str(), nullptr);
  const bool digits = rest.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
  if (!digits || status == std::errc::invalid_argument || end != rest.data() + rest.size() || !std::isfinite(number))
    throw Refusal(std::string(text.substr(0, 40)) + " is not a finite decimal number");
  return number;
}
std::string number_text(double number) {
  char buffer[400];
  char* const end = buffer + sizeof buffer;
  if (std::trunc(number) != number) return {buffer, std::to_chars(buffer, end, number).ptr};
  return {buffer, std::to_chars(buffer, end, number + 0.0, std::chars_format::fixed).ptr};
}

void visit_rows(const Recipe& recipe, const Sources& sources, const Visit& visit) {
  const bool csv = recipe.format == "csv", text = csv || recipe.format == "libsvm";
  require(text || recipe.target_column || recipe.matrix || sources.labels, "the labels file is missing");
  if (!text) return visit_arrays(recipe, sources, visit);
  (csv ? visit_csv : visit_libsvm)(recipe, sources.data, visit);
}

Sources opened(const Recipe& recipe, const Sources& packed) {
  Sources sources{unpacked(packed.data), {}};
  if (packed.labels) sources.labels = unpacked(*packed.labels);
  if (recipe.format == "npz") {
    if (!recipe.labels.empty()) sources.labels = entry_of(sources.data, recipe.labels);
    sources.data = entry_of(sources.data, recipe.array);
  }
  return sources;
}
}  // namespace nadir::verify
