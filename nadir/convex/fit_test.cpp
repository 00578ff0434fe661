#include "nadir/convex/fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/convex/test_util.hpp"

namespace nadir::convex {
namespace {

Table table_of(const std::string& text, const std::string& target) {
  ReadOptions read;
  read.format = "csv", read.delimiter = ",", read.header = "yes", read.target = target;
  return read_table_from_bytes(text, "table", read);
}

/// y = 20 a₊ − 7 (b − 5)₊ + noise: two hinges.
std::string hinges(int rows) {
  std::string text = "a,b,y\n";
  Random random(4);
  for (int i = 0; i < rows; ++i) {
    const double a = random.uniform(-2, 2), b = random.uniform(0, 10);
    const double y = 100 + 20 * std::max(0.0, a) - 7 * std::max(0.0, b - 5) + random.uniform(-1, 1);
    text += std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(y) + "\n";
  }
  return text;
}

std::vector<Index> all_rows(const Table& table) {
  std::vector<Index> rows;
  for (Index row = 0; row < table.rows; ++row) rows.push_back(row);
  return rows;
}

TEST(GatedFit, LearnsHingesWithACertificate) {
  const Table table = table_of(hinges(200), "y");
  const GatedFit result = fit(table, all_rows(table), standardized(), {}, 1, 2, {});
  EXPECT_EQ(result.certificate.claim, Claim::certified);
  EXPECT_EQ(result.goal.loss, LossKind::squared);
  ASSERT_TRUE(result.path.has_value());
  EXPECT_EQ(result.path->rows.size(), 200U);
  const Matrix f = outputs(result.network, result.training.features);
  EXPECT_LT((f.col(0) - result.training.targets).squaredNorm() / 200, 0.02);  // of a variance of 1
  // What was left out was predicted by networks that had not seen it: worse than the fit, but far better than the mean.
  const double left_out = (result.path->out_of_fold.col(0) - result.training.targets).squaredNorm() / 200;
  EXPECT_LT(left_out, 0.1);
  EXPECT_NEAR(left_out, result.path->errors[result.path->chosen], 0.1 * left_out);
  EXPECT_EQ(result.certificate.weights_sha256, weights_sha256(result.network));
  EXPECT_EQ(result.certificate.features_sha256, features_sha256(result.training));
}

TEST(GatedFit, IsTheSameForAnyNumberOfThreads) {
  const Table table = table_of(hinges(150), "y");
  GatedOptions options;
  options.path = 8, options.folds = 3, options.selection_rows = 90;
  const GatedFit one = fit(table, all_rows(table), standardized(), options, 5, 1, {});
  const GatedFit three = fit(table, all_rows(table), standardized(), options, 5, 3, {});
  EXPECT_EQ(one.network.weights, three.network.weights);
  EXPECT_EQ(one.dual, three.dual);
  EXPECT_EQ(one.certificate, three.certificate);
  EXPECT_EQ(one.path->out_of_fold, three.path->out_of_fold);
  EXPECT_EQ(one.path->rows.size(), 90U);
}

TEST(GatedFit, RefusesWhatDoesNotFit) {
  const Table table = table_of(hinges(60), "y");
  GatedOptions options;
  options.loss = "logistic";
  EXPECT_THROW(fit(table, all_rows(table), standardized(), options, 1, 1, {}), UsageError);
  options.loss = "squared", options.gap = 0;
  EXPECT_THROW(fit(table, all_rows(table), standardized(), options, 1, 1, {}), UsageError);
  options.gap = 1e-6, options.gates_file = "no-such-file.npy";
  EXPECT_THROW(fit(table, all_rows(table), standardized(), options, 1, 1, {}), InputError);
}

/// At a large lambda the network is zero and says `yes`: each row `no` is an error, by its weight.
TEST(GatedFit, CrossValidationGoesByWeights) {
  std::string text = "a,w,y\n";
  double no = 0, all = 0, rows = 0;
  for (int i = 0; i < 40; ++i) {
    const int weight = 1 + i % 5;
    text += std::to_string(i % 9) + "," + std::to_string(weight) + (i % 4 == 0 ? ",no\n" : ",yes\n");
    all += weight, no += i % 4 == 0 ? weight : 0, rows += 1;
  }
  const Table table = table_of(text, "y");
  GatedOptions options;
  options.lambda = 100;
  const auto error = [&] { return choose(table, all_rows(table), standardized(), options, 1, 1, {}).errors.at(0); };
  EXPECT_NEAR(error(), 10 / rows, 1e-15);
  options.weights = "w";
  EXPECT_NEAR(error(), no / all, 1e-15);
  options.class_weights = "balanced";
  EXPECT_NEAR(error(), no / 10 / (no / 10 + (all - no) / 30), 1e-15);
  options.class_weights = "none";
  const GatedFit result = fit(table, all_rows(table), standardized(), options, 1, 1, {});
  EXPECT_EQ(result.training.features.cols(), 2);
  EXPECT_EQ(result.ignored.at(0).name, "w");
  EXPECT_NEAR(result.training.weights.sum(), all, 1e-12);
}

TEST(GatedFit, StopsWhenToldTo) {
  const Table table = table_of(hinges(60), "y");
  path::FitWatch watch;
  watch.choice = [](int, int) { return false; };
  EXPECT_THROW(fit(table, all_rows(table), standardized(), {}, 1, 1, watch), InputError);
  GatedOptions options;
  options.lambda = 1e-3;
  watch.training = [](const Progress&) { return false; };
  const GatedFit result = fit(table, all_rows(table), standardized(), options, 1, 1, watch);
  EXPECT_EQ(result.stop, Stop::told_to);
  EXPECT_GE(result.certificate.objective, result.certificate.lower_bound);
}

}  // namespace
}  // namespace nadir::convex
