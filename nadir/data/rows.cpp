// Cells of one row, from whatever the file is made of.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "nadir/base/error.hpp"
#include "nadir/data/formats.hpp"
#include "nadir/data/npy.hpp"
#include "nadir/data/number.hpp"
#include "nadir/data/table.hpp"

namespace nadir {

RowReader::RowReader(const Table& table) : table_(table) {
  if (table.source.format == "csv")
    splitter_.emplace(table.bytes, table.source.delimiter, table.path);
  else
    numbers_.resize(static_cast<std::size_t>(table.source.columns));
}

void RowReader::go_to(Index row) {
  if (splitter_)
    splitter_->split(table_.row_begins[static_cast<std::size_t>(row)], texts_);
  else if (table_.source.format == "libsvm")
    decode_libsvm_row(table_.bytes, table_.row_begins[static_cast<std::size_t>(row)], numbers_);
  else
    decode_array(row);
}

void RowReader::decode_array(Index row) {
  const char* array = table_.elsewhere != nullptr ? table_.elsewhere : table_.bytes.data() + table_.array_begin;
  const auto columns = static_cast<std::size_t>(table_.source.columns);
  const std::size_t first = static_cast<std::size_t>(row) * (table_.columns_first ? 1 : columns);
  const std::size_t step = table_.columns_first ? static_cast<std::size_t>(table_.rows) : 1;
  decode_elements(array, table_.element, first, step, numbers_);
}

Cell RowReader::text_cell(Index column) const {
  const std::string_view text = texts_[static_cast<std::size_t>(column)];
  if (is_missing(text)) return {true, false, 0, text};
  double number = 0;
  const bool is_number = parse_number(text, number);
  return {false, is_number, number, text};
}

Cell RowReader::number_cell(Index column) const {
  const double number = numbers_[static_cast<std::size_t>(column)];
  if (std::isfinite(number)) return {false, true, number, {}};
  return {false, false, 0, std::isnan(number) ? "nan" : "inf"};
}

std::string RowReader::text(Index column) const {
  const Cell cell = this->cell(column);
  return cell.is_number && !splitter_ ? number_text(cell.number) : std::string(cell.text);
}

bool all_missing(const Table& table, Index column) {
  RowReader reader(table);
  for (Index row = 0; row < table.rows; ++row) {
    reader.go_to(row);
    if (!reader.cell(column).missing) return false;
  }
  return true;
}

namespace {

/// Texts by number, each kept once.
class Codes {
 public:
  explicit Codes(std::vector<std::string>& texts) : texts_(texts), codes_(0, Hash{texts}, Equal{texts}) {}

  int of(std::string text) {
    const auto found = codes_.find(std::string_view(text));
    if (found != codes_.end()) return *found;
    texts_.push_back(std::move(text));
    return *codes_.insert(static_cast<int>(texts_.size()) - 1).first;
  }

 private:
  struct Hash {
    using is_transparent = void;
    const std::vector<std::string>& texts;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    std::size_t operator()(int code) const { return (*this)(std::string_view(texts[static_cast<std::size_t>(code)])); }
  };
  struct Equal {
    using is_transparent = void;
    const std::vector<std::string>& texts;
    std::string_view text_of(int code) const { return texts[static_cast<std::size_t>(code)]; }
    bool operator()(int one, int other) const { return one == other; }
    bool operator()(std::string_view text, int code) const { return text == text_of(code); }
    bool operator()(int code, std::string_view text) const { return text == text_of(code); }
  };

  std::vector<std::string>& texts_;
  std::unordered_set<int, Hash, Equal> codes_;
};

}  // namespace

namespace {

void take_texts(const Table& table, Target& target) {
  Codes codes(target.texts);
  RowReader reader(table);
  for (Index row = 0; row < table.rows; ++row) {
    reader.go_to(row);
    target.codes.push_back(reader.cell(target.column).missing ? -1 : codes.of(reader.text(target.column)));
  }
}

void take_numbers(const Table& table, Target& target) {
  std::vector<double> labels;
  labels.reserve(static_cast<std::size_t>(table.rows));
  RowReader reader(table);
  for (Index row = 0; row < table.rows; ++row) {
    reader.go_to(row);
    const Cell cell = reader.cell(target.column);
    if (!cell.is_number) throw InputError(table.place(row, target.column) + "label " + not_a_number(cell.text));
    labels.push_back(cell.number + 0.0);  // never -0
  }
  std::vector<double>& numbers = target.numbers = labels;
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  numbers.shrink_to_fit();
  for (const double label : labels)
    target.codes.push_back(static_cast<int>(std::lower_bound(numbers.begin(), numbers.end(), label) - numbers.begin()));
}

}  // namespace

std::string Target::value(std::size_t code) const { return numbers.empty() ? texts[code] : number_text(numbers[code]); }

void take_target(Table& table, Index column) {
  Target target;
  target.column = column;
  target.name = table.names[static_cast<std::size_t>(column)];
  target.codes.reserve(static_cast<std::size_t>(table.rows));
  if (table.source.format == "csv")
    take_texts(table, target);
  else
    take_numbers(table, target);
  if (target.values() == 0)
    throw InputError(table.path + ": every cell of the target column " + std::to_string(column + 1) + " (" +
                     table.column_name(column) + ") is missing; choose another by --target");
  table.target = std::move(target);
}

}  // namespace nadir
