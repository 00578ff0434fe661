#include "nadir/data/splits.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/data/number.hpp"

namespace nadir {
namespace {

/// The rows of each class, shuffled.
std::vector<std::vector<Index>> shuffled_classes(const std::vector<int>& labels, int classes, std::uint64_t seed) {
  std::vector<std::vector<Index>> rows(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < labels.size(); ++i)
    rows[static_cast<std::size_t>(labels[i])].push_back(static_cast<Index>(i));
  Random random(seed);
  for (auto& of_class : rows) random.shuffle(of_class);
  return rows;
}

/// Test rows of each class: the whole part of its share, then one more where the remainders are largest, until the
/// total is reached. Every class keeps a row.
std::vector<std::size_t> shares(const std::vector<std::vector<Index>>& rows, double fraction, std::size_t total) {
  std::vector<std::size_t> counts;
  std::vector<double> remainders;
  for (const auto& of_class : rows) {
    const double share = fraction * static_cast<double>(of_class.size());
    counts.push_back(static_cast<std::size_t>(share));  // below the size, as fraction < 1
    remainders.push_back(share - std::floor(share));
  }
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  std::size_t taken = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  for (const std::size_t c : order)
    if (taken < total && counts[c] + 1 < rows[c].size()) {
      ++counts[c];
      ++taken;
    }
  return counts;
}

void require_fraction(double fraction) {
  if (!(fraction > 0 && fraction < 1))
    throw UsageError("--holdout " + number_text(fraction) + " is not between 0 and 1");
}

void require_folds(int folds, std::size_t rows) {
  if (folds < 2 || static_cast<std::size_t>(folds) > rows)
    throw UsageError("--folds " + std::to_string(folds) + " is not between 2 and the number of rows, " +
                     std::to_string(rows));
}

/// Rows to hold out, at least one.
std::size_t share_of(double fraction, std::size_t rows) {
  const double rounded = std::round(fraction * static_cast<double>(rows));
  return std::max<std::size_t>(static_cast<std::size_t>(rounded), 1);
}

/// All rows in the order of their targets; equal ones in random order.
std::vector<Index> sorted_rows(const Vector& targets, Random& random) {
  std::vector<Index> rows(static_cast<std::size_t>(targets.size()));
  std::iota(rows.begin(), rows.end(), Index{0});
  random.shuffle(rows);
  std::stable_sort(rows.begin(), rows.end(), [&](Index a, Index b) { return targets[a] < targets[b]; });
  return rows;
}

}  // namespace

std::vector<Index> stratified_holdout(const std::vector<int>& labels, int classes, double fraction,
                                      std::uint64_t seed) {
  require_fraction(fraction);
  const auto rows = shuffled_classes(labels, classes, seed);
  const std::vector<std::size_t> counts = shares(rows, fraction, share_of(fraction, labels.size()));
  std::vector<Index> test;
  for (std::size_t c = 0; c < rows.size(); ++c)
    test.insert(test.end(), rows[c].begin(), rows[c].begin() + static_cast<std::ptrdiff_t>(counts[c]));
  if (test.empty()) throw InputError("no row can be held out: every class has a single row");
  std::sort(test.begin(), test.end());
  return test;
}

std::vector<int> stratified_folds(const std::vector<int>& labels, int classes, int folds, std::uint64_t seed) {
  require_folds(folds, labels.size());
  std::vector<int> fold_of(labels.size());
  int next = 0;  // dealing goes on from class to class, so that the folds' sizes stay level
  for (const auto& of_class : shuffled_classes(labels, classes, seed))
    for (const Index row : of_class) {
      fold_of[static_cast<std::size_t>(row)] = next;
      next = (next + 1) % folds;
    }
  return fold_of;
}

std::vector<Index> stratified_holdout(const Vector& targets, double fraction, std::uint64_t seed) {
  require_fraction(fraction);
  const auto n = static_cast<std::size_t>(targets.size());
  if (n < 2) throw InputError("no row can be held out: there is a single row");
  Random random(seed);
  const std::vector<Index> rows = sorted_rows(targets, random);
  const std::size_t total = std::min(share_of(fraction, n), n - 1);
  // Where more than half are held out, the others are drawn: bins of one row leave no choice.
  const bool others = 2 * total > n;
  const std::size_t bins = others ? n - total : total;
  std::vector<bool> drawn(n);  // by row
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const std::size_t first = bin * n / bins, end = (bin + 1) * n / bins;
    const int place = random.integer(0, static_cast<int>(end - first) - 1);
    drawn[static_cast<std::size_t>(rows[first + static_cast<std::size_t>(place)])] = true;
  }
  std::vector<Index> test;
  for (std::size_t row = 0; row < n; ++row)
    if (drawn[row] != others) test.push_back(static_cast<Index>(row));
  return test;
}

std::vector<int> stratified_folds(const Vector& targets, int folds, std::uint64_t seed) {
  require_folds(folds, static_cast<std::size_t>(targets.size()));
  Random random(seed);
  const std::vector<Index> rows = sorted_rows(targets, random);
  std::vector<int> deal(static_cast<std::size_t>(folds));
  std::iota(deal.begin(), deal.end(), 0);
  std::vector<int> fold_of(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t place = i % deal.size();
    if (place == 0) random.shuffle(deal);
    fold_of[static_cast<std::size_t>(rows[i])] = deal[place];
  }
  return fold_of;
}

}  // namespace nadir
