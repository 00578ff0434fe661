#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <deque>

#include "nadir/verify/data.hpp"

namespace nadir::verify {
namespace {

/// Where the next line end is, and the place after it.
std::size_t skip_line_end(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with("\r\n") ? at + 2 : std::min(at + 1, text.size());
}

std::string at_record(std::size_t record) { return "record " + std::to_string(record) + ": "; }

/// RFC 4180, as section 3 narrows it.
class CsvReader {
 public:
  CsvReader(std::string_view text, char delimiter)
      : text_(text),
        stops_{delimiter, '\r', '\n'},
        blanks_(delimiter == ' ' ? "" : " "),
        trimmed_(delimiter == '\t'  ? " "
                 : delimiter == ' ' ? "\t"
                                    : " \t"),
        at_(text.starts_with("\xEF\xBB\xBF") ? 3 : 0) {}

  bool next(std::vector<Cell>& cells) {
    at_ = std::min(text_.find_first_not_of("\r\n", at_), text_.size());  // empty lines
    if (at_ == text_.size()) return false;
    cells.clear();
    quoted_.clear();
    while (true) {
      cells.push_back({.text = cell()});
      if (at_ == text_.size() || text_[at_] != stops_[0]) break;
      ++at_;
    }
    at_ = skip_line_end(text_, at_);
    return true;
  }

 private:
  std::string_view cell() {
    const std::size_t quote = text_.find_first_not_of(blanks_, at_);
    if (quote < text_.size() && text_[quote] == '"') return quoted(quote + 1);
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(stops_, at_), text_.size());
    const std::string_view cell = text_.substr(begin, at_ - begin);
    const std::size_t first = std::min(cell.find_first_not_of(trimmed_), cell.size());
    return cell.substr(first, cell.find_last_not_of(trimmed_) + 1 - first);
  }

  std::string_view quoted(std::size_t begin) {
    std::string& cell = quoted_.emplace_back();
    while (true) {
      const std::size_t quote = text_.find('"', begin);
      require(quote != std::string_view::npos, "a quoted cell is not closed");
      cell.append(text_, begin, quote - begin);
      begin = quote + 2;
      if (begin > text_.size() || text_[quote + 1] != '"') break;
      cell += '"';
    }
    at_ = std::min(text_.find_first_not_of(blanks_, begin - 1), text_.size());
    require(at_ == text_.size() || stops_.find(text_[at_]) != std::string::npos, "text after a closing quote");
    return cell;
  }

  std::string_view text_;
  std::string stops_, blanks_, trimmed_;
  std::size_t at_;
  std::deque<std::string> quoted_;  // of the current record
};

void read_csv(const Recipe& recipe, std::string_view text, const Visit& visit) {
  CsvReader reader(text, recipe.delimiter);
  Row row;
  for (std::size_t record = 1; reader.next(row.cells); ++record) {
    if (row.cells.size() != recipe.cells) refuse(at_record(record) + "another number of cells than the recipe says");
    const Cell& target = row.cells[*recipe.target_column];
    row.label = target.missing() ? "" : target.text;
    if (record > 1 || !recipe.header) {
      visit(row);
      continue;
    }
    require(target.text == recipe.target_name, "the file's header has another name for the target");
    for (const Column& column : recipe.columns)
      require(row.cells[column.index].text == column.name,
              "the file's header has no \"" + column.name + "\" in its place");
  }
}

void read_libsvm(const Recipe& recipe, std::string_view text, const Visit& visit) {
  Row row;
  std::size_t next = 0;
  for (std::size_t line_number = 1; next < text.size(); ++line_number) {
    const std::size_t end = std::min(text.find_first_of("\r\n", next), text.size());
    std::string_view line = text.substr(next, end - next);
    next = skip_line_end(text, end);
    line = line.substr(0, line.find('#'));
    const auto token = [&line] {
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      const std::string_view word = line.substr(0, line.find_first_of(" \t"));
      line.remove_prefix(word.size());
      return word;
    };
    const std::string_view label = token();
    if (label.empty()) continue;
    row.label = Cell{label}.missing() ? "" : number_text(decimal(label));
    row.cells.assign(recipe.cells, {.is_number = true});
    std::size_t last = 0;
    for (std::string_view pair = token(); !pair.empty(); pair = token()) {
      const std::size_t colon = std::min(pair.find(':'), pair.size());
      std::size_t index = 0;
      const auto [stop, status] = std::from_chars(pair.data(), pair.data() + colon, index);
      if (colon == pair.size() || status != std::errc{} || stop != pair.data() + colon || index <= last ||
          index > recipe.cells)
        refuse(at_record(line_number) + "not index:value, or an index out of order or out of range");
      last = index;
      row.cells[index - 1] = {.text = pair.substr(colon + 1)};
    }
    visit(row);
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
  const bool decimal_digits = rest.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
  if (!decimal_digits || status == std::errc::invalid_argument || end != rest.data() + rest.size() ||
      !std::isfinite(number))
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

void for_each_row(const Recipe& recipe, const Sources& sources, const Visit& visit) {
  const bool text = recipe.format == Recipe::Format::csv || recipe.format == Recipe::Format::libsvm;
  const bool apart = !text && !recipe.target_column;
  require(sources.labels.has_value() == apart, apart ? "the labels file is missing" : "a labels file is not needed");
  if (!text) return for_each_array_row(recipe, sources, visit);
  if (recipe.format == Recipe::Format::csv) return read_csv(recipe, sources.data, visit);
  read_libsvm(recipe, sources.data, visit);
}

}  // namespace nadir::verify
