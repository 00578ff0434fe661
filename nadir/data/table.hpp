#pragma once
// A data file in memory, as it is: the bytes, where its rows begin, and the labels. Cells are decoded where they are
// used, so that a table costs little more than its file.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/data/csv.hpp"
#include "nadir/data/npy.hpp"

namespace nadir {

/// How to read. "auto" looks at the bytes and at the name.
struct ReadOptions {
  std::string format = "auto";     ///< auto, csv, libsvm, idx, npy or npz
  std::string delimiter = "auto";  ///< auto, "tab", or one byte
  std::string header = "auto";     ///< auto, yes or no
  std::string target = "";         ///< column, by name or by number from 1; empty: none, or the format's own labels
  std::string labels = "";         ///< second file, with the labels (idx, npy); for idx found by its name if empty;
                                   ///< npz: the array with the labels; empty: y where there is one, and no target
  std::string array = "X";         ///< npz: the array with the samples
};

/// What has to be known to read a file of the same kind again.
struct Source {
  std::string format;       ///< csv, libsvm, idx, npy or npz
  char delimiter = ',';     ///< csv only
  bool header = false;      ///< csv only
  Index columns = 0;        ///< cells of a record, a target among them included
  std::string array = {};   ///< npz only: with the samples
  std::string labels = {};  ///< npz only: with the labels; empty where there is none, or they are a column

  bool operator==(const Source&) const = default;
};

/// The labels, each different one once.
struct Target {
  Index column = -1;  ///< from 0; -1 where labels come with the format or from a second file
  std::string name;
  std::vector<std::string> texts;  ///< csv, libsvm
  std::vector<double> numbers;     ///< of an array, increasing: as texts, a million quantities would be far larger
  std::vector<int> codes;          ///< per row a place in `texts` or `numbers`, or -1 where the label is missing

  std::size_t values() const { return texts.size() + numbers.size(); }
  /// The text that a value has; of a number the shortest that is read as it again.
  std::string value(std::size_t code) const;
  bool missing(Index row) const { return codes[static_cast<std::size_t>(row)] < 0; }
  std::string text(Index row) const { return value(static_cast<std::size_t>(codes[static_cast<std::size_t>(row)])); }
};

struct Table {
  std::string path;  ///< for messages
  Source source;
  Index rows = 0;
  std::vector<std::string> names;  ///< source.columns; as in the header, so perhaps empty; column1, .. without header
  std::optional<Target> target;    ///< absent where no label of any row is known

  // The raw rows; read them through RowReader.
  std::string bytes;                    ///< the decompressed file
  std::vector<std::size_t> row_begins;  ///< csv, libsvm: where each row begins in `bytes`
  std::size_t array_begin = 0;          ///< idx, npy: where the elements begin in `bytes`
  Element element = Element::uint8;     ///< idx, npy
  bool columns_first = false;           ///< npy: Fortran order
  const char* elsewhere = nullptr;      ///< npz: the elements, where they lie in memory of the caller (table_over)

  /// The column's name, or columnK (from 1) where the header's cell is empty.
  std::string column_name(Index column) const;
  /// "PATH: row R, column C (NAME): ", with the row as an editor shows it.
  std::string place(Index row, Index column) const;
  /// "PATH: row R: ".
  std::string place(Index row) const;
};

/// Reads a file, compressed or not. The rows are checked to have equal length, the numbers of LIBSVM to be numbers;
/// what the cells of a CSV mean is decided by fit_recipe.
/// Throws UsageError (an option, or no such target column), InputError (file, row, column, reason) or ResourceError.
Table read_table(const std::filesystem::path& path, const ReadOptions& options);

/// The same for data that are in memory already. `name` stands for the path.
Table read_table_from_bytes(std::string bytes, const std::string& name, const ReadOptions& options);

/// An array of numbers in the caller's memory.
struct ArrayView {
  const char* elements = nullptr;
  Element element = Element::float64;
  Index rows = 0, columns = 0;
  bool columns_first = false;  ///< Fortran order
};

/// The table of an NPZ archive with this array X and, unless `labels` is empty, an array y, which is a file in NPY's
/// format. X is read where it lies: it must outlive the table, and nothing of it is copied. `name` stands for the path.
/// Throws as read_table does.
Table table_over(const ArrayView& X, std::string labels, const std::string& name);

/// "5 columns: length, width, .., class", for messages and for `--target`.
std::string describe_columns(const Table& table);

/// The column that `text` names, or counts from 1. Throws UsageError, listing the columns, if there is none.
Index find_column(const Table& table, const std::string& text, const std::string& option);

/// Makes a column the target. Throws InputError if all of its cells are missing.
void take_target(Table& table, Index column);

/// One cell as it is in the file.
struct Cell {
  bool missing;
  bool is_number;
  double number;          ///< if is_number
  std::string_view text;  ///< csv only; valid until the next row
};

/// Decodes one row at a time. The table must outlive it.
class RowReader {
 public:
  explicit RowReader(const Table& table);

  void go_to(Index row);
  Cell cell(Index column) const { return numbers_.empty() ? text_cell(column) : number_cell(column); }
  /// The cell as the text that names a class or a level.
  std::string text(Index column) const;

 private:
  Cell text_cell(Index column) const;
  Cell number_cell(Index column) const;
  void decode_array(Index row);

  const Table& table_;
  std::optional<CsvSplitter> splitter_;  // csv
  std::vector<std::string_view> texts_;  // csv
  std::vector<double> numbers_;          // the other formats
};

}  // namespace nadir
