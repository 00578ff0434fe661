#include "nadir/data/table.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>
#include <utility>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/formats.hpp"
#include "nadir/data/number.hpp"

namespace nadir {
namespace {

char delimiter_of(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  const std::string forbidden("\"\r\n\0", 4);
  if (text.size() != 1 || forbidden.find(text[0]) != std::string::npos || static_cast<unsigned char>(text[0]) >= 0x80)
    throw UsageError("--delimiter " + in_quotes(text) +
                     " is not auto, tab, or one character other than a quote or a line end");
  return text[0];
}

void validate(const ReadOptions& options) {
  const auto one_of = [](const std::string& option, const std::string& value, const std::vector<std::string>& values) {
    if (std::find(values.begin(), values.end(), value) != values.end()) return;
    std::string message = option + " " + in_quotes(value) + " is not one of";
    for (const std::string& known : values) message += " " + known;
    throw UsageError(message);
  };
  one_of("--format", options.format, {"auto", "csv", "libsvm", "idx", "npy", "npz"});
  one_of("--header", options.header, {"auto", "yes", "no"});
  if (options.delimiter != "auto") delimiter_of(options.delimiter);
}

/// The usual name of the labels beside an IDX file of images, or empty.
std::filesystem::path labels_beside(const std::filesystem::path& images) {
  std::string name = images.filename().string();
  const auto replace = [&](const std::string& from, const std::string& to) {
    const std::size_t place = name.rfind(from);
    if (place == std::string::npos) return false;
    name.replace(place, from.size(), to);
    return true;
  };
  if (!replace("images", "labels")) return {};
  replace("idx3", "idx1");
  std::error_code error;
  std::filesystem::path found = images.parent_path() / name;
  if (std::filesystem::exists(found, error)) return found;
  found = found.extension() == ".gz" ? found.replace_extension() : std::filesystem::path(found.string() + ".gz");
  return std::filesystem::exists(found, error) ? found : std::filesystem::path();
}

void require_different_names(const Table& table) {
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < table.names.size(); ++i)
    if (!table.names[i].empty() && !seen.insert(table.names[i]).second)
      throw InputError(table.path + ": row 1, column " + std::to_string(i + 1) + ": the name " +
                       in_quotes(table.names[i]) + " appears twice in the header; rename one (or use --header no)");
}

/// Reads the samples, in the format given by options.format (not auto), without a target.
Table read_samples(std::string bytes, const std::string& name, const ReadOptions& options, Index columns) {
  Table table;
  table.path = name;
  table.bytes = std::move(bytes);
  table.source.format = options.format;
  if (table.bytes.empty()) throw InputError(name + ": is empty");
  if (options.format == "idx") read_idx(table);
  if (options.format == "npy" || options.format == "npz") read_npy(table);
  if (options.format == "libsvm") read_libsvm(table, columns);
  if (options.format == "csv") {
    require_text(table.bytes, name);
    table.source.delimiter =
        options.delimiter == "auto" ? detect_delimiter(table.bytes, name) : delimiter_of(options.delimiter);
    table.source.header =
        options.header == "auto" ? detect_header(table.bytes, table.source.delimiter, name) : options.header == "yes";
    read_csv(table);
  }
  return table;
}

/// Target and labels, as the options say. `path` is empty for data in memory.
void find_labels(Table& table, const ReadOptions& options, const std::filesystem::path& path) {
  const std::string& format = table.source.format;
  if (!options.labels.empty() && format != "npz") {
    if (format != "idx" && format != "npy")
      throw UsageError("--labels is for idx, npy and npz; the labels of " + table.path +
                       " are in a column or on each line");
    if (!options.target.empty()) throw UsageError("--target and --labels exclude one another; give one");
    take_labels(table, read_bytes(options.labels), options.labels);
  } else if (format == "idx" && !path.empty()) {
    const std::filesystem::path beside = labels_beside(path);
    if (!beside.empty()) take_labels(table, read_bytes(beside), beside.string());
  }
  if (options.target.empty()) return;
  if (format == "idx" || format == "libsvm")
    throw UsageError("--target: the labels of " + format + " data are not in a column; leave it out" +
                     (format == "idx" ? " and give --labels FILE" : ""));
  take_target(table, find_column(table, options.target, "--target"));
}

/// Of an archive: the labels named; y, where there is one, if nothing is said of the target.
void find_labels_in(std::string_view archive, Table& table, const ReadOptions& options, bool must) {
  if (!options.labels.empty() && !options.target.empty())
    throw UsageError("--target and --labels exclude one another; give one");
  const std::string array = options.labels.empty() && options.target.empty() ? "y" : options.labels;
  std::optional<std::string> bytes;
  if (!array.empty()) bytes = npz_array(archive, array, must && !options.labels.empty(), "--labels", table.path);
  if (!bytes) return;
  take_labels(table, std::move(*bytes), table.path + ": array " + in_quotes(array));
  table.source.labels = array;
}

Table read_any(std::string bytes, const std::string& name, ReadOptions options, const std::filesystem::path& path,
               Index columns, bool labels_must) {
  if (options.format == "auto") options.format = detect_format(bytes, name);
  std::string archive;
  if (options.format == "npz") {
    archive = std::move(bytes);
    bytes = *npz_array(archive, options.array, true, "--array", name);
  }
  Table table = read_samples(std::move(bytes), name, options, columns);
  if (options.format == "npz") {
    table.source.array = options.array;
    find_labels_in(archive, table, options, labels_must);
  }
  find_labels(table, options, path);
  return table;
}

}  // namespace

std::string Table::column_name(Index column) const {
  const std::string& name = names[static_cast<std::size_t>(column)];
  return name.empty() ? "column" + std::to_string(column + 1) : name;
}

std::string Table::place(Index row) const {
  const bool lines = !row_begins.empty();
  const std::uint64_t number =
      lines ? line_at(bytes, row_begins[static_cast<std::size_t>(row)]) : static_cast<std::uint64_t>(row) + 1;
  return path + ": row " + std::to_string(number) + ": ";
}

std::string Table::place(Index row, Index column) const {
  std::string text = place(row);
  text.resize(text.size() - 2);
  return text + ", column " + std::to_string(column + 1) + " (" + column_name(column) + "): ";
}

Table read_table(const std::filesystem::path& path, const ReadOptions& options) {
  return read_table_like(path, options, 0, true);
}

Table read_table_like(const std::filesystem::path& path, const ReadOptions& options, Index columns, bool labels_must) {
  validate(options);
  return read_any(read_bytes(path), path.string(), options, path, columns, labels_must);
}

Table read_table_from_bytes(std::string bytes, const std::string& name, const ReadOptions& options) {
  validate(options);
  return read_any(decompress(std::move(bytes), name, memory_limit() / 2), name, options, {}, 0, true);
}

std::string describe_columns(const Table& table) {
  constexpr Index kShown = 40;
  std::string text = std::to_string(table.source.columns) + (table.source.columns == 1 ? " column:" : " columns:");
  for (Index i = 0; i < table.source.columns; ++i) {
    if (i == kShown && table.source.columns > kShown + 1) {
      text += " ..";
      i = table.source.columns - 1;
    }
    text += ' ';
    text += table.column_name(i);
    if (i + 1 < table.source.columns) text += ',';
  }
  return text;
}

Index find_column(const Table& table, const std::string& text, const std::string& option) {
  for (Index i = 0; i < table.source.columns; ++i)
    if (table.column_name(i) == text) return i;
  Index number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= table.source.columns)
    return number - 1;
  throw UsageError(option + " " + in_quotes(text) + ": no such column in " + table.path + ", which has " +
                   describe_columns(table));
}

void read_csv(Table& table) {
  CsvSplitter splitter(table.bytes, table.source.delimiter, table.path);
  std::vector<std::string_view> cells;
  std::size_t position = splitter.first_record();
  if (position >= table.bytes.size()) throw InputError(table.path + ": holds nothing but empty lines");
  const std::uint64_t first_row = line_at(table.bytes, position);
  const std::size_t second = splitter.split(position, cells);
  table.source.columns = static_cast<Index>(cells.size());
  if (table.source.header) {
    for (const std::string_view cell : cells) table.names.emplace_back(cell);
    require_different_names(table);
    position = second;
  } else {
    table.names = numbered_columns(table.source.columns, table.path);
  }
  while (position < table.bytes.size()) {
    const std::size_t next = splitter.split(position, cells);
    table.row_begins.push_back(position);
    if (static_cast<Index>(cells.size()) != table.source.columns)
      throw InputError(table.place(static_cast<Index>(table.row_begins.size()) - 1) + "has " +
                       std::to_string(cells.size()) + " cells where row " + std::to_string(first_row) + " has " +
                       std::to_string(table.source.columns) +
                       "; quote cells that hold the delimiter, or check --delimiter");
    position = next;
  }
  table.rows = static_cast<Index>(table.row_begins.size());
  if (table.rows == 0)
    throw InputError(table.path + ": holds a header and no rows" + " (if it is a row, use --header no)");
}

std::string detect_format(std::string_view bytes, const std::string& name) {
  const auto ends = [&](std::string_view suffix) {
    std::string_view stem = name;
    if (stem.ends_with(".gz")) stem.remove_suffix(3);
    return stem.ends_with(suffix);
  };
  if (bytes.starts_with("\x93NUMPY") || ends(".npy")) return "npy";
  if (ends(".npz")) return "npz";
  if (bytes.starts_with("PK\x03\x04"))
    throw InputError(name + ": is a ZIP archive (such as .xlsx); unpack it, export CSV, or give --format npz");
  if (bytes.starts_with(std::string_view("\0\0\x08", 3)) || ends("-ubyte") || ends(".idx")) return "idx";
  if (ends(".libsvm") || ends(".svmlight") || ends(".svm")) return "libsvm";
  if (ends(".csv") || ends(".tsv")) return "csv";
  // A first line "LABEL INDEX:VALUE .." or "INDEX:VALUE ..".
  const std::size_t first = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
  std::string_view line = bytes.substr(first, std::min(bytes.find_first_of("\r\n", first), bytes.size()) - first);
  bool pairs = false;
  for (bool begun = false; !line.empty(); begun = true) {
    const std::string_view token = line.substr(0, line.find_first_of(" \t"));
    const std::size_t colon = token.find(':');
    double value = 0;
    const bool pair = colon != std::string_view::npos && parse_number(token.substr(0, colon), value) &&
                      parse_number(token.substr(colon + 1), value);
    if (!pair && (begun || !parse_number(token, value))) return "csv";
    pairs = pairs || pair;
    line.remove_prefix(std::min(line.find_first_not_of(" \t", token.size()), line.size()));
  }
  return pairs ? "libsvm" : "csv";
}

}  // namespace nadir
