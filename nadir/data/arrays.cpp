// Binary arrays: IDX (of MNIST), NPY and NPZ (of NumPy). Sizes are held against the file before anything is allocated.
#include <algorithm>
#include <utility>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/formats.hpp"
#include "nadir/data/npy.hpp"
#include "nadir/data/zip.hpp"

namespace nadir {
namespace {

ArrayLayout parse_idx(std::string_view bytes, const std::string& name) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.size() < 4 || at(0) != 0 || at(1) != 0)
    throw InputError(name + ": is not an IDX file: it does not begin with two zero bytes");
  if (at(2) != 8)
    throw InputError(name + ": IDX elements of type " + std::to_string(at(2)) +
                     " are not supported; only unsigned bytes (8) are");
  ArrayLayout layout;
  layout.begin = 4 + 4 * at(3);
  if (at(3) == 0 || bytes.size() < layout.begin) throw InputError(name + ": the IDX header is cut short");
  for (std::size_t i = 4; i < layout.begin; i += 4)
    layout.shape.push_back(at(i) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3));
  require_size(layout, bytes.size(), name);
  return layout;
}

void adopt(Table& table, const ArrayLayout& layout) {
  std::uint64_t columns = 1;
  for (std::size_t i = 1; i < layout.shape.size(); ++i) columns *= layout.shape[i];  // cannot overflow: require_size
  if (layout.shape.empty() || layout.shape[0] == 0) throw InputError(table.path + ": holds no rows");
  if (columns == 0) throw InputError(table.path + ": holds no columns");
  table.rows = static_cast<Index>(layout.shape[0]);
  table.source.columns = static_cast<Index>(columns);
  table.array_begin = layout.begin;
  table.element = layout.element;
  table.columns_first = layout.columns_first;
  table.names = numbered_columns(table.source.columns, table.path);
}

}  // namespace

void read_idx(Table& table) {
  const ArrayLayout layout = parse_idx(table.bytes, table.path);
  if (layout.shape.size() == 1)
    throw InputError(table.path + ": has one dimension, as labels have; give the file with the samples");
  adopt(table, layout);
}

void read_npy(Table& table) {
  const ArrayLayout layout = parse_npy(table.bytes, table.path);
  if (layout.shape.size() != 2)
    throw InputError(table.path + ": has " + std::to_string(layout.shape.size()) +
                     " dimensions; an array of samples has two");
  adopt(table, layout);
}

Table table_over(const ArrayView& X, std::string labels, const std::string& name) {
  Table table;
  table.path = name;
  table.source.format = "npz";
  table.source.array = "X";
  if (X.rows <= 0) throw InputError(name + ": holds no rows");
  if (X.columns <= 0) throw InputError(name + ": holds no columns");
  table.rows = X.rows;
  table.source.columns = X.columns;
  table.elsewhere = X.elements;
  table.element = X.element;
  table.columns_first = X.columns_first;
  table.names = numbered_columns(X.columns, name);
  if (labels.empty()) return table;
  take_labels(table, std::move(labels), name + ": array 'y'");
  table.source.labels = "y";
  return table;
}

std::optional<std::string> npz_array(std::string_view archive, const std::string& array, bool must,
                                     const std::string& option, const std::string& name) {
  std::vector<ZipEntry> found;
  std::string arrays;
  for (const ZipEntry& entry : zip_directory(archive, name)) {
    if (entry.name == array + ".npy") found.push_back(entry);
    if (entry.name.ends_with(".npy"))
      arrays += (arrays.empty() ? " " : ", ") + in_quotes(entry.name.substr(0, entry.name.size() - 4));
  }
  if (found.empty() && !must) return std::nullopt;
  if (found.empty())
    throw UsageError(option + " " + in_quotes(array) + ": no such array in " + name + ", which holds" +
                     (arrays.empty() ? " none" : arrays));
  const std::string what = name + ": array " + in_quotes(array);
  if (found.size() > 1) throw InputError(what + " is there twice; save the file again by numpy.savez");
  require_text(array, what);
  const std::uint64_t most = memory_limit() / 2;
  if (found[0].size > most)
    throw ResourceError(what + " holds " + std::to_string(found[0].size) + " bytes, more than half of the memory");
  std::string bytes = unzip(found[0], found[0].size, name);
  if (!bytes.starts_with("\x93NUMPY"))
    throw InputError(what + " is not in NPY's format; save the file again by numpy.savez");
  return bytes;
}

void take_labels(Table& table, std::string bytes, const std::string& name) {
  Table second;
  second.path = name;
  second.bytes = std::move(bytes);
  second.source.format = second.bytes.starts_with("\x93NUMPY") ? "npy" : "idx";
  const ArrayLayout layout =
      second.source.format == "npy" ? parse_npy(second.bytes, name) : parse_idx(second.bytes, name);
  if (layout.shape.size() != 1)
    throw InputError(name + ": has " + std::to_string(layout.shape.size()) + " dimensions; an array of labels has one");
  if (layout.shape[0] != static_cast<std::uint64_t>(table.rows))
    throw InputError(name + ": holds " + std::to_string(layout.shape[0]) + " labels where " + table.path + " has " +
                     std::to_string(table.rows) + " rows");
  adopt(second, layout);
  take_target(second, 0);
  second.target->column = -1;
  second.target->name = "label";
  table.target = std::move(second.target);
}

std::vector<std::string> numbered_columns(Index count, const std::string& path) {
  constexpr double kBytesPerColumn = 400;  // a name, statistics and a recipe's entry; measured on 10^6 columns
  require_memory(kBytesPerColumn * static_cast<double>(count), path + ": " + std::to_string(count) + " columns");
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(count));
  for (Index i = 1; i <= count; ++i) names.push_back("column" + std::to_string(i));
  return names;
}

}  // namespace nadir
