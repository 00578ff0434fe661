// Data as text: CSV and LIBSVM.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <deque>

#include "nadir/verify/data.hpp"

namespace nadir::verify {
namespace {
/// Past LF, CRLF or CR, which `at` is at.
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
    cells.push_back({.text = cell()});
    while (at_ < text_.size() && text_[at_] == stops_[0]) {
      ++at_;
      cells.push_back({.text = cell()});
    }
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
    if (cells.size() != recipe.cells) refuse("record " + std::to_string(record) + " has another number of cells");
    if (record > 1 || !recipe.header) {
      visit(cells, cells[*recipe.target_column]);
      continue;
    }
    require(cells[*recipe.target_column].text == recipe.target_name, "the file's header names another target");
    for (const Column& column : recipe.columns)
      require(cells[column.index].text == column.name,
              "the file's header does not name " + column.name + " in its place");
  }
}

void visit_libsvm(const Recipe& recipe, std::string_view text, const Visit& visit) {
  for (std::size_t number = 1, next = 0; next < text.size(); ++number) {
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
      if (status != std::errc{} || stop != colon || colon == pair.end() || index <= last || index > recipe.cells)
        refuse("line " + std::to_string(number) + ": not index:value, or an index out of order or out of range");
      last = index;
      cells[index - 1] = {.text = pair.substr(pair.find(':') + 1)};
    }
    const std::string canonical = Cell{label}.missing() ? "" : number_text(decimal(label));
    visit(cells, {.text = canonical});
  }
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
    refuse(std::string(text.substr(0, 40)) + " is not a finite decimal number");
  return number;
}

std::string number_text(double number) {
  char buffer[400];
  char* const end = buffer + sizeof buffer;
  const bool integer = std::trunc(number) == number;
  const auto [stop, status] =
      integer ? std::to_chars(buffer, end, number + 0.0, std::chars_format::fixed) : std::to_chars(buffer, end, number);
  return {buffer, stop};
}

void visit_rows(const Recipe& recipe, const Sources& sources, const Visit& visit) {
  const bool csv = recipe.format == "csv", text = csv || recipe.format == "libsvm";
  const bool apart = !text && !recipe.target_column;
  require(sources.labels.has_value() == apart, apart ? "the labels file is missing" : "a labels file is not needed");
  (csv    ? visit_csv(recipe, sources.data, visit)
   : text ? visit_libsvm(recipe, sources.data, visit)
          : visit_array_rows(recipe, sources, visit));
}
}  // namespace nadir::verify
