#include "nadir/data/weights.hpp"

#include "nadir/base/error.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/data/test_util.hpp"

namespace nadir {
namespace {

using test::all_rows;
using test::csv;
using test::expect_contains;
using test::message_of;

Weighting of_column(Index column) {
  Weighting weighting;
  weighting.column = column;
  return weighting;
}

TEST(Weights, AreTheirCellsTimesThoseOfTheirClasses) {
  const Table table = csv("a,w,y\n1,0.5,no\n2, 3 ,yes\n3,2e1,no\n", "y");
  const std::vector<int> labels = {0, 1, 0};
  EXPECT_EQ(weights_of({}, table, all_rows(table), labels).size(), 0);
  EXPECT_EQ(weights_of(of_column(1), table, all_rows(table), labels), (Vector(3) << 0.5, 3, 20).finished());
  EXPECT_EQ(weights_of(of_column(1), table, {2, 0}, {0, 0}), (Vector(2) << 20, 0.5).finished());
  Weighting both = of_column(1);
  both.classes = {2, 0.25};
  EXPECT_EQ(weights_of(both, table, all_rows(table), labels), (Vector(3) << 1, 0.75, 40).finished());
  both.column = -1;
  EXPECT_EQ(weights_of(both, table, all_rows(table), labels), (Vector(3) << 2, 0.25, 2).finished());
}

TEST(Weights, BalancedOnesMakeClassesCountAlike) {
  EXPECT_EQ(balanced_weights({0, 1, 1, 1}, 2), (std::vector<double>{2, 4 / 6.0}));
  EXPECT_EQ(balanced_weights({2, 0, 1}, 3), (std::vector<double>{1, 1, 1}));
}

TEST(Weights, AreRefusedByRowAndColumn) {
  for (const auto& [cell, why] :
       std::vector<std::pair<std::string, std::string>>{{"0", "the weight 0 is not above 0"},
                                                        {"-2", "the weight -2 is not above 0"},
                                                        {"", "the weight is missing"},
                                                        {"NA", "the weight is missing"},
                                                        {"x", "'x' is not a number"},
                                                        {"nan", "'nan' is not a finite number"},
                                                        {"inf", "'inf' is not a finite number"},
                                                        {"1e31", "is not from 1e-30 to 1e30"},
                                                        {"1e-31", "is not from 1e-30 to 1e30"}}) {
    const Table table = csv("a,w,y\n1,1,no\n2," + cell + ",yes\n3,1,no\n", "y");
    expect_contains(message_of<InputError>([&] {
                      weights_of(of_column(1), table, all_rows(table), {0, 1, 0});
                    }),
                    {"t.csv: row 3, column 2 (w): ", why, "; "});
    EXPECT_EQ(weights_of(of_column(1), table, {0, 2}, {0, 0}), Vector::Ones(2));
  }
}

TEST(Weights, TheirColumnIsOneOfTheTable) {
  const Table table = csv("a,w,y\n1,1,no\n", "y");
  EXPECT_EQ(find_weight_column(table, "w"), 1);
  EXPECT_EQ(find_weight_column(table, "2"), 1);
  expect_contains(message_of<UsageError>([&] { find_weight_column(table, "v"); }), {"--weights", "'v'", "t.csv"});
  expect_contains(message_of<UsageError>([&] { find_weight_column(table, "y"); }), {"--weights names the target"});
  const Table sparse = read_table_from_bytes("1 1:1\n2 2:1\n", "t.svm", {});
  expect_contains(message_of<UsageError>([&] { find_weight_column(sparse, "1"); }),
                  {"--weights", "save the data as CSV"});
}

TEST(Weights, MayBeAColumnOfAnArray) {
  const std::vector<double> numbers{1, 0.5, 2, 3, 3, -1};
  const Table table = table_over({reinterpret_cast<const char*>(numbers.data()), Element::float64, 3, 2}, "", "t");
  EXPECT_EQ(find_weight_column(table, "2"), 1);
  EXPECT_EQ(weights_of({1, {}}, table, {1, 0}, {0, 0}), (Vector(2) << 3, 0.5).finished());
  expect_contains(message_of<InputError>([&] {
                    weights_of({1, {}}, table, {2}, {0});
                  }),
                  {"row 3", "-1 is not above 0"});
}

TEST(Weights, AreInTheHashOfTheFeatures) {
  Dataset dataset;
  dataset.features = Matrix::Constant(1, 1, 0.5);
  dataset.labels = {1};
  dataset.weights = Vector::Constant(1, 2);
  Sha256 hash;
  const std::uint64_t shape[] = {1, 1};
  const std::int32_t label[] = {1};
  hash.add("nadir-features 3\n");
  hash.add(std::as_bytes(std::span(shape)));
  hash.add(dataset.features);
  hash.add(std::as_bytes(std::span(label)));
  hash.add(dataset.weights);
  EXPECT_EQ(features_sha256(dataset), hash.finish());
  dataset.labels.clear();
  dataset.targets = Vector::Constant(1, 7);
  Sha256 other;
  other.add("nadir-features 4\n");
  other.add(std::as_bytes(std::span(shape)));
  other.add(dataset.features);
  other.add(dataset.targets);
  other.add(dataset.weights);
  EXPECT_EQ(features_sha256(dataset), other.finish());
}

}  // namespace
}  // namespace nadir
