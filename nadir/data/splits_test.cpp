#include "nadir/data/splits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "nadir/base/error.hpp"
#include "nadir/data/test_util.hpp"

namespace nadir {
namespace {

using test::expect_contains;
using test::message_of;

/// `counts[c]` rows of each class c, interleaved.
std::vector<int> labels_of(std::vector<int> counts) {
  std::vector<int> labels;
  for (bool any = true; any;) {
    any = false;
    for (std::size_t c = 0; c < counts.size(); ++c)
      if (counts[c]-- > 0) {
        labels.push_back(static_cast<int>(c));
        any = true;
      }
  }
  return labels;
}

TEST(Holdout, SharesOfEachClass) {
  const std::vector<int> labels = labels_of({50, 30, 21, 1});
  const std::vector<Index> test = stratified_holdout(labels, 4, 0.2, 7);
  std::vector<int> counts(4);
  for (const Index row : test) ++counts[static_cast<std::size_t>(labels[static_cast<std::size_t>(row)])];
  EXPECT_EQ(counts, (std::vector<int>{10, 6, 4, 0}));
  EXPECT_TRUE(std::is_sorted(test.begin(), test.end()));
  EXPECT_EQ(std::set<Index>(test.begin(), test.end()).size(), test.size());
}

TEST(Holdout, RemaindersGoToTheLargest) {
  const std::vector<int> labels = labels_of({9, 6});  // shares 1.8 and 1.2, in all 3
  int first = 0;
  for (const Index row : stratified_holdout(labels, 2, 0.2, 1)) first += labels[static_cast<std::size_t>(row)] == 0;
  EXPECT_EQ(first, 2);
  EXPECT_EQ(stratified_holdout(labels, 2, 0.2, 1).size(), 3U);
}

TEST(Holdout, SeedDecides) {
  const std::vector<int> labels = labels_of({40, 40});
  EXPECT_EQ(stratified_holdout(labels, 2, 0.25, 3), stratified_holdout(labels, 2, 0.25, 3));
  EXPECT_NE(stratified_holdout(labels, 2, 0.25, 3), stratified_holdout(labels, 2, 0.25, 4));
}

TEST(Holdout, EveryClassKeepsARow) {
  const std::vector<int> labels = labels_of({2, 2});
  EXPECT_EQ(stratified_holdout(labels, 2, 0.99, 1).size(), 2U);
  EXPECT_EQ(stratified_holdout(labels, 2, 0.001, 1).size(), 1U);
  EXPECT_EQ(stratified_holdout(labels_of({3, 3}), 2, std::nextafter(1.0, 0.0), 1).size(), 4U);
  expect_contains(message_of<InputError>([] { stratified_holdout({0, 1}, 2, 0.5, 1); }), {"single row"});
}

TEST(Holdout, RefusesFractions) {
  for (const double fraction : {0.0, 1.0, -0.5, 2.0, std::nan("")})
    expect_contains(message_of<UsageError>([&] {
                      stratified_holdout({0, 1, 0, 1}, 2, fraction, 1);
                    }),
                    {"--holdout", "between 0 and 1"});
}

TEST(Folds, AreLevelOverallAndInEachClass) {
  const std::vector<int> labels = labels_of({23, 11, 4});
  const std::vector<int> fold = stratified_folds(labels, 3, 5, 9);
  std::vector<int> total(5);
  std::vector<std::vector<int>> per_class(3, std::vector<int>(5));
  for (std::size_t i = 0; i < fold.size(); ++i) {
    ++total[static_cast<std::size_t>(fold[i])];
    ++per_class[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(fold[i])];
  }
  per_class.push_back(total);
  for (const auto& counts : per_class) {
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    EXPECT_LE(*most - *least, 1);
  }
  EXPECT_EQ(fold, stratified_folds(labels, 3, 5, 9));
  EXPECT_NE(fold, stratified_folds(labels, 3, 5, 10));
}

TEST(Folds, DealGoesOnFromClassToClass) {
  std::vector<int> total(5);
  for (const int fold : stratified_folds(labels_of({6, 6, 6}), 3, 5, 1)) ++total[static_cast<std::size_t>(fold)];
  EXPECT_EQ(total, (std::vector<int>{4, 4, 4, 3, 3}));
}

TEST(Folds, RefusesCounts) {
  for (const int folds : {-1, 0, 1, 5})
    expect_contains(message_of<UsageError>([&] {
                      stratified_folds({0, 1, 0, 1}, 2, folds, 1);
                    }),
                    {"--folds " + std::to_string(folds), "between 2 and the number of rows, 4"});
  EXPECT_EQ(stratified_folds({0, 1, 0, 1}, 2, 4, 1).size(), 4U);
}

}  // namespace
}  // namespace nadir
