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

/// n different targets in a scattered order: the place in the sorted order of row i is i * 7 modulo n.
Vector scattered(Index n) {
  Vector targets(n);
  for (Index i = 0; i < n; ++i) targets[i] = 0.5 * static_cast<double>((i * 7) % n) - 3;
  return targets;
}

/// How often rows of each bin of `width` neighbours in the sorted order were taken.
std::vector<int> per_bin(const Vector& targets, const std::vector<Index>& taken, Index width) {
  std::vector<int> counts(static_cast<std::size_t>((targets.size() + width - 1) / width));
  for (const Index row : taken) {
    const Index place = (targets.array() < targets[row]).count();
    ++counts[static_cast<std::size_t>(place / width)];
  }
  return counts;
}

TEST(QuantileHoldout, TakesOneOfEveryBinOfNeighbours) {
  const Vector targets = scattered(50);
  const std::vector<Index> test = stratified_holdout(targets, 0.2, 7);
  EXPECT_EQ(per_bin(targets, test, 5), std::vector<int>(10, 1));
  EXPECT_TRUE(std::is_sorted(test.begin(), test.end()));
  EXPECT_EQ(per_bin(targets, stratified_holdout(targets, 0.8, 7), 5), std::vector<int>(10, 4));
  EXPECT_EQ(stratified_holdout(targets, 0.33, 1).size(), 17U);  // 16.5, rounded
  EXPECT_EQ(stratified_holdout(targets, 0.5, 1).size(), 25U);
}

TEST(QuantileHoldout, SeedDecidesAndEqualTargetsDoNotMatter) {
  for (const Vector& targets : {scattered(80), Vector(Vector::Constant(80, 1.5))}) {
    EXPECT_EQ(stratified_holdout(targets, 0.25, 3), stratified_holdout(targets, 0.25, 3));
    EXPECT_NE(stratified_holdout(targets, 0.25, 3), stratified_holdout(targets, 0.25, 4));
  }
}

TEST(QuantileHoldout, EveryRowMayBeOnEitherSide) {
  for (const double fraction : {0.2, 0.5, 0.8}) {
    std::vector<int> taken(10);
    for (std::uint64_t seed = 0; seed < 200; ++seed)
      for (const Index row : stratified_holdout(scattered(10), fraction, seed)) ++taken[static_cast<std::size_t>(row)];
    for (const int times : taken) {
      EXPECT_GT(times, 0) << fraction;
      EXPECT_LT(times, 200) << fraction;
    }
  }
}

TEST(QuantileHoldout, BothPartsKeepARow) {
  EXPECT_EQ(stratified_holdout(scattered(3), 1e-9, 1).size(), 1U);
  EXPECT_EQ(stratified_holdout(scattered(3), std::nextafter(1.0, 0.0), 1).size(), 2U);
  EXPECT_EQ(stratified_holdout(scattered(2), 0.9, 1).size(), 1U);
  for (const Index rows : {0, 1})
    expect_contains(message_of<InputError>([&] { stratified_holdout(scattered(rows), 0.5, 1); }), {"single row"});
  for (const double fraction : {0.0, 1.0, -0.5, 2.0, std::nan("")})
    expect_contains(message_of<UsageError>([&] { stratified_holdout(scattered(4), fraction, 1); }),
                    {"--holdout", "between 0 and 1"});
}

TEST(QuantileFolds, EveryFoldHasOneOfEveryBinOfNeighbours) {
  const Vector targets = scattered(43);
  const std::vector<int> fold_of = stratified_folds(targets, 5, 9);
  std::vector<std::size_t> sizes;
  for (int fold = 0; fold < 5; ++fold) {
    std::vector<Index> taken;
    for (Index row = 0; row < 43; ++row)
      if (fold_of[static_cast<std::size_t>(row)] == fold) taken.push_back(row);
    std::vector<int> counts = per_bin(targets, taken, 5);
    counts.pop_back();  // three rows are left over
    EXPECT_EQ(counts, std::vector<int>(8, 1));
    sizes.push_back(taken.size());
  }
  std::sort(sizes.begin(), sizes.end());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{8, 8, 9, 9, 9}));
  EXPECT_EQ(fold_of, stratified_folds(targets, 5, 9));
  EXPECT_NE(fold_of, stratified_folds(targets, 5, 10));
}

TEST(QuantileFolds, RefusesCounts) {
  for (const int folds : {-1, 0, 1, 5})
    expect_contains(message_of<UsageError>([&] { stratified_folds(scattered(4), folds, 1); }),
                    {"--folds " + std::to_string(folds), "between 2 and the number of rows, 4"});
  EXPECT_EQ(stratified_folds(scattered(4), 4, 1).size(), 4U);
}

}  // namespace
}  // namespace nadir
