#include "nadir/spectral/train.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/spectral/box.hpp"
#include "nadir/spectral/concavity.hpp"
#include "nadir/spectral/spectral_map.hpp"
#include "nadir/spectral/test_util.hpp"

namespace nadir::spectral {
namespace {

double gap_of(const Certificate& certificate) { return certificate.relative_gap; }

TEST(Train, ReachesTheReferenceOptimumFromAnywhere) {
  for (const auto& reference : reference_cases()) {
    SCOPED_TRACE(reference["name"].get<std::string>());
    const TestProblem problem = problem_of(reference);
    Objective objective(problem.architecture, problem.features, problem.labels, 1);
    const Vector expected = packed_reference(problem, reference["fixed_point"]).array().log();
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const TrainResult result = train(objective, random_start(objective.packing(), 5, seed), {});
      EXPECT_EQ(result.stop, Stop::gap_reached);
      EXPECT_EQ(result.certificate.claim, Claim::certified);
      EXPECT_LE(gap_of(result.certificate), 1e-9);
      EXPECT_NEAR(-result.certificate.objective / number(reference["phi_star"]), 1, 1e-11);
      EXPECT_LE(result.certificate.lower_bound, -number(reference["phi_star"]) + 1e-13);
      const Vector reached = objective.packing().pack(result.network).array().log();
      EXPECT_LE((reached - expected).lpNorm<Eigen::Infinity>(), 1e-8);
    }
  }
}

TEST(Train, EndsWhereThePlainIterationCycles) {
  // docs/math/spectral.md, section 5: inside the convex regime, z ← G(z) alternates between two points for ever.
  TestProblem problem;
  problem.features.resize(3, 2);
  problem.features << .7, .8, .8, .2, .6, 0;
  problem.labels = {0, 0, 1};
  Architecture& a = problem.architecture;
  a.inputs = 2, a.classes = 3, a.epsilon = 1e-3, a.output_p = 3, a.output_radius = 100;
  Vector alpha(4);
  alpha << 1.5, 2, 3, 1;
  a.hidden.push_back({alpha, NormScope::matrix, {4.6}, 1, {}});
  Objective objective(a, problem.features, problem.labels, 1);
  EXPECT_NEAR(degree(a), 0.9855, 1e-4);

  SpectralMap map(objective);
  FixedPointProblem::Point plain;
  plain.position = flat_start(objective.packing());
  double last = 0, before_last = 0;
  for (int k = 0; k < 500; ++k) {
    map.evaluate(plain);
    before_last = last, last = -plain.objective;
    plain.position = plain.image;
  }
  EXPECT_NEAR(std::max(last, before_last), 408.645116, 1e-5);
  EXPECT_NEAR(std::min(last, before_last), 408.379262, 1e-5);

  for (const int memory : {0, 20}) {
    TrainOptions options;
    options.memory = memory;
    const TrainResult result = train(objective, flat_start(objective.packing()), options);
    EXPECT_EQ(result.certificate.claim, Claim::certified) << result.stop_sentence;
    EXPECT_NEAR(-result.certificate.objective, 409.062890296790, 1e-8);
  }
}

TEST(Train, CertifiesRandomProblemsOfAnyDepthWithMasksAndNormsPerUnit) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    const TestProblem problem =
        random_problem(1 + static_cast<int>(seed % 3), 2 + static_cast<int>(seed % 4), 60, 0.97, seed);
    Objective objective(problem.architecture, problem.features, problem.labels, 1);
    const TrainResult result = train(objective, random_start(objective.packing(), 3, seed), {});
    EXPECT_EQ(result.certificate.claim, Claim::certified) << result.stop_sentence;
    EXPECT_EQ(result.certificate.evidence.kind, "hidden_concavity");
    // No feasible network may fall below the proven bound.
    for (std::uint64_t other = 0; other < 20; ++other) {
      Vector gain;
      const PolynomialNetwork rival =
          feasible_network(objective.packing(), random_start(objective.packing(), 4, 100 + other));
      EXPECT_GE(objective.evaluate(rival, gain).objective, result.certificate.lower_bound);
    }
    for (const Block& block : objective.packing().blocks()) {
      const Vector weights = objective.packing().pack(result.network).segment(block.first, block.count);
      const long double sum =
          (weights.array() / block.radius)
              .cast<long double>()
              .log()
              .unaryExpr([&](long double t) { return std::exp(t * static_cast<long double>(block.p)); })
              .sum();
      EXPECT_LE(sum, 1.0L);
      EXPECT_GE(sum, 1.0L - 1e-11L * static_cast<long double>(block.p));
    }
  }
}

TEST(Train, BoundHoldsAtEveryIterate) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const TestProblem problem = random_problem(1 + static_cast<int>(seed % 3), 3, 40, 1.0 - 1e-12, seed);
    Objective objective(problem.architecture, problem.features, problem.labels, 1);
    const TrainResult result = train(objective, flat_start(objective.packing()), {});
    ASSERT_EQ(result.certificate.claim, Claim::certified) << seed << result.stop_sentence;
    SpectralMap map(objective);
    for (std::uint64_t other = 0; other < 200; ++other) {
      FixedPointProblem::Point point;
      point.position = random_start(objective.packing(), 0.02 * static_cast<double>(other), other);
      map.evaluate(point);
      EXPECT_LE(point.lower_bound, result.certificate.objective + 1e-12);
      EXPECT_LE(point.gradient.dot(point.image - point.position), 1e-12);  // the spectral step descends
    }
  }
}

TEST(Train, StopsWhenTold) {
  const TestProblem problem = random_problem(1, 3, 60, 0.99, 4);
  Objective objective(problem.architecture, problem.features, problem.labels, 1);
  TrainOptions options;
  options.gap = 1e-15;
  const TrainResult told = train(objective, flat_start(objective.packing()), options,
                                 [](const Progress& progress) { return progress.iteration < 3; });
  EXPECT_EQ(told.stop, Stop::told_to);
  EXPECT_EQ(told.iterations, 3);
  EXPECT_EQ(told.certificate.claim, Claim::bounded);
  options.max_iterations = 2;
  const TrainResult limited = train(objective, flat_start(objective.packing()), options);
  EXPECT_EQ(limited.stop, Stop::iteration_limit);
  EXPECT_EQ(limited.trace.size(), 3u);
}

TEST(Concavity, DegreeIsRoundedUpward) {
  Architecture a;
  a.inputs = 1, a.classes = 2, a.output_p = 2;
  a.hidden.push_back({Vector::Constant(1, 2.0), NormScope::matrix, {4}, 1, {}});
  EXPECT_EQ(degree(a), 1.0);
  a.hidden[0].p[0] = std::nextafter(4.0, 0.0);
  EXPECT_GT(degree(a), 1.0);
  a.output_p = 3, a.hidden[0].p[0] = 3, a.hidden[0].exponents[0] = 2;  // 1/3 + 2/3 is not exact in binary
  EXPECT_GE(degree(a), 1.0);
  for (const auto& reference : reference_cases()) {
    const TestProblem problem = problem_of(reference);
    EXPECT_NEAR(degree(problem.architecture), number(reference["convexity_sum"]), 1e-14);
  }
}

TEST(Concavity, DegreeLooksAtConnectedUnitsOnly) {
  // Unit 1 has exponent 1 and p 2, unit 2 has exponent 3 and p 6; each sees its own input: degree 1/2 + 1/2.
  Architecture a;
  a.inputs = 2, a.classes = 2, a.output_p = 2;
  Vector alpha(2);
  alpha << 1, 3;
  a.hidden.push_back({alpha, NormScope::unit, {2, 6}, 1, {}});
  EXPECT_EQ(degree(a), 1.0);
  a.hidden[0].p = {6, 2};
  EXPECT_EQ(degree(a), 2.0);
}

TEST(Concavity, IsSharp) {
  // n = d = 1, α = (2, 2): at p = 3 (degree 1) one optimum, at p = 2.5 two that break the symmetry of the units.
  TestProblem problem;
  problem.features = Matrix::Ones(1, 1);
  problem.labels = {0};
  Architecture& a = problem.architecture;
  a.inputs = 1, a.classes = 2, a.epsilon = 1e-6, a.output_p = 2.5;
  a.hidden.push_back({Vector::Constant(2, 2.0), NormScope::matrix, {2.5}, 1, {}});
  Objective objective(a, problem.features, problem.labels, 1);
  std::vector<double> first_weights;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    TrainOptions options;
    options.box_steps = 20;
    options.max_iterations = 500;
    const TrainResult result = train(objective, random_start(objective.packing(), 2, seed), options);
    first_weights.push_back(result.network.hidden[0].weights(0, 0));
    EXPECT_NE(result.certificate.claim, Claim::certified);
  }
  const auto [low, high] = std::minmax_element(first_weights.begin(), first_weights.end());
  EXPECT_GT(*high - *low, 0.1);
}

TEST(Box, HoldsEveryFixedPointAndShrinksWhereTheReferenceSaysSo) {
  const std::map<std::string, bool> shrinks = {
      {"A", true}, {"B", true}, {"B_rho", false}, {"C_L2", true}, {"C_L2_convex", false}, {"D_L3", true}};
  for (const auto& reference : reference_cases()) {
    const std::string name = reference["name"];
    if (!shrinks.contains(name)) continue;
    SCOPED_TRACE(name);
    const TestProblem problem = problem_of(reference);
    Objective objective(problem.architecture, problem.features, problem.labels, 1);
    const BoxResult box = box_iteration(objective, 400);
    EXPECT_EQ(box.width <= 1e-9, shrinks.at(name)) << box.width << " after " << box.steps;
    const Vector optimum = packed_reference(problem, reference["fixed_point"]).array().log();
    EXPECT_TRUE((box.log_low.array() <= optimum.array()).all());
    EXPECT_TRUE((box.log_high.array() >= optimum.array()).all());
    EXPECT_LE(box.bound.value, -number(reference["phi_star"]));
    if (shrinks.at(name)) {
      EXPECT_GE(box.bound.value, -number(reference["phi_star"]) - 1e-8);
    }
  }
}

TEST(Box, WidthsFollowTheReference) {
  const auto cases = reference_cases();
  const TestProblem problem = problem_of(cases[0]);
  Objective objective(problem.architecture, problem.features, problem.labels, 1);
  const std::vector<double> expected = {0.297875, 0.0246284, 0.00221794, 0.000184403, 1.61244e-05};
  for (int steps = 1; steps <= 5; ++steps)
    EXPECT_NEAR(box_iteration(objective, steps).width / expected[static_cast<std::size_t>(steps - 1)], 1, 1e-3)
        << steps;
}

TEST(Box, CertifiesBelowTheDegreeOfHiddenConcavity) {
  // The data of case B, small radii and exponents up to 2: degree 1.07, yet the box closes.
  TestProblem problem = problem_of(reference_cases()[1]);
  Architecture& a = problem.architecture;
  a.hidden[0].p = {2.8}, a.output_p = 2.8, a.epsilon = 0.1;
  a.hidden[0].radius = a.output_radius = 0.5;
  Objective objective(a, problem.features, problem.labels, 1);
  EXPECT_GT(degree(a), 1.05);
  const TrainResult result = train(objective, flat_start(objective.packing()), {});
  EXPECT_EQ(result.certificate.evidence.kind, "box");
  EXPECT_EQ(result.certificate.claim, Claim::certified) << gap_of(result.certificate);
  EXPECT_LE(result.certificate.lower_bound, result.certificate.objective);
}

}  // namespace
}  // namespace nadir::spectral
