#include "nadir/report/svg.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace nadir::report {
namespace {

constexpr std::uint32_t not_a_character = 0xFFFD;
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";     // U+2026

struct Character {
  std::uint32_t code;
  std::size_t bytes;  ///< that it takes in the text
};

bool allowed_in_xml(std::uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  if (code == 0x7F || (code >= 0xD800 && code < 0xE000)) return false;
  return code < 0xFFFE || (code >= 0x10000 && code <= 0x10FFFF);
}

/// The character at the beginning of a text that is not empty; a byte that begins none is one U+FFFD.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC0 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF8 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return {not_a_character, 1};
  std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {not_a_character, 1};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};  // below: longer than need be
  if (code < smallest[length]) return {not_a_character, 1};
  return {allowed_in_xml(code) ? code : not_a_character, length};
}

/// Widths in units of the font size, as of a wide sans-serif.
double character_width(std::uint32_t code) {
  if (code >= 0x1100) return 1.05;
  if (code >= 0x80) return 0.7;
  const char c = static_cast<char>(code);
  if (std::string_view("ijl'|").find(c) != std::string_view::npos) return 0.3;
  if (std::string_view("tfrI.,:;!()[] -/").find(c) != std::string_view::npos) return 0.4;
  if (std::string_view("mwMW@%").find(c) != std::string_view::npos) return 0.98;
  return c >= 'A' && c <= 'Z' ? 0.72 : 0.63;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    switch (code) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\t':
      case '\n':
      case '\r':
        out += ' ';
        break;
      case not_a_character:
        out += replacement;
        break;
      default:
        out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

std::string pixels(double length) {
  assert(std::isfinite(length));
  const double hundredths = std::round(std::clamp(length, -1e7, 1e7) * 100);
  if (!(std::abs(hundredths) > 0)) return "0";
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), hundredths / 100, std::chars_format::fixed).ptr;
  return std::string(buffer.data(), end);
}

void go_to(std::string& path, char command, double x, double y) {
  path += command;
  path += pixels(x);
  path += ' ';
  path += pixels(y);
}

double text_width(std::string_view text, double font_size) {
  double width = 0;
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    width += character_width(code);
    text.remove_prefix(bytes);
  }
  return width * font_size;
}

std::string fitted(std::string_view text, double width, double font_size) {
  if (text_width(text, font_size) <= width) return std::string(text);
  double used = font_size;  // the ellipsis
  std::size_t kept = 0;
  while (kept < text.size()) {
    const auto [code, bytes] = first_character(text.substr(kept));
    used += character_width(code) * font_size;
    if (used > width) break;
    kept += bytes;
  }
  return std::string(text.substr(0, kept)) + std::string(ellipsis);
}

Svg::Svg(double width, double height, std::string_view title) {
  document_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
               {"width", width},
               {"height", height},
               {"viewBox", "0 0 " + pixels(width) + " " + pixels(height)},
               {"role", "img"},
               {"font-family", "Helvetica, Arial, 'DejaVu Sans', sans-serif"},
               {"font-size", font_size},
               {"fill", "#222222"}});
  document_ += "<title>" + escaped(title) + "</title>\n";
  element("rect", {{"width", width}, {"height", height}, {"fill", "#FFFFFF"}});
}

void Svg::start(std::string_view element, Attributes attributes) {
  document_ += '<';
  document_ += element;
  append(attributes);
}

void Svg::append(Attributes attributes) {
  for (const auto& [name, value] : attributes) {
    document_ += ' ';
    document_ += name;
    document_ += "=\"" + escaped(value) + '"';
  }
}

void Svg::open(std::string_view element, Attributes attributes) {
  start(element, attributes);
  document_ += ">\n";
  open_.emplace_back(element);
}

void Svg::close() {
  assert(!open_.empty());
  document_ += "</" + open_.back() + ">\n";
  open_.pop_back();
}

void Svg::element(std::string_view element, Attributes attributes) {
  start(element, attributes);
  document_ += "/>\n";
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view colour) {
  element("line", {{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}, {"stroke", colour}});
}

void Svg::text(double x, double y, std::string_view content, Attributes attributes, double width) {
  start("text", {{"x", x}, {"y", y}});
  append(attributes);
  const std::string shown = fitted(content, width, font_size);
  document_ += '>' + escaped(shown);
  if (shown != content) document_ += "<title>" + escaped(content) + "</title>";
  document_ += "</text>\n";
}

void Svg::power_of_ten(double x, double y, int exponent, Attributes attributes) {
  start("text", {{"x", x}, {"y", y}});
  append(attributes);
  document_ += ">10<tspan dy=\"-5\" font-size=\"10\">" + std::to_string(exponent) + "</tspan></text>\n";
}

std::string Svg::finish() {
  assert(open_.size() == 1);
  close();
  return std::move(document_);
}

}  // namespace nadir::report
