#include "nadir/opt/lbfgs.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nadir {
namespace {

double rosenbrock(const Vector& x, Vector& gradient) {
  gradient.setZero();
  double sum = 0;
  for (Index i = 0; i + 1 < x.size(); ++i) {
    const double a = 1 - x[i], b = x[i + 1] - x[i] * x[i];
    sum += a * a + 100 * b * b;
    gradient[i] += -2 * a - 400 * b * x[i];
    gradient[i + 1] += 200 * b;
  }
  return sum;
}

TEST(Lbfgs, FindsTheMinimumOfRosenbrocksFunction) {
  LbfgsOptions options;
  options.max_iterations = 1000;
  const LbfgsResult result = minimize_by_lbfgs(rosenbrock, Vector::Constant(6, -1.2), options);
  Vector gradient(6);
  EXPECT_EQ(result.value, rosenbrock(result.position, gradient));
  EXPECT_EQ(result.gradient, gradient);
  EXPECT_LT((result.position - Vector::Ones(6)).norm(), 1e-6);
  EXPECT_EQ(result.ending, Ending::no_progress);
  EXPECT_LT(result.iterations, 200);
}

TEST(Lbfgs, EndsWhereToldTo) {
  LbfgsOptions options;
  options.max_iterations = 1000;
  int left = 5;
  options.go_on = [&] { return left-- > 0; };
  Vector start = Vector::Constant(6, -1.2), gradient(6);
  const LbfgsResult result = minimize_by_lbfgs(rosenbrock, start, options);
  EXPECT_EQ(result.ending, Ending::told_to);
  EXPECT_EQ(result.iterations, 5);
  EXPECT_LT(result.value, rosenbrock(start, gradient));
}

TEST(Lbfgs, StopsAtItsLimitBelowItsStart) {
  LbfgsOptions options;
  options.max_iterations = 7;
  Vector start = Vector::Constant(6, -1.2), gradient(6);
  const LbfgsResult result = minimize_by_lbfgs(rosenbrock, start, options);
  EXPECT_EQ(result.ending, Ending::iteration_limit);
  EXPECT_EQ(result.iterations, 7);
  EXPECT_LT(result.value, rosenbrock(start, gradient));
}

TEST(Lbfgs, ComesToAKinkThatIsNearlyOne) {
  const auto function = [](const Vector& x, Vector& gradient) {
    const double root = std::sqrt(x[0] * x[0] + 1e-12);
    gradient = Eigen::Vector2d(x[0] / root, 2 * (x[1] - 3));
    return root + (x[1] - 3) * (x[1] - 3);
  };
  const LbfgsResult result = minimize_by_lbfgs(function, Vector::Constant(2, 10), {});
  EXPECT_LT(result.value, 1e-5);
}

TEST(Lbfgs, ShortensStepsOutOfTheDomainAndReportsAStartThere) {
  const auto function = [](const Vector& x, Vector& gradient) {
    gradient = Vector::Constant(1, 1 - 1 / x[0]);
    return x[0] - std::log(x[0]);  // not a number where x < 0
  };
  const LbfgsResult result = minimize_by_lbfgs(function, Vector::Constant(1, 0.01), {});
  EXPECT_NEAR(result.position[0], 1, 1e-4);
  EXPECT_EQ(minimize_by_lbfgs(function, Vector::Constant(1, -1), {}).ending, Ending::numerical_failure);
}

}  // namespace
}  // namespace nadir
