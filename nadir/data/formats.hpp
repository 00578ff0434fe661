#pragma once
// One reader a format; each fills a Table from its `bytes`. Internal to this room.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nadir/data/table.hpp"

namespace nadir {

/// csv, libsvm, idx, npy or npz, from the first bytes and the name. Throws InputError for what is known to be something
/// else.
std::string detect_format(std::string_view bytes, const std::string& name);

/// Uses table.source.delimiter and header. Throws InputError for ragged rows, equal names, or no rows.
void read_csv(Table& table);

/// The labels become the target unless no row has one. `columns` is the least number of columns.
void read_libsvm(Table& table, Index columns);

/// Unsigned bytes, samples first.
void read_idx(Table& table);

/// Two dimensions, samples first.
void read_npy(Table& table);

/// Takes the target from the content of a second file, `bytes`: idx or npy of one dimension, one label a row.
void take_labels(Table& table, std::string bytes, const std::string& name);

/// The file in NPY's format that is an array of an NPZ archive; nothing where there is no such array and `must` is
/// false. Throws UsageError, naming `option` and the arrays there are; InputError (damaged), ResourceError (too large).
std::optional<std::string> npz_array(std::string_view archive, const std::string& array, bool must,
                                     const std::string& option, const std::string& name);

/// The `index:value` pairs of one LIBSVM line, written to `row` (zeros elsewhere, indices beyond its length dropped).
void decode_libsvm_row(std::string_view bytes, std::size_t begin, std::vector<double>& row);

/// A file in the given format (not auto), with at least `columns` columns if LIBSVM; no target is taken from a column.
/// `labels_must`: the labels that are named are in the archive if it is NPZ.
Table read_table_like(const std::filesystem::path& path, const ReadOptions& options, Index columns, bool labels_must);

/// Whether no row has a label in this column.
bool all_missing(const Table& table, Index column);

/// column1 .. columnN. Throws ResourceError if so many columns do not fit in memory.
std::vector<std::string> numbered_columns(Index count, const std::string& path);

}  // namespace nadir
