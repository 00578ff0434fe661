#include "nadir/spectral/objective.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/spectral/spectral_map.hpp"
#include "nadir/spectral/test_util.hpp"

namespace nadir::spectral {
namespace {

PolynomialNetwork network_at(const Packing& packing, const Vector& log_weights) {
  PolynomialNetwork network = packing.empty_network();
  packing.unpack(weights_of(packing, log_weights), network);
  return network;
}

/// F by its definition, sample by sample, in long double.
long double objective_by_definition(const TestProblem& problem, const PolynomialNetwork& network) {
  long double sum = 0;
  for (Index i = 0; i < problem.features.rows(); ++i) {
    std::vector<long double> a;
    for (Index m = 0; m < problem.features.cols(); ++m) a.push_back(problem.features(i, m));
    for (const auto& layer : network.hidden) {
      std::vector<long double> next;
      for (Index l = 0; l < layer.weights.rows(); ++l) {
        long double g = 0;
        for (Index m = 0; m < layer.weights.cols(); ++m) g += layer.weights(l, m) * a[static_cast<std::size_t>(m)];
        next.push_back(std::pow(g, static_cast<long double>(layer.exponents[l])));
      }
      a = next;
    }
    long double total = 0, sum_exp = 0, label_output = 0;
    for (Index r = 0; r < network.output.rows(); ++r) {
      long double f = 0;
      for (Index l = 0; l < network.output.cols(); ++l) f += network.output(r, l) * a[static_cast<std::size_t>(l)];
      total += f, sum_exp += std::exp(f);
      if (r == problem.labels[static_cast<std::size_t>(i)]) label_output = f;
    }
    sum += std::log(sum_exp) - label_output - total;
  }
  long double weights = network.output.sum();
  for (const auto& layer : network.hidden) weights += layer.weights.sum();
  return sum / problem.features.rows() - problem.architecture.epsilon * weights;
}

TEST(Objective, AgreesWithTheReferenceAtTheFlatStart) {
  for (const auto& reference : reference_cases()) {
    SCOPED_TRACE(reference["name"].get<std::string>());
    const TestProblem problem = problem_of(reference);
    Objective objective(problem.architecture, problem.features, problem.labels, 1);
    const Vector start = flat_start(objective.packing());
    EXPECT_TRUE(weights_of(objective.packing(), start).isApprox(packed_reference(problem, reference["start"]), 1e-13));
    Vector gain;
    const auto value = objective.evaluate(network_at(objective.packing(), start), gain);
    EXPECT_NEAR(-value.objective, number(reference["phi_start"]), 1e-13 * value.magnitude);
    EXPECT_TRUE(gain.isApprox(packed_reference(problem, reference["grad_start"]), 1e-13));
    if (reference.contains("G_start") && !reference["G_start"].is_null()) {
      const Vector image = weights_of(objective.packing(), log_image(objective.packing(), gain));
      EXPECT_TRUE(image.isApprox(packed_reference(problem, reference["G_start"]), 1e-13));
    }
  }
}

TEST(Objective, AgreesWithItsDefinitionAndItsDifferences) {
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE(seed);
    const TestProblem problem =
        random_problem(1 + static_cast<int>(seed % 3), 2 + static_cast<int>(seed % 4), 40, 0.9, seed);
    Objective objective(problem.architecture, problem.features, problem.labels, 1);
    Vector logs = random_start(objective.packing(), 1.0, seed);
    PolynomialNetwork network = network_at(objective.packing(), logs);
    Vector gain;
    const auto value = objective.evaluate(network, gain);
    const double expected = static_cast<double>(objective_by_definition(problem, network));
    EXPECT_NEAR(value.objective, expected, objective.rounding_factor() * value.magnitude);
    EXPECT_LT(objective.rounding_factor(), 2e-11);
    Vector weights = objective.packing().pack(network);
    for (Index k = 0; k < weights.size(); ++k) {
      const double h = 1e-4 * weights[k];
      PolynomialNetwork above = network, below = network;
      Vector shifted = weights;
      shifted[k] = weights[k] + h, objective.packing().unpack(shifted, above);
      shifted[k] = weights[k] - h, objective.packing().unpack(shifted, below);
      const long double slope =
          (objective_by_definition(problem, above) - objective_by_definition(problem, below)) / (2 * h);
      EXPECT_NEAR(gain[k], static_cast<double>(-slope), 1e-6 * gain[k]) << k;
    }
  }
}

TEST(Objective, HasTheSameBitsForAnyNumberOfThreads) {
  const TestProblem problem = random_problem(2, 3, 20000, 0.9, 5);
  Vector expected;
  double expected_value = 0;
  for (const int threads : {1, 2, 3, 4, 16}) {
    Objective objective(problem.architecture, problem.features, problem.labels, threads);
    Vector gain;
    const auto value =
        objective.evaluate(network_at(objective.packing(), random_start(objective.packing(), 1, 9)), gain);
    if (threads == 1) expected = gain, expected_value = value.objective;
    EXPECT_EQ(value.objective, expected_value) << threads;
    EXPECT_EQ(gain, expected) << threads;
  }
}

TEST(Objective, KeepsItsPrecisionWhereOutputsAreLarge) {
  // One unit, x = 1, so f_r = w_r: outputs (800, 0) with label 1 lose 800 − 800, and c = (2 − s, 1 − s) has 1 − s tiny.
  TestProblem problem;
  problem.features = Matrix::Ones(1, 1);
  problem.labels = {0};
  problem.architecture.inputs = 1, problem.architecture.classes = 2, problem.architecture.epsilon = 0;
  problem.architecture.hidden.push_back({Vector::Ones(1), NormScope::matrix, {2}, 1, {}});
  Objective objective(problem.architecture, problem.features, problem.labels, 1);
  PolynomialNetwork network = objective.packing().empty_network();
  network.hidden[0].weights(0, 0) = 1;
  network.output << 50, 10;
  Vector gain;
  const auto value = objective.evaluate(network, gain);
  EXPECT_NEAR(value.objective, std::log1p(std::exp(-40.0)) - 60, 1e-13);
  const double softmax_of_other = std::exp(-40.0) / (1 + std::exp(-40.0));
  EXPECT_NEAR(gain[1], 1 + softmax_of_other, 1e-15);  // w_1
  EXPECT_NEAR(gain[2], 1 - softmax_of_other, 1e-15);  // w_2
  problem.labels = {1};
  Objective other(problem.architecture, problem.features, problem.labels, 1);
  other.evaluate(network, gain);
  EXPECT_NEAR(gain[1] / softmax_of_other, 1, 1e-13);  // 1 − s_1, not formed as 1 − 0.99..
  EXPECT_NEAR(gain[2], 1 + (1 - softmax_of_other), 1e-15);
}

TEST(Objective, RefusesDataThatTheTheoremDoesNotCover) {
  TestProblem problem = random_problem(1, 2, 10, 0.9, 1);
  problem.features(3, 1) = -1e-9;
  EXPECT_THROW(Objective(problem.architecture, problem.features, problem.labels, 1), InputError);
  problem.features(3, 1) = std::nan("");
  EXPECT_THROW(Objective(problem.architecture, problem.features, problem.labels, 1), InputError);
  problem.features(3, 1) = 1;
  problem.labels[0] = 2;
  EXPECT_THROW(Objective(problem.architecture, problem.features, problem.labels, 1), UsageError);
  problem.labels.pop_back();
  EXPECT_THROW(Objective(problem.architecture, problem.features, problem.labels, 1), UsageError);
}

TEST(Architecture, RefusesNumbersOutOfRangeAndNamesThem) {
  const Architecture good = random_problem(2, 2, 10, 0.9, 3).architecture;
  EXPECT_NO_THROW(good.validate());
  const auto refused = [&](auto change) {
    Architecture bad = good;
    change(bad);
    EXPECT_THROW(bad.validate(), UsageError);
  };
  refused([](Architecture& a) { a.output_p = 1; });
  refused([](Architecture& a) { a.output_p = std::nan(""); });
  refused([](Architecture& a) { a.output_radius = 0; });
  refused([](Architecture& a) { a.epsilon = -1e-12; });
  refused([](Architecture& a) { a.epsilon = std::nan(""); });
  refused([](Architecture& a) { a.hidden.clear(); });
  refused([](Architecture& a) { a.hidden[0].exponents[0] = 0.99; });
  refused([](Architecture& a) { a.hidden[1].radius = std::nan(""); });
  refused([](Architecture& a) { a.hidden[1].p.clear(); });
  refused([](Architecture& a) { a.hidden[0].p[0] = 1; });
  refused([](Architecture& a) { a.hidden[0].mask = Mask::Constant(a.hidden[0].units(), a.inputs, false); });
  refused([](Architecture& a) { a.hidden[0].mask = Mask::Constant(1, 1, true); });
}

}  // namespace
}  // namespace nadir::spectral
