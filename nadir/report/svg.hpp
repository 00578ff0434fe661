#pragma once
// A small writer of SVG. What it writes is well-formed XML whatever the texts hold, and the same bytes for the same
// calls.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace nadir::report {

/// Text as XML holds it: & < > " ' as entities, tabs and line ends as blanks, and whatever XML forbids (other control
/// characters, bytes that are not UTF-8) as the replacement character U+FFFD.
std::string escaped(std::string_view text);

/// A length in pixels with at most two decimals: no trailing zeros, no -0, no exponent.
std::string pixels(double length);

/// Appends a command of path data that goes to a point: M12 3.5.
void go_to(std::string& path, char command, double x, double y);

/// About how wide a text is drawn; rather too wide than too narrow, since the reader's font is not known.
double text_width(std::string_view text, double font_size);

/// The text, or its beginning and an ellipsis if it is wider than `width`.
std::string fitted(std::string_view text, double width, double font_size);

struct Attribute {
  std::string_view name;
  std::string value;

  Attribute(std::string_view key, double length) : name(key), value(pixels(length)) {}
  Attribute(std::string_view key, std::string_view text) : name(key), value(text) {}
};
using Attributes = std::initializer_list<Attribute>;

/// Writes elements in the order of the calls, on a white ground of width × height pixels.
class Svg {
 public:
  Svg(double width, double height, std::string_view title);

  void open(std::string_view element, Attributes attributes = {});
  void close();  ///< the element opened last
  void element(std::string_view element, Attributes attributes);
  void line(double x1, double y1, double x2, double y2, std::string_view colour);

  /// A text; what does not fit into `width` is cut, and shown whole while the pointer rests on it.
  void text(double x, double y, std::string_view content, Attributes attributes = {}, double width = 1e6);
  /// 10 to the power of `exponent`.
  void power_of_ten(double x, double y, int exponent, Attributes attributes = {});

  /// The document. To be called once, with every element closed.
  std::string finish();

  static constexpr double font_size = 13;  ///< of every text

 private:
  void start(std::string_view element, Attributes attributes);
  void append(Attributes attributes);

  std::string document_;
  std::vector<std::string> open_;
};

}  // namespace nadir::report
