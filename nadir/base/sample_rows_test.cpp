#include "nadir/base/sample_rows.hpp"

#include <gtest/gtest.h>

#include "nadir/base/test_util.hpp"

namespace nadir {
namespace {

TEST(SampleRows, AreThoseOfTheMatrixWhereverTheyLie) {
  Random random(1);
  const Matrix X = normal_matrix(9, 4, random);
  const MadeRows maker(X);
  const SampleRows lying(X), made(maker);
  Matrix room;
  EXPECT_EQ(lying.block(2, 3, room).data(), X.data() + 8);
  EXPECT_EQ(room.size(), 0);
  const ConstMatrixView block = made.block(2, 3, room);
  EXPECT_EQ(block.data(), room.data());
  EXPECT_EQ(Matrix(block), Matrix(X.middleRows(2, 3)));
  EXPECT_TRUE(lying.in_memory());
  EXPECT_FALSE(made.in_memory());
  EXPECT_EQ(row_norms(made), Vector(X.rowwise().norm()));
  EXPECT_LE((column_norms(made) - X.colwise().norm().transpose()).cwiseAbs().maxCoeff(), 1e-15);
}

TEST(SampleRows, AreSummedInBlocksOfBoundedSize) {
  Random random(2);
  const Matrix X = normal_matrix(4200, 500, random);
  const SampleRows rows(X);
  EXPECT_EQ(rows.summed_rows(), 4096);
  Index seen = 0;
  rows.for_each_summed([&](const ConstMatrixView& block) {
    EXPECT_EQ(block.data(), X.data() + seen * 500);
    seen += block.rows();
  });
  EXPECT_EQ(seen, 4200);
  EXPECT_LE((column_norms(rows) - X.colwise().norm().transpose()).cwiseAbs().maxCoeff(), 1e-12);
  const Matrix narrow(1 << 20, 2);
  EXPECT_EQ(SampleRows(narrow).summed_rows(), 1 << 20);
}

}  // namespace
}  // namespace nadir
