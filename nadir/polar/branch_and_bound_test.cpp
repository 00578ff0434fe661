#include "nadir/polar/branch_and_bound.hpp"

#include <gtest/gtest.h>

#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/polar/test_util.hpp"

namespace nadir::polar {
namespace {

ReluPolar numbered_problem(int k, Index d, Random& random) {
  return k % 3 == 0   ? random_problem(12, d, random)
         : k % 3 == 1 ? degenerate_problem(d, random)
                      : logistic_problem(15, d, 0.1, random);
}

TEST(BranchAndBound, ComesToTheExactValueInThreeDimensions) {
  Random random(31);
  for (int k = 0; k < 6; ++k) {
    const ReluPolar problem = numbered_problem(k, 3, random);
    const double exact = exact_polar(problem).value;
    ASSERT_GT(exact, 0);
    const BranchResult result = bound_by_branching(problem, Matrix(0, 3), {});

    EXPECT_EQ(result.ending, Ending::gap_reached);
    EXPECT_GE(result.upper.value, exact);
    EXPECT_LE(result.upper.value, exact * (1 + 2e-6));
    EXPECT_NEAR(result.witnesses.front().value, exact, 1e-9 * exact);
    EXPECT_EQ(proven_by(problem, result.upper.evidence), result.upper.value);
  }
}

TEST(BranchAndBound, IsABoundWheneverItIsStopped) {
  Random random(32);
  for (int k = 0; k < 9; ++k) {
    const ReluPolar problem = numbered_problem(k, 3, random);
    const double exact = exact_polar(problem).value;
    double last = std::numeric_limits<double>::infinity();
    for (const long nodes : {1, 5, 15}) {
      BranchOptions options;
      options.max_nodes = nodes;
      const BranchResult result = bound_by_branching(problem, Matrix(0, 3), options);
      EXPECT_LE(result.nodes, nodes);
      EXPECT_GE(result.upper.value, exact);
      EXPECT_LE(result.upper.value, last);
      EXPECT_EQ(proven_by(problem, result.upper.evidence), result.upper.value);
      last = result.upper.value;
    }
  }
}

TEST(BranchAndBound, StopsAtTheLevelAndWhenToldTo) {
  Random random(33);
  const ReluPolar problem = random_problem(30, 3, random);
  const double exact = exact_polar(problem).value;
  BranchOptions options;
  options.level = 1.2 * exact;
  const BranchResult coarse = bound_by_branching(problem, Matrix(0, 3), options);
  EXPECT_EQ(coarse.ending, Ending::gap_reached);
  EXPECT_LE(coarse.upper.value, options.level);
  EXPECT_GT(coarse.upper.value, 1.001 * exact);
  options.level = 0;
  long seen = 0;
  options.watch = [&](const BranchProgress& progress) {
    EXPECT_LE(progress.lower, exact * (1 + 1e-12));
    EXPECT_GE(progress.upper, exact);
    return ++seen < 3;
  };
  EXPECT_EQ(bound_by_branching(problem, Matrix(0, 3), options).ending, Ending::told_to);
  EXPECT_EQ(seen, 3);
  options.watch = nullptr, options.time_limit = 0;
  EXPECT_EQ(bound_by_branching(problem, Matrix(0, 3), options).ending, Ending::time_limit);
}

TEST(BranchAndBound, RepeatsItself) {
  Random random(34);
  const ReluPolar problem = logistic_problem(40, 6, 0.2, random);
  BranchOptions options;
  options.max_nodes = 9;
  const BranchResult one = bound_by_branching(problem, Matrix(0, 6), options);
  const BranchResult two = bound_by_branching(problem, Matrix(0, 6), options);
  EXPECT_EQ(one.upper.value, two.upper.value);
  ASSERT_EQ(one.witnesses.size(), two.witnesses.size());
  EXPECT_EQ(one.witnesses.back().u, two.witnesses.back().u);
  EXPECT_EQ(one.nodes, two.nodes);
}

TEST(BranchAndBound, LeavesThatDoNotCoverProveNothing) {
  Random random(35);
  const ReluPolar problem = logistic_problem(40, 6, 0.3, random);
  BranchOptions options;
  options.max_nodes = 9;
  const std::vector<Leaf> leaves = bound_by_branching(problem, Matrix(0, 6), options).upper.evidence;
  ASSERT_GE(leaves.size(), 3u);
  ASSERT_TRUE(std::isfinite(proven_by(problem, leaves)));
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    std::vector<Leaf> fewer = leaves;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(k));
    EXPECT_TRUE(std::isinf(proven_by(problem, fewer)));
    std::vector<Leaf> other = leaves;
    other[k].path.back().sample = (other[k].path.back().sample + 1) % 40;
    EXPECT_TRUE(std::isinf(proven_by(problem, other)));
    other = leaves, other[k].path.back().sign = 0;
    EXPECT_TRUE(std::isinf(proven_by(problem, other)));
    other = leaves, other[k].evidence.reset();
    EXPECT_TRUE(std::isinf(proven_by(problem, other)));
    other = leaves, other[k].known = other[k].path.size() + 1;
    EXPECT_TRUE(std::isinf(proven_by(problem, other)));
  }
  EXPECT_TRUE(std::isinf(proven_by(problem, {})));
}

}  // namespace
}  // namespace nadir::polar
