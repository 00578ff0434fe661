#include "nadir/data/csv.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/number.hpp"

namespace nadir {
namespace {

using Records = std::vector<std::vector<std::string>>;

/// The first records as copies: at most `count`, and fewer where they are wide, but two if there are two.
Records first_records(std::string_view bytes, char delimiter, const std::string& name, std::size_t count) {
  constexpr std::size_t kCells = 200000;
  CsvSplitter splitter(bytes, delimiter, name);
  Records records;
  std::vector<std::string_view> cells;
  std::size_t seen = 0;
  for (std::size_t position = splitter.first_record(); position < bytes.size() && records.size() < count;) {
    if (records.size() >= 2 && seen > kCells) break;
    position = splitter.split(position, cells);
    records.emplace_back(cells.begin(), cells.end());
    seen += cells.size();
  }
  return records;
}

/// How well a delimiter cuts the first records.
struct Cut {
  char delimiter;
  std::size_t cells;  // in the first record
  bool even;          // the same number, more than one, in each
  double clean;       // share of cells without another candidate
};

bool is_clean(const std::string& cell, char delimiter) {
  for (const char other : {',', ';', '\t'})
    if (other != delimiter && cell.find(other) != std::string::npos) return other == ',' && looks_like_number(cell);
  return true;
}

std::optional<Cut> try_cut(std::string_view bytes, char delimiter, const std::string& name) {
  constexpr std::size_t kRecords = 20;
  Records records;
  try {
    records = first_records(bytes, delimiter, name, kRecords);
  } catch (const InputError&) {
    return std::nullopt;  // "a";"b" cut by commas has text after a closing quote
  }
  if (records.empty()) return std::nullopt;
  Cut cut{delimiter, records[0].size(), records[0].size() > 1, 0};
  double clean = 0;
  double total = 0;
  for (const auto& record : records) {
    cut.even = cut.even && record.size() == records[0].size();
    total += static_cast<double>(record.size());
    clean += static_cast<double>(std::count_if(record.begin(), record.end(),
                                               [&](const std::string& cell) { return is_clean(cell, delimiter); }));
  }
  cut.clean = clean / total;
  return cut;
}

}  // namespace

CsvSplitter::CsvSplitter(std::string_view bytes, char delimiter, std::string name)
    : bytes_(bytes), delimiter_(delimiter), name_(std::move(name)) {
  for (const char c : {delimiter, '\n', '\r'}) ends_cell_[static_cast<unsigned char>(c)] = true;
}

std::size_t CsvSplitter::first_record() const { return skip_line_ends(bytes_.starts_with("\xEF\xBB\xBF") ? 3 : 0); }

std::size_t CsvSplitter::skip_line_ends(std::size_t position) const {
  while (position < bytes_.size() && (bytes_[position] == '\n' || bytes_[position] == '\r')) ++position;
  return position;
}

std::size_t CsvSplitter::split(std::size_t position, std::vector<std::string_view>& cells) {
  cells.clear();
  unescaped_used_ = 0;
  const char* const last = bytes_.data() + bytes_.size();
  for (const char* place = bytes_.data() + position;; ++place) {
    while (place != last && is_blank(*place)) ++place;
    if (place != last && *place == '"') {
      place = bytes_.data() + split_quoted(static_cast<std::size_t>(place - bytes_.data()), cells);
    } else {
      const char* begin = place;
      while (place != last && !ends_cell(*place)) ++place;
      const char* end = place;
      while (begin != end && is_trimmed(*begin)) ++begin;
      while (end != begin && is_trimmed(end[-1])) --end;
      cells.emplace_back(begin, static_cast<std::size_t>(end - begin));
    }
    if (place == last || *place != delimiter_) return skip_line_ends(static_cast<std::size_t>(place - bytes_.data()));
  }
}

std::size_t CsvSplitter::split_quoted(std::size_t opening, std::vector<std::string_view>& cells) {
  const std::size_t begin = opening + 1;
  bool doubled = false;
  std::size_t closing = begin;
  for (;; closing += 2) {
    closing = bytes_.find('"', closing);
    if (closing == std::string_view::npos)
      fail(opening, cells.size() + 1, "the quoted cell is not closed; add the missing \"");
    if (closing + 1 >= bytes_.size() || bytes_[closing + 1] != '"') break;
    doubled = true;
  }
  std::string_view text = bytes_.substr(begin, closing - begin);
  if (doubled) {
    if (unescaped_used_ == unescaped_.size()) unescaped_.emplace_back();
    std::string& plain = unescaped_[unescaped_used_++];
    plain.clear();
    for (std::size_t i = 0; i < text.size(); i += text[i] == '"' ? 2 : 1) plain += text[i];
    text = plain;
  }
  std::size_t position = closing + 1;
  while (position < bytes_.size() && is_blank(bytes_[position])) ++position;
  if (position < bytes_.size() && !ends_cell(bytes_[position]))
    fail(position, cells.size() + 1,
         "text after the closing quote; double the quotes inside a quoted cell, or check --delimiter");
  cells.push_back(text);
  return position;
}

void CsvSplitter::fail(std::size_t position, std::size_t column, const std::string& why) const {
  throw InputError(name_ + ": row " + std::to_string(line_at(bytes_, position)) + ", column " + std::to_string(column) +
                   ": " + why);
}

char detect_delimiter(std::string_view bytes, const std::string& name) {
  std::optional<Cut> best;
  for (const char delimiter : {',', ';', '\t'}) {
    const std::optional<Cut> cut = try_cut(bytes, delimiter, name);
    if (!cut || cut->cells < 2) continue;
    const auto rank = [](const Cut& c) { return std::pair(c.even, std::pair(c.even ? c.clean : 0.0, c.cells)); };
    if (!best || rank(*cut) > rank(*best)) best = cut;
  }
  return best ? best->delimiter : ',';
}

bool detect_header(std::string_view bytes, char delimiter, const std::string& name) {
  constexpr std::size_t kRecords = 1000;
  const Records records = first_records(bytes, delimiter, name, kRecords);
  if (records.empty()) return false;
  const std::vector<std::string>& head = records[0];
  double number = 0;
  bool gaps = false;
  bool distinct = true;
  std::unordered_set<std::string_view> seen;
  for (const std::string& cell : head) {
    if (parse_number(cell, number) || looks_like_number(cell)) return false;
    if (is_missing(cell))
      gaps = true;
    else
      distinct = seen.insert(cell).second && distinct;
  }
  bool returns = false;
  for (std::size_t column = 0; column < head.size(); ++column) {
    if (is_missing(head[column])) continue;
    std::size_t numbers = 0;
    std::size_t present = 0;
    for (std::size_t row = 1; row < records.size(); ++row) {
      if (column >= records[row].size() || is_missing(records[row][column])) continue;
      ++present;
      if (parse_number(records[row][column], number)) ++numbers;
      if (records[row][column] == head[column]) returns = true;
    }
    if (numbers > 0 && 2 * numbers >= present) return true;
  }
  return distinct && !gaps && !returns;
}

}  // namespace nadir
