#include "nadir/data/npy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"

namespace nadir {
namespace {

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

/// Reads the Python dictionary of an NPY header: three known keys, a text, a truth value and a tuple of counts.
class NpyHeader {
 public:
  NpyHeader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void parse(ArrayLayout& layout) {
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

template <class T>
void decode(const char* array, std::size_t first, std::size_t step, std::span<double> values) {
  const char* element = array + first * sizeof(T);
  for (double& value : values) {
    T raw;
    std::memcpy(&raw, element, sizeof(T));
    value = static_cast<double>(raw);
    element += step * sizeof(T);
  }
}

}  // namespace

void require_size(const ArrayLayout& layout, std::size_t size, const std::string& name) {
  std::uint64_t count = width(layout.element);
  for (const std::uint64_t dimension : layout.shape)
    if (__builtin_mul_overflow(count, dimension, &count)) count = ~0ULL;
  if (count != size - layout.begin)
    throw InputError(name + ": its header announces " + (count == ~0ULL ? "too many" : std::to_string(count)) +
                     " bytes of elements where " + std::to_string(size - layout.begin) +
                     " follow; the file is damaged");
}

ArrayLayout parse_npy(std::string_view bytes, const std::string& name) {
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.size() < 12 || !bytes.starts_with("\x93NUMPY")) throw InputError(name + ": is not an NPY file");
  const std::size_t version = at(6);
  if (version < 1 || version > 3)
    throw InputError(name + ": NPY version " + std::to_string(version) + " is not supported; 1 to 3 are");
  const std::size_t prefix = version == 1 ? 10 : 12;
  std::size_t length = at(8) | at(9) << 8;
  if (version > 1) length |= at(10) << 16 | at(11) << 24;
  if (length > bytes.size() - prefix) throw InputError(name + ": the NPY header is cut short");
  ArrayLayout layout;
  NpyHeader(bytes.substr(prefix, length), name).parse(layout);
  layout.begin = prefix + length;
  require_size(layout, bytes.size(), name);
  const std::string_view truths("\0\1", 2);
  if (layout.boolean && bytes.find_first_not_of(truths, layout.begin) != std::string_view::npos)
    throw InputError(name + ": holds a truth value other than 0 and 1; the file is damaged");
  return layout;
}

void decode_elements(const char* array, Element element, std::size_t first, std::size_t step,
                     std::span<double> values) {
  switch (element) {
    case Element::float64:
      return decode<double>(array, first, step, values);
    case Element::float32:
      return decode<float>(array, first, step, values);
    case Element::uint8:
      return decode<std::uint8_t>(array, first, step, values);
    case Element::int8:
      return decode<std::int8_t>(array, first, step, values);
    case Element::uint16:
      return decode<std::uint16_t>(array, first, step, values);
    case Element::int16:
      return decode<std::int16_t>(array, first, step, values);
    case Element::uint32:
      return decode<std::uint32_t>(array, first, step, values);
    case Element::int32:
      return decode<std::int32_t>(array, first, step, values);
    case Element::uint64:
      return decode<std::uint64_t>(array, first, step, values);
    case Element::int64:
      return decode<std::int64_t>(array, first, step, values);
  }
}

}  // namespace nadir
