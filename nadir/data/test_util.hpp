#pragma once
// For this room's tests: errors as text, and binary files made by hand.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "nadir/data/recipe.hpp"

namespace nadir::test {

/// The message of the Error that `call` throws; a failure if it throws none, or one of several lines.
template <class Error, class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another kind of error: " << error.what();
    return {};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

inline void expect_contains(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' in: " << text;
}

inline Table csv(const std::string& text, const std::string& target = "", ReadOptions options = {}) {
  options.format = "csv";
  options.target = target;
  return read_table_from_bytes(text, "t.csv", options);
}

inline std::vector<Index> all_rows(const Table& table) {
  std::vector<Index> rows;
  for (Index row = 0; row < table.rows; ++row) rows.push_back(row);
  return rows;
}

/// The label of each row.
inline std::vector<std::string> label_texts(const Table& table) {
  std::vector<std::string> texts;
  for (Index row = 0; row < table.rows; ++row) texts.push_back(table.target->text(row));
  return texts;
}

/// The texts of one row.
inline std::vector<std::string> cells(const Table& table, Index row) {
  RowReader reader(table);
  reader.go_to(row);
  std::vector<std::string> result;
  for (Index column = 0; column < table.source.columns; ++column) result.push_back(reader.text(column));
  return result;
}

using Texts = std::vector<std::string>;

/// Unsigned bytes of IDX.
inline std::string idx(const std::vector<std::uint32_t>& shape, const std::string& elements, char type = 8) {
  std::string bytes{'\0', '\0', type, static_cast<char>(shape.size())};
  for (const std::uint32_t dimension : shape)
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(dimension >> shift & 0xFF);
  return bytes + elements;
}

/// NPY with this dictionary as its header.
inline std::string npy(const std::string& dictionary, const std::string& elements, int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  const std::string header = dictionary + "\n";
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return bytes + header + elements;
}

inline std::string npy_of(const std::string& type, const std::string& shape, const std::string& elements,
                          bool columns_first = false) {
  return npy("{'descr': '" + type + "', 'fortran_order': " + (columns_first ? "True" : "False") + ", 'shape': (" +
                 shape + "), }",
             elements);
}

template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// Of a ZIP archive.
struct Entry {
  std::string name;
  std::string content;
  bool deflated = false;
};

inline std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(i < 8 ? value >> (8 * i) & 0xFF : 0);
  return text;
}

inline std::string deflated(const std::string& content) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

/// An archive; each entry's directory record has `extra` behind it.
inline std::string zip(const std::vector<Entry>& entries, const std::string& extra = "") {
  std::string bytes;
  std::string directory;
  for (const Entry& entry : entries) {
    const std::string packed = entry.deflated ? deflated(entry.content) : entry.content;
    const auto checksum =
        crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()), static_cast<uInt>(entry.content.size()));
    const std::string common = little(20, 2) + little(0, 2) + little(entry.deflated ? 8 : 0, 2) + little(0, 4) +
                               little(checksum, 4) + little(packed.size(), 4) + little(entry.content.size(), 4) +
                               little(entry.name.size(), 2);
    directory += "PK\1\2" + little(20, 2) + common + little(extra.size(), 2) + little(0, 10) + little(bytes.size(), 4) +
                 entry.name + extra;
    bytes += "PK\3\4" + common + little(0, 2) + entry.name + packed;
  }
  return bytes + directory + "PK\5\6" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) +
         little(directory.size(), 4) + little(bytes.size(), 4) + little(0, 2);
}

}  // namespace nadir::test
