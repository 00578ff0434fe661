// Deep linear networks from the trainer to the verifier: every model file that is trained, or written of weights from
// elsewhere, is accepted; what the certificate leaves open is rounding times the condition of the features; features
// that depend on one another are proven to, or paid for.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "nadir/base/random.hpp"
#include "nadir/claim/mean_loss.hpp"
#include "nadir/linear/fit.hpp"
#include "nadir/linear/optimum.hpp"
#include "nadir/linear/test_util.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/verify/verify.hpp"

namespace nadir {
namespace {

std::string cell(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}
/// Columns x1, x2, .. and y.
std::string csv_of(const Matrix& features, const std::vector<std::string>& targets) {
  std::string text;
  for (Index j = 0; j < features.cols(); ++j) text += "x" + std::to_string(j + 1) + ",";
  text += "y\n";
  for (Index i = 0; i < features.rows(); ++i) {
    for (Index j = 0; j < features.cols(); ++j) text += cell(features(i, j)) + ",";
    text += targets[static_cast<std::size_t>(i)] + "\n";
  }
  return text;
}
std::vector<std::string> quantities(const Vector& y) {
  std::vector<std::string> cells;
  for (Index i = 0; i < y.size(); ++i) cells.push_back(cell(y[i]));
  return cells;
}

struct Asked {
  std::vector<int> hidden = {};
  std::string intercept = "on", scale = "standard", task = "regression";
  int every = 0;  ///< each so-manieth row is not trained on; 0: all are
};
/// Trained, written and verified.
struct Verified {
  linear::LinearFit fit;
  bool accepted = false;
  std::string told;

  const Certificate& certificate() const { return fit.certificate; }
};

Verified verified(const std::string& data, const Asked& asked) {
  ReadOptions read;
  read.format = "csv", read.delimiter = ",", read.header = "yes", read.target = "y";
  const Table table = read_table_from_bytes(data, "t.csv", read);
  std::vector<Index> rows;
  for (Index row = 0; row < table.rows; ++row)
    if (asked.every == 0 || row % asked.every != 0) rows.push_back(row);
  RecipeOptions recipe;
  recipe.scale = asked.scale, recipe.task = asked.task, recipe.keep_constant = true;
  if (asked.scale == "none") recipe.target_scale = "none";
  linear::LinearOptions options;
  options.hidden = asked.hidden, options.intercept = asked.intercept;
  Verified result{linear::fit(table, rows, recipe, options, 0, 1), false, ""};
  Model model;
  model.recipe = result.fit.recipe;
  model.network = result.fit.network;
  model.rank = result.fit.evidence;
  model.objective = mean_squared_loss_json();
  model.certificate = result.fit.certificate;
  if (asked.every != 0) {
    model.training_rows.assign(static_cast<std::size_t>(table.rows), false);
    for (const Index row : rows) model.training_rows[static_cast<std::size_t>(row)] = true;
  }
  const std::string bytes = encode_model(model);
  EXPECT_EQ(encode_model(decode_model(bytes, "m")), bytes);
  const verify::Verdict verdict = verify::verify(bytes, {data, std::nullopt});
  result.accepted = verdict.accepted;
  for (const verify::Check& check : verdict.checks) result.told += check.name + ": " + check.detail + "\n";
  EXPECT_TRUE(result.accepted) << result.told;
  return result;
}

TEST(LinearCertificates, EveryTrainedNetworkIsAcceptedAndCertified) {
  Random random(11);
  for (const bool classes : {false, true})
    for (const std::vector<int>& hidden : {std::vector<int>{}, {1}, {2, 5}, {3, 3, 3}})
      for (const char* intercept : {"on", "off"})
        for (const char* scale : {"standard", "minmax", "none"})
          for (const int every : {0, 4}) {
            const Index n = random.integer(20, 60), d = random.integer(1, 6);
            Matrix X = normal_matrix(n, d, random);
            X.rowwise() += Eigen::RowVectorXd::Constant(d, 3.0);
            const Vector y = X * normal_vector(d, random) + normal_vector(n, random);
            std::vector<std::string> targets = quantities(y);
            if (classes)
              for (Index i = 0; i < n; ++i)
                targets[static_cast<std::size_t>(i)] = i % 5 == 0 ? "c" : y[i] > 0 ? "a" : "b";
            const Verified done = verified(
                csv_of(X, targets), {hidden, intercept, scale, classes ? "classification" : "regression", every});
            EXPECT_EQ(done.certificate().claim, Claim::certified) << done.told;
            EXPECT_TRUE(done.fit.dependent);
          }
}

/// The table of docs/math/linear.md, section 8, with a decade to spare. From 1e8 on weights are so large that rounding
/// hides the loss of the minimizer: another network is written, with an honest gap.
TEST(LinearCertificates, TheBoundIsTightUpToTheCondition) {
  Random random(5);
  const Index n = 200, d = 5;
  for (const char* intercept : {"on", "off"})
    for (const auto& [power, most] :
         {std::pair{0, 1e-10}, {2, 1e-9}, {4, 1e-7}, {6, 1e-5}, {8, 1.1}, {11, 1.1}, {14, 1.1}}) {
      const linear::Dense Q = linear::test::random_basis(n, d, random), V = linear::test::random_basis(d, d, random);
      Vector sizes(d);
      for (Index i = 0; i < d; ++i) sizes[i] = std::pow(10.0, -power * static_cast<double>(i) / (d - 1.0));
      const Matrix X = Q * sizes.asDiagonal() * V.transpose();
      const Vector y = Q * normal_vector(d, random) + 0.05 * normal_vector(n, random);
      const Verified done = verified(csv_of(X, quantities(y)), {{2}, intercept, "none"});
      const Certificate& c = done.certificate();
      SCOPED_TRACE("1e" + std::to_string(power) + " " + intercept + " gap " + std::to_string(c.relative_gap));
      EXPECT_GE(c.relative_gap, 0);
      EXPECT_LE(c.relative_gap, most);
    }
}

/// Repeated, negated, doubled and constant columns, and the indicators of a column of text: exactly dependent.
TEST(LinearCertificates, DependentFeaturesAreProvenToBe) {
  Random random(7);
  const Index n = 50;
  for (const char* intercept : {"on", "off"}) {
    Matrix X(n, 6);
    X.leftCols(2) = normal_matrix(n, 2, random);
    X.col(2) = X.col(0), X.col(3) = -X.col(1), X.col(4) = 2 * X.col(1), X.col(5).setConstant(7);
    const Verified done = verified(csv_of(X, quantities(normal_vector(n, random))), {{1}, intercept, "none"});
    EXPECT_TRUE(done.fit.dependent) << done.told;
    EXPECT_EQ(done.certificate().claim, Claim::certified);
    EXPECT_EQ(done.certificate().evidence.columns.size(), intercept == std::string("on") ? 2U : 3U);
  }
  std::string text = "job,town,a,y\n";
  const char* const jobs[] = {"clerk", "smith", "miller"};
  const char* const towns[] = {"Ulm", "Bonn", "Kiel", "Jena"};
  for (int i = 0; i < 60; ++i)
    text += std::string(jobs[random.integer(0, 2)]) + "," + towns[random.integer(0, 3)] + "," + cell(random.normal()) +
            "," + cell(random.normal()) + "\n";
  for (const char* intercept : {"on", "off"}) {  // of 3 + 4 indicators two are dependent, or without biases one is
    const Verified done = verified(text, {{1}, intercept});
    EXPECT_TRUE(done.fit.dependent) << done.told;
    EXPECT_EQ(done.certificate().claim, Claim::certified) << done.told;
    EXPECT_EQ(done.certificate().evidence.columns.size(), intercept == std::string("on") ? 6U : 7U);
  }
}

/// What is dependent but for rounding is not proven to be: the bound pays, and the claim is what it is.
TEST(LinearCertificates, NearlyDependentFeaturesArePaidFor) {
  Random random(9);
  Matrix X = normal_matrix(40, 3, random);
  X.col(2) = X.col(0) / 3 + X.col(1) / 7;
  const Verified done = verified(csv_of(X, quantities(normal_vector(40, random))), {{}, "on", "none"});
  EXPECT_FALSE(done.fit.dependent);
  EXPECT_EQ(done.certificate().claim, Claim::bounded);
  EXPECT_GE(done.certificate().relative_gap, 0.01);
  // Where the features explain all there is nothing to be paid.
  const Verified exact = verified(csv_of(X, quantities(X.col(0) - X.col(1))), {{}, "on", "none"});
  EXPECT_EQ(exact.certificate().claim, Claim::certified) << exact.told;
}

TEST(LinearCertificates, FewerRowsThanFeaturesAndOtherCorners) {
  Random random(13);
  for (const char* intercept : {"on", "off"}) {
    const Verified few =
        verified(csv_of(normal_matrix(6, 9, random), quantities(normal_vector(6, random))), {{2}, intercept, "none"});
    EXPECT_EQ(few.certificate().claim, Claim::certified) << few.told;
    EXPECT_LT(few.certificate().objective, 1e-20);
    const Verified nothing =
        verified(csv_of(Matrix::Zero(8, 2), quantities(normal_vector(8, random))), {{3}, intercept, "none"});
    EXPECT_EQ(nothing.certificate().evidence.columns.size(), 0U);
    EXPECT_TRUE(nothing.fit.dependent);
    const Verified no_target =
        verified(csv_of(normal_matrix(8, 2, random), quantities(Vector::Zero(8))), {{1}, intercept, "none"});
    EXPECT_EQ(no_target.certificate().lower_bound, 0);
    Matrix large = normal_matrix(30, 2, random);
    large.col(0) *= 1e6, large.col(1) *= 1e-6;
    const Verified sizes = verified(csv_of(large, quantities(normal_vector(30, random))), {{1}, intercept, "none"});
    EXPECT_EQ(sizes.certificate().claim, Claim::certified) << sizes.told;
  }
}

/// Weights from elsewhere are certified by the same bound, which no network of these widths is below.
TEST(LinearCertificates, WeightsFromElsewhere) {
  Random random(17);
  Dataset data;
  data.features = normal_matrix(40, 4, random);
  data.targets = normal_vector(40, random);
  data.feature_names = {"a", "b", "c", "d"};
  for (const bool biased : {false, true}) {
    double bound = -1;
    for (int trial = 0; trial < 100; ++trial) {
      BiasedChain network{{{normal_matrix(2, 4, random), normal_matrix(1, 2, random)}}, {}};
      if (biased) network.biases = {normal_vector(2, random), normal_vector(1, random)};
      const linear::Certified done = linear::certify(data, network, 1e-6, 1);
      if (trial == 0) bound = done.certificate.lower_bound;
      EXPECT_EQ(done.certificate.lower_bound, bound);
      EXPECT_GT(done.certificate.objective, bound);
      EXPECT_EQ(done.certificate.claim, Claim::bounded);
    }
  }
  BiasedChain huge{{{Matrix::Constant(2, 4, 1e12), Matrix(1, 2)}}, {}};
  huge.chain.weights[1] << 1, -1;
  EXPECT_THROW(linear::certify(data, huge, 1e-6, 1), InputError);
}

TEST(LinearCertificates, TheSameForAnyNumberOfThreads) {
  Random random(19);
  Dataset data;
  data.features = normal_matrix(150000, 3, random);
  data.targets = normal_vector(150000, random);
  const BiasedChain network{{{normal_matrix(1, 3, random)}}, {}};
  const linear::Certified one = linear::certify(data, network, 1e-6, 1), four = linear::certify(data, network, 1e-6, 4);
  EXPECT_EQ(one.certificate, four.certificate);
  EXPECT_EQ(one.evidence.triangle, four.evidence.triangle);
}

}  // namespace
}  // namespace nadir
