#include "nadir/data/csv.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <limits>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/number.hpp"
#include "nadir/data/test_util.hpp"

namespace nadir {
namespace {

using test::cells;
using test::csv;
using test::expect_contains;
using test::message_of;
using test::Texts;

std::string gzip(const std::string& text) {
  std::string out(text.size() + 128, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Number, ReadsDecimalNumbersOnly) {
  double value = -1;
  const std::vector<std::pair<std::string, double>> good{
      {"0", 0},
      {"+3", 3},
      {"-2.50", -2.5},
      {".5", 0.5},
      {"5.", 5},
      {"007", 7},
      {"1e3", 1000},
      {"1E-2", 0.01},
      {"0.1", 0.1},
      {"123456789012345", 123456789012345.0},
      {"0.123456789012345678", 0.123456789012345678},
      {"9007199254740993", 9007199254740992.0},  // the tie goes to even
      {"5e-324", std::numeric_limits<double>::denorm_min()},
      {"1e-400", 0},
      {"0.000000000000001", 1e-15},
      {"-12345.678901", -12345.678901}};
  for (const auto& [text, expected] : good) {
    EXPECT_TRUE(parse_number(text, value)) << text;
    EXPECT_EQ(value, expected) << text;
  }
  for (const std::string text : {"", "+", "-", ".", "1e", "e5", "1e999", "nan", "inf", "-inf", "0x10", "1,5", "1 2",
                                 "1.2.3", "+-1", "--1", "1_000"})
    EXPECT_FALSE(parse_number(text, value)) << text;
  EXPECT_TRUE(parse_number("-0", value) && std::signbit(value));
}

TEST(Number, FastPathAgreesWithStandardLibrary) {
  for (const std::string text :
       {"0.3", "2.675", "8.41", "123.4567890123", "99999.9999999999", "0.00000012345678", "4503599627370.5"}) {
    double value = 0;
    ASSERT_TRUE(parse_number(text, value));
    EXPECT_EQ(value, std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(Number, WritesLabels) {
  EXPECT_EQ(number_text(1), "1");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(-12), "-12");
  EXPECT_EQ(number_text(1e15), "1000000000000000");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(2.5), "2.5");
}

TEST(Number, MissingIsFourTexts) {
  for (const std::string text : {"", "?", "NA", "N/A"}) EXPECT_TRUE(is_missing(text));
  for (const std::string text : {"na", "nan", " ", "-", "??", "null"}) EXPECT_FALSE(is_missing(text)) << text;
}

TEST(Csv, QuotesCommasAndLineEndsInCells) {
  const Table table = csv("name,note,n\n\"Braund, Mr.\",\"said \"\"hi\"\"\",1\n\"two\nlines\",\"\",2\n");
  ASSERT_EQ(table.rows, 2);
  EXPECT_EQ(table.names, (Texts{"name", "note", "n"}));
  EXPECT_EQ(cells(table, 0), (Texts{"Braund, Mr.", "said \"hi\"", "1"}));
  EXPECT_EQ(cells(table, 1), (Texts{"two\nlines", "", "2"}));
}

TEST(Csv, RowNumbersAreThoseOfAnEditor) {
  const Table table = csv("a,b\n\"x\ny\",1\n\nz,2\n");
  EXPECT_EQ(table.place(0, 1), "t.csv: row 2, column 2 (b): ");
  EXPECT_EQ(table.place(1, 0), "t.csv: row 5, column 1 (a): ");
}

TEST(Csv, LineEndsMarkAndEmptyLines) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const Table table =
        csv("\xEF\xBB\xBF"
            "a,b" +
            end + end + "1,2" + end + "3,4" + end + end);
    ASSERT_EQ(table.rows, 2);
    EXPECT_EQ(table.names, (Texts{"a", "b"}));
    EXPECT_EQ(cells(table, 1), (Texts{"3", "4"}));
    EXPECT_EQ(table.place(1), "t.csv: row 4: ");
  }
  EXPECT_EQ(cells(csv("a,b\n1,2"), 0), (Texts{"1", "2"}));  // the last record need not be ended
  EXPECT_EQ(cells(csv("a,b\n1,"), 0), (Texts{"1", ""}));
}

TEST(Csv, BlanksAroundCells) {
  const Table table = csv("a, b ,c\n 1 ,\t2\t, \" x \" \n");
  EXPECT_EQ(table.names, (Texts{"a", "b", "c"}));
  EXPECT_EQ(cells(table, 0), (Texts{"1", "2", " x "}));                 // inside quotes blanks belong to the cell
  EXPECT_EQ(cells(csv("a,b\n\t\"x\",1\n"), 0), (Texts{"\"x\"", "1"}));  // only blanks may stand before a quote
  EXPECT_EQ(cells(csv("a\tb\n 1 \t \n", "", {.delimiter = "tab"}), 0), (Texts{"1", ""}));
}

TEST(Csv, FindsTheDelimiter) {
  EXPECT_EQ(csv("a;b;c\n1;2;3\n").source.delimiter, ';');
  EXPECT_EQ(csv("a\tb\n1\t2\n").source.delimiter, '\t');
  EXPECT_EQ(csv("a,b\n1,2\n").source.delimiter, ',');
  EXPECT_EQ(csv("\"a;x\",b\n\"1;2\",2\n").source.delimiter, ',');  // quoted ones do not count
  EXPECT_EQ(csv("1,5;2,5;x\n3,5;4,5;y\n").source.delimiter, ';');  // decimal commas
  EXPECT_EQ(csv("a,b,c\nx;y,1,2\nz;u,3,4\n").source.delimiter, ',');
  EXPECT_EQ(csv("n\n1\n2\n").source.columns, 1);
  EXPECT_EQ(csv("a|b\n1|2\n", "", {.delimiter = "|"}).source.columns, 2);
  EXPECT_EQ(csv("a b\n1 2\n", "", {.delimiter = " "}).source.columns, 2);
  for (const std::string bad : {"", "ab", "\"", "\n"})
    expect_contains(message_of<UsageError>([&] { csv("a,b\n", "", {.delimiter = bad}); }), {"--delimiter"});
}

TEST(Csv, FindsTheHeader) {
  const auto header = [](const std::string& text) { return csv(text).source.header; };
  EXPECT_TRUE(header("length,class\n1,a\n2,b\n"));
  EXPECT_FALSE(header("1,a\n2,b\n"));
  EXPECT_FALSE(header("39, Private, no\n50, State, yes\n"));
  EXPECT_TRUE(header(",a,class\n0,1,x\n1,2,y\n"));          // the unnamed index of other tools
  EXPECT_FALSE(header("?,a,x\n5,a,y\n"));                   // a first row with a gap
  EXPECT_TRUE(header("colour,size\nred,big\nblue,big\n"));  // no name comes back below
  EXPECT_FALSE(header("red,big\nblue,big\nred,small\n"));
  EXPECT_FALSE(header("?,a\nb,c\n"));
  EXPECT_FALSE(header("red,red\nblue,big\n"));
  const Table bare = csv("1,a\n2,b\n");
  EXPECT_EQ(bare.names, (Texts{"column1", "column2"}));
  EXPECT_EQ(bare.rows, 2);
  EXPECT_TRUE(csv("1,2\n3,4\n", "", {.header = "yes"}).source.header);
  EXPECT_FALSE(csv("a,b\n3,4\n", "", {.header = "no"}).source.header);
  expect_contains(message_of<UsageError>([] { csv("a,b\n", "", {.header = "maybe"}); }),
                  {"--header 'maybe'", "auto yes no"});
}

TEST(Csv, EmptyNamesAreCountedAndEqualNamesRefused) {
  const Table table = csv(",a,\n1,2,3\n");
  EXPECT_EQ(table.names, (Texts{"", "a", ""}));
  EXPECT_EQ(table.column_name(2), "column3");
  EXPECT_EQ(find_column(table, "column3", "--target"), 2);
  EXPECT_EQ(message_of<InputError>([] { csv("a,b,a\n1,2,3\n"); }),
            "t.csv: row 1, column 3: the name 'a' appears twice in the header; rename one (or use --header no)");
}

TEST(Csv, RefusesWithRowAndColumn) {
  const auto refusal = [](const std::string& text) { return message_of<InputError>([&] { csv(text); }); };
  EXPECT_EQ(refusal(""), "t.csv: is empty");
  EXPECT_EQ(refusal("\n\n"), "t.csv: holds nothing but empty lines");
  expect_contains(refusal("a,b\n"), {"holds a header and no rows"});
  expect_contains(refusal("a,b\n1,2\n3,4,5\n"), {"t.csv: row 3: has 3 cells where row 1 has 2", "--delimiter"});
  expect_contains(refusal("a,b\n1,2\n3\n"), {"row 3: has 1 cells where row 1 has 2"});
  expect_contains(refusal("a,b\n1,\"2\n3,4\n"), {"row 2, column 2: the quoted cell is not closed"});
  expect_contains(refusal("a,b\n1,2\n\"x\"y,4\n"), {"row 3, column 1: text after the closing quote"});
  expect_contains(refusal(std::string("a,b\n1,2\n3,\0\n", 12)), {"row 3: holds a NUL byte"});
  expect_contains(refusal("a,b\n1,2\ncaf\xE9,3\n"), {"row 3: is not UTF-8", "iconv"});
  expect_contains(refusal("a,b\n\xED\xA0\x80,2\n"), {"row 2: is not UTF-8"});  // a surrogate
  EXPECT_EQ(csv("a,b\ncaf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80,3\n").rows, 1);
}

TEST(Csv, TargetByNameOrNumber) {
  const Table table = csv("a,b\n1,x\n2,?\n3,x\n", "b");
  ASSERT_TRUE(table.target);
  EXPECT_EQ(table.target->column, 1);
  EXPECT_EQ(table.target->text(2), "x");
  EXPECT_TRUE(table.target->missing(1));
  EXPECT_EQ(csv("a,b\n1,x\n", "1").target->column, 0);
  EXPECT_EQ(csv("2,1\n1,x\n", "1", {.header = "yes"}).target->column, 1);  // a name before a number
  EXPECT_EQ(message_of<UsageError>([] { csv("a,b\n1,x\n", "c"); }),
            "--target 'c': no such column in t.csv, which has 2 columns: a, b");
  expect_contains(message_of<UsageError>([] { csv("a,b\n1,x\n", "3"); }), {"--target '3'"});
  expect_contains(message_of<InputError>([] { csv("a,b\n1,?\n2,\n", "b"); }),
                  {"every cell of the target column 2 (b) is missing"});
  expect_contains(message_of<UsageError>([] { csv("a,b\n1,x\n", "", {.labels = "x"}); }),
                  {"--labels is for idx, npy and npz"});
}

TEST(Csv, WideFilesAreReadAndNamesCutInMessages) {
  std::string text;
  for (int row = 0; row < 3; ++row)
    for (int i = 0; i < 200000; ++i) text += std::to_string(row + i % 7) + (i < 199999 ? "," : "\n");
  const Table table = csv(text);
  EXPECT_EQ(table.source.columns, 200000);
  EXPECT_LT(describe_columns(table).size(), 600U);
  expect_contains(describe_columns(table), {"200000 columns: column1,", ".. column200000"});
}

TEST(Gzip, IsTransparentAlsoInSeveralMembers) {
  EXPECT_EQ(read_table_from_bytes(gzip("a,b\n1,2\n"), "t.csv.gz", {}).rows, 1);
  EXPECT_EQ(decompress(gzip("ab") + gzip("cd"), "x", 100), "abcd");
  EXPECT_EQ(decompress("plain", "x", 1), "plain");
}

TEST(Gzip, RefusesDamageAndBombs) {
  const std::string good = gzip(std::string(1000, 'x') + "abcdefgh");
  expect_contains(message_of<InputError>([&] { decompress(good.substr(0, good.size() - 9), "f", 10000); }),
                  {"f: the gzip data are cut short"});
  std::string bad = good;
  bad[bad.size() - 6] ^= 1;  // the checksum
  expect_contains(message_of<InputError>([&] { decompress(bad, "f", 10000); }), {"f: the gzip data are damaged"});
  expect_contains(message_of<InputError>([&] { decompress(good + "rest", "f", 10000); }), {"damaged"});
  expect_contains(message_of<InputError>([&] { decompress("\x1f\x8b", "f", 10000); }), {"cut short"});
  const std::string bomb = gzip(std::string(10 << 20, '\0'));
  EXPECT_LT(bomb.size(), 20000U);
  expect_contains(message_of<ResourceError>([&] { decompress(bomb, "f", 1 << 20); }), {"f: decompresses to more than"});
}

TEST(Files, DirectoriesAndAbsenceAreNamed) {
  expect_contains(message_of<InputError>([] { read_table(NADIR_SOURCE_DIR "/data", {}); }),
                  {"/data", "is a directory"});
  expect_contains(message_of<InputError>([] { read_table("no/such.csv", {}); }), {"no/such.csv"});
  expect_contains(message_of<ResourceError>([] { require_memory(1e18, "t.csv: 9 rows"); }),
                  {"t.csv: 9 rows would need 1e+09 GB"});
}

TEST(Files, ShippedSetsAreRead) {
  const std::vector<std::tuple<std::string, std::string, Index, Index, std::size_t>> sets{
      {"cancer", "class", 683, 10, 2},        {"iris", "class", 150, 5, 3},
      {"banknote", "class", 1372, 5, 2},      {"blood_transfusion", "class", 748, 5, 2},
      {"haberman", "class", 306, 4, 2},       {"seeds", "class", 210, 8, 3},
      {"pima_diabetes", "class", 768, 9, 2},  {"cancer_699_missing", "class", 699, 10, 2},
      {"horse_colic", "outcome", 300, 28, 3}, {"bank_marketing", "y", 4521, 17, 2}};
  for (const auto& [name, target, rows, columns, classes] : sets) {
    ReadOptions options;
    options.target = target;
    const Table table = read_table(std::string(NADIR_SOURCE_DIR "/data/") + name + ".csv", options);
    EXPECT_EQ(table.rows, rows) << name;
    EXPECT_EQ(table.source.columns, columns) << name;
    EXPECT_TRUE(table.source.header) << name;
    EXPECT_EQ(table.target->values(), classes) << name;
  }
}

}  // namespace
}  // namespace nadir
