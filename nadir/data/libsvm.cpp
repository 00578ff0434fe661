// LIBSVM's sparse text: a label, then index:value pairs, on each line.
#include <charconv>
#include <limits>
#include <unordered_map>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/formats.hpp"
#include "nadir/data/number.hpp"

namespace nadir {
namespace {

/// The line that begins at `begin`, without its comment and its end.
std::string_view line_from(std::string_view bytes, std::size_t begin) {
  const std::size_t end = std::min(bytes.find_first_of("\n\r", begin), bytes.size());
  const std::string_view line = bytes.substr(begin, end - begin);
  return line.substr(0, line.find('#'));
}

/// Takes the next token, ended by blanks or tabs, off the line; empty at the line's end.
std::string_view next_token(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view token = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(token.size());
  return token;
}

/// Splits `index:value`. False unless both are well formed.
bool parse_pair(std::string_view token, Index& index, double& value) {
  const std::size_t colon = token.find(':');
  if (colon == std::string_view::npos || !parse_number(token.substr(colon + 1), value)) return false;
  const auto [end, status] = std::from_chars(token.data(), token.data() + colon, index);
  return status == std::errc{} && end == token.data() + colon;
}

/// Reads all lines: where they begin, the labels, and the greatest index.
class LibsvmReader {
 public:
  explicit LibsvmReader(Table& table) : table_(table), bytes_(table.bytes) {}

  Index read() {
    target_.name = "label";
    std::size_t position = 0;
    while (position < bytes_.size()) {
      const std::size_t begin = position;
      position = std::min(bytes_.find_first_of("\n\r", position), bytes_.size()) + 1;
      std::string_view line = line_from(bytes_, begin);
      std::string_view token = next_token(line);
      if (token.empty()) continue;
      begin_ = begin;
      table_.row_begins.push_back(begin);
      const bool labelled = token.find(':') == std::string_view::npos;
      if (table_.row_begins.size() == 1) labelled_ = labelled;
      if (labelled != labelled_)
        fail(labelled ? "has a label where the first row has none" : "has no label; where one is unknown, write ?");
      add_label(labelled ? token : std::string_view{});
      if (labelled) token = next_token(line);
      Index last = 0;
      for (; !token.empty(); token = next_token(line)) last = check_pair(token, last);
      greatest_ = std::max(greatest_, last);
    }
    if (any_label_) table_.target = std::move(target_);
    return greatest_;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw InputError(table_.path + ": row " + std::to_string(line_at(bytes_, begin_)) + ": " + why);
  }

  void add_label(std::string_view token) {
    if (is_missing(token)) {
      target_.codes.push_back(-1);
      return;
    }
    double value = 0;
    if (!parse_number(token, value)) fail("label " + not_a_number(token) + "; a LIBSVM line is LABEL INDEX:VALUE ..");
    std::string text = number_text(value);
    const auto [place, fresh] = codes_.try_emplace(text, static_cast<int>(codes_.size()));
    if (fresh) target_.texts.push_back(std::move(text));
    target_.codes.push_back(place->second);
    any_label_ = true;
  }

  Index check_pair(std::string_view token, Index last) const {
    Index index = 0;
    double value = 0;
    if (!parse_pair(token, index, value)) fail(in_quotes(token) + " is not INDEX:VALUE with a finite number");
    if (index < 1) fail(in_quotes(token) + ": indices count from 1; add 1 to every index");
    if (index <= last) fail(in_quotes(token) + ": indices must increase along a line");
    return index;
  }

  Table& table_;
  std::string_view bytes_;
  Target target_;
  std::unordered_map<std::string, int> codes_;
  std::size_t begin_ = 0;
  Index greatest_ = 0;
  bool any_label_ = false;
  bool labelled_ = false;  // as the first row is
};

}  // namespace

void decode_libsvm_row(std::string_view bytes, std::size_t begin, std::vector<double>& row) {
  std::fill(row.begin(), row.end(), 0.0);
  std::string_view line = line_from(bytes, begin);
  for (std::string_view token = next_token(line); !token.empty(); token = next_token(line)) {
    Index index = 0;
    double value = 0;
    if (parse_pair(token, index, value) && static_cast<std::size_t>(index) <= row.size())
      row[static_cast<std::size_t>(index - 1)] = value;
  }
}

void read_libsvm(Table& table, Index columns) {
  require_text(table.bytes, table.path);
  table.source.columns = std::max(LibsvmReader(table).read(), columns);
  table.rows = static_cast<Index>(table.row_begins.size());
  if (table.rows == 0) throw InputError(table.path + ": holds no rows");
  if (table.source.columns == 0) throw InputError(table.path + ": holds no INDEX:VALUE pair in any row");
  table.names = numbered_columns(table.source.columns, table.path);
}

}  // namespace nadir
