#include <gtest/gtest.h>

#include <cmath>

#include "nadir/opt/fixed_point.hpp"

namespace nadir {
namespace {

Criteria criteria() {
  Criteria result;
  result.relative_gap = 0.01, result.change = 0.1, result.max_iterations = 100, result.time_limit = 5;
  result.patience = 3, result.stall = 7, result.objective_at_zero = 2;
  return result;
}

TEST(Termination, ComparesJustInsideAndJustOutside) {
  const Criteria c = criteria();
  const auto ending = [&](Progress progress, Standing standing) { return why_stop(c, progress, standing); };
  // F(zero) − bound = 1, so the relative gap is objective − 1.
  EXPECT_EQ(ending({5, 1.00999, 1, 0.05}, {}), Ending::gap_reached);
  EXPECT_EQ(ending({5, 1.01001, 1, 0.05}, {}), std::nullopt);
  EXPECT_EQ(ending({5, 1.005, 1, 0.0999}, {}), Ending::gap_reached);
  EXPECT_EQ(ending({5, 1.005, 1, 0.1001}, {}), std::nullopt);  // not still yet
  EXPECT_EQ(ending({5, 1.005, 1, 0.1001}, {.steps_without_smaller_change = 3}), Ending::gap_reached);
  EXPECT_EQ(ending({5, 1.005, 1, 0.1001}, {.steps_without_smaller_change = 2}), std::nullopt);
  EXPECT_EQ(ending({99, 1.5, 1, 1}, {}), std::nullopt);
  EXPECT_EQ(ending({100, 1.5, 1, 1}, {}), Ending::iteration_limit);
  EXPECT_EQ(ending({5, 1.5, 1, 1}, {.seconds = 4.999}), std::nullopt);
  EXPECT_EQ(ending({5, 1.5, 1, 1}, {.seconds = 5.0}), Ending::time_limit);
  EXPECT_EQ(ending({5, 1.5, 1, 1}, {.seconds = std::nan("")}), Ending::time_limit);
  EXPECT_EQ(ending({5, 1.5, 1, 1}, {.steps_without_progress = 6}), std::nullopt);
  EXPECT_EQ(ending({5, 1.5, 1, 1}, {.steps_without_progress = 7}), Ending::no_progress);
  EXPECT_EQ(ending({5, 1.5, 1, 1}, {.told_to_stop = true}), Ending::told_to);
}

TEST(Termination, NothingPassesWithNansOrABoundAboveTheObjective) {
  const Criteria c = criteria();
  const double nan = std::nan("");
  EXPECT_EQ(why_stop(c, {1, nan, 1, 0}, {}), Ending::numerical_failure);
  EXPECT_EQ(why_stop(c, {1, 1.2, nan, 0}, {}), Ending::numerical_failure);
  EXPECT_EQ(why_stop(c, {1, 1.0, 1.002, 0}, {.rounding = 0.001}), Ending::numerical_failure);
  EXPECT_EQ(why_stop(c, {1, 1.0, 1.0005, 0}, {.rounding = 0.001}), Ending::gap_reached);
  EXPECT_EQ(why_stop(c, {1, 1.0, 1.0, 0}, {.rounding = 0.02}), std::nullopt);  // 0, but rounding could be 0.02
  EXPECT_EQ(why_stop(c, {1, 1.005, 1, nan}, {}), std::nullopt);                // the change is unknown
  EXPECT_EQ(why_stop(c, {1, 5, -INFINITY, 0}, {}), std::nullopt);              // no bound yet
}

TEST(Termination, SaysTheNumbers) {
  EXPECT_EQ(sentence(Ending::gap_reached, criteria(), {5, 1.005, 1, 0}), "relative gap 0.005 <= 0.01");
  EXPECT_EQ(sentence(Ending::iteration_limit, criteria(), {100, 1.5, 1, 0}),
            "100 iterations used up at relative gap 0.5");
}

/// F(z) = ½ Σ h_j z_j² − and the map z ↦ (1 − h_j/m) z, which cycles for ever where h_j = 2m and diverges above.
class Quadratic final : public FixedPointProblem {
 public:
  Quadratic(Vector curvatures, double metric) : h_(std::move(curvatures)), metric_(metric) {}
  void evaluate(Point& point) override {
    ++evaluations;
    point.objective = 0.5 * (h_.array() * point.position.array().square()).sum();
    point.gradient = h_.cwiseProduct(point.position);
    point.metric = Vector::Constant(h_.size(), metric_);
    point.image = point.position - point.gradient / metric_;
    point.lower_bound = point.objective - point.gradient.lpNorm<1>() * 10;  // |z| ≤ 10
    point.rounding = 1e-16 * point.objective;
  }
  void restore(Vector& position) const override { position = position.cwiseMax(-10).cwiseMin(10); }
  int evaluations = 0;

 private:
  Vector h_;
  double metric_;
};

TEST(FixedPoint, FindsTheMinimumWhereThePlainMapDiverges) {
  Vector h(6);
  h << 0.01, 0.5, 1, 7, 30, 100;
  for (const int memory : {0, 5, 20}) {
    Quadratic problem(h, 1.0);
    FixedPointOptions options;
    options.memory = memory;
    options.criteria.relative_gap = 1e-8, options.criteria.change = 1e-9, options.criteria.max_iterations = 100000;
    options.criteria.objective_at_zero = 1;
    const FixedPointResult result = minimize_by_fixed_point(problem, Vector::Constant(6, 3.0), options, {});
    EXPECT_EQ(result.ending, Ending::gap_reached) << memory;
    EXPECT_LE(result.best.position.lpNorm<Eigen::Infinity>(), 1e-6) << memory;
    EXPECT_LE(result.best.objective, result.progress.lower_bound + 1e-8);
    if (memory == 20) {
      EXPECT_LT(problem.evaluations, 80);
    }
    for (std::size_t k = 1; k < result.trace.size(); ++k)
      EXPECT_LE(result.trace[k].objective, result.trace[k - 1].objective * (1 + 1e-15));
  }
}

TEST(FixedPoint, TellsAndObeysTheWatch) {
  Quadratic problem(Vector::Constant(2, 0.1), 1.0);
  FixedPointOptions options;
  options.criteria.objective_at_zero = 1, options.criteria.relative_gap = -1;  // never reached
  int calls = 0;
  const FixedPointResult result =
      minimize_by_fixed_point(problem, Vector::Constant(2, 1.0), options, [&](const Progress& now) {
        EXPECT_EQ(now.iteration, calls++);
        return calls < 3;
      });
  EXPECT_EQ(result.ending, Ending::told_to);
  EXPECT_EQ(result.trace.size(), 3u);
}

}  // namespace
}  // namespace nadir
