// Bounds over cones of output weights: cones cover the space, bounds hold against exact polars in many directions.
#include "nadir/polar/output_cones.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>

#include "nadir/base/error.hpp"
#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/relu/bounds.hpp"
#include "nadir/relu/rounds.hpp"
#include "nadir/relu/shared_units.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

using polar::OutputCones;

/// Splits a few leaves at random.
void split_some(OutputCones& cones, int times, Random& random) {
  const auto K = static_cast<int>(cones.generators(0).size());
  for (int t = 0; t < times; ++t) {
    const auto leaf =
        cones.leaves()[static_cast<std::size_t>(random.integer(0, static_cast<int>(cones.leaves().size()) - 1))];
    const int a = random.integer(0, K - 2);
    cones.split(leaf, a, random.integer(a + 1, K - 1));
  }
}

TEST(OutputCones, CoverTheSpaceOnce) {
  Random random(1);
  for (Index K = 1; K <= 4; ++K) {
    OutputCones cones(K);
    Index factorial = 1;
    for (Index k = 2; k <= K; ++k) factorial *= k;
    EXPECT_EQ(static_cast<Index>(cones.leaves().size()), 2 * factorial);
    EXPECT_EQ(cones.directions().size(), std::size_t{1} << static_cast<std::size_t>(K));
    if (K > 1) split_some(cones, 30, random);
    for (int trial = 0; trial < 200; ++trial) {
      const Vector w = normal_matrix(K, 1, random).col(0);
      int holding = 0;
      for (const Index leaf : cones.leaves())
        holding += (Matrix(cones.generator_rows(leaf).transpose()).fullPivLu().solve(w).array() > 0).all() ? 1 : 0;
      EXPECT_EQ(holding, 1) << K;
    }
  }
  EXPECT_THROW(OutputCones(5), UsageError);
  EXPECT_THROW(OutputCones(0), UsageError);
}

TEST(OutputCones, AreListedInPreorder) {
  Random random(2);
  OutputCones cones(3);
  split_some(cones, 20, random);
  const OutputCones::Listing listing = cones.listing();
  EXPECT_EQ(listing.nodes.rows(), 12 + 2 * 20);
  EXPECT_EQ(listing.order.size(), cones.directions().size());
  Index splits = 0;
  for (Index k = 0; k < listing.nodes.rows(); ++k) splits += listing.nodes(k, 1) > 0 ? 1 : 0;
  EXPECT_EQ(splits, 20);
}

TEST(LeastPoint, IsTheLeast) {
  Random random(3);
  for (int trial = 0; trial < 200; ++trial) {
    const Index K = 1 + trial % 4;
    OutputCones cones(K);
    if (K > 1) split_some(cones, 10, random);
    const Matrix V = cones.generator_rows(cones.leaves().back());
    const Vector r = normal_matrix(K, 1, random).col(0).cwiseAbs();
    const polar::LeastPoint found = polar::least_point(V, r);
    EXPECT_GE((V * found.z - r).minCoeff(), -1e-11);
    EXPECT_GE(found.multipliers.minCoeff(), 0);
    EXPECT_LE((V.transpose() * found.multipliers - found.z).norm(), 1e-9 * (1 + found.z.norm()));
    EXPECT_NEAR(found.multipliers.dot(r), found.z.squaredNorm(),
                1e-9 * (1 + found.z.squaredNorm()));  // KKT: the optimum
  }
}

/// ‖Gᵀ(Xu)₊‖ of its best u, by the exact polar in many directions of the outputs.
double by_many_directions(const Matrix& X, const Matrix& G, int count, Random& random) {
  double largest = 0;
  for (int trial = 0; trial < count; ++trial) {
    const Vector w = normal_matrix(G.cols(), 1, random).col(0).normalized();
    largest = std::max(largest, polar::exact_polar({X, G * w}).value);
  }
  return largest;
}

TEST(SharedBound, HoldsAndIsTighterThanABoundOfEachOutput) {
  Random random(4);
  for (const int classes : {2, 3, 4}) {
    const Matrix X = normal_matrix(24, 2, random);
    const TrainingLoss loss(LossKind::softmax, random_labels(24, classes, random), classes);
    Problem problem{X, loss, 1, 0, true};
    const ReluNetwork none{Matrix(0, 2), Matrix(0, classes)};
    const Matrix G = iterate_of(problem, none).dual;
    problem.lambda = 0.2 * search_shared_unit(problem, G, none, {64, 50, 16}, 1).value;
    SearchOptions search;
    search.gap = 1e-6;
    const Found found = train_shared(problem, search, iterate_of(problem, none));
    BoundOptions options;
    options.gap = classes == 4 ? 1e-2 : 1e-3;
    const WidthBound bound = bound_over_widths(problem, found.at, options);
    ASSERT_TRUE(bound.cones.has_value());
    EXPECT_GE(bound.polar, by_many_directions(X, found.at.dual, 300, random)) << classes;
    double box = 0;
    for (Index k = 0; k < classes; ++k)
      box += std::pow(std::max(polar::exact_polar({X, found.at.dual.col(k)}).value,
                               polar::exact_polar({X, -found.at.dual.col(k)}).value),
                      2);
    EXPECT_LT(bound.polar, (classes == 2 ? 1.001 : 0.99) * std::sqrt(box)) << classes;
    const double gap = relative_gap(found.at.objective, bound.lower_bound, loss.value_at_zero());
    EXPECT_LE(gap, options.gap) << classes << ' ' << bound.polar / problem.lambda;
  }
}

}  // namespace
}  // namespace nadir::relu
