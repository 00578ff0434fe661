#include "nadir/data/recipe.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/data/test_util.hpp"

namespace nadir {
namespace {

using test::all_rows;
using test::csv;
using test::expect_contains;
using test::message_of;
using test::npy_of;
using test::raw;
using test::Texts;

/// Features of row i as a vector.
std::vector<double> row(const Dataset& dataset, Index i) {
  return {dataset.features.row(i).begin(), dataset.features.row(i).end()};
}

using Numbers = std::vector<double>;

Dataset fit_and_apply(const Table& table, const RecipeOptions& options = {}, Sign sign = Sign::any) {
  return apply_recipe(fit_recipe(table, all_rows(table), options), table, all_rows(table), sign);
}

std::string fit_refusal(const std::string& text, const RecipeOptions& options = {}, Sign sign = Sign::any) {
  const Table table = csv(text, "y");
  return message_of<InputError>([&] { fit_and_apply(table, options, sign); });
}

TEST(Recipe, MinmaxMissingAndLevelsByHand) {
  // size: 2, 4, missing, 10: offset 2, range 8, mean 16/3; colour: blue, red, red, missing.
  const Table table = csv("size,colour,y\n2,red,b\n4,blue,a\n,red,a\n10,?,b\n", "y");
  RecipeOptions options;
  options.complement = true;
  options.bias = true;
  const Dataset dataset = fit_and_apply(table, options);
  EXPECT_EQ(dataset.feature_names,
            (Texts{"size", "size is missing", "colour=blue", "colour=red", "colour is missing", "1 - size", "bias"}));
  EXPECT_EQ(row(dataset, 0), (Numbers{0, 0, 0, 1, 0, 1, 1}));
  EXPECT_EQ(row(dataset, 1), (Numbers{0.25, 0, 1, 0, 0, 0.75, 1}));
  const double mean = (16.0 / 3 - 2) / 8;
  EXPECT_EQ(row(dataset, 2), (Numbers{mean, 1, 0, 1, 0, 1 - mean, 1}));
  EXPECT_EQ(row(dataset, 3), (Numbers{1, 0, 0, 0, 1, 0, 1}));
  EXPECT_EQ(dataset.class_names, (Texts{"a", "b"}));
  EXPECT_EQ(dataset.labels, (std::vector<int>{1, 0, 0, 1}));
}

TEST(Recipe, IsFittedOnTrainingRowsOnly) {
  const Table table = csv("v,w,y\n0,1,a\n4,2,b\n100,?,a\n-100,3,b\n", "y");
  const Recipe recipe = fit_recipe(table, {0, 1}, {});
  EXPECT_EQ(recipe.columns[0].offset, 0);
  EXPECT_EQ(recipe.columns[0].range, 4);
  EXPECT_FALSE(recipe.columns[1].missing);
  const Dataset dataset = apply_recipe(recipe, table, {3, 1});
  EXPECT_EQ(row(dataset, 0), (Numbers{0, 1}));  // clipped
  EXPECT_EQ(row(dataset, 1), (Numbers{1, 1}));
  EXPECT_EQ(message_of<InputError>([&] { apply_recipe(recipe, table, {2}); }),
            "t.csv: row 4, column 2 (w): the cell is missing, but none of this column was in training; fill it in or "
            "leave the row out");
}

TEST(Recipe, SortsLevelsAndClasses) {
  const Table numbers = csv("v,y\n1,10\n2,9\n3,-1\n4,10\n", "y");
  EXPECT_EQ(fit_recipe(numbers, all_rows(numbers), {}).classes, (Texts{"-1", "9", "10"}));
  const Table texts = csv("v,y\n1,b10\n2,b9\n3,B\n", "y");
  EXPECT_EQ(fit_recipe(texts, all_rows(texts), {}).classes, (Texts{"B", "b10", "b9"}));
  const Table codes = csv("v,y\n10,a\n9,b\n09,a\n", "y");
  RecipeOptions options;
  options.categorical = {"1"};
  EXPECT_EQ(fit_recipe(codes, all_rows(codes), options).columns[0].levels, (Texts{"09", "9", "10"}));
}

TEST(Recipe, IgnoresConstantAndCrowdedColumnsAndSaysSo) {
  const Table table = csv("c,t,g,k,v,i,y\n1,x,?,p,1,1,a\n1,x,,q,2,2,b\n1.0,x,NA,r,3,3,a\n", "y");
  RecipeOptions options;
  options.max_levels = 2;
  options.ignore = {"i"};
  std::vector<IgnoredColumn> ignored;
  const Recipe recipe = fit_recipe(table, all_rows(table), options, &ignored);
  EXPECT_EQ(recipe.feature_names(), (Texts{"v"}));
  Texts told;
  for (const IgnoredColumn& column : ignored) told.push_back(column.name + ": " + column.reason);
  EXPECT_EQ(told, (Texts{"c: constant", "g: every cell is missing", "i: as asked", "t: constant",
                         "k: more than 2 different texts (--max-levels)"}));
  options.max_levels = 3;
  EXPECT_EQ(fit_recipe(table, all_rows(table), options).columns[3].levels, (Texts{"p", "q", "r"}));
}

TEST(Recipe, ConstantWithGapsKeepsItsIndicator) {
  const Table table = csv("v,y\n5,a\n,b\n5,a\n", "y");
  const Dataset dataset = fit_and_apply(table);
  EXPECT_EQ(row(dataset, 0), (Numbers{0, 0}));
  EXPECT_EQ(row(dataset, 1), (Numbers{0, 1}));
}

TEST(Recipe, ScaleNoneAndUnit) {
  const Table table = csv("a,b,y\n1,3,x\n2,0,z\n0,?,x\n", "y");
  RecipeOptions options;
  options.scale = "none";
  EXPECT_EQ(row(fit_and_apply(table, options), 0), (Numbers{1, 3, 0}));
  options.scale = "unit";
  const Recipe recipe = fit_recipe(table, all_rows(table), options);
  EXPECT_EQ(recipe.columns[0].range, 4);  // the first row, 1 + 3
  EXPECT_EQ(recipe.columns[1].range, 4);
  EXPECT_FALSE(recipe.clip);
  EXPECT_EQ(row(apply_recipe(recipe, table, {2}), 0), (Numbers{0, 1.5 / 4, 1}));
  const Table gap = csv("a,b,y\n4,0,x\n?,5,z\n2,1,x\n", "y");
  EXPECT_EQ(fit_recipe(gap, all_rows(gap), options).columns[0].range, 8);  // the second row, with the mean 3 of a
  options.scale = "cube";
  EXPECT_EQ(message_of<UsageError>([&] { fit_and_apply(table, options); }),
            "--scale 'cube' is not one of minmax none unit standard");
}

TEST(Recipe, NegativeFeaturesAreRefusedUnscaled) {
  RecipeOptions options;
  for (const std::string scale : {"none", "unit"}) {
    options.scale = scale;
    EXPECT_EQ(fit_refusal("a,b,y\n1,3,x\n2,-0.5,z\n", options, Sign::non_negative),
              "t.csv: row 3, column 2 (b): -0.5 is negative, and so would be its feature; train with --scale minmax");
  }
  options.scale = "none";
  options.complement = true;
  expect_contains(fit_refusal("a,y\n1,x\n2.5,z\n", options, Sign::non_negative),
                  {"row 3, column 1 (a): 2.5 exceeds 1", "--scale minmax"});
  options.scale = "standard";
  EXPECT_EQ(fit_refusal("a,y\n1,x\n2,z\n", options, Sign::non_negative),
            "t.csv: row 2, column 1 (a): 1 has a negative feature; train with --scale minmax");
}

TEST(Recipe, NegativeFeaturesServeWhereAnySignDoes) {
  RecipeOptions options;
  options.scale = "none";
  options.complement = true;
  const Table table = csv("a,b,y\n1,3,x\n2,-0.5,z\n", "y");
  EXPECT_EQ(row(fit_and_apply(table, options), 1), (Numbers{2, -0.5, -1, 1.5}));
  options.scale = "unit";  // the largest sum, signs left aside, is 1 + 3
  EXPECT_EQ(row(fit_and_apply(table, options), 1), (Numbers{0.5, -0.125, 0.5, 1.125}));
  const Table below = csv("a,b,y\n-1,-3,x\n2,-0.5,z\n", "y");
  EXPECT_EQ(row(fit_and_apply(below, options), 0), (Numbers{-0.25, -0.75, 1.25, 1.75}));
  options.scale = "none";
  options.map = "root";  // of which there is none
  EXPECT_EQ(fit_refusal("a,b,y\n1,3,x\n2,-0.5,z\n", options),
            "t.csv: row 3, column 2 (b): -0.5 is negative, and so would be its feature; train with --scale minmax");
  EXPECT_EQ(row(fit_and_apply(csv("a,y\n9,x\n4,z\n", "y"), options), 0), (Numbers{3, -2}));
}

TEST(Recipe, StandardScaleByHand) {
  // size: 2 4 4 4 5 5 7 9 and a gap: mean 5, standard deviation 2 over the eight.
  const Table table = csv("size,flat,y\n2,1,a\n4,1,a\n4,?,b\n4,1,a\n5,1,b\n5,1,a\n7,1,a\n9,1,b\n?,1,b\n", "y");
  RecipeOptions options;
  options.scale = "standard";
  const Recipe recipe = fit_recipe(table, all_rows(table), options);
  EXPECT_EQ(recipe.columns[0].offset, 5);
  EXPECT_DOUBLE_EQ(recipe.columns[0].range, 2);
  EXPECT_EQ(recipe.columns[0].missing, 5);
  EXPECT_EQ(recipe.columns[1].offset, 1);  // constant, but for the gap
  EXPECT_EQ(recipe.columns[1].range, 1);
  EXPECT_FALSE(recipe.clip);
  const Dataset dataset = apply_recipe(recipe, table, all_rows(table));
  const Numbers expected{-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2, 0};
  for (Index i = 0; i < 9; ++i) {
    EXPECT_DOUBLE_EQ(dataset.features(i, 0), expected[static_cast<std::size_t>(i)]) << i;
    EXPECT_EQ(dataset.features(i, 1), i == 8 ? 1 : 0);
    EXPECT_EQ(dataset.features(i, 3), i == 2 ? 1 : 0);
  }
  const Table other = csv("size,flat,y\n105,1,a\n", "y");  // far outside, and not clipped
  EXPECT_DOUBLE_EQ(apply_recipe(recipe, other, {0}).features(0, 0), 50);
  options.map = "root";
  EXPECT_EQ(message_of<UsageError>([&] { fit_and_apply(table, options); }),
            "--scale standard makes features negative, and those have no root; use --scale minmax");
}

TEST(Recipe, StandardScaleIsStable) {
  RecipeOptions options;
  options.scale = "standard";
  const auto fitted = [&](const std::string& text) {
    const Table table = csv(text, "y");
    return fit_recipe(table, all_rows(table), options).columns[0];
  };
  // Deviations -6 -3 3 6 from a mean that is 10^12 times as large.
  const ColumnRecipe far = fitted("a,y\n1000000000004,x\n1000000000007,z\n1000000000013,x\n1000000000016,z\n");
  EXPECT_EQ(far.offset, 1000000000010);
  EXPECT_DOUBLE_EQ(far.range, std::sqrt(22.5));
  // The range exceeds that of a double, the deviations do not.
  const ColumnRecipe wide = fitted("a,y\n-1.7e308,x\n1.7e308,z\n");
  EXPECT_EQ(wide.offset, 0);
  EXPECT_DOUBLE_EQ(wide.range, 1.7e308);
  const ColumnRecipe narrow = fitted("a,y\n1e-320,x\n3e-320,z\n");
  EXPECT_NEAR(narrow.offset, 2e-320, 1e-323);
  EXPECT_NEAR(narrow.range, 1e-320, 1e-323);
  EXPECT_GT(fitted("a,y\n0,x\n0,z\n0,x\n0,z\n0,x\n5e-324,z\n").range, 0);
  expect_contains(fit_refusal("a,y\n-1.7e308,x\n-1.7e308,z\n-1.7e308,x\n1.7e308,z\n", options),
                  {"column 1 (a): its range exceeds that of a double"});
}

TEST(Recipe, RefittedNumbersAreThoseOfTheOtherRows) {
  const Table table = csv("a,b,y\n0,2,p\n2,?,q\n10,6,p\n14,10,q\n", "y");
  for (const std::string scale : {"minmax", "standard", "unit", "none"}) {
    RecipeOptions options;
    options.scale = scale;
    const Recipe recipe = fit_recipe(table, all_rows(table), options);
    EXPECT_EQ(refit_numbers(recipe, table, {2, 3, 0, 1}, options), recipe) << scale;
    const Recipe part = refit_numbers(recipe, table, {2, 3}, options);
    EXPECT_EQ(part.feature_names(), recipe.feature_names());
    EXPECT_EQ(part.columns[1].missing, 8);
    const bool standard = scale == "standard", minmax = scale == "minmax";
    EXPECT_EQ(part.columns[0].offset, standard ? 12 : minmax ? 10 : 0) << scale;
    EXPECT_EQ(part.columns[0].range, standard ? 2 : minmax ? 4 : recipe.columns[0].range) << scale;
    const Recipe single = refit_numbers(recipe, table, {1}, options);
    EXPECT_EQ(single.columns[0].range, standard || minmax ? 1 : recipe.columns[0].range) << scale;
    EXPECT_EQ(single.columns[1], recipe.columns[1]) << scale;  // no number there
  }
}

TEST(Recipe, SignOfZeroDoesNotHangOnSpelling) {
  for (const std::string scale : {"none", "minmax", "unit", "standard"}) {
    RecipeOptions options;
    options.scale = scale;
    const std::string text = scale == "standard" ? "a,y\n-0,x\n0,z\n1,x\n-1,z\n" : "a,y\n-0,x\n0,z\n1,x\n";
    const Dataset dataset = fit_and_apply(csv(text, "y"), options);
    EXPECT_FALSE(std::signbit(dataset.features(0, 0))) << scale;
    EXPECT_FALSE(std::signbit(dataset.features(1, 0))) << scale;
  }
}

TEST(Recipe, RefusesCellsThatAreNoNumbers) {
  EXPECT_EQ(fit_refusal("a,b,y\n1,2,x\n1,3,z\n1,oops,x\n"),
            "t.csv: row 4, column 2 (b): 'oops' is not a number, but most cells of the column are numbers; correct the "
            "cell, or --ignore b, or "
            "declare codes by --categorical b");
  expect_contains(fit_refusal("a,y\n1,x\nnan,z\n"),
                  {"row 3, column 1 (a): 'nan' is not a finite number", "leave the cell empty or write ? or NA"});
  expect_contains(fit_refusal("a,y\n1,x\n-Inf,z\n"), {"row 3", "'-Inf'", "leave the cell empty"});
  expect_contains(fit_refusal("a,y\nNaN,x\nNaN,z\n"), {"row 2", "'NaN'"});
  expect_contains(fit_refusal("a,y\n1,x\n1e999,z\n"), {"row 3", "beyond the range of a double"});
  expect_contains(fit_refusal("a;y\n1,5;x\n2,5;z\n"),
                  {"row 2", "'1,5' is not a number; write it with a decimal point"});
  expect_contains(fit_refusal("a,y\n-1.7e308,x\n1.7e308,z\n"), {"column 1 (a): its range exceeds"});
  expect_contains(fit_refusal("a,y\n\"" + std::string(100, 'x') + "\n\",x\n1,z\n2,z\n"),
                  {"xxx..'"});  // one line, shortened
}

TEST(Recipe, HalfNumbersIsTheLimit) {
  expect_contains(fit_refusal("a,y\n1,x\np,z\n"), {"row 3, column 1 (a): 'p'"});
  const Table table = csv("a,y\n1,x\np,z\nq,x\n", "y");
  EXPECT_EQ(fit_recipe(table, all_rows(table), {}).columns[0].levels, (Texts{"1", "p", "q"}));
}

TEST(Recipe, RefusesTooLittle) {
  EXPECT_EQ(fit_refusal("a,y\n1,x\n2,x\n"),
            "t.csv: all training rows have the label 'x'; two classes or more are needed");
  EXPECT_EQ(fit_refusal("a,y\n1,x\n1,z\n"), "t.csv: no column is left to learn from (a: constant)");
  const Table table = csv("a,y\n1,x\n2,z\n", "y");
  EXPECT_EQ(message_of<InputError>([&] { fit_recipe(table, {}, {}); }), "t.csv: there are no rows to train on");
  EXPECT_EQ(message_of<UsageError>([] { fit_and_apply(csv("a,y\n1,x\n")); }),
            "no target given: choose one by --target COLUMN; t.csv has 2 columns: a, y");
  std::string quantity = "a,y\n";
  for (int i = 0; i < 60; ++i) quantity += std::to_string(i) + "," + std::to_string(i * 7) + "\n";
  RecipeOptions options;
  options.task = "classification";
  EXPECT_EQ(fit_refusal(quantity, options),
            "t.csv: the target has 60 different values in 60 rows, so it is a quantity rather than a class; choose "
            "another --target, cut it into classes, or use --task regression");
}

TEST(Recipe, OptionsNameColumns) {
  const Table table = csv("a,b,y\n1,2,x\n2,3,z\n", "y");
  const auto refusal = [&](const RecipeOptions& options) {
    return message_of<UsageError>([&] { fit_and_apply(table, options); });
  };
  RecipeOptions options;
  options.ignore = {"q"};
  EXPECT_EQ(refusal(options), "--ignore 'q': no such column in t.csv, which has 3 columns: a, b, y");
  options.ignore = {"y"};
  expect_contains(refusal(options), {"--ignore names the target, 'y'"});
  options.ignore = {};
  options.categorical = {"4"};
  expect_contains(refusal(options), {"--categorical '4': no such column"});
  options.categorical = {};
  options.max_levels = 1;
  expect_contains(refusal(options), {"--max-levels 1 is below 2"});
}

TEST(Recipe, UsableRowsNameTheGap) {
  const Table table = csv("a,y\n1,x\n2,?\n3,z\n", "y");
  RecipeOptions options;
  EXPECT_EQ(
      message_of<InputError>([&] { usable_rows(table, options); }),
      "t.csv: row 3, column 2 (y): the label is missing; fill it in, or leave such rows out by --skip-missing-target");
  options.skip_missing_target = true;
  EXPECT_EQ(usable_rows(table, options), (std::vector<Index>{0, 2}));
  EXPECT_EQ(usable_rows(csv("a\n1\n2\n"), {}), (std::vector<Index>{0, 1}));
}

TEST(Recipe, RefusesStrangeLabelsOnApply) {
  const Table table = csv("a,y\n1,x\n2,z\n3,u\n4,?\n", "y");
  const Recipe recipe = fit_recipe(table, {0, 1}, {});
  EXPECT_EQ(message_of<InputError>([&] {
              apply_recipe(recipe, table, {0, 2});
            }),
            "t.csv: row 4, column 2 (y): label 'u' is not one of the classes 'x' 'z'; correct it, or give the data "
            "without labels");
  expect_contains(message_of<InputError>([&] { apply_recipe(recipe, table, {3}); }),
                  {"row 5, column 2 (y): the label is missing"});
}

TEST(Recipe, UnknownLevelsGiveZeros) {
  const Table table = csv("a,y\np,x\nq,z\nr,x\n?,x\n", "y");
  const Recipe recipe = fit_recipe(table, {0, 1}, {});
  const Dataset dataset = apply_recipe(recipe, table, {2, 3});
  EXPECT_EQ(row(dataset, 0), (Numbers{0, 0}));
  EXPECT_EQ(row(dataset, 1), (Numbers{0, 0}));
}

TEST(Recipe, ArraysWithHolesAreRefused) {
  ReadOptions options;
  options.target = "2";
  const Table table =
      read_table_from_bytes(npy_of("<f8", "3, 2", raw<double>({1, 0, std::nan(""), 1, 3, 0})), "t", options);
  expect_contains(message_of<InputError>([&] { fit_and_apply(table); }),
                  {"t: row 2, column 1 (column1): 'nan' is not a finite number"});
  RecipeOptions codes;
  codes.categorical = {"1"};
  expect_contains(message_of<UsageError>([&] { fit_and_apply(table, codes); }), {"--categorical", "npy"});
}

TEST(Recipe, TooWideForAModelFile) {
  std::string text = "y";
  for (int i = 0; i < 900000; ++i) text += ",";
  const Table table = csv(text + "\n1" + text.substr(1) + "\n2" + text.substr(1) + "\n", "y");
  expect_contains(message_of<ResourceError>([&] { fit_recipe(table, all_rows(table), {}); }),
                  {"900001 columns are more than a model file can describe"});
}

// Reading another file for a model.
class ReadFor : public testing::Test {
 protected:
  ~ReadFor() override { std::filesystem::remove(path_); }
  Table read(const std::string& text) const {
    write_file(path_, text);
    return read_table_for(recipe_, path_);
  }
  std::string refusal(const std::string& text) const {
    return message_of<InputError>([&] { read(text); });
  }

  Table table_ = csv("a;y;b\n1;p;5\n3;q;7\n", "y");
  Recipe recipe_ = fit_recipe(table_, {0, 1}, {});
  std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) / "nadir_read_for.csv";
};

TEST_F(ReadFor, WithAndWithoutTarget) {
  const Table with = read("a;y;b\n2;q;6\n");
  const Dataset labelled = apply_recipe(recipe_, with, {0});
  EXPECT_EQ(row(labelled, 0), (Numbers{0.5, 0.5}));
  EXPECT_EQ(labelled.labels, (std::vector<int>{1}));
  const Table without = read("a;b\n2;7\n");
  const Dataset bare = apply_recipe(recipe_, without, {0});
  EXPECT_EQ(row(bare, 0), (Numbers{0.5, 1}));
  EXPECT_TRUE(bare.labels.empty());
  EXPECT_TRUE(apply_recipe(recipe_, read("a;y;b\n2;?;6\n3;;7\n"), {0, 1}).labels.empty());
}

TEST_F(ReadFor, RefusesOtherColumns) {
  expect_contains(refusal("a;y;c\n2;q;6\n"),
                  {"row 1, column 3 is 'c' where the model was trained on 'b'", "same order"});
  expect_contains(refusal("b;a\n2;6\n"), {"column 1 is 'b' where the model was trained on 'a'"});
  expect_contains(refusal("a\n2\n"), {"has 1 columns where the model was trained on 3 (2 without the target 'y')"});
  expect_contains(refusal("a;y;b;c\n2;q;1;2\n"), {"has 4 columns"});
  expect_contains(refusal("2;q;6\n"), {"holds a header and no rows"});
  expect_contains(message_of<InputError>([&] { apply_recipe(recipe_, read("a;b\n2;x\n"), {0}); }),
                  {"row 2, column 2 (b): 'x' is not a number"});
  expect_contains(message_of<UsageError>([&] { read_table_for(recipe_, path_, "labels"); }),
                  {"--labels: the model was trained on labels from column 2 (y)"});
}

TEST(Recipe, LibsvmPlaceholdersAndWidth) {
  const Table table = read_table_from_bytes("1 1:1 3:2\n-1 2:1\n1 1:4\n", "t.svm", {});
  const Recipe recipe = fit_recipe(table, all_rows(table), {});
  EXPECT_EQ(recipe.classes, (Texts{"-1", "1"}));
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "nadir_other.svm";
  write_file(path, "0 1:2\n0 2:1\n");
  const Table other = read_table_for(recipe, path);
  EXPECT_EQ(other.source.columns, 3);
  EXPECT_TRUE(apply_recipe(recipe, other, {0, 1}).labels.empty());
  EXPECT_EQ(row(apply_recipe(recipe, other, {0}), 0), (Numbers{0.5, 0, 0}));
  write_file(path, "0 4:2\n");
  expect_contains(message_of<InputError>([&] { read_table_for(recipe, path); }),
                  {"has an index 4 where the model was trained on 3 columns"});
  std::filesystem::remove(path);
}

TEST(RecipeJson, RoundTrip) {
  const Table table = csv("a,b,c,y,d\n1,p,5,no,?\n3,q,5,yes,0.1\n2,?,5,no,0.3\n", "y");
  RecipeOptions options;
  options.complement = true;
  const Recipe recipe = fit_recipe(table, all_rows(table), options);
  const std::string text = recipe.to_json().dump();
  EXPECT_EQ(Recipe::from_json(nlohmann::json::parse(text)), recipe);
  EXPECT_EQ(
      text,
      R"({"bias":false,"clip":true,"columns":[)"
      R"({"index":0,"kind":"numeric","missing":null,"name":"a","offset":"0x1p+0","range":"0x1p+1"},)"
      R"({"index":1,"kind":"categorical","levels":["p","q"],"missing":true,"name":"b"},)"
      R"({"index":2,"kind":"ignored","name":"c"},)"
      R"({"index":4,"kind":"numeric","missing":"0x1.999999999999ap-3","name":"d","offset":"0x1.999999999999ap-4","range":"0x1.9999999999999p-3"}],)"
      R"("complement":true,"map":"identity","source":{"columns":5,"delimiter":",","format":"csv","header":true},)"
      R"("target":{"classes":["no","yes"],"column":3,"name":"y"}})");
  const Table sparse = read_table_from_bytes("1 1:1\n2 2:1\n", "t.svm", {});
  const Recipe other = fit_recipe(sparse, all_rows(sparse), {});
  EXPECT_EQ(Recipe::from_json(nlohmann::json::parse(other.to_json().dump())), other);
  EXPECT_FALSE(other.to_json()["target"].contains("column"));
}

TEST(RecipeJson, RefusesWhatTheFormatRefuses) {
  const Table table = csv("a,b,c,y\n1,p,5,no\n3,q,5,yes\n", "y");
  const nlohmann::json good = fit_recipe(table, all_rows(table), {}).to_json();
  const std::vector<std::pair<std::string, std::string>> lies{
      {R"([{"op":"replace","path":"/columns/0/range","value":"0x0p+0"}])", "range is not positive"},
      {R"([{"op":"replace","path":"/columns/0/range","value":"-0x1p+0"}])", "range is not positive"},
      {R"([{"op":"replace","path":"/columns/0/range","value":"inf"}])", "range"},
      {R"([{"op":"replace","path":"/columns/0/offset","value":1.5}])", "offset is not a text"},
      {R"([{"op":"replace","path":"/columns/0/offset","value":"0x1p+2000"}])", "offset"},
      {R"([{"op":"remove","path":"/columns/0/missing"}])", "numeric column"},
      {R"([{"op":"add","path":"/columns/0/more","value":1}])", "numeric column"},
      {R"([{"op":"replace","path":"/columns/0/kind","value":"text"}])", "kind"},
      {R"([{"op":"replace","path":"/columns/1/levels","value":["p","p"]}])", "levels repeats"},
      {R"([{"op":"replace","path":"/columns/1/missing","value":1}])", "missing is not true or false"},
      {R"([{"op":"replace","path":"/columns/1/index","value":2}])", "out of order"},
      {R"([{"op":"replace","path":"/columns/1/index","value":-1}])", "not a count"},
      {R"([{"op":"remove","path":"/columns/2"}])", "columns are missing"},
      {R"([{"op":"add","path":"/columns/-","value":{"index":4,"name":"z","kind":"ignored"}}])", "too many"},
      {R"([{"op":"replace","path":"/target/classes","value":["no"]}])", "fewer than 2 classes"},
      {R"([{"op":"replace","path":"/target/classes","value":["no","no"]}])", "classes repeats"},
      {R"([{"op":"replace","path":"/target/column","value":9}])", "out of range"},
      {R"([{"op":"remove","path":"/target/column"}])", "lacks its column"},
      {R"([{"op":"replace","path":"/source/delimiter","value":"::"}])", "delimiter"},
      {R"([{"op":"replace","path":"/source/format","value":"xml"}])", "format"},
      {R"([{"op":"replace","path":"/source/columns","value":4.0}])", "not a count"},
      {R"([{"op":"replace","path":"/clip","value":"true"}])", "clip"},
      {R"([{"op":"remove","path":"/bias"}])", "recipe is not an object of the expected keys"},
      {R"([{"op":"add","path":"/more","value":1}])", "recipe"}};
  for (const auto& [patch, reason] : lies) {
    const nlohmann::json forged = good.patch(nlohmann::json::parse(patch));
    expect_contains(message_of<InputError>([&] { Recipe::from_json(forged); }), {"recipe", reason});
  }
  EXPECT_NO_THROW(Recipe::from_json(good));
}

TEST(Features, HashIsThatOfTheDocumentedBytes) {
  Dataset dataset;
  dataset.features.resize(1, 2);
  dataset.features << 1.0, 0.5;
  dataset.labels = {258};
  Sha256 hash;
  hash.add(std::string("nadir-features 1\n"));
  hash.add(std::string("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16));
  hash.add(std::string("\0\0\0\0\0\0\xF0\x3F\0\0\0\0\0\0\xE0\x3F", 16));
  hash.add(std::string("\2\1\0\0", 4));
  EXPECT_EQ(features_sha256(dataset), hash.finish());
}

TEST(Features, HashOfQuantitiesIsThatOfTheDocumentedBytes) {
  Dataset dataset;
  dataset.features.resize(2, 1);
  dataset.features << 1.0, -0.5;
  dataset.targets.resize(2);
  dataset.targets << 2.0, -1.5;
  Sha256 hash;
  hash.add(std::string("nadir-features 2\n"));
  hash.add(std::string("\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16));
  hash.add(std::string("\0\0\0\0\0\0\xF0\x3F\0\0\0\0\0\0\xE0\xBF", 16));
  hash.add(std::string("\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\xF8\xBF", 16));
  EXPECT_EQ(features_sha256(dataset), hash.finish());
}

}  // namespace
}  // namespace nadir
