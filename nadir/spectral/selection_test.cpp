#include "nadir/spectral/selection.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/spectral/architecture_json.hpp"
#include "nadir/spectral/concavity.hpp"
#include "nadir/spectral/fit.hpp"

namespace nadir::spectral {
namespace {

Table read_set(const std::string& name) {
  ReadOptions read;
  read.target = "class";
  return read_table(std::string(NADIR_SOURCE_DIR) + "/data/" + name + ".csv", read);
}

std::vector<Index> all_rows(const Table& table) {
  std::vector<Index> rows(static_cast<std::size_t>(table.rows));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<Index>(i);
  return rows;
}

TEST(Choose, FollowsItsRules) {
  // plan, radius, accuracy, log-loss, its standard error
  const std::vector<Score> scores = {{0, 0, 0.90, 0.30, 0.04, 0},    // the lowest loss; 0.31 is tolerated
                                     {0, 1, 0.95, 0.309, 0.04, 0},   // just inside
                                     {1, 0, 0.99, 0.311, 0.04, 0},   // just outside
                                     {1, 1, 0.95, 0.305, 0.04, 0}};  // as accurate as the second, with a lower loss
  EXPECT_EQ(choose(scores, SelectionRule::by_loss, 1e-9), 3u);
  EXPECT_EQ(choose(scores, SelectionRule::by_accuracy, 1e-9), 2u);
  EXPECT_EQ(choose({scores[0], scores[0]}, SelectionRule::by_loss, 1e-9), 0u);
  std::vector<Score> uncertified = scores;
  uncertified[2].relative_gap = uncertified[3].relative_gap = 2e-9;
  EXPECT_EQ(choose(uncertified, SelectionRule::by_accuracy, 1e-9), 1u);
  EXPECT_EQ(choose(uncertified, SelectionRule::by_accuracy, 2e-9), 2u);
  for (Score& score : uncertified) score.relative_gap = 1;  // none is: all are looked at
  EXPECT_EQ(choose(uncertified, SelectionRule::by_accuracy, 1e-9), 2u);
}

TEST(Select, IsTheSameForAnyNumberOfThreadsAndCountsItsWork) {
  const Table table = read_set("iris");
  SpectralOptions options;
  options.model = "masked", options.draws = 4;
  const std::vector<Plan> plans = plans_of(options, 3);
  std::vector<int> seen;
  const auto run = [&](int threads) {
    seen.clear();
    return select(table, all_rows(table), plans, {}, options, 3, threads, [&](int done, int total) {
      EXPECT_EQ(total, 20);
      seen.push_back(done);
      return true;
    });
  };
  const Selection one = run(1), three = run(3);
  EXPECT_EQ(seen.size(), 20u);
  EXPECT_EQ(seen.back(), 20);
  ASSERT_EQ(one.scores.size(), 4u);
  EXPECT_EQ(one.chosen, three.chosen);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(one.scores[i].log_loss, three.scores[i].log_loss);
    EXPECT_EQ(one.scores[i].accuracy, three.scores[i].accuracy);
    EXPECT_LE(one.scores[i].relative_gap, 1e-8);  // every network compared is certified
  }
}

TEST(Select, EndsEarlyWhenTold) {
  const Table table = read_set("iris");
  SpectralOptions options;
  options.model = "published", options.draws = 6;
  const Selection selection =
      select(table, all_rows(table), plans_of(options, 1), {}, options, 1, 1, [](int done, int) { return done < 12; });
  EXPECT_FALSE(selection.complete);
  EXPECT_EQ(selection.scores.size(), 2u);  // of 6 plans, those with all 5 folds
  EXPECT_THROW(select(table, all_rows(table), plans_of(options, 1), {}, options, 1, 1, [](int, int) { return false; }),
               InputError);
}

TEST(Plans, DrawAsThePaperDoes) {
  SpectralOptions options;
  options.model = "published", options.layers = 2, options.draws = 50;
  const Dataset iris = [] {
    const Table table = read_set("iris");
    return apply_recipe(fit_recipe(table, all_rows(table), {}), table, all_rows(table));
  }();
  const std::vector<Plan> plans = plans_of(options, 7), again = plans_of(options, 7);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    ASSERT_EQ(plans[i].exponents.size(), 2u);
    for (std::size_t j = 0; j < 2; ++j) {
      EXPECT_EQ(plans[i].exponents[j], again[i].exponents[j]);
      EXPECT_GE(plans[i].exponents[j].size(), 2);
      EXPECT_LE(plans[i].exponents[j].size(), 10);
      EXPECT_GE(plans[i].exponents[j].minCoeff(), 1);
      EXPECT_LE(plans[i].exponents[j].maxCoeff(), 4);
      EXPECT_GT(plans[i].radii[j], 0);
      EXPECT_LE(plans[i].radii[j], 1);
    }
    const Architecture architecture = build(plans[i], plans[i].output_radii[0], iris);
    for (const auto& report : contraction_certificates(architecture, iris.features))
      EXPECT_LT(report.spectral_radius, 1);
  }
}

TEST(Plans, SmallestPKeepsHiddenConcavityAtAnyDepthAndNorm) {
  const Table table = read_set("seeds");
  for (const std::string norm : {"matrix", "unit"})
    for (const std::vector<int>& hidden : {std::vector<int>{5}, {4, 3}, {3, 3, 2}}) {
      SpectralOptions options;
      options.model = "given", options.hidden = hidden, options.alpha = {1, 2.5, 3}, options.norm = norm;
      options.mask = "random", options.bias = options.complement = true, options.p_w = 1.7;
      const Plan plan = plans_of(options, 5)[0];
      const Dataset dataset =
          apply_recipe(fit_recipe(table, all_rows(table), recipe_options(plan, {})), table, all_rows(table));
      const Architecture architecture = build(plan, 1, dataset);
      EXPECT_LE(degree(architecture), 1);
      EXPECT_GE(degree(architecture), norm == "matrix" ? 1 - 1e-9 : 0.5);
      EXPECT_EQ(objective_to_json(architecture),
                objective_to_json(
                    architecture_from_json(objective_to_json(architecture), Packing(architecture).empty_network())));
    }
}

TEST(Plans, SingleUnitsSeeOneFeatureEach) {
  const Table table = read_set("iris");
  SpectralOptions options;
  options.model = "given", options.mask = "single", options.alpha = {1, 2}, options.bias = true, options.map = "root";
  options.all_certificates = true;
  const Fit fitted = fit(table, all_rows(table), {}, options, 0, 1, {});
  const auto& layer = fitted.architecture.hidden[0];
  EXPECT_EQ(layer.units(), 9);  // 4 features, 2 exponents, and the bias
  for (Index unit = 0; unit < 9; ++unit) EXPECT_EQ(layer.mask.row(unit).count(), 1);
  EXPECT_EQ(layer.exponents[8], 1);
  EXPECT_TRUE(layer.mask(8, 4));
  EXPECT_EQ(fitted.result.certificate.claim, Claim::certified);
  EXPECT_FALSE(fitted.selection);
  EXPECT_EQ(fitted.attempts.front().name, "hidden_concavity");
  EXPECT_EQ(fitted.attempts.back().name, "box");
  EXPECT_NEAR(fitted.training.features(0, 0), std::sqrt((5.1 - 4.3) / (7.9 - 4.3)), 1e-15);
}

/// What fit says to these data; a failure if it is more than one line, or nothing.
template <class Error>
std::string refusal(const Table& table, const RecipeOptions& recipe) {
  try {
    SpectralOptions options;
    options.model = "given";
    fit(table, all_rows(table), recipe, options, 0, 1, {});
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(Fit, ClassifiesOnly) {
  ReadOptions read;
  read.target = "area";
  const Table seeds = read_table(std::string(NADIR_SOURCE_DIR) + "/data/seeds.csv", read);
  EXPECT_NE(refusal<InputError>(seeds, {}).find("it is a quantity, and the spectral method classifies only"),
            std::string::npos);
  RecipeOptions recipe;
  recipe.task = "regression";
  EXPECT_EQ(refusal<UsageError>(read_set("iris"), recipe), "--task regression: the spectral method classifies only");
}

TEST(Fit, NeedsFeaturesThatAreNotNegative) {
  RecipeOptions recipe;
  recipe.scale = "standard";
  EXPECT_EQ(refusal<UsageError>(read_set("iris"), recipe),
            "--scale standard makes features negative, and the spectral method needs features that are not; use "
            "--scale minmax");
  ReadOptions read;
  read.target = "y";
  const Table negative = read_table_from_bytes("a,b,y\n1,3,x\n2,-0.5,z\n", "t.csv", read);
  for (const std::string scale : {"none", "unit"}) {
    recipe.scale = scale;
    EXPECT_EQ(refusal<InputError>(negative, recipe),
              "t.csv: row 3, column 2 (b): -0.5 is negative, and so would be its feature; train with --scale minmax");
  }
}

TEST(Fit, RefusesOptionsOutOfRange) {
  const Table table = read_set("iris");
  const auto refused = [&](auto change) {
    SpectralOptions options;
    change(options);
    EXPECT_THROW(fit(table, all_rows(table), {}, options, 0, 1, {}), UsageError);
  };
  refused([](SpectralOptions& o) { o.gap = 0; });
  refused([](SpectralOptions& o) { o.gap = std::nan(""); });
  refused([](SpectralOptions& o) { o.model = "magic"; });
  refused([](SpectralOptions& o) { o.alpha = {0.5}; });
  refused([](SpectralOptions& o) { o.model = "given", o.hidden = {}; });
  refused([](SpectralOptions& o) { o.model = "given", o.mask = "single", o.hidden = {3, 3}; });
}

}  // namespace
}  // namespace nadir::spectral
