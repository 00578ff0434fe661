#include "nadir/path/path.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nadir::path {
namespace {

TEST(LambdaChoice, TakesTheLargestWithinAStandardErrorOfTheBest) {
  const std::vector<double> losses = {1.0, 0.52, 0.45, 0.40, 0.41}, errors = {0.01, 0.01, 0.01, 0.06, 0.01};
  EXPECT_EQ(choose_lambda(losses, errors, "best"), 3U);
  EXPECT_EQ(choose_lambda(losses, errors, "one-se"), 2U);
  EXPECT_EQ(choose_lambda(losses, {0, 0, 0, 0, 0}, "one-se"), 3U);
}

TEST(LambdaPath, IsEvenOnALogarithmicScale) {
  const std::vector<double> path = lambda_path(8, 1e-3, 4);
  ASSERT_EQ(path.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(path[i], 8 * std::pow(0.1, i), 1e-12);
  EXPECT_EQ(lambda_path(8, 0.5, 1), std::vector<double>{8});
}

}  // namespace
}  // namespace nadir::path
