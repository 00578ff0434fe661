#pragma once
// Comma-separated values: RFC 4180 with any one-byte delimiter (docs/certificate-format.md, section 3, "Source").
#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace nadir {

/// Cuts records out of a text that must outlive it. A copy per thread.
class CsvSplitter {
 public:
  /// `name` is for messages. A byte-order mark is not part of the first record: begin at first_record().
  CsvSplitter(std::string_view bytes, char delimiter, std::string name);

  /// Where the first record begins, or the end of the text.
  std::size_t first_record() const;

  /// Fills `cells` with the record that begins at `position` and returns where the next one begins (empty lines are
  /// skipped), or the end of the text. The cells are valid until the next call.
  /// Throws InputError naming row and column: a quoted cell that is not closed, or text after a closing quote.
  std::size_t split(std::size_t position, std::vector<std::string_view>& cells);

 private:
  bool is_blank(char c) const { return c == ' ' && c != delimiter_; }                      // around quotes
  bool is_trimmed(char c) const { return is_blank(c) || (c == '\t' && c != delimiter_); }  // around other cells
  bool ends_cell(char c) const { return ends_cell_[static_cast<unsigned char>(c)]; }
  std::size_t skip_line_ends(std::size_t position) const;
  std::size_t split_quoted(std::size_t opening, std::vector<std::string_view>& cells);
  [[noreturn]] void fail(std::size_t position, std::size_t column, const std::string& why) const;

  std::string_view bytes_;
  char delimiter_;
  std::string name_;
  std::array<bool, 256> ends_cell_{};
  std::deque<std::string> unescaped_;  // texts of cells with doubled quotes, of the current record
  std::size_t unescaped_used_ = 0;
};

/// The one of , ; tab that cuts the first records into the same number, more than one, of cells. Where several do, the
/// one whose cells hold no other candidate; a decimal comma does not count. Comma where none does.
char detect_delimiter(std::string_view bytes, const std::string& name);

/// Whether the first record is a header: none of its cells is a number, and either a column below one of them holds
/// numbers, or all are present and different and none comes back in its own column below.
bool detect_header(std::string_view bytes, char delimiter, const std::string& name);

}  // namespace nadir
