// Binary arrays: IDX (of MNIST) and NPY (of NumPy). Sizes are held against the file before anything is allocated.
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/formats.hpp"
#include "nadir/data/number.hpp"

namespace nadir {
namespace {

/// An array's header: what the elements are and where they begin.
struct Layout {
  Element element = Element::uint8;
  std::vector<std::uint64_t> shape;
  bool boolean = false;  // npy: bytes that are 0 or 1
  bool columns_first = false;
  std::size_t begin = 0;
};

std::size_t width(Element element) {
  switch (element) {
    case Element::uint8:
    case Element::int8:
      return 1;
    case Element::uint16:
    case Element::int16:
      return 2;
    case Element::float32:
    case Element::uint32:
    case Element::int32:
      return 4;
    default:
      return 8;
  }
}

/// Throws InputError unless the shape's elements fill the file exactly.
void require_size(const Layout& layout, std::size_t size, const std::string& name) {
  std::uint64_t count = width(layout.element);
  for (const std::uint64_t dimension : layout.shape)
    if (__builtin_mul_overflow(count, dimension, &count)) count = ~0ULL;
  if (count != size - layout.begin)
    throw InputError(name + ": its header announces " + (count == ~0ULL ? "too many" : std::to_string(count)) +
                     " bytes of elements where " + std::to_string(size - layout.begin) +
                     " follow; the file is damaged");
}

Layout parse_idx(std::string_view bytes, const std::string& name) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.size() < 4 || at(0) != 0 || at(1) != 0)
    throw InputError(name + ": is not an IDX file: it does not begin with two zero bytes");
  if (at(2) != 8)
    throw InputError(name + ": IDX elements of type " + std::to_string(at(2)) +
                     " are not supported; only unsigned bytes (8) are");
  Layout layout;
  layout.begin = 4 + 4 * at(3);
  if (at(3) == 0 || bytes.size() < layout.begin) throw InputError(name + ": the IDX header is cut short");
  for (std::size_t i = 4; i < layout.begin; i += 4)
    layout.shape.push_back(at(i) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3));
  require_size(layout, bytes.size(), name);
  return layout;
}

/// Reads the Python dictionary of an NPY header: three known keys, a text, a truth value and a tuple of counts.
class NpyHeader {
 public:
  NpyHeader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void parse(Layout& layout) {
    expect('{');
    bool seen[3] = {};
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      const int which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : -1;
      if (which < 0 || seen[which]) fail();
      seen[which] = true;
      if (which == 0) layout.element = element(layout.boolean);
      if (which == 1) layout.columns_first = truth();
      if (which == 2) layout.shape = shape();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (text_.find_first_not_of(" \n") != std::string_view::npos || !seen[0] || !seen[1] || !seen[2]) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw InputError(name_ + ": the NPY header cannot be understood; save the array again by numpy.save");
  }

  bool accept(char c) {
    text_.remove_prefix(std::min(text_.find_first_not_of(' '), text_.size()));
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }

  std::string string() {
    const char quote = accept('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const std::size_t end = text_.find(quote);
    if (end == std::string_view::npos) fail();
    const std::string result(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return result;
  }

  Element element(bool& boolean) {
    static const std::array<std::pair<std::string_view, Element>, 11> known{{{"<f8", Element::float64},
                                                                             {"<f4", Element::float32},
                                                                             {"|u1", Element::uint8},
                                                                             {"|i1", Element::int8},
                                                                             {"<u2", Element::uint16},
                                                                             {"<i2", Element::int16},
                                                                             {"<u4", Element::uint32},
                                                                             {"<i4", Element::int32},
                                                                             {"<u8", Element::uint64},
                                                                             {"<i8", Element::int64},
                                                                             {"|b1", Element::uint8}}};
    if (accept('[')) throw InputError(name_ + ": holds records, not numbers; save a plain array by numpy.save");
    const std::string type = string();
    boolean = type == "|b1";
    for (const auto& [text, value] : known)
      if (type == text) return value;
    throw InputError(name_ + ": elements of type " + in_quotes(type) + " are not supported; save array.astype('<f8')");
  }

  bool truth() {
    accept(' ');
    for (const auto& [text, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
      if (text_.starts_with(text)) {
        text_.remove_prefix(text.size());
        return value;
      }
    fail();
  }

  std::vector<std::uint64_t> shape() {
    std::vector<std::uint64_t> result;
    expect('(');
    while (!accept(')')) {
      std::uint64_t dimension = 0;
      const auto [end, status] = std::from_chars(text_.data(), text_.data() + text_.size(), dimension);
      if (status != std::errc{} || result.size() == 32) fail();
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      result.push_back(dimension);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return result;
  }

  std::string_view text_;
  const std::string& name_;
};

Layout parse_npy(std::string_view bytes, const std::string& name) {
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.size() < 12 || !bytes.starts_with("\x93NUMPY")) throw InputError(name + ": is not an NPY file");
  const std::size_t version = at(6);
  if (version < 1 || version > 3)
    throw InputError(name + ": NPY version " + std::to_string(version) + " is not supported; 1 to 3 are");
  const std::size_t prefix = version == 1 ? 10 : 12;
  std::size_t length = at(8) | at(9) << 8;
  if (version > 1) length |= at(10) << 16 | at(11) << 24;
  if (length > bytes.size() - prefix) throw InputError(name + ": the NPY header is cut short");
  Layout layout;
  NpyHeader(bytes.substr(prefix, length), name).parse(layout);
  layout.begin = prefix + length;
  require_size(layout, bytes.size(), name);
  const std::string_view truths("\0\1", 2);
  if (layout.boolean && bytes.find_first_not_of(truths, layout.begin) != std::string_view::npos)
    throw InputError(name + ": holds a truth value other than 0 and 1; the file is damaged");
  return layout;
}

void adopt(Table& table, const Layout& layout) {
  std::uint64_t columns = 1;
  for (std::size_t i = 1; i < layout.shape.size(); ++i) columns *= layout.shape[i];  // cannot overflow: require_size
  if (layout.shape.empty() || layout.shape[0] == 0) throw InputError(table.path + ": holds no rows");
  if (columns == 0) throw InputError(table.path + ": holds no columns");
  table.rows = static_cast<Index>(layout.shape[0]);
  table.source.columns = static_cast<Index>(columns);
  table.array_begin = layout.begin;
  table.element = layout.element;
  table.columns_first = layout.columns_first;
  table.names = numbered_columns(table.source.columns, table.path);
}

}  // namespace

void read_idx(Table& table) {
  const Layout layout = parse_idx(table.bytes, table.path);
  if (layout.shape.size() == 1)
    throw InputError(table.path + ": has one dimension, as labels have; give the file with the samples");
  adopt(table, layout);
}

void read_npy(Table& table) {
  const Layout layout = parse_npy(table.bytes, table.path);
  if (layout.shape.size() != 2)
    throw InputError(table.path + ": has " + std::to_string(layout.shape.size()) +
                     " dimensions; an array of samples has two");
  adopt(table, layout);
}

void take_labels(Table& table, std::string bytes, const std::string& name) {
  Table second;
  second.path = name;
  second.bytes = std::move(bytes);
  second.source.format = second.bytes.starts_with("\x93NUMPY") ? "npy" : "idx";
  const Layout layout = second.source.format == "npy" ? parse_npy(second.bytes, name) : parse_idx(second.bytes, name);
  if (layout.shape.size() != 1)
    throw InputError(name + ": has " + std::to_string(layout.shape.size()) + " dimensions; an array of labels has one");
  if (layout.shape[0] != static_cast<std::uint64_t>(table.rows))
    throw InputError(name + ": holds " + std::to_string(layout.shape[0]) + " labels where " + table.path + " has " +
                     std::to_string(table.rows) + " rows");
  adopt(second, layout);
  take_target(second, 0);
  second.target->column = -1;
  second.target->name = "label";
  table.target = std::move(second.target);
}

std::vector<std::string> numbered_columns(Index count, const std::string& path) {
  constexpr double kBytesPerColumn = 400;  // a name, statistics and a recipe's entry; measured on 10^6 columns
  require_memory(kBytesPerColumn * static_cast<double>(count), path + ": " + std::to_string(count) + " columns");
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(count));
  for (Index i = 1; i <= count; ++i) names.push_back("column" + std::to_string(i));
  return names;
}

}  // namespace nadir
