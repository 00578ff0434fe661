#include "nadir/relu/bounds.hpp"

#include <gtest/gtest.h>

#include "nadir/claim/claim.hpp"
#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/relu/column_generation.hpp"
#include "nadir/relu/evidence.hpp"
#include "nadir/relu/proof.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

double gap_of(const Problem& problem, const Iterate& at, double bound) {
  return nadir::relative_gap(at.objective, bound, problem.loss.value_at_zero());
}

TEST(WidthBound, IsBelowEveryNetworkAndReachesTheGap) {
  Random random(11);
  for (const LossKind kind : {LossKind::squared, LossKind::logistic}) {
    const Matrix X = normal_matrix(40, 5, random);
    const TrainingLoss loss = kind == LossKind::squared ? TrainingLoss(kind, planted_targets(X, 3, 0.1, random))
                                                        : TrainingLoss(kind, random_labels(40, 2, random), 2);
    const Problem problem{X, loss, 0.6 * largest_lambda(X, loss, 1)};
    const Found best = train(problem, {}, {});
    BoundOptions options;
    options.gap = 3e-2;
    const WidthBound bound = bound_over_widths(problem, best.at, options);
    EXPECT_LE(gap_of(problem, best.at, bound.lower_bound), options.gap);
    EXPECT_LE(bound.lower_bound, best.at.objective);
    // At a worse network the bound is another, but it is below the best one, too.
    Iterate worse;
    worse.units = random_units(3, 5, 1, random);
    worse.units.weights *= 0.1;
    evaluate(problem, worse);
    options.max_nodes = 20;
    const WidthBound loose = bound_over_widths(problem, worse, options);
    EXPECT_LE(loose.lower_bound, best.at.objective);
  }
}

/// Four features, where signs alone do not come to an end.
TEST(WidthBound, OfFewFeaturesSimplicialConesReachTheGap) {
  Random random(13);
  const Matrix X = normal_matrix(150, 4, random);
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 4, 0.2, random));
  const Problem problem{X, loss, 0.03 * largest_lambda(X, loss, 1)};
  const Found found = train(problem, {}, {});
  BoundOptions options;
  options.gap = 3e-3, options.max_nodes = 30;
  const WidthBound bound = bound_over_widths(problem, found.at, options);
  EXPECT_LE(gap_of(problem, found.at, bound.lower_bound), options.gap);
  EXPECT_LE(bound.lower_bound, found.at.objective);
  EXPECT_GE(bound.polar, found.polar);
  double largest = 0;
  for (const PolarBound& one : bound.polars) {
    ASSERT_EQ(one.tree.cols(), 5);
    for (Index row = 0; row < one.tree.rows(); ++row)
      if (one.tree(row, 0) == 1) largest = std::max(largest, one.tree.row(row).tail(4).norm());
  }
  EXPECT_NEAR(largest, bound.polar, 1e-12 * largest);
  const PolarEvidence evidence = evidence_of(bound, {}, 150, 4);
  EXPECT_EQ(evidence.tree.rows(), 0);
  EXPECT_EQ(evidence.simplices.rows(), bound.polars[0].tree.rows() + bound.polars[1].tree.rows());
}

TEST(WidthBound, QIsAboveTheExactPolarOfEveryOutputAndSign) {
  Random random(12);
  const Matrix X = normal_matrix(20, 3, random);
  const TrainingLoss loss(LossKind::softmax, random_labels(20, 3, random), 3);
  const Problem problem{X, loss, 0.1 * largest_lambda(X, loss, 1)};
  const Found found = train(problem, {}, {});
  BoundOptions options;
  options.gap = 1e-3;
  const WidthBound bound = bound_over_widths(problem, found.at, options);
  ASSERT_EQ(bound.polars.size(), 6U);
  for (const PolarBound& one : bound.polars) {
    const polar::ReluPolar problem_of{X, found.at.dual * one.direction};
    const double exact = polar::exact_polar(problem_of).value;
    EXPECT_GE(one.result.upper.value, exact);
    EXPECT_GE(bound.polar, one.result.upper.value);
    if (one.tree.size() == 0) {
      EXPECT_EQ(polar::proven_by(problem_of, one.result.upper.evidence), one.result.upper.value);
    }
  }
  EXPECT_LE(gap_of(problem, found.at, bound.lower_bound), options.gap);
}

TEST(WidthBound, IsStillABoundWhenItIsStopped) {
  Random random(13);
  const Matrix X = normal_matrix(60, 6, random);
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 5, 0.5, random));
  const Problem problem{X, loss, 0.05 * largest_lambda(X, loss, 1)};
  const Found found = train(problem, {}, {});
  double last = -1;
  for (const long nodes : {1, 10, 60}) {
    BoundOptions options;
    options.gap = 1e-6, options.max_nodes = nodes;
    const WidthBound bound = bound_over_widths(problem, found.at, options);
    EXPECT_LE(bound.lower_bound, found.at.objective);
    EXPECT_GE(bound.lower_bound, last);
    last = bound.lower_bound;
  }
  EXPECT_GT(last, 0);
  BoundOptions options;
  options.gap = 1e-6;
  int calls = 0;
  options.watch = [&](double lower_bound, long) {
    EXPECT_LE(lower_bound, found.at.objective);
    return ++calls < 4;
  };
  const WidthBound bound = bound_over_widths(problem, found.at, options);
  EXPECT_LE(calls, 8);
  EXPECT_LE(bound.lower_bound, found.at.objective);
}

TEST(PatternsBound, IsTightAtUnitsThatAreFound) {
  Random random(14);
  const Matrix X = normal_matrix(50, 4, random);
  const TrainingLoss loss(LossKind::logistic, random_labels(50, 2, random), 2);
  const Problem problem{X, loss, 0.1 * largest_lambda(X, loss, 1)};
  const Found found = train(problem, {}, {});
  const WidthBound widths = bound_over_widths(problem, found.at, {});
  const PatternsBound bound = bound_over_patterns(problem, found.at.dual, to_network(problem, found.at), widths);
  EXPECT_EQ(bound.cells.rows(), 2 * found.at.units.count());
  EXPECT_LE(bound.lower_bound, found.at.objective + 1e-12);
  EXPECT_LE(gap_of(problem, found.at, bound.lower_bound), 1e-5);
  EXPECT_GE(bound.cells.minCoeff(), 0);
}

TEST(Evidence, IsTheLeavesInPreorder) {
  Random random(15);
  const Matrix X = normal_matrix(40, 6, random);
  const TrainingLoss loss(LossKind::squared, planted_targets(X, 4, 0.3, random));
  const Problem problem{X, loss, 0.1 * largest_lambda(X, loss, 1)};
  const Found found = train(problem, {}, {});
  BoundOptions options;
  options.gap = 1e-6, options.max_nodes = 30;
  const WidthBound bound = bound_over_widths(problem, found.at, options);
  std::size_t leaves = 0;
  for (const PolarBound& one : bound.polars) leaves += one.result.upper.evidence.size();
  const PolarEvidence evidence =
      evidence_of(bound, bound_over_patterns(problem, found.at.dual, to_network(problem, found.at), bound),
                  problem.samples(), problem.inputs());
  // A binary tree has a leaf more than splits; of each polar one.
  EXPECT_EQ(evidence.tree.rows(), static_cast<Index>(2 * leaves - bound.polars.size()));
  EXPECT_EQ(evidence.relaxed.rows() / 6 + evidence.linear.rows(), static_cast<Index>(leaves));
  Index open = 0, trees = 0;
  for (Index k = 0; k < evidence.tree.rows(); ++k) {
    if (open == 0) ++trees, open = 1;
    open += evidence.tree(k, 0) == 0 ? 1 : -1;
  }
  EXPECT_EQ(open, 0);
  EXPECT_EQ(trees, 2);
}

}  // namespace
}  // namespace nadir::relu
