// The verifier's own readers: LIBSVM, IDX, NPY, NPZ and gzip of each, with models trained on what they hold.
#include <zlib.h>

#include "nadir/verify/test_util.hpp"

namespace nadir::verify::planted {
namespace {

std::string gzip(const std::string& bytes) {
  std::string result(bytes.size() + 1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(result.size() - stream.avail_out);
  deflateEnd(&stream);
  return result;
}

/// Two features divided by `range`, four samples.
Model of_format(const std::string& format, const Json& classes, double range, const Rows<double>& raw) {
  Model model = case_a();
  Json& recipe = model.document["recipe"];
  recipe["source"] = {{"format", format}, {"columns", 2}};
  recipe["target"] = {{"name", "label"}, {"classes", classes}};
  recipe["columns"] = {numeric(0, "1", 0, range), numeric(1, "2", 0, range)};
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t m = 0; m < 2; ++m) model.features[i][m] = raw[i][m] / range;
  finish(model);
  return model;
}

TEST(Formats, Libsvm) {
  Model model = of_format("libsvm", {"-1", "1", "0.5"}, 1, {{0.1, 0.5}, {0, 0.2}, {0.7, 0}, {0, 0}});
  model.classes = 3;
  model.labels = {0, 1, 1, 2};
  finish(model);
  const std::string text = "-1 1:0.1 2:0.5 # first\r\n\n  +1\t2:+2e-1\n# nothing\n1.0 1:.7\n5e-1\n";
  model.sources.data = text;
  expect_accepted(model);
  model.sources.data = gzip(text.substr(0, 20)) + gzip(text.substr(20));
  expect_accepted(model);
  for (const char* lie :
       {"-1 2:0.5 1:0.1\n", "-1 0:0.5\n", "-1 3:0.5\n", "-1 1:0.1 1:0.1\n", "-1 1\n", "-1 x:1\n", "-1 1:x\n",
        "-1 1: 2:0.5\n", "x 1:0.1\n", "? 1:0.1\n", "2 1:0.1\n", "nan 1:0.1\n", "-1 -1:5\n", "-1 :5\n"}) {
    Model other = model;
    other.sources.data = lie + text.substr(text.find('\n') + 1);
    expect_refused(other, "data");
  }
}

std::string idx(const std::vector<std::uint32_t>& extents, const std::string& bytes) {
  std::string file{'\0', '\0', '\x08', static_cast<char>(extents.size())};
  for (const std::uint32_t extent : extents)
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(extent >> shift);
  return file + bytes;
}

TEST(Formats, Idx) {
  Model model = of_format("idx", {"3", "7"}, 255, {{10, 200}, {255, 3}, {128, 7}, {0, 255}});
  const std::string pixels = "\x0a\xc8\xff\x03\x80\x07" + std::string{'\0'} + "\xff", marks = "\3\7\7\3";
  model.sources = {idx({4, 1, 2}, pixels), idx({4}, marks)};
  expect_accepted(model);
  model.sources = {gzip(model.sources.data), gzip(*model.sources.labels)};
  expect_accepted(model);
  const std::vector<Sources> lies = {{idx({4, 1, 2}, pixels), std::nullopt},
                                     {idx({4, 2, 2}, pixels), idx({4}, marks)},
                                     {idx({2, 1, 4}, pixels), idx({4}, marks)},
                                     {idx({4, 2}, pixels + "x"), idx({4}, marks)},
                                     {idx({4, 2}, pixels), idx({5}, marks + "\3")},
                                     {idx({4, 2}, pixels), idx({4, 1}, marks)},
                                     {idx({4, 2}, pixels), idx({4}, "\3\7\7\4")},
                                     {idx({4, 2}, pixels), "\3\7\7\3"},
                                     {idx({4, 0xffffffff, 0xffffffff, 0xffffffff}, pixels), idx({4}, marks)},
                                     {idx({4, 2}, pixels).substr(0, 9), idx({4}, marks)},
                                     {gzip(pixels).substr(0, 20), idx({4}, marks)},
                                     {gzip(idx({4, 2}, pixels)) + "tail", idx({4}, marks)}};
  for (std::size_t i = 0; i < lies.size(); ++i) {
    SCOPED_TRACE(i);
    expect_refused(model.bytes(), lies[i], "data");
  }
}

template <class T>
std::string npy(const std::string& type, const std::string& order, const std::string& shape,
                const std::vector<T>& values) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  while ((header.size() + 11) % 64 != 0) header += ' ';
  header += '\n';
  std::string file = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size() % 256);
  return file + static_cast<char>(header.size() / 256) + header + bytes_of(values);
}

TEST(Formats, Npy) {
  Model model = of_format("npy", {"0", "1"}, 10, {{1, 5}, {4, 2}, {7, 1}, {3, 6}});
  const std::string flags = npy<std::uint8_t>("|b1", "False", "(4,)", {0, 1, 1, 0});
  const std::string rows = npy<double>("<f8", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6});
  for (const std::string& data : {rows, npy<double>("<f8", "True", "(4, 2)", {1, 4, 7, 3, 5, 2, 1, 6}),
                                  npy<float>("<f4", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                                  npy<std::int8_t>("|i1", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                                  npy<std::uint8_t>("|u1", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                                  npy<std::int16_t>("<i2", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                                  npy<std::uint16_t>("<u2", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                                  npy<std::int32_t>("<i4", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                                  npy<std::uint32_t>("<u4", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                                  npy<std::int64_t>("<i8", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                                  npy<std::uint64_t>("<u8", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6})}) {
    model.sources = {data, flags};
    expect_accepted(model);
  }
  const std::vector<Sources> lies = {
      {rows.substr(0, rows.size() - 1), flags},
      {rows + "x", flags},
      {npy<double>("<f8", "False", "(4, 2, 1)", {1, 5, 4, 2, 7, 1, 3, 6}), flags},
      {npy<double>("<f8", "False", "(8,)", {1, 5, 4, 2, 7, 1, 3, 6}), flags},
      {npy<double>("<f8", "False", "(2, 4)", {1, 5, 4, 2, 7, 1, 3, 6}), flags},
      {npy<double>(">f8", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}), flags},
      {npy<double>("<f8", "Maybe", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}), flags},
      {npy<double>("<f8", "False", "(4, 9999999999999999999)", {1}), flags},
      {npy<double>("<f8", "False", "(999999999999999999, 2)", {1}), flags},
      {npy<double>("<f8", "False", "(4, 2)", {1, 5, 4, 2, 7, std::nan(""), 3, 6}), flags},
      {rows.substr(0, 9), flags},
      {rows, rows},
      {rows, npy<std::uint8_t>("|b1", "False", "(4,)", {0, 1, 2, 0})},
      {rows, npy<std::uint8_t>("|b1", "False", "(5,)", {0, 1, 1, 0, 0})},
      {rows, std::nullopt}};
  for (std::size_t i = 0; i < lies.size(); ++i) {
    SCOPED_TRACE(i);
    expect_refused(model.bytes(), lies[i], "data");
  }
}

std::string little(std::uint64_t value, int width) {
  std::string text;
  for (int i = 0; i < width; ++i) text += static_cast<char>(i < 8 ? value >> (8 * i) & 0xff : 0);
  return text;
}

/// A ZIP archive; deflated entries are those whose name begins with X.
std::string npz(const std::vector<std::pair<std::string, std::string>>& entries, const std::string& comment = "") {
  std::string bytes, directory;
  for (const auto& [name, content] : entries) {
    const bool deflated = name.starts_with('X');
    std::string packed = gzip(content);  // a header of 10 bytes, deflate, 8 bytes
    packed = deflated ? packed.substr(10, packed.size() - 18) : content;
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    const std::string common = little(20, 2) + little(0, 2) + little(deflated ? 8 : 0, 2) + little(0, 4) +
                               little(sum, 4) + little(packed.size(), 4) + little(content.size(), 4) +
                               little(name.size(), 2);
    directory += "PK\1\2" + little(20, 2) + common + little(0, 12) + little(bytes.size(), 4) + name;
    bytes += "PK\3\4" + common + little(3, 2) + name + "abc" + packed;
  }
  return bytes + directory + "PK\5\6" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) +
         little(directory.size(), 4) + little(bytes.size(), 4) + little(comment.size(), 2) + comment;
}

TEST(Formats, Npz) {
  Model model = of_format("npz", {"0", "1"}, 10, {{1, 5}, {4, 2}, {7, 1}, {3, 6}});
  const std::string flags = npy<std::uint8_t>("|b1", "False", "(4,)", {0, 1, 1, 0});
  const std::string rows = npy<double>("<f8", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6});
  const std::string archive = npz({{"X.npy", rows}, {"other.npy", rows}, {"marks.npy", flags}});
  Json& source = model.document["recipe"]["source"];
  source["array"] = "X", source["labels"] = "marks";
  model.sources = {archive, std::nullopt};
  expect_accepted(model);
  for (const std::string& data : {gzip(archive), npz({{"X.npy", rows}, {"marks.npy", flags}}, "a comment")}) {
    model.sources.data = data;
    expect_accepted(model);
  }
  const auto with = [&](std::size_t place, const std::string& bytes) {
    return std::string(archive).replace(place, bytes.size(), bytes);
  };
  const std::size_t first = archive.find("PK\1\2"), end = archive.size() - 22;
  const std::vector<std::string> lies = {"",
                                         "PK",
                                         rows,
                                         archive.substr(1),
                                         archive.substr(0, archive.size() - 1),
                                         archive + "x",
                                         npz({{"X.npy", rows}, {"X.npy", rows}, {"marks.npy", flags}}),
                                         npz({{"X.npy", rows}}),
                                         npz({{"Y.npy", rows}, {"marks.npy", flags}}),
                                         npz({{"X", rows}, {"marks.npy", flags}}),
                                         npz({{"X.npy", rows}, {"marks.npy", rows}}),
                                         npz({{"X.npy", "x"}, {"marks.npy", flags}}),
                                         with(end + 10, little(4, 2)),
                                         with(end + 10, little(1, 2)),
                                         with(end + 16, little(0xffffffff, 4)),
                                         with(first, "PK\1\3"),
                                         with(first + 8, little(1, 2)),
                                         with(first + 10, little(0, 2)),
                                         with(first + 10, little(12, 2)),
                                         with(first + 16, little(1, 4)),
                                         with(first + 20, little(0xffffffff, 4)),
                                         with(first + 20, little(9, 4)),
                                         with(first + 24, little(9, 4)),
                                         with(first + 42, little(4, 4)),
                                         with(first + 42, little(0xffffffff, 4)),
                                         with(0, "PK\3\5"),
                                         with(60, "\xff\xff\xff\xff\xff")};
  for (std::size_t i = 0; i < lies.size(); ++i) {
    SCOPED_TRACE(i);
    model.sources.data = lies[i];
    expect_refused(model, "data");
  }
  model.sources.data = archive;
  for (const char* key : {"array", "labels"}) {
    Model other = model;
    other.document["recipe"]["source"].erase(key);
    expect_refused(other, "document");
    other.document["recipe"]["source"][key] = "none";
    expect_refused(other, "data");
  }
  Model other = model;
  other.document["recipe"]["source"] = {{"format", "npy"}, {"columns", 2}, {"array", "X"}};
  expect_refused(other, "document");
}

TEST(Formats, WholeNumbersMayBeNegative) {
  Model model = of_format("npy", {"-1", "2"}, 10, {{1, 5}, {4, 2}, {7, 1}, {3, 6}});
  model.sources = {npy<double>("<f8", "False", "(4, 2)", {1, 5, 4, 2, 7, 1, 3, 6}),
                   npy<std::int8_t>("|i1", "False", "(4,)", {-1, 2, 2, -1})};
  expect_accepted(model);
}

TEST(Formats, NpyWithTheTargetInAColumn) {
  Model model = of_format("npy", {"0", "1.5"}, 10, {{1, 5}, {4, 2}, {7, 1}, {3, 6}});
  model.document["recipe"]["source"]["columns"] = 3;
  model.document["recipe"]["target"]["column"] = 0;
  model.document["recipe"]["columns"] = {numeric(1, "1", 0, 10), numeric(2, "2", 0, 10)};
  model.sources = {npy<double>("<f8", "False", "(4, 3)", {0, 1, 5, 1.5, 4, 2, 1.5, 7, 1, 0, 3, 6}), std::nullopt};
  expect_accepted(model);
  Json& source = model.document["recipe"]["source"];
  source["format"] = "npz", source["array"] = "X";
  model.sources.data = npz({{"X.npy", model.sources.data}});
  expect_accepted(model);
  source["labels"] = "X";
  expect_refused(model, "document");
}

TEST(Formats, NumbersOfTheDecimalGrammar) {
  for (const auto& [text, value] : std::vector<std::pair<std::string, double>>{
           {"1", 1},
           {"+1", 1},
           {"-0", 0},
           {"1.", 1},
           {".5", .5},
           {"1e3", 1000},
           {"1E+3", 1000},
           {"25e-1", 2.5},
           {"1e-400", 0},
           {"4.9e-324", 0x1p-1074},
           {"0.1", .1},
           {"179769313486231570814527423731704356798070e267", 0x1.fffffffffffffp+1023}})
    EXPECT_EQ(decimal(text), value) << text;
  for (const char* text :
       {"",    "+",  "-",  ".",   "e5",  "1e",  "1e+",      "--1",   "+-1",    "-+1", "0x10", "1_000",
        "1,5", " 1", "1 ", "inf", "nan", "NaN", "infinity", "1e400", "-1e400", "1f",  "1..2"})
    EXPECT_THROW(decimal(text), Refusal) << text;
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(1e20), "100000000000000000000");
  EXPECT_EQ(number_text(-7), "-7");
  EXPECT_EQ(number_text(0.1), "0.1");
}

TEST(Formats, ABombOfZeros) {
  Model model = case_a();
  std::string bomb;
  const std::string member = gzip(std::string(std::size_t{1} << 24, 'x'));
  for (int i = 0; i < 40; ++i) bomb += member;
  model.sources.data = bomb;
  expect_refused(model, "data");
}

}  // namespace
}  // namespace nadir::verify::planted
