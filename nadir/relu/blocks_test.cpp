// Features in several blocks of rows, made where they are wanted: what comes out is what comes out of all rows at once.
#include <gtest/gtest.h>

#include "nadir/relu/bounds.hpp"
#include "nadir/relu/master.hpp"
#include "nadir/relu/proof.hpp"
#include "nadir/relu/reduce.hpp"
#include "nadir/relu/slide.hpp"
#include "nadir/relu/test_util.hpp"

namespace nadir::relu {
namespace {

constexpr Index n = 4200, d = 4, wide = 512;  // with so many columns, most of them 0, blocks have 4096 rows

Matrix widened(const Matrix& rows) {
  Matrix result = Matrix::Zero(rows.rows(), wide);
  result.leftCols(rows.cols()) = rows;
  return result;
}

/// The same problem twice.
struct Twice {
  Matrix X;
  TrainingLoss loss;
  MadeRows made{widened(X)};
  Problem whole{X, loss, 0.01}, blocks{SampleRows(made), loss, 0.01};
  Iterate of_whole, of_blocks;

  Twice(Random& random, double skip, bool shared)
      : X(normal_matrix(n, d, random)),
        loss(shared ? TrainingLoss(LossKind::softmax, random_labels(n, 3, random), 3)
                    : TrainingLoss(LossKind::squared, planted_targets(X, 3, 0.1, random))) {
    whole.skip_weight = blocks.skip_weight = skip;
    whole.shared = blocks.shared = shared;
    of_whole.units = random_units(5, d, loss.outputs(), random);
    of_whole.units.add(of_whole.units.directions.row(0), 0.5, of_whole.units.outputs[0]);
    if (skip > 0) of_whole.skip = normal_matrix(d, loss.outputs(), random);
    of_blocks = of_whole;
    of_blocks.units.directions = widened(of_whole.units.directions);
    if (skip > 0) of_blocks.skip = widened(of_whole.skip.transpose()).transpose();
    evaluate(whole, of_whole), evaluate(blocks, of_blocks);
  }
};

void expect_same(const Twice& one) {
  EXPECT_NEAR(one.of_blocks.objective / one.of_whole.objective, 1, 1e-9);
  EXPECT_LE((one.of_blocks.outputs - one.of_whole.outputs).norm(), 1e-6 * one.of_whole.outputs.norm());
  EXPECT_LE((one.of_blocks.dual - one.of_whole.dual).norm(), 1e-6 * one.of_whole.dual.norm());
}

TEST(Blocks, OutputsStepsAndWeightsAreTheSame) {
  Random random(31);
  for (const double skip : {0.0, 0.02}) {
    Twice one(random, skip, false);
    ASSERT_TRUE(one.whole.features.is_one_block());
    ASSERT_FALSE(one.blocks.features.is_one_block());
    expect_same(one);
    LbfgsOptions lbfgs;
    lbfgs.max_iterations = 8;
    for (const double near : {0.0, 1e-4}) {
      slide(one.whole, one.of_whole, near, lbfgs), slide(one.blocks, one.of_blocks, near, lbfgs);
      expect_same(one);
    }
    std::vector<int> signs;
    for (const double weight : one.of_whole.units.weights) signs.push_back(weight < 0 ? -1 : 1);
    const double before = one.of_whole.objective;
    solve_master(one.whole, one.of_whole, signs), solve_master(one.blocks, one.of_blocks, signs);
    EXPECT_LT(one.of_whole.objective, before);
    expect_same(one);
    EXPECT_NEAR(lower_bound(one.blocks, one.of_blocks.dual, 0.02) / lower_bound(one.whole, one.of_whole.dual, 0.02), 1,
                1e-6);
  }
}

TEST(Blocks, SharedUnitsSlideTheSame) {
  Random random(32);
  Twice one(random, 0, true);
  ReluNetwork whole = balanced_network(one.whole, one.of_whole), blocks = balanced_network(one.blocks, one.of_blocks);
  LbfgsOptions lbfgs;
  lbfgs.max_iterations = 8;
  slide(one.whole, one.of_whole.dual, whole, 1e-4, lbfgs);
  slide(one.blocks, one.of_blocks.dual, blocks, 1e-4, lbfgs);
  EXPECT_LE((blocks.units.leftCols(d) - whole.units).norm(), 1e-7 * whole.units.norm());
  EXPECT_NEAR(proven_objective(one.blocks, blocks) / proven_objective(one.whole, whole), 1, 1e-9);
}

TEST(Blocks, AnUnneededUnitIsFoundInBlocks) {
  Random random(33);
  const Twice one(random, 0, false);
  const ReluNetwork whole = balanced_network(one.whole, one.of_whole),
                    blocks = balanced_network(one.blocks, one.of_blocks);
  const ReluNetwork reduced_whole = reduced(one.whole, whole), reduced_blocks = reduced(one.blocks, blocks);
  EXPECT_EQ(whole.units.rows(), 6);
  EXPECT_EQ(reduced_whole.units.rows(), 5);
  EXPECT_EQ(reduced_blocks.units.rows(), 5);
  EXPECT_LE((outputs(reduced_blocks, one.blocks.features) - one.of_whole.outputs).norm(),
            1e-9 * one.of_whole.outputs.norm());
}

TEST(Blocks, TheUnitsOwnCellsProveTheSame) {
  Random random(34);
  const Twice one(random, 0, false);
  WidthBound widths;
  for (const double sign : {1.0, -1.0}) {
    widths.polars.emplace_back();
    widths.polars.back().direction = Vector::Constant(1, sign);
  }
  const PatternsBound whole =
      bound_over_patterns(one.whole, one.of_whole.dual, balanced_network(one.whole, one.of_whole), widths);
  const PatternsBound blocks =
      bound_over_patterns(one.blocks, one.of_blocks.dual, balanced_network(one.blocks, one.of_blocks), widths);
  EXPECT_GT(whole.polar, 0);
  EXPECT_NEAR(blocks.polar / whole.polar, 1, 1e-6);
  EXPECT_EQ(blocks.cells.rows(), 12);
}

}  // namespace
}  // namespace nadir::relu
