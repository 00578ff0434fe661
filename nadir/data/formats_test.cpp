#include "nadir/data/formats.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/data/test_util.hpp"

namespace nadir {
namespace {

using test::cells;
using test::Entry;
using test::expect_contains;
using test::idx;
using test::label_texts;
using test::little;
using test::message_of;
using test::npy;
using test::npy_of;
using test::raw;
using test::Texts;
using test::zip;

Table from(const std::string& bytes, const std::string& name, const ReadOptions& options = {}) {
  return read_table_from_bytes(bytes, name, options);
}

std::string refusal(const std::string& bytes, const std::string& name, const ReadOptions& options = {}) {
  return message_of<InputError>([&] { from(bytes, name, options); });
}

/// A folder of its own for each test, gone afterwards.
class ArrayFiles : public testing::Test {
 protected:
  ArrayFiles() { std::filesystem::create_directories(folder_); }
  ~ArrayFiles() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path put(const std::string& name, const std::string& bytes) const {
    write_file(folder_ / name, bytes);
    return folder_ / name;
  }
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("nadir_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST(Libsvm, ReadsSparseRowsAndLabels) {
  const Table table = from("# a comment\n+1 1:0.5 3:2 # more\n\n-1 2:1e1\r\n1.0\n0.5 3:-1", "t.libsvm");
  EXPECT_EQ(table.source.format, "libsvm");
  ASSERT_EQ(table.rows, 4);
  EXPECT_EQ(cells(table, 0), (Texts{"0.5", "0", "2"}));
  EXPECT_EQ(cells(table, 1), (Texts{"0", "10", "0"}));
  EXPECT_EQ(cells(table, 2), (Texts{"0", "0", "0"}));
  EXPECT_EQ(table.target->texts, (Texts{"1", "-1", "0.5"}));
  EXPECT_EQ(table.target->codes, (std::vector<int>{0, 1, 0, 2}));
  EXPECT_EQ(table.place(1), "t.libsvm: row 4: ");
}

TEST(Libsvm, IsRecognizedByItsLines) {
  EXPECT_EQ(from("1 1:2 2:3\n-1 1:1\n", "data").source.format, "libsvm");
  EXPECT_EQ(from("12:30 13:45\n", "data").source.format, "libsvm");
  EXPECT_EQ(from("12:30,a\n13:45,b\n", "data").source.format, "csv");
  EXPECT_EQ(from("1\n2\n", "data").source.format, "csv");
}

TEST(Libsvm, LabelsMayBeAbsent) {
  EXPECT_FALSE(from("1:2 2:3\n1:1\n", "t.svm").target);
  const Table gaps = from("1 1:2\n? 1:1\n", "t.svm");
  EXPECT_TRUE(gaps.target->missing(1));
  expect_contains(message_of<InputError>([&] { usable_rows(gaps, {}); }),
                  {"t.svm: row 2: the label is missing", "--skip-missing-target"});
  expect_contains(refusal("1 1:2\n1:1\n", "t.svm"), {"row 2: has no label; where one is unknown, write ?"});
  expect_contains(refusal("1:2\n1 1:1\n", "t.svm"), {"row 2: has a label where the first row has none"});
}

TEST(Libsvm, RefusesWithRow) {
  expect_contains(refusal("1 1:2\n1 0:3\n", "t.svm"), {"t.svm: row 2: '0:3': indices count from 1"});
  expect_contains(refusal("1 2:2 1:3\n", "t.svm"), {"row 1: '1:3': indices must increase"});
  expect_contains(refusal("1 2:2 2:3\n", "t.svm"), {"indices must increase"});
  expect_contains(refusal("1 1:nan\n", "t.svm"), {"'1:nan' is not INDEX:VALUE with a finite number"});
  expect_contains(refusal("1 a:1\n", "t.svm"), {"'a:1' is not INDEX:VALUE"});
  expect_contains(refusal("1 3\n", "t.svm"), {"'3' is not INDEX:VALUE"});
  expect_contains(refusal("1 99999999999999999999:1\n", "t.svm"), {"is not INDEX:VALUE"});
  expect_contains(refusal("x 1:1\n", "t.svm"), {"row 1: label 'x' is not a number"});
  expect_contains(refusal("1\n2\n", "t.svm"), {"holds no INDEX:VALUE pair"});
  expect_contains(refusal("# nothing\n", "t.svm"), {"holds no rows"});
  expect_contains(message_of<UsageError>([] { from("1 1:1\n", "t.svm", {.target = "1"}); }), {"--target", "libsvm"});
}

TEST(Libsvm, HugeIndicesAreRefusedAtOnce) {
  expect_contains(message_of<ResourceError>([] { from("1 4000000000000:1\n", "t.svm"); }),
                  {"t.svm: 4000000000000 columns would need"});
}

TEST(Idx, ReadsBytesAndNames) {
  const Table table = from(idx({2, 2, 2}, std::string("\0\1\2\3\4\5\6\xFF", 8)), "t");
  EXPECT_EQ(table.source.format, "idx");
  EXPECT_EQ(table.rows, 2);
  EXPECT_EQ(cells(table, 1), (Texts{"4", "5", "6", "255"}));
  EXPECT_EQ(table.column_name(3), "column4");
  EXPECT_EQ(table.place(1, 0), "t: row 2, column 1 (column1): ");
}

TEST(Idx, RefusesWhatDoesNotFit) {
  expect_contains(refusal(idx({2, 2}, "abc"), "t"), {"announces 4 bytes of elements where 3 follow"});
  expect_contains(refusal(idx({2, 2}, "abcde"), "t"), {"announces 4 bytes"});
  expect_contains(refusal(idx({~0U, ~0U, ~0U}, "abc"), "t"), {"announces too many bytes"});
  expect_contains(refusal(idx({2, 2}, "abcd", 13), "t", {.format = "idx"}), {"type 13", "unsigned bytes"});
  expect_contains(refusal(idx({2, 2}, "").substr(0, 9), "t"), {"header is cut short"});
  expect_contains(refusal(idx({3}, "abc"), "t"), {"one dimension"});
  expect_contains(refusal(idx({0, 3}, ""), "t"), {"holds no rows"});
  expect_contains(refusal(idx({3, 0}, ""), "t"), {"holds no columns"});
  expect_contains(refusal("not idx", "t", {.format = "idx"}), {"is not an IDX file"});
}

TEST_F(ArrayFiles, IdxFindsItsLabels) {
  const auto images = put("a-images-idx3-ubyte", idx({3, 1, 1}, "abc"));
  EXPECT_FALSE(read_table(images, {}).target);
  put("a-labels-idx1-ubyte", idx({3}, std::string("\7\0\7", 3)));
  const Table table = read_table(images, {});
  ASSERT_TRUE(table.target);
  EXPECT_EQ(label_texts(table), (Texts{"7", "0", "7"}));
  EXPECT_EQ(table.target->numbers, (std::vector<double>{0, 7}));
  EXPECT_EQ(table.target->column, -1);
  const auto other = put("other", idx({3}, "\1\2\3"));
  EXPECT_EQ(label_texts(read_table(images, {.labels = other.string()})), (Texts{"1", "2", "3"}));
  const auto few = put("few", idx({2}, "\1\2"));
  expect_contains(message_of<InputError>([&] { read_table(images, {.labels = few.string()}); }),
                  {"few: holds 2 labels where", "has 3 rows"});
  expect_contains(message_of<InputError>([&] { read_table(images, {.labels = images.string()}); }),
                  {"3 dimensions", "labels has one"});
  expect_contains(message_of<UsageError>([&] { read_table(images, {.target = "1"}); }), {"--target", "--labels FILE"});
}

TEST(Npy, ReadsAllTypes) {
  const Texts expected{"3", "4"};
  const auto second_row = [](const std::string& type, const std::string& elements) {
    return cells(from(npy_of(type, "2, 2", elements), "t"), 1);
  };
  EXPECT_EQ(second_row("<f8", raw<double>({1, 2, 3, 4})), expected);
  EXPECT_EQ(second_row("<f4", raw<float>({1, 2, 3, 4})), expected);
  EXPECT_EQ(second_row("|u1", raw<std::uint8_t>({1, 2, 3, 4})), expected);
  EXPECT_EQ(second_row("|i1", raw<std::int8_t>({1, 2, 3, -4})), (Texts{"3", "-4"}));
  EXPECT_EQ(second_row("<u2", raw<std::uint16_t>({1, 2, 3, 65535})), (Texts{"3", "65535"}));
  EXPECT_EQ(second_row("<i2", raw<std::int16_t>({1, 2, 3, -4})), (Texts{"3", "-4"}));
  EXPECT_EQ(second_row("<u4", raw<std::uint32_t>({1, 2, 3, 4000000000U})), (Texts{"3", "4000000000"}));
  EXPECT_EQ(second_row("<i4", raw<std::int32_t>({1, 2, 3, -4})), (Texts{"3", "-4"}));
  EXPECT_EQ(second_row("<u8", raw<std::uint64_t>({1, 2, 3, 1ULL << 63})), (Texts{"3", "9223372036854775808"}));
  EXPECT_EQ(second_row("<i8", raw<std::int64_t>({1, 2, 3, -4})), (Texts{"3", "-4"}));
  EXPECT_EQ(second_row("|b1", raw<std::uint8_t>({1, 0, 0, 1})), (Texts{"0", "1"}));
}

TEST(Npy, FortranOrderAndVersions) {
  EXPECT_EQ(cells(from(npy_of("<f8", "2, 3", raw<double>({1, 4, 2, 5, 3, 6}), true), "t"), 1), (Texts{"4", "5", "6"}));
  for (const int version : {1, 2, 3})
    EXPECT_EQ(from(npy("{\"shape\":(1,2),\"fortran_order\":False,\"descr\":\"|u1\"}", "ab", version), "t").rows, 1);
}

TEST_F(ArrayFiles, NpyTargetIsAColumnOrASecondFile) {
  const auto samples = put("x.npy", npy_of("<f4", "2, 2", raw<float>({1, 2.5, 3, -1})));
  EXPECT_FALSE(read_table(samples, {}).target);
  EXPECT_EQ(label_texts(read_table(samples, {.target = "2"})), (Texts{"2.5", "-1"}));
  const auto labels = put("y.npy", npy_of("<i8", "2,", raw<std::int64_t>({5, -6})));
  EXPECT_EQ(label_texts(read_table(samples, {.labels = labels.string()})), (Texts{"5", "-6"}));
  expect_contains(message_of<UsageError>([&] { read_table(samples, {.target = "1", .labels = labels.string()}); }),
                  {"--target and --labels"});
  const auto gaps = put("gaps.npy", npy_of("<f8", "2,", raw<double>({5, std::nan("")})));
  expect_contains(message_of<InputError>([&] { read_table(samples, {.labels = gaps.string()}); }),
                  {"gaps.npy: row 2, column 1", "'nan'"});
}

TEST(Npy, RefusesWhatDoesNotFit) {
  expect_contains(refusal(npy_of("<f8", "2, 2", "12345678"), "t"), {"announces 32 bytes of elements where 8 follow"});
  expect_contains(refusal(npy_of("<f8", "4294967296, 4294967296", "12345678"), "t"), {"announces too many bytes"});
  expect_contains(refusal(npy_of(">f8", "1, 1", "12345678"), "t"),
                  {"elements of type '>f8' are not supported", "astype"});
  expect_contains(refusal(npy_of("|O", "1, 1", "12345678"), "t"), {"'|O'"});
  expect_contains(refusal(npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", "12345678"), "t"),
                  {"holds records"});
  expect_contains(refusal(npy_of("<f8", "1,", "12345678"), "t"), {"has 1 dimensions"});
  expect_contains(refusal(npy_of("<f8", "", "12345678"), "t"), {"has 0 dimensions"});
  expect_contains(refusal(npy_of("<f8", "0, 3", ""), "t"), {"holds no rows"});
  expect_contains(refusal(npy_of("<f8", "1, 1", "12345678").substr(0, 40), "t"), {"header is cut short"});
  expect_contains(refusal(npy("{}", "", 9), "t"), {"version 9"});
  expect_contains(refusal(npy_of("|b1", "1, 1", "\2"), "t"), {"truth value other than 0 and 1"});
  for (const std::string bad :
       {"{'descr': '<f8', 'fortran_order': False}", "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1, 1)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 1)}",
        "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), 'x': 1}", "{'descr': '<f8",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1 1)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)} x"})
    expect_contains(refusal(npy(bad, "12345678"), "t"), {"NPY header cannot be understood"});
}

TEST(Npz, TakesSamplesAndLabelsByName) {
  const std::string samples = npy_of("<f4", "2, 3", raw<float>({1, 2.5, 3, 4, 5, 6}));
  const std::string labels = npy_of("<i8", "2,", raw<std::int64_t>({5, -6}));
  const std::string archive = zip({{"X.npy", samples, true}, {"y.npy", labels}, {"other.npy", labels, true}});
  const Table table = from(archive, "t.npz");
  EXPECT_EQ(table.source, (Source{"npz", ',', false, 3, "X", "y"}));
  EXPECT_EQ(table.path, "t.npz");
  EXPECT_EQ(cells(table, 1), (Texts{"4", "5", "6"}));
  EXPECT_EQ(label_texts(table), (Texts{"5", "-6"}));
  const Table column = from(archive, "t", {.format = "npz", .target = "2"});
  EXPECT_EQ(column.target->column, 1);
  EXPECT_EQ(column.source.labels, "");
  EXPECT_EQ(from(archive, "t.npz", {.labels = "other"}).source.labels, "other");
  const std::string bare = zip({{"rows.npy", samples}});
  EXPECT_FALSE(from(bare, "t.npz", {.array = "rows"}).target);
  const auto usage = [](const std::string& bytes, const ReadOptions& options) {
    return message_of<UsageError>([&] { from(bytes, "t.npz", options); });
  };
  expect_contains(usage(bare, {}), {"--array 'X': no such array in t.npz, which holds 'rows'"});
  expect_contains(usage(archive, {.labels = "z"}), {"--labels 'z': no such array", "'X', 'y', 'other'"});
  expect_contains(usage(archive, {.target = "1", .labels = "y"}), {"--target and --labels"});
  expect_contains(usage(zip({}), {}), {"which holds none"});
}

/// An array in memory is read as that of an archive, and where it lies.
TEST(Npz, MayLieInMemory) {
  std::vector<float> rows{1, 2.5, 3, 4, 5, 6};
  const std::string labels = npy_of("<i8", "2,", raw<std::int64_t>({5, -6}));
  const ArrayView by_rows{reinterpret_cast<const char*>(rows.data()), Element::float32, 2, 3};
  const Table table = table_over(by_rows, labels, "t");
  const Table read =
      from(zip({{"X.npy", npy_of("<f4", "2, 3", raw<float>({1, 2.5, 3, 4, 5, 6}))}, {"y.npy", labels}}), "t.npz");
  EXPECT_EQ(table.source, read.source);
  EXPECT_EQ(label_texts(table), label_texts(read));
  EXPECT_EQ(cells(table, 0), cells(read, 0));
  rows[0] = 7;
  EXPECT_EQ(cells(table, 0), (Texts{"7", "2.5", "3"}));
  EXPECT_EQ(cells(table_over({by_rows.elements, Element::float32, 3, 2, true}, "", "t"), 1), (Texts{"2.5", "5"}));
  expect_contains(message_of<InputError>([&] {
                    table_over({by_rows.elements, Element::float32, 3, 2}, labels, "t");
                  }),
                  {"holds 2 labels where t has 3 rows"});
}

TEST(Npz, RefusesWhatDoesNotFit) {
  const std::string samples = npy_of("<f8", "2, 1", raw<double>({1, 2}));
  const auto fault = [](const std::vector<Entry>& entries) { return refusal(zip(entries), "t.npz"); };
  expect_contains(fault({{"X.npy", samples}, {"X.npy", samples}}), {"t.npz: array 'X' is there twice"});
  expect_contains(fault({{"X.npy", idx({2, 1}, "ab")}}), {"array 'X' is not in NPY's format"});
  expect_contains(fault({{"X.npy", samples}, {"y.npy", npy_of("|u1", "3,", "abc")}}),
                  {"array 'y': holds 3 labels where"});
  expect_contains(fault({{"X.npy", samples}, {"y.npy", samples}}), {"array 'y': has 2 dimensions"});
  const std::string honest = zip({{"X.npy", samples, true}});
  EXPECT_EQ(from(honest, "t.npz").rows, 2);
  for (std::size_t size = 0; size < honest.size(); size += 5) refusal(honest.substr(0, size), "t.npz");
  std::string bomb = zip({{"X.npy", samples + std::string(1 << 20, '\0'), true}});
  const std::size_t size = bomb.find("PK\1\2") + 24;
  bomb.replace(size, 4, little(100, 4));
  expect_contains(refusal(bomb, "t.npz"), {"entry 'X.npy' holds more than"});
}

TEST(Format, OthersAreNamed) {
  expect_contains(refusal("PK\x03\x04zip", "t.npz"), {"ZIP archive"});
  expect_contains(refusal("PK\x03\x04zip", "t.xlsx"), {"is a ZIP archive (such as .xlsx)"});
  expect_contains(message_of<UsageError>([] { from("a", "t", {.format = "xml"}); }),
                  {"--format 'xml'", "auto csv libsvm idx npy npz"});
}

}  // namespace
}  // namespace nadir
