#include "nadir/spectral/contraction.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/spectral/concavity.hpp"
#include "nadir/spectral/objective.hpp"
#include "nadir/spectral/spectral_map.hpp"
#include "nadir/spectral/test_util.hpp"

namespace nadir::spectral {
namespace {

Vector numbers(std::initializer_list<double> values) {
  Vector result(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), result.begin());
  return result;
}

TEST(Psi, AgreesWithReferenceValues) {
  EXPECT_NEAR(psi(numbers({1.5}), numbers({2}), .7, 1.2, 9), 1.17132403714771, 1e-13);
  EXPECT_NEAR(psi(numbers({1, 2, 3.5}), Vector::Ones(3), .8, 1.1, 4), 1.32158887627514, 1e-13);
  EXPECT_NEAR(psi(numbers({1, 2, 3, 4}), numbers({1, 2, 3, 4}), 1.3, 1.5, 3), 12.6520255932573, 1e-12);
  // ᾱ p = q, where the sum becomes a maximum, beside units of the other kind.
  EXPECT_NEAR(psi(numbers({4, 4.5}), Vector::Ones(2), 1.2, 1.25, 5), 3.78362347342892, 1e-13);
}

TEST(Psi, OfOneUnitIsItsOwnSupremum) {
  for (const double q : {3.0, 9.0, 400.0}) EXPECT_NEAR(psi(numbers({2}), numbers({3}), 1.3, 1.1, q), 3 * 1.69, 1e-12);
}

TEST(Psi, BoundsTheSupremumItStandsFor) {
  // sup of ‖(δ_l (t τ_l^{1/q})^{α_l})_l‖_p over Σ τ ≤ 1, by random τ.
  Random random(3);
  for (int trial = 0; trial < 300; ++trial) {
    const Index units = 1 + random.integer(0, 6);
    Vector alpha(units);
    for (double& a : alpha) a = random.uniform(1, 4);
    const Vector delta = trial % 2 ? alpha : Vector::Ones(units).eval();
    const double p = 1 + random.uniform(0.01, 1), q = random.uniform(1.1, 40), t = random.uniform(0.3, 2);
    const double bound = psi(alpha, delta, t, p, q);
    EXPECT_LE(bound,
              (delta.array() * alpha.unaryExpr([&](double a) { return std::pow(t, a); }).array()).sum() * (1 + 1e-12));
    for (int draw = 0; draw < 50; ++draw) {
      Vector tau(units);
      for (double& value : tau) value = -std::log(1 - random.uniform());
      tau /= tau.sum();
      double sum = 0;
      for (Index l = 0; l < units; ++l) sum += std::pow(delta[l] * std::pow(t * std::pow(tau[l], 1 / q), alpha[l]), p);
      EXPECT_LE(std::pow(sum, 1 / p), bound * (1 + 1e-12));
    }
  }
}

void expect_matrix(const Matrix& actual, const nlohmann::json& expected) {
  ASSERT_EQ(actual.rows(), static_cast<Index>(expected.size()));
  for (Index i = 0; i < actual.rows(); ++i)
    for (Index k = 0; k < actual.cols(); ++k) {
      const double value = number(expected[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)]);
      EXPECT_NEAR(actual(i, k), value, 1e-13 * value) << i << ',' << k;
    }
}

TEST(Theorems, MatricesAndRadiiAgreeWithTheReference) {
  for (const auto& reference : reference_cases()) {
    SCOPED_TRACE(reference["name"].get<std::string>());
    const TestProblem problem = problem_of(reference);
    const Sizes sums = sizes_by_sums(problem.architecture, problem.features);
    const Sizes sharp = sizes_by_psi(problem.architecture, problem.features);
    EXPECT_NEAR(sums.output, number(reference["const_sum"]["C_w"]), 1e-12 * sums.output);
    EXPECT_NEAR(sharp.output, number(reference["const_psi"]["C_w"]), 1e-12 * sharp.output);
    EXPECT_NEAR(sharp.rho_x, number(reference["const_psi"]["rho_x"]), 1e-13);
    if (reference.contains("A_sum")) expect_matrix(theorem_matrix(problem.architecture, sums), reference["A_sum"]);
    if (reference.contains("A_psi")) expect_matrix(theorem_matrix(problem.architecture, sharp), reference["A_psi"]);
    EXPECT_NEAR(spectral_radius(theorem_matrix(problem.architecture, sums)).upper, number(reference["rhoA_sum"]),
                1e-11 * number(reference["rhoA_sum"]));
    EXPECT_NEAR(spectral_radius(theorem_matrix(problem.architecture, sharp)).upper, number(reference["rhoA_psi"]),
                1e-11 * number(reference["rhoA_psi"]));
  }
}

TEST(Theorems, SharperMatricesAgreeWithTheReference) {
  const std::map<std::string, std::pair<double, double>> expected = {
      {"A", {0.442387, 0.294357}},    {"B", {3.536166, 2.376147}},           {"B_rho", {54.787733, 38.409587}},
      {"C_L2", {0.499522, 0.364380}}, {"C_L2_convex", {6.525874, 4.514594}}, {"D_L3", {0.505607, 0.396804}}};
  for (const auto& reference : reference_cases()) {
    const std::string name = reference["name"];
    if (!expected.contains(name)) continue;
    SCOPED_TRACE(name);
    const TestProblem problem = problem_of(reference);
    const Sizes sharp = sizes_by_psi(problem.architecture, problem.features);
    const auto [thompson, hilbert] = expected.at(name);
    EXPECT_NEAR(spectral_radius(thompson_matrix(problem.architecture, sharp)).upper, thompson, 2e-6 * thompson);
    EXPECT_NEAR(spectral_radius(hilbert_matrix(problem.architecture, sharp)).upper, hilbert, 2e-6 * hilbert);
  }
}

TEST(Theorems, StopRuleAgreesWithTheReference) {
  for (const auto& reference : reference_cases()) {
    if (!reference.contains("R_sum")) continue;
    SCOPED_TRACE(reference["name"].get<std::string>());
    const TestProblem problem = problem_of(reference);
    const Architecture& a = problem.architecture;
    Objective objective(a, problem.features, problem.labels, 1);
    SpectralMap map(objective);
    FixedPointProblem::Point start;
    start.position = flat_start(objective.packing());
    map.evaluate(start);
    for (const std::string kind : {"sum", "psi"}) {
      const Sizes sizes = kind == "sum" ? sizes_by_sums(a, problem.features) : sizes_by_psi(a, problem.features);
      const SpectralRadius radius = spectral_radius(theorem_matrix(a, sizes));
      const double R = theorem_3_constant(a, radius, start.position, start.image);
      EXPECT_NEAR(R, number(reference["R_" + kind]), 1e-9 * R);
      EXPECT_EQ(published_iterations(R, radius.upper, 1e-8), reference["k_stop_tau1e-8_" + kind].get<long>());
    }
  }
}

TEST(Theorems, APosterioriBoundHoldsAndIsFarSharper) {
  for (const auto& reference : reference_cases()) {
    if (!reference.contains("R_sum")) continue;
    const TestProblem problem = problem_of(reference);
    const Architecture& a = problem.architecture;
    Objective objective(a, problem.features, problem.labels, 1);
    SpectralMap map(objective);
    const SpectralRadius radius = spectral_radius(theorem_matrix(a, sizes_by_psi(a, problem.features)));
    const Vector optimum = packed_reference(problem, reference["fixed_point"]);
    FixedPointProblem::Point point;
    point.position = flat_start(objective.packing());
    long steps = 0;
    for (double bound = 1; bound > 1e-8; ++steps) {
      map.evaluate(point);
      bound = a_posteriori_bound(a, radius, point.position, point.image);
      point.position = point.image;
      EXPECT_LE((weights_of(objective.packing(), point.position) - optimum).lpNorm<Eigen::Infinity>(), bound + 3e-14);
      ASSERT_LT(steps, 100);
    }
    EXPECT_LT(20 * steps, reference["k_stop_tau1e-8_sum"].get<long>());
  }
}

TEST(Theorems, SpectralMapContractsAsTheMatricesSay) {
  // max-metric with the right Perron vector for the theorem's sum metric is avoided: the largest relative change of any
  // block may not exceed the spectral radius times the largest γ-weighted one. Here the sum metric itself.
  for (const auto& reference : reference_cases()) {
    if (!reference.contains("R_psi")) continue;
    const TestProblem problem = problem_of(reference);
    const Architecture& a = problem.architecture;
    Objective objective(a, problem.features, problem.labels, 1);
    const SpectralRadius radius = spectral_radius(theorem_matrix(a, sizes_by_psi(a, problem.features)));
    SpectralMap map(objective);
    const auto distance = [&](const Vector& x, const Vector& y) {
      return theorem_3_constant(a, {0.0, radius.left}, x, y);  // μ(x, y) up to a constant factor
    };
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      FixedPointProblem::Point x, y;
      x.position = random_start(objective.packing(), 3, seed),
      y.position = random_start(objective.packing(), 3, seed + 99);
      map.evaluate(x), map.evaluate(y);
      EXPECT_LE(distance(x.image, y.image), radius.upper * distance(x.position, y.position));
    }
  }
}

TEST(Theorems, PublishedChoiceOfPIsContractingAtAnyDepth) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    TestProblem problem = random_problem(1 + static_cast<int>(seed % 4), 2 + static_cast<int>(seed % 3), 20, 0.9, seed);
    for (auto& layer : problem.architecture.hidden) layer.scope = NormScope::matrix, layer.p = {2};
    set_published_p(problem.architecture, problem.features, 1.000001);
    double previous = 1;
    for (const auto& report : contraction_certificates(problem.architecture, problem.features)) {
      EXPECT_LT(report.spectral_radius, 1) << report.name;
      EXPECT_LE(report.spectral_radius, previous * (1 + 1e-9)) << report.name;
      previous = report.spectral_radius;
    }
    EXPECT_LT(degree(problem.architecture), 1);  // Theorem 1 implies hidden concavity
  }
}

TEST(Theorems, CertificatesNeverOutreachHiddenConcavity) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    TestProblem problem = random_problem(1 + static_cast<int>(seed % 3), 2, 10, 0.9, seed);
    Random random(seed);
    for (auto& layer : problem.architecture.hidden)
      layer.scope = NormScope::matrix, layer.p = {1 + std::exp(random.uniform(-2, 8))},
      layer.radius = std::exp(random.uniform(-3, 0));
    problem.architecture.output_p = 1 + std::exp(random.uniform(-2, 8));
    problem.architecture.output_radius = std::exp(random.uniform(-3, 0));
    for (const auto& report : contraction_certificates(problem.architecture, problem.features)) {
      if (report.name.starts_with("theorem") && report.spectral_radius < 1) {
        EXPECT_LE(degree(problem.architecture), 1) << seed << report.name;
      }
    }
  }
}

}  // namespace
}  // namespace nadir::spectral
