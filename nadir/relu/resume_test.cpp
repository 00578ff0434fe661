// A fit of ReLU units that is stopped anywhere and taken up again ends with the same bits.
#include <gtest/gtest.h>

#include "nadir/data/test_util.hpp"
#include "nadir/path/test_util.hpp"
#include "nadir/relu/fit.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

/// What planted units answer, with noise; or of which sign that is.
Table rows_of(Index rows, bool classes) {
  Random random(11);
  const Matrix X = normal_matrix(rows, 3, random);
  const Vector y = planted_targets(X, 4, 0.3, random);
  std::string text = "a,b,c,y\n";
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < 3; ++j) text += std::to_string(X(i, j)) + ",";
    text += (classes ? y[i] > 0.2 ? "one" : "two" : std::to_string(y[i])) + std::string("\n");
  }
  return test::csv(text, "y");
}

void expect_same(const ReluFit& one, const ReluFit& other) {
  EXPECT_EQ(one.network.units, other.network.units);
  EXPECT_EQ(one.network.unit_outputs, other.network.unit_outputs);
  EXPECT_EQ(one.network.skip, other.network.skip);
  EXPECT_EQ(one.nodes, other.nodes);
  path::expect_same_fit(one, other);
}

void expect_the_same_when_taken_up(const Table& table, const ReluOptions& options, std::size_t count) {
  RecipeOptions recipe;
  recipe.scale = "standard";
  path::expect_the_same_when_taken_up<ReluFit>(
      [&](const path::FitWatch& watch) {
        return fit(table, test::all_rows(table), recipe, options, 5, 1, {watch, {}});
      },
      expect_same, count);
}

TEST(ReluResume, EndsWithTheSameBits) {
  ReluOptions options;
  options.path = 4, options.folds = 3, options.rule = "best", options.path_ratio = 0.02, options.nodes = 20;
  expect_the_same_when_taken_up(rows_of(60, false), options, 5);
}

TEST(ReluResume, AlsoAtALambdaThatIsGiven) {
  ReluOptions options;
  options.lambda_ratio = 0.02, options.nodes = 20;
  expect_the_same_when_taken_up(rows_of(60, true), options, 5);
}

TEST(ReluResume, AlsoWithALinearPart) {
  ReluOptions options;
  options.lambda_ratio = 0.02, options.nodes = 20, options.skip = "on";
  expect_the_same_when_taken_up(rows_of(60, false), options, 5);
}

TEST(ReluResume, AlsoWithUnitsSharedByTheOutputs) {
  ReluOptions options;
  options.path = 3, options.folds = 2, options.rule = "best", options.path_ratio = 0.05, options.nodes = 10;
  options.units = "shared", options.loss = "softmax", options.skip = "on";
  expect_the_same_when_taken_up(rows_of(40, true), options, 4);
}

TEST(ReluResume, AlsoInABall) {
  ReluOptions options;
  options.radius = 1.5, options.nodes = 20;
  for (const char* steps : {"corrective", "line-search", "classic"}) {
    options.steps = steps, options.max_rounds = 20;
    expect_the_same_when_taken_up(rows_of(60, false), options, 4);
  }
}

TEST(ReluResume, GoesOnFromWithinTheProof) {
  const Table table = rows_of(60, false);
  ReluOptions options;
  options.lambda_ratio = 0.02, options.nodes = 30, options.gap = 1e-5;
  RecipeOptions recipe;
  recipe.scale = "standard";
  const auto run = [&](const ReluWatch& watch) {
    return fit(table, test::all_rows(table), recipe, options, 5, 1, watch);
  };
  int asked = 0;
  const ReluFit whole = run({{}, [&](double, double, long) { return ++asked > 0; }});
  ASSERT_GT(asked, 4);
  for (const int last : {1, asked / 2, asked}) {
    path::KeptRun stopped(1e9);
    int now = 0;
    run({{{}, {}, {&stopped.checkpoint, "method"}}, [&](double, double, long) { return ++now < last; }});
    ASSERT_EQ(stopped.files.size(), 1U);
    path::KeptRun resumed(1e9);
    resumed.checkpoint.load(stopped.files[0], "c");
    int trained = 0;
    const auto count = [&](const Progress&) { return ++trained > 0; };
    expect_same(whole, run({{{}, count, {&resumed.checkpoint, "method"}}, {}}));
    if (last == asked) {
      EXPECT_EQ(trained, 0);  // only the last look is done again
    }
  }
}

}  // namespace
}  // namespace nadir::relu
