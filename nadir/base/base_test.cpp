#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <numeric>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/base/matrix.hpp"
#include "nadir/base/options.hpp"
#include "nadir/base/random.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/base/threads.hpp"

namespace nadir {
namespace {

TEST(Hexfloat, LosesNothing) {
  Random random(1);
  std::vector<double> values = {0.0, -0.0, 1, -1.5, 0.1, 5e-324, 1.7976931348623157e308, -2.2250738585072014e-308};
  for (int i = 0; i < 1000; ++i) values.push_back(std::ldexp(random.uniform(-1, 1), random.integer(-1000, 1000)));
  for (const double value : values) {
    const double back = from_hex(to_hex(value));
    EXPECT_EQ(back, value);
    EXPECT_EQ(std::signbit(back), std::signbit(value));
  }
  EXPECT_EQ(to_hex(3.0), "0x1.8p+1");
}

TEST(Hexfloat, RefusesEverythingElse) {
  for (const std::string text : {"", "0x", "1.5", "0x1.8p+1 ", " 0x1p0", "0xinf", "inf", "nan", "0xnan", "-", "0x-1p0",
                                 "--0x1p0", "0x1p+99999", "0x1.8p+1x"})
    EXPECT_THROW(from_hex(text), InputError) << text;
}

TEST(Sha256, KnowsThePublishedDigests) {
  Sha256 empty;
  EXPECT_EQ(empty.finish(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 abc;
  abc.add(std::string_view("a"));
  abc.add(std::string_view("bc"));
  EXPECT_EQ(abc.finish(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(File, IsWrittenWholeOrNotAtAll) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("nadir_file_" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto path = folder / "x";
  write_file(path, "one");
  EXPECT_EQ(read_file(path), "one");
  write_file(path, "two");
  EXPECT_EQ(read_file(path), "two");

  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(write_file(path, std::string(5000, 'x')), ResourceError);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(read_file(path), "two");  // the old file is still there, and nothing else
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);

  EXPECT_THROW(read_file(folder), InputError);
  EXPECT_THROW(read_file(folder / "none"), InputError);
  EXPECT_THROW(write_file(folder / "none" / "x", "y"), InputError);
  EXPECT_THROW(write_file("/dev/full", "y"), ResourceError);
  std::filesystem::remove_all(folder);
}

TEST(Threads, RunEveryTaskOnceAndReportTheFirstFailure) {
  for (const int threads : {1, 2, 7}) {
    std::vector<int> runs(100, 0);
    for_each_task(100, threads, [&](int task) { ++runs[static_cast<std::size_t>(task)]; });
    EXPECT_EQ(std::accumulate(runs.begin(), runs.end(), 0), 100);
    EXPECT_EQ(*std::max_element(runs.begin(), runs.end()), 1);
    try {
      for_each_task(50, threads, [](int task) {
        if (task == 7 || task == 30) throw InputError(std::to_string(task));
      });
      FAIL();
    } catch (const InputError& error) {
      EXPECT_STREQ(error.what(), "7");
    }
  }
  for_each_task(0, 3, [](int) { FAIL(); });
}

TEST(Random, IsTheSameEverywhere) {
  Random random(42);  // the engine's outputs are fixed by the standard
  EXPECT_EQ(random.uniform(), std::ldexp(static_cast<double>(13930160852258120406ULL >> 11), -53));
  std::vector<int> items = {1, 2, 3, 4, 5, 6};
  random.shuffle(items);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, (std::vector<int>{1, 2, 3, 4, 5, 6}));
  for (int i = 0; i < 1000; ++i) {
    const int value = random.integer(-2, 2);
    EXPECT_GE(value, -2);
    EXPECT_LE(value, 2);
  }
}

TEST(Matrix, ProductsAgreeWithTheirDefinition) {
  const Matrix a = Matrix::Random(13, 7), b = Matrix::Random(7, 5), c = Matrix::Random(5, 7), d = Matrix::Random(13, 5);
  const auto view = [](const Matrix& m) { return ConstMatrixView(m.data(), m.rows(), m.cols()); };
  const auto entry = [](Index depth, auto term) {
    double sum = 0;
    for (Index k = 0; k < depth; ++k) sum += term(k);
    return sum;
  };
  Matrix out(13, 5);
  multiply(view(a), view(b), MatrixView(out.data(), 13, 5));
  EXPECT_NEAR(out(12, 4), entry(7, [&](Index k) { return a(12, k) * b(k, 4); }), 1e-14);
  multiply_transposed(view(a), view(c), MatrixView(out.data(), 13, 5));
  EXPECT_NEAR(out(3, 2), entry(7, [&](Index k) { return a(3, k) * c(2, k); }), 1e-14);
  Matrix tall(7, 5);
  transposed_multiply(view(a), view(d), MatrixView(tall.data(), 7, 5));
  EXPECT_NEAR(tall(6, 1), entry(13, [&](Index k) { return a(k, 6) * d(k, 1); }), 1e-14);
  Matrix sum = d;
  add_multiply(view(a), view(b), MatrixView(sum.data(), 13, 5));
  EXPECT_NEAR(sum(0, 0), d(0, 0) + entry(7, [&](Index k) { return a(0, k) * b(k, 0); }), 1e-14);
  sum = d;
  add_multiply_transposed(view(a), view(c), MatrixView(sum.data(), 13, 5));
  EXPECT_NEAR(sum(0, 0), d(0, 0) + entry(7, [&](Index k) { return a(0, k) * c(0, k); }), 1e-14);
}

struct Sample {
  double rate = 0.5;
  int count = 3;
  bool flag = false;
  std::string kind = "a";
  std::vector<double> list = {1, 2};
};
const std::vector<Option<Sample>> sample_table = {
    {"rate", &Sample::rate, "a rate", 0, 1, true},
    {"count", &Sample::count, "a count", 1, 10},
    {"flag", &Sample::flag, "a flag"},
    one_of<Sample>("kind", &Sample::kind, "a kind", {"a", "b"}),
    {"list", &Sample::list, "numbers", 1, 5},
};

TEST(Options, AreRefusedOutsideTheirRange) {
  EXPECT_NO_THROW(validate(Sample{}, std::span<const Option<Sample>>(sample_table)));
  const auto refused = [](auto change, const std::string& expected) {
    Sample sample;
    change(sample);
    try {
      validate(sample, std::span<const Option<Sample>>(sample_table));
      ADD_FAILURE() << expected;
    } catch (const UsageError& error) {
      EXPECT_STREQ(error.what(), expected.c_str());
    }
  };
  refused([](Sample& s) { s.rate = 0; }, "--rate is 0; it must be in (0, 1]");
  refused([](Sample& s) { s.rate = std::nan(""); }, "--rate is nan; it must be in (0, 1]");
  refused([](Sample& s) { s.count = 11; }, "--count is 11; it must be in [1, 10]");
  refused([](Sample& s) { s.kind = "c"; }, "--kind is 'c'; it must be one of a b");
  refused([](Sample& s) { s.list = {1, std::nan("")}; }, "--list is nan; it must be in [1, 5]");
}

}  // namespace
}  // namespace nadir
