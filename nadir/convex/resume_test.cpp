// A gated fit that is stopped anywhere and taken up again ends with the same bits.
#include <gtest/gtest.h>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/convex/fit.hpp"
#include "nadir/convex/test_util.hpp"
#include "nadir/data/test_util.hpp"
#include "nadir/path/test_util.hpp"

namespace nadir::convex {
namespace {

/// Six columns; a class of three that depends on hinges of them, or their sum.
Table rows_of(int rows, bool classes) {
  std::string text = "a,b,c,d,e,f,y\n";
  Random random(7);
  for (int i = 0; i < rows; ++i) {
    double sum = 0;
    for (int j = 0; j < 6; ++j) {
      const double x = random.uniform(-2, 2);
      sum += (j % 2 == 0 ? 1 : -0.7) * std::max(0.0, x - 0.3 * j);
      text += std::to_string(x) + ",";
    }
    sum += random.uniform(-0.3, 0.3);
    text += (classes ? sum < -0.4 ? "low" : sum < 0.5 ? "middle" : "high" : std::to_string(sum)) + std::string("\n");
  }
  return test::csv(text, "y");
}

void expect_same(const GatedFit& one, const GatedFit& other) {
  EXPECT_EQ(one.network.weights, other.network.weights);
  EXPECT_EQ(one.network.gates, other.network.gates);
  path::expect_same_fit(one, other);
}

TEST(GatedResume, EndsWithTheSameBits) {
  for (const bool classes : {false, true}) {  // dense systems; conjugate gradients
    const Table table = rows_of(160, classes);
    GatedOptions options;
    options.path = 6, options.folds = 3, options.gates = classes ? 60 : 250, options.rule = "best",
    options.path_ratio = 0.01;
    path::expect_the_same_when_taken_up<GatedFit>(
        [&](const path::FitWatch& watch) {
          return fit(table, test::all_rows(table), standardized(), options, 5, 1, watch);
        },
        expect_same, 7);
  }
}

TEST(GatedResume, AlsoOfOtherPenalties) {
  for (const char* penalty : {"nuclear", "l1", "features"}) {
    SCOPED_TRACE(penalty);
    const Table table = rows_of(120, true);
    GatedOptions options;
    options.penalty = penalty, options.gates = 40, options.lambda_ratio = 0.05;
    path::expect_the_same_when_taken_up<GatedFit>(
        [&](const path::FitWatch& watch) {
          return fit(table, test::all_rows(table), standardized(), options, 5, 1, watch);
        },
        expect_same, 5);
  }
}

TEST(GatedResume, AlsoFromFoldsOnThreads) {
  const Table table = rows_of(120, false);
  GatedOptions options;
  options.path = 5, options.folds = 4, options.gates = 40, options.rule = "best", options.path_ratio = 0.01;
  const auto run = [&](int threads, const path::FitWatch& watch) {
    return fit(table, test::all_rows(table), standardized(), options, 5, threads, watch);
  };
  const GatedFit whole = run(1, {});
  for (const int trainings : {4, 9, 18}) {
    path::KeptRun stopped(1e9);
    try {
      run(3, {[&](int done, int) { return done < trainings; }, {}, {&stopped.checkpoint, "method"}});
    } catch (const InputError&) {
      EXPECT_LE(trainings, 4);  // not one lambda was over
    }
    ASSERT_EQ(stopped.files.size(), 1U);
    path::KeptRun resumed(1e9);
    resumed.checkpoint.load(stopped.files[0], "c");
    expect_same(whole, run(2, {{}, {}, {&resumed.checkpoint, "method"}}));
  }
}

TEST(GatedResume, RefusesOtherDataAndOtherGates) {
  const Table table = rows_of(120, false);
  GatedOptions options;
  options.lambda = 0.01, options.gates = 40;
  path::KeptRun kept;
  const std::vector<Index> rows = test::all_rows(table);
  fit(table, rows, standardized(), options, 5, 1, {{}, {}, {&kept.checkpoint, "method"}});
  const auto resume = [&](const std::vector<Index>& on, const GatedOptions& how, std::uint64_t seed) {
    path::KeptRun resumed;
    resumed.checkpoint.load(kept.files.back(), "c");
    fit(table, on, standardized(), how, seed, 1, {{}, {}, {&resumed.checkpoint, "method"}});
  };
  EXPECT_NO_THROW(resume(rows, options, 5));
  EXPECT_THROW(resume({rows.begin(), rows.end() - 1}, options, 5), InputError);
  EXPECT_THROW(resume(rows, options, 6), InputError);
}

}  // namespace
}  // namespace nadir::convex
