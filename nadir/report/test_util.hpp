#pragma once
// For the tests of this room: is a document well-formed XML? The part of XML that the writer may use, no more.
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nadir::report::test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// Empty if well-formed, else what is wrong.
class XmlCheck {
 public:
  explicit XmlCheck(std::string_view document) : rest_(document) {}

  std::string complaint() {
    const std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    if (!rest_.starts_with(declaration)) return "no XML declaration";
    rest_.remove_prefix(declaration.size());
    if (!rest_.starts_with('<')) return "text before the root";
    while (wrong_.empty() && !rest_.empty()) {
      if (roots_ == 1 && open_.empty()) return rest_ == "\n" ? "" : "text after the root";
      if (rest_.starts_with("</"))
        end_tag();
      else if (rest_.starts_with('<'))
        start_tag();
      else
        characters(rest_.substr(0, rest_.find('<')));
    }
    if (wrong_.empty() && !open_.empty()) wrong_ = open_.back() + " is not closed";
    return wrong_;
  }

 private:
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view name() {
    const auto is_name = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; };
    std::size_t length = 0;
    while (length < rest_.size() &&
           (is_name(rest_[length]) || (length > 0 && rest_[length] >= '0' && rest_[length] <= '9')))
      ++length;
    if (length == 0) wrong_ = "a name is missing at: " + std::string(rest_.substr(0, 20));
    return take(length);
  }

  void check_text(std::string_view text) {
    for (std::size_t i = 0; i < text.size() && wrong_.empty(); ++i) {
      const char c = text[i];
      if (c == '<' || (c >= 0 && c < ' ' && c != '\n')) wrong_ = "forbidden character in: " + std::string(text);
      if (c != '&') continue;
      bool known = false;
      for (const std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
        known = known || text.substr(i).starts_with(entity);
      if (!known) wrong_ = "bare & in: " + std::string(text);
    }
  }

  void characters(std::string_view text) {
    check_text(text);
    rest_.remove_prefix(text.size());
  }

  void end_tag() {
    take(2);
    const std::string_view closed = name();
    if (open_.empty() || open_.back() != closed)
      wrong_ = "</" + std::string(closed) + "> closes nothing";
    else
      open_.pop_back();
    if (take(1) != ">") wrong_ = "end tag without >";
  }

  void start_tag() {
    take(1);
    const std::string element(name());
    if (open_.empty()) ++roots_;
    std::set<std::string_view> seen;
    while (wrong_.empty() && rest_.starts_with(' ')) {
      take(1);
      const std::string_view attribute = name();
      if (!seen.insert(attribute).second) wrong_ = std::string(attribute) + " twice in " + element;
      if (take(2) != "=\"") wrong_ = "no value for " + std::string(attribute);
      const std::size_t end = rest_.find('"');
      if (end == std::string_view::npos) wrong_ = "no end of " + std::string(attribute);
      if (!wrong_.empty()) return;
      check_text(take(end));
      take(1);
    }
    if (rest_.starts_with("/>"))
      take(2);
    else if (take(1) == ">")
      open_.push_back(element);
    else if (wrong_.empty())
      wrong_ = "start tag of " + element + " does not end";
  }

  std::string_view rest_;
  std::vector<std::string> open_;
  int roots_ = 0;
  std::string wrong_;
};

inline std::string xml_complaint(std::string_view document) { return XmlCheck(document).complaint(); }

/// How often `part` occurs.
inline int count(std::string_view text, std::string_view part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

}  // namespace nadir::report::test
