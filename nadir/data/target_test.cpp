#include "nadir/data/target.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/data/test_util.hpp"

namespace nadir {
namespace {

using test::all_rows;
using test::csv;
using test::expect_contains;
using test::idx;
using test::message_of;
using test::npy_of;
using test::raw;
using test::Texts;

RecipeOptions with_task(const std::string& task) {
  RecipeOptions options;
  options.task = task;
  return options;
}

/// `rows` rows whose target goes through `values` different numbers: step, 2 step, ..
Table cycling(int values, int rows, double step) {
  std::string text = "a,y\n";
  for (int i = 0; i < rows; ++i) text += std::to_string(i) + "," + std::to_string(step * (i % values + 1)) + "\n";
  return csv(text, "y");
}

Task task_on(const Table& table, const std::string& asked = "auto") { return task_of(table, all_rows(table), asked); }

std::string set_path(const std::string& name) { return std::string(NADIR_SOURCE_DIR) + "/data/" + name + ".csv"; }

TEST(Task, ManyNumbersOfFewRowsEachAreAQuantity) {
  EXPECT_EQ(task_on(cycling(51, 509, 1)), Task::regression);  // 51 * 10 > 509
  EXPECT_EQ(task_on(cycling(51, 510, 1)), Task::classification);
  EXPECT_EQ(task_on(cycling(50, 50, 1)), Task::classification);
  EXPECT_EQ(task_on(cycling(3000, 30001, 1)), Task::classification);
}

TEST(Task, SomeNumbersThatAreNotWholeAreAQuantity) {
  EXPECT_EQ(task_on(cycling(21, 5000, 0.5)), Task::regression);
  EXPECT_EQ(task_on(cycling(20, 5000, 0.5)), Task::classification);
  EXPECT_EQ(task_on(cycling(21, 5000, 1)), Task::classification);
}

TEST(Task, IsDecidedOnTheTrainingRows) {
  const Table table = cycling(60, 60, 1);
  EXPECT_EQ(task_on(table), Task::regression);
  std::vector<Index> first = all_rows(table);
  first.resize(50);
  EXPECT_EQ(task_of(table, first, "auto"), Task::classification);
}

TEST(Task, IsWhatWasAskedFor) {
  EXPECT_EQ(task_on(cycling(60, 60, 1), "classification"), Task::classification);
  EXPECT_EQ(task_on(cycling(2, 60, 1), "regression"), Task::regression);
  EXPECT_EQ(message_of<UsageError>([] { task_on(cycling(2, 4, 1), "sorting"); }),
            "--task 'sorting' is not one of auto classification regression");
  const Table table = cycling(2, 4, 1);
  EXPECT_THROW(fit_recipe(table, all_rows(table), with_task("sorting")), UsageError);
}

TEST(Task, ManyWordsAreNeither) {
  std::string text = "a,y\n";
  for (int i = 0; i < 60; ++i) text += std::to_string(i) + ",w" + std::to_string(i) + "\n";
  const Table table = csv(text, "y");
  EXPECT_EQ(task_on(table), Task::classification);
  EXPECT_EQ(message_of<InputError>([&] { fit_recipe(table, all_rows(table), {}); }),
            "t.csv: the target has 60 different values in 60 rows, too few of each to be classes; choose another "
            "--target");
}

TEST(Task, MethodsThatClassifyOnlySaySo) {
  const auto refusal = [](const Table& table, const std::string& asked) {
    return message_of<InputError>([&] { require_classification(table, all_rows(table), asked, "golden"); });
  };
  EXPECT_EQ(refusal(cycling(60, 60, 1), "auto"),
            "t.csv: the target has 60 different values in 60 rows, so it is a quantity, and the golden method "
            "classifies only; choose another --target, or cut it into classes");
  EXPECT_EQ(refusal(cycling(30, 900, 0.5), "auto"),
            "t.csv: the target has 30 different values in 900 rows, not all whole numbers, so it is a quantity, and "
            "the golden method classifies only; choose another --target, or cut it into classes, or use --task "
            "classification");
  const Table table = cycling(3, 9, 1);
  EXPECT_EQ(message_of<UsageError>([&] { require_classification(table, all_rows(table), "regression", "golden"); }),
            "--task regression: the golden method classifies only");
  EXPECT_NO_THROW(require_classification(table, all_rows(table), "auto", "golden"));
  const Table halves = cycling(30, 900, 0.5);
  EXPECT_NO_THROW(require_classification(halves, all_rows(halves), "classification", "golden"));
}

// 2 4 4 4 5 5 7 9: mean 5, standard deviation 2.
const std::string kPlanted = "a,y\n1,2\n2,4\n3,4\n4,4\n5,5\n6,5\n7,7\n8,9\n";

TEST(Quantity, MeanAndDeviationByHand) {
  const Table table = csv(kPlanted, "y");
  const Recipe recipe = fit_recipe(table, all_rows(table), with_task("regression"));
  ASSERT_TRUE(recipe.quantity);
  EXPECT_EQ(recipe.quantity->offset, 5);
  EXPECT_DOUBLE_EQ(recipe.quantity->range, 2);
  EXPECT_TRUE(recipe.classes.empty());
  const Dataset dataset = apply_recipe(recipe, table, {7, 0, 4});
  ASSERT_EQ(dataset.targets.size(), 3);
  EXPECT_DOUBLE_EQ(dataset.targets[0], 2);
  EXPECT_DOUBLE_EQ(dataset.targets[1], -1.5);
  EXPECT_EQ(dataset.targets[2], 0);
  EXPECT_TRUE(dataset.labels.empty());
  EXPECT_EQ(dataset.classes(), 0);
  EXPECT_TRUE(labels_of(recipe, table, {0}).empty());
  EXPECT_EQ(recipe.quantity->in_units(dataset.targets), (Vector(3) << 9, 2, 5).finished());
}

TEST(Quantity, IsMappedBackStepByStep) {
  const Quantity quantity{0.1, 3};
  const volatile double product = 0.7 * 3;
  const Vector back = quantity.in_units(Vector::Constant(5, 0.7));
  EXPECT_EQ(back, Vector::Constant(5, product + 0.1));
  EXPECT_EQ(quantity.scaled(0.7), (0.7 - 0.1) / 3);
}

TEST(Quantity, ClassesHaveNoTargets) {
  const Table table = csv(kPlanted, "y");
  const Recipe recipe = fit_recipe(table, all_rows(table), {});
  EXPECT_FALSE(recipe.quantity);
  const Dataset dataset = apply_recipe(recipe, table, all_rows(table));
  EXPECT_EQ(dataset.labels, (std::vector<int>{0, 1, 1, 1, 2, 2, 3, 4}));
  EXPECT_EQ(dataset.targets.size(), 0);
  EXPECT_EQ(targets_of(recipe, table, {0}).size(), 0);
}

TEST(Quantity, IsFittedOnTrainingRowsOnlyAndRefitted) {
  const Table table = csv(kPlanted, "y");
  const RecipeOptions options = with_task("regression");
  const Recipe recipe = fit_recipe(table, {6, 7}, options);
  EXPECT_EQ(*recipe.quantity, (Quantity{8, 1}));
  const Recipe other = refit_numbers(recipe, table, {0, 1, 6, 7}, options);  // 2 4 7 9
  EXPECT_EQ(other.quantity->offset, 5.5);
  EXPECT_DOUBLE_EQ(other.quantity->range, std::sqrt(7.25));
  EXPECT_EQ(*refit_numbers(other, table, {1, 2, 3}, options).quantity, (Quantity{4, other.quantity->range}));
}

TEST(Quantity, ExtremesKeepTheirScale) {
  const auto fitted = [](const std::string& text) {
    const Table table = csv(text, "y");
    return *fit_recipe(table, all_rows(table), with_task("regression")).quantity;
  };
  const Quantity wide = fitted("a,y\n1,-1.7e308\n2,1.7e308\n");
  EXPECT_EQ(wide.offset, 0);
  EXPECT_DOUBLE_EQ(wide.range, 1.7e308);
  const Quantity far = fitted("a,y\n1,1000000000004\n2,1000000000007\n3,1000000000013\n4,1000000000016\n");
  EXPECT_EQ(far.offset, 1000000000010);
  EXPECT_DOUBLE_EQ(far.range, std::sqrt(22.5));
  expect_contains(message_of<InputError>([&] { fitted("a,y\n1,-1.7e308\n2,-1.7e308\n3,-1.7e308\n4,1.7e308\n"); }),
                  {"the target's range exceeds that of a double"});
}

TEST(Quantity, RefusesWhatIsNoNumber) {
  const auto refusal = [](const std::string& text, const RecipeOptions& options) {
    const Table table = csv(text, "y");
    return message_of<InputError>([&] { fit_recipe(table, all_rows(table), options); });
  };
  const RecipeOptions regression = with_task("regression");
  EXPECT_EQ(
      refusal("a,y\n1,2\n2,much\n3,4\n", regression),
      "t.csv: row 3, column 2 (y): the target 'much' is not a number, but quantities are to be predicted; correct "
      "the cell, or leave the row out");
  expect_contains(refusal("a,y\n1,2\n2,inf\n", regression), {"row 3, column 2 (y)", "'inf' is not a finite number"});
  expect_contains(refusal("a,y\n1,2\n2,1e999\n", regression), {"row 3, column 2 (y)", "beyond the range"});
  EXPECT_EQ(refusal("a,y\n1,2\n2,?\n3,4\n", regression),
            "t.csv: row 3, column 2 (y): the target is missing; fill it in, or leave such rows out by "
            "--skip-missing-target");
  EXPECT_EQ(refusal("a,y\n1,2\n2,2.0\n3,2\n", regression),
            "t.csv: all training rows have the target 2; two different ones or more are needed");
  // Nobody asked, and all but one are numbers: the slip is named.
  for (const std::string slip : {"n/k", "nan", "12..5"}) {
    std::string text = "a,y\n";
    for (int i = 0; i < 60; ++i) text += std::to_string(i) + "," + std::to_string(i * 7) + "\n";
    expect_contains(refusal(text + "60," + slip + "\n", {}),
                    {"row 62, column 2 (y): the target '" + slip + "' is not"});
  }
}

TEST(Quantity, MissingOnesAreLeftOut) {
  const Table table = csv("a,y\n1,2\n2,?\n3,4\n", "y");
  RecipeOptions options = with_task("regression");
  expect_contains(message_of<InputError>([&] { usable_rows(table, options); }), {"row 3, column 2 (y)", "is missing"});
  options.skip_missing_target = true;
  const std::vector<Index> rows = usable_rows(table, options);
  EXPECT_EQ(*fit_recipe(table, rows, options).quantity, (Quantity{3, 1}));
}

TEST(Quantity, RefusesStrangeTargetsOnApply) {
  const Table table = csv(kPlanted, "y");
  const Recipe recipe = fit_recipe(table, all_rows(table), with_task("regression"));
  const auto refusal = [&](const std::string& text) {
    const Table other = csv(text, "y");
    return message_of<InputError>([&] { apply_recipe(recipe, other, all_rows(other)); });
  };
  expect_contains(refusal("a,y\n1,2\n2,?\n"), {"row 3, column 2 (y): the target is missing"});
  expect_contains(refusal("a,y\n1,2\n2,x\n"), {"row 3, column 2 (y): the target 'x' is not a number"});
  Recipe small = recipe;
  small.quantity->range = 1e-300;
  const Table other = csv("a,y\n1,1e300\n", "y");
  expect_contains(message_of<InputError>([&] { apply_recipe(small, other, {0}); }),
                  {"row 2, column 2 (y): the target 1", "beyond the range of a double after scaling"});
  const Dataset bare = apply_recipe(recipe, csv("a\n1\n2\n"), {0, 1});
  EXPECT_EQ(bare.targets.size(), 0);
  EXPECT_TRUE(bare.labels.empty());
}

TEST(QuantityFormats, Libsvm) {
  const Table table = read_table_from_bytes("3.5 1:1\n-1 2:1\n+0.5 1:4\n", "t.svm", {});
  const Recipe recipe = fit_recipe(table, all_rows(table), with_task("regression"));
  EXPECT_EQ(recipe.quantity->offset, 1);
  EXPECT_EQ(recipe.target_column, -1);
  const Dataset dataset = apply_recipe(recipe, table, all_rows(table));
  EXPECT_TRUE(recipe.quantity->in_units(dataset.targets).isApprox((Vector(3) << 3.5, -1, 0.5).finished(), 1e-15));
  EXPECT_EQ(apply_recipe(recipe, read_table_from_bytes("0 1:1\n0 2:1\n", "t.svm", {}), {0, 1}).targets.size(), 0);
  EXPECT_EQ(apply_recipe(recipe, read_table_from_bytes("0 1:1\n2 2:1\n", "t.svm", {}), {0, 1}).targets.size(), 2);
  const Table gaps = read_table_from_bytes("1 1:1\n? 2:1\n2 1:2\n", "t.svm", {});
  EXPECT_EQ(message_of<InputError>([&] { fit_recipe(gaps, all_rows(gaps), with_task("regression")); }),
            "t.svm: row 2: the target is missing; fill it in, or leave such rows out by --skip-missing-target");
}

TEST(QuantityFormats, Arrays) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "nadir_quantity_formats";
  std::filesystem::create_directories(folder);
  const auto fitted = [](const Table& table) {
    return fit_recipe(table, all_rows(table), with_task("regression")).quantity;
  };
  const float third = 1.0F / 3;
  const auto samples = npy_of("<f4", "2, 2", raw<float>({1, third, 3, -third}));
  const Table column = read_table_from_bytes(samples, "t", {.target = "2"});
  const Recipe recipe = fit_recipe(column, {0, 1}, with_task("regression"));
  EXPECT_EQ(recipe.target_column, 1);
  EXPECT_EQ(*recipe.quantity, (Quantity{0, static_cast<double>(third)}));  // not the third of a double
  write_file(folder / "x.npy", samples);
  write_file(folder / "y.npy", npy_of("<i8", "2,", raw<std::int64_t>({5, -7})));
  EXPECT_EQ(*fitted(read_table(folder / "x.npy", {.labels = (folder / "y.npy").string()})), (Quantity{-1, 6}));
  write_file(folder / "y.npy", npy_of("<f8", "2,", raw<double>({5, std::nan("")})));
  expect_contains(
      message_of<InputError>([&] { read_table(folder / "x.npy", {.labels = (folder / "y.npy").string()}); }),
      {"y.npy: row 2, column 1", "'nan' is not a finite number"});
  write_file(folder / "a-images-idx3-ubyte", idx({3, 1, 1}, "abc"));
  write_file(folder / "a-labels-idx1-ubyte", idx({3}, std::string("\6\0\3", 3)));
  const auto bytes = fitted(read_table(folder / "a-images-idx3-ubyte", {}));
  EXPECT_EQ(bytes->offset, 3);
  EXPECT_DOUBLE_EQ(bytes->range, std::sqrt(6.0));
  std::filesystem::remove_all(folder);
}

TEST(QuantityJson, RoundTrip) {
  const Table table = csv("a,y\n1,1\n3,2\n2,6\n", "y");
  RecipeOptions options = with_task("regression");
  options.scale = "none";
  const Recipe recipe = fit_recipe(table, {0, 1}, options);
  EXPECT_EQ(recipe.to_json()["target"].dump(), R"({"column":1,"name":"y","offset":"0x1.8p+0","range":"0x1p-1"})");
  EXPECT_EQ(Recipe::from_json(nlohmann::json::parse(recipe.to_json().dump())), recipe);
  const Table sparse = read_table_from_bytes("1 1:1\n2 2:1\n", "t.svm", {});
  const Recipe other = fit_recipe(sparse, all_rows(sparse), options);
  EXPECT_EQ(other.to_json()["target"].dump(), R"({"name":"label","offset":"0x1.8p+0","range":"0x1p-1"})");
  EXPECT_EQ(Recipe::from_json(nlohmann::json::parse(other.to_json().dump())), other);
}

TEST(QuantityJson, RefusesWhatTheFormatRefuses) {
  const Table table = csv("a,y\n1,1\n3,2\n", "y");
  const nlohmann::json good = fit_recipe(table, all_rows(table), with_task("regression")).to_json();
  const std::vector<std::pair<std::string, std::string>> lies{
      {R"([{"op":"replace","path":"/target/range","value":"0x0p+0"}])", "the target's range is not positive"},
      {R"([{"op":"replace","path":"/target/range","value":"-0x1p+0"}])", "the target's range is not positive"},
      {R"([{"op":"replace","path":"/target/range","value":"inf"}])", "target range"},
      {R"([{"op":"replace","path":"/target/range","value":2}])", "target range is not a text"},
      {R"([{"op":"replace","path":"/target/offset","value":"nan"}])", "target offset"},
      {R"([{"op":"replace","path":"/target/offset","value":"0x1p+2000"}])", "target offset"},
      {R"([{"op":"remove","path":"/target/offset"}])", "target is not an object of the expected keys"},
      {R"([{"op":"remove","path":"/target/range"}])", "target is not an object of the expected keys"},
      {R"([{"op":"remove","path":"/target/name"}])", "target is not an object of the expected keys"},
      {R"([{"op":"add","path":"/target/classes","value":["a","b"]}])", "target is not an object of the expected keys"},
      {R"([{"op":"add","path":"/target/more","value":1}])", "target is not an object of the expected keys"},
      {R"([{"op":"remove","path":"/target/column"}])", "lacks its column"},
      {R"([{"op":"replace","path":"/target/column","value":2}])", "out of range"}};
  for (const auto& [patch, reason] : lies) {
    const nlohmann::json forged = good.patch(nlohmann::json::parse(patch));
    expect_contains(message_of<InputError>([&] { Recipe::from_json(forged); }), {"recipe", reason});
  }
  EXPECT_NO_THROW(Recipe::from_json(good));
}

// Means and deviations below: exact fractions of the same doubles, by Python.
TEST(QuantityOfRealData, SeedsAreMeasured) {
  const Table table = read_table(set_path("seeds"), {.target = "area"});
  RecipeOptions options;
  options.scale = "standard";
  const Recipe recipe = fit_recipe(table, all_rows(table), options);
  ASSERT_TRUE(recipe.quantity);
  EXPECT_DOUBLE_EQ(recipe.quantity->offset, 0x1.db1eea408f8e1p+3);
  EXPECT_DOUBLE_EQ(recipe.quantity->range, 2.902763307757227);
  EXPECT_DOUBLE_EQ(recipe.columns[1].range, 0.023573088931421515);
  EXPECT_DOUBLE_EQ(recipe.columns[4].offset, 0x1.d9a02f4f8d57ep+1);
  const Dataset dataset = apply_recipe(recipe, table, all_rows(table));
  EXPECT_NEAR(dataset.targets.mean(), 0, 1e-13);
  EXPECT_NEAR(dataset.targets.squaredNorm(), 210, 1e-10);
  for (Index j = 0; j < dataset.features.cols(); ++j) {
    EXPECT_NEAR(dataset.features.col(j).mean(), 0, 1e-13);
    EXPECT_NEAR(dataset.features.col(j).squaredNorm(), 210, 1e-10);
  }
  EXPECT_EQ(task_on(read_table(set_path("seeds"), {.target = "class"})), Task::classification);
}

TEST(QuantityOfRealData, HorsesHaveTemperaturesWithGaps) {
  const Table table = read_table(set_path("horse_colic"), {.target = "rectal_temp"});
  RecipeOptions options;
  expect_contains(message_of<InputError>([&] { usable_rows(table, options); }),
                  {"horse_colic.csv: row 7, column 4 (rectal_temp)", "is missing", "--skip-missing-target"});
  options.skip_missing_target = true;
  const std::vector<Index> rows = usable_rows(table, options);
  EXPECT_EQ(rows.size(), 240U);
  const Recipe recipe = fit_recipe(table, rows, options);
  ASSERT_TRUE(recipe.quantity);
  EXPECT_DOUBLE_EQ(recipe.quantity->offset, 0x1.3157e4b17e4b1p+5);
  EXPECT_DOUBLE_EQ(recipe.quantity->range, 0.7307614702410683);
  const Dataset dataset = apply_recipe(recipe, table, rows);
  EXPECT_NEAR(recipe.quantity->in_units(dataset.targets)[0], 38.5, 1e-13);
  EXPECT_EQ(task_on(read_table(set_path("cancer_699_missing"), {.target = "uniformity_cell_size"})),
            Task::classification);
}

}  // namespace
}  // namespace nadir
