// ReLU networks: honest models are accepted, bounds over cones hold and agree with their formulas, and a model that
// breaks one rule is refused by that rule's check.
#include "nadir/verify/relu.hpp"

#include <gmpxx.h>

#include <random>

#include "nadir/verify/cones.hpp"
#include "nadir/verify/dense_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {
TEST(Relu, EveryLossIsAcceptedWithEveryKindOfTree) {
  int certified = 0;
  for (const auto& [loss, classes] : kLosses)
    for (const Trees trees : {Trees::full, Trees::root, Trees::split}) {
      SCOPED_TRACE(loss + std::to_string(classes) + std::to_string(static_cast<int>(trees)));
      const ReluModel model = relu_case(loss, classes, trees);
      expect_accepted(model);
      const Verdict verdict = verdict_on(model);
      const auto q = static_cast<double>(model.tree_polar()), bound = static_cast<double>(model.bound_with(q)),
                 patterns = static_cast<double>(model.bound_with(model.patterns_polar()));
      EXPECT_NEAR(told_number(verdict, ", q "), q, 1e-12 * q);
      EXPECT_NEAR(told_number(verdict, "proven "), bound, 1e-12);
      EXPECT_NEAR(told_number(verdict, "patterns lower bound "), patterns, 1e-10);
      EXPECT_GE(told_number(verdict, ", q ") * (1 + 1e-15), q);
      certified += model.document["certificate"]["claim"] == "certified" ? 1 : 0;
    }
  EXPECT_GT(certified, 6);
  EXPECT_LT(certified, 3 * static_cast<int>(kLosses.size()));
}

TEST(Relu, NetworksWithoutUnits) {
  for (const char* loss : {"squared", "softmax"}) {
    ReluModel model = relu_case(loss, loss == std::string("softmax") ? 3 : 0, Trees::split);
    model.units.push_back({0, 0, 0});  // zeros, and a unit that feeds nothing
    model.unit_outputs.push_back(std::vector<double>(model.outputs(), 1));
    model.units.push_back({1, 2, 3});
    model.unit_outputs.push_back(std::vector<double>(model.outputs(), -0.0));
    model.write_cells();
    model.write_relu_claims();
    expect_accepted(model);
    model.units.clear();
    model.unit_outputs.clear();
    model.write_cells();
    model.write_relu_claims();
    EXPECT_TRUE(model.cells.empty());
    expect_accepted(model);
    EXPECT_NEAR(number(model, "objective"), number(model, "objective_at_zero"), 1e-10);
  }
}

/// tau is at its most where every cone's bound is below lambda.
TEST(Relu, NoUnitPays) {
  ReluModel model = relu_case("logistic", 2, Trees::root);
  model.units.clear();
  model.unit_outputs.clear();
  model.lambda = 100;
  model.document["objective"]["lambda"] = hex(100);
  model.write_dual();
  model.tree.clear();
  model.relaxed.clear();
  for (const double s : {1.0, -1.0}) model.quadratic_tree(model.polar(0, s), 0);
  model.write_cells();
  model.write_relu_claims();
  expect_accepted(model);
  EXPECT_NEAR(number(model, "lower_bound"), std::log(2), 1e-10);
}

TEST(Relu, TrainingRowsAreFlagged) {
  ReluModel model = relu_case("squared", 0, Trees::full);
  model.sources.data += "1,2,nonsense\n";
  model.training_rows = std::vector<std::uint8_t>(10, 1);
  model.training_rows->back() = 0;
  expect_accepted(model);
}

/// Sums are exact in rationals; the verifier's outputs are within their errors, and those are small.
TEST(Relu, OutputsAndPatternsAgainstRationals) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  for (const auto& [n, d, m, outputs] :
       {std::array<std::size_t, 4>{150, 20, 20, 2}, {7, 3, 150, 3}, {1, 1, 1, 1}, {29, 17, 3, 9}}) {
    Matrix x(n, d);
    ReluNetwork network{Matrix(m, d), Matrix(m, outputs), Matrix(1, outputs), Matrix(d, outputs)};
    for (Matrix* matrix : {&x, &network.units, &network.outputs, &network.skip})
      for (double& value : matrix->values) value = random() % 4 == 0 ? 0 : normal(random) * std::exp2(random() % 9);
    if (d > 1)
      for (std::size_t j = 0; j < m; j += 5)  // orthogonal to the first sample but for rounding
        network.units.row(j)[d - 1] = x.row(0)[d - 1] = 1, network.units.row(j)[0] = -1 / (x.row(0)[0] = 3);
    const Outputs found = relu_outputs(x, network);
    const Flags patterns = patterns_of(x, network.units);
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<mpq_class> f(outputs);
      for (std::size_t j = 0; j < m; ++j) {
        mpq_class inner = 0;
        for (std::size_t l = 0; l < d; ++l) inner += mpq_class(x.row(i)[l]) * mpq_class(network.units.row(j)[l]);
        EXPECT_EQ(patterns[j * n + i] == 1, inner >= 0);
        for (std::size_t k = 0; inner > 0 && k < outputs; ++k) f[k] += inner * mpq_class(network.outputs.row(j)[k]);
      }
      for (std::size_t k = 0; k < outputs; ++k)
        for (std::size_t l = 0; l < d; ++l) f[k] += mpq_class(network.skip.row(l)[k]) * mpq_class(x.row(i)[l]);
      EXPECT_LE(found.errors[i], 1e-9 * (1 + (norm_of(network.units.values.data(), m * d).hi *
                                                  norm_of(network.outputs.values.data(), m * outputs).hi +
                                              norm_of(network.skip.values.data(), d * outputs).hi) *
                                                 norm_of(x.row(i), d).hi));
      for (std::size_t k = 0; k < outputs; ++k)
        EXPECT_LE(abs(f[k] - mpq_class(found.values.row(i)[k])), mpq_class(found.errors[i]));
    }
  }
}

TEST(Relu, WhatOverflowsIsRefused) {
  Matrix x(1, 2);
  x.values = {1e200, 1e200};
  const auto outputs = [&](std::vector<double> unit, double factor) {
    ReluNetwork network{Matrix(1, 2), Matrix(1, 1), Matrix(1, 1), Matrix(2, 1)};
    network.units.values = unit;
    network.outputs.values = {factor};
    return relu_outputs(x, network);
  };
  EXPECT_THROW(outputs({1e200, -1e200}, 1e-300), Refusal);
  EXPECT_THROW(outputs({1e200, 0}, 0), Refusal);
  EXPECT_THROW(outputs({-1e200, 0}, 1), Refusal);
  EXPECT_EQ(outputs({1e-200, 0}, 1).values.values[0], 1);
  ReluModel huge = relu_case("squared", 0, Trees::root);
  for (double& weight : huge.units[0]) weight = 1e308;
  huge.unit_outputs[0][0] = 1e308;
  huge.rehash_relu();
  EXPECT_EQ(failed(verdict_on(huge)).at(0), "objective");
}

/// A problem over cones, with duplicates, opposites, rows and weights of zero.
Polar random_polar(std::size_t n, std::size_t d, double scale, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Polar polar;
  for (std::size_t i = 0; i < n; ++i) {
    polar.x.emplace_back();
    for (std::size_t j = 0; j < d; ++j) polar.x[i].push_back(scale * normal(random));
    polar.g.push_back(normal(random) / static_cast<double>(n));
  }
  polar.x[1] = polar.x[0];
  for (double& entry : polar.x[2]) entry = 0;
  for (std::size_t j = 0; j < d; ++j) polar.x[3][j] = -polar.x[4][j];
  polar.g[5] = 0;
  return polar;
}
std::vector<double> direction(std::size_t d, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::vector<double> u(d);
  for (double& entry : u) entry = normal(random);
  return u;
}
/// The largest value of many directions in the cone, all of them near `inside`.
Real tried(const Polar& polar, const std::vector<int>& signs, const std::vector<double>& inside,
           std::mt19937_64& random) {
  Real best = 0;
  std::vector<double> at = inside;
  for (int step = 0; step < 2000; ++step) {
    std::vector<double> next = direction(at.size(), random);
    for (std::size_t j = 0; j < at.size(); ++j)
      next[j] = at[j] + next[j] * std::exp2(step % 12 == 0 ? 3 : -(step % 12));
    if (!polar.contains(signs, next) || polar.value(next) <= best) continue;
    best = polar.value(next);
    at = next;
  }
  return best;
}

TEST(Cones, QuadraticBoundsHoldAndAgreeWithTheFormula) {
  std::mt19937_64 random(11);
  int tight = 0;
  for (int round = 0; round < 120; ++round) {
    const std::size_t n = 8 + random() % 40, d = 1 + random() % 6, r = 1 + random() % (d + 2);
    const Polar polar = random_polar(n, d, std::exp2(static_cast<int>(random() % 21) - 10), random);
    const std::vector<double> inside = direction(d, random);
    std::vector<int> signs(n);
    for (std::size_t k = 0; k < static_cast<std::size_t>(round % 7); ++k) {
      const std::size_t i = random() % n;
      signs[i] = inner(polar.x[i], inside) >= 0 ? 1 : -1;
    }
    Rows<double> z;
    const double along = round % 2 == 0 ? 1 : 0, others = std::exp2(-(round % 5));
    for (std::size_t j = 0; j < d; ++j) {
      z.push_back(direction(r, random));
      for (double& entry : z[j]) entry *= others / std::sqrt(static_cast<double>(d * r));
      z[j][0] += along * inside[j] / static_cast<double>(norm(inside));
    }
    const double delta = std::pow(10, -static_cast<int>(random() % 14)),
                 pi0 = round % 3 == 0 ? 0 : std::exp2(-(round % 11));
    const double mu = polar.best_mu(signs, z, delta, pi0);
    Cones cones(matrix_of(polar.x));
    const Signs as_signs(signs.begin(), signs.end());
    const auto formula = static_cast<double>(polar.quadratic(signs, z, delta, pi0, mu));
    const double proven = cones.quadratic(polar.g, as_signs, matrix_of(z), {delta, pi0, mu});
    EXPECT_NEAR(proven, formula, 1e-9 * formula) << round;
    const Real truth = tried(polar, signs, inside, random);
    EXPECT_GE(proven, truth * (1 - 1e-15L)) << round;
    tight += proven < 1.02L * truth ? 1 : 0;
    // Any mu above the largest eigenvalue proves something.
    const double higher = mu + 0.3 * std::fabs(mu) + 0.1 * formula;
    const auto more = static_cast<double>(polar.quadratic(signs, z, delta, pi0, higher));
    EXPECT_NEAR(cones.quadratic(polar.g, as_signs, matrix_of(z), {delta, pi0, higher}), more, 1e-9 * more);
    EXPECT_THROW(cones.quadratic(polar.g, as_signs, matrix_of(z), {delta, pi0, -1e6 * (1 + formula)}), Refusal);
  }
  EXPECT_GT(tight, 2);
}

TEST(Cones, LinearBoundsHoldAndAgreeWithTheFormula) {
  std::mt19937_64 random(12);
  int tight = 0;
  for (int round = 0; round < 200; ++round) {
    const std::size_t n = 8 + random() % 30, d = 1 + random() % 5;
    const Polar polar = random_polar(n, d, std::exp2(static_cast<int>(random() % 21) - 10), random);
    const std::vector<double> inside = direction(d, random);
    std::vector<int> signs(n);
    for (std::size_t i = 0; i < n; ++i)
      if (polar.g[i] > 0 || random() % 2 == 0) signs[i] = inner(polar.x[i], inside) >= 0 ? 1 : -1;
    const std::vector<double> t = polar.multipliers(signs);
    Cones cones(matrix_of(polar.x));
    const Signs as_signs(signs.begin(), signs.end());
    const auto formula = static_cast<double>(polar.linear(signs, t));
    const double proven = cones.linear(polar.g, as_signs, t.data());
    const Real truth = tried(polar, signs, inside, random);
    double sizes = 0;
    for (std::size_t i = 0; i < n; ++i)
      sizes += static_cast<double>(norm(polar.x[i])) * (std::fabs(polar.g[i]) + (signs[i] != 0 ? t[i] : 0));
    EXPECT_NEAR(proven, formula, 1e-13 * sizes) << round;
    EXPECT_GE(proven, formula * (1 - 1e-15)) << round;
    EXPECT_GE(proven, truth * (1 - 1e-15L)) << round;
    tight += proven < 1.02L * truth ? 1 : 0;
  }
  EXPECT_GT(tight, 20);
}

TEST(Cones, MaximumOfConcaveQuadratics) {
  std::mt19937_64 random(13);
  std::normal_distribution<double> normal;
  for (int round = 0; round < 200; ++round) {
    const std::size_t d = 1 + random() % 8;
    const double scale = std::exp2(static_cast<int>(random() % 60) - 30), size = scale * std::exp2(-(round % 20));
    Rows<Real> factor(d, std::vector<Real>(d)), minus(d, std::vector<Real>(d));
    Matrix bordered(d, d + 1);
    std::vector<Real> b(d);
    for (auto& row : factor)
      for (Real& entry : row) entry = normal(random);
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t k = 0; k < d; ++k) {
        for (std::size_t l = 0; l < d; ++l) minus[j][k] -= factor[j][l] * factor[k][l];
        bordered.row(j)[k] = static_cast<double>(-scale * (minus[j][k] - (j == k ? 0.01L : 0)));
        minus[j][k] = -bordered.row(j)[k];
      }
      bordered.row(j)[d] = size * normal(random);
      b[j] = 2 * bordered.row(j)[d];
    }
    const auto exact = static_cast<double>(Polar::over_sphere(b, minus, 0));
    const double proven = maximum_of(bordered);
    EXPECT_GE(proven, exact * (1 - 1e-15));
    double trace = 0;  // and no eigenvalue is below scale / 100
    for (std::size_t j = 0; j < d; ++j) trace += bordered.row(j)[j];
    EXPECT_NEAR(proven, exact, 1e-14 * (trace + exact) * (1 + 100 * exact / scale)) << d;
    // Its last pivot is the inverse of the inverse's last entry.
    std::vector<Real> last(d);
    last[d - 1] = 2;
    const auto pivot = static_cast<double>(1 / Polar::over_sphere(last, minus, 0));
    bordered.row(d - 1)[d - 1] -= pivot * (1 + 1e-10);
    EXPECT_THROW(maximum_of(bordered), Refusal) << d;
  }
  Matrix one(1, 2);
  for (const double diagonal : {0.0, -1.0, -0.0, std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    one.values = {diagonal, 1};
    EXPECT_THROW(maximum_of(one), Refusal) << diagonal;
  }
  for (const double border : {std::nan(""), HUGE_VAL, 1e200}) {
    one.values = {1, border};
    EXPECT_THROW(maximum_of(one), Refusal) << border;
  }
  one.values = {1, 0};
  EXPECT_LT(maximum_of(one), 1e-13);
}

/// What the conditions of a bound refuse.
TEST(Cones, ConditionsOfLinearBounds) {
  const Polar polar{{{1, 0}, {0, 1}, {1, 1}, {0, 0}}, {0.5, -0.25, 0, 1}};
  const Cones cones(matrix_of(polar.x));
  const auto bound = [&](const Signs& signs, std::vector<double> t) { return cones.linear(polar.g, signs, t.data()); };
  EXPECT_NEAR(bound({1, 0, 0, 1}, {0, 1, 0, 0}), std::hypot(0.5, 0.25), 1e-13);
  EXPECT_NEAR(bound({1, 0, 0, 1}, {0, -1, 7, 0}), 0.5, 1e-13);
  EXPECT_NEAR(bound({-1, 1, -1, -1}, {0, 0.25, 0, 5}), 0, 1e-13);
  EXPECT_THROW(bound({0, 0, 0, 1}, {0, 0, 0, 0}), Refusal);
  EXPECT_THROW(bound({1, 0, 0, 0}, {0, 0, 0, 0}), Refusal);
  EXPECT_THROW(bound({1, 0, 0, 1}, {-0x1p-1074, 0, 0, 0}), Refusal);
  EXPECT_THROW(bound({1, 0, 0, 1}, {0, 0, 0, -0x1p-1074}), Refusal);
  EXPECT_THROW(bound({1, 0, 0, 1}, {0, 1 + 0x1p-52, 0, 0}), Refusal);
  EXPECT_THROW(bound({1, 0, 0, 1}, {0, -1 - 0x1p-52, 0, 0}), Refusal);
  EXPECT_THROW(bound({1, 0, 1, 1}, {1e308, 0, 1e308, 0}), Refusal);
  for (const double wrong : {std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(bound({1, 0, 0, 1}, {wrong, 0, 0, 0}), Refusal);
    EXPECT_THROW(bound({1, 0, 0, 1}, {0, wrong, 0, 0}), Refusal);
  }
}

TEST(Cones, NumbersThatUnderflowOrOverflow) {
  std::mt19937_64 random(14);
  // kappa overflows, and nothing else.
  const Polar wide{{{1e150}}, {1e10}};
  EXPECT_THROW(Cones(matrix_of(wide.x)).quadratic(wide.g, {0}, matrix_of(Rows<double>{{1}}), {1e150, 0, 1e300}),
               Refusal);
  for (const double scale : {1e-300, 1e-160, 1e-100, 1e100, 1e160, 1e300})
    for (const double delta : {1e-320, 1e-200, 1e-9, 1e9, 1e200})
      for (const double size : {1e-300, 1e-160, 1e-5, 1.0, 1e160, 1e300}) {
        Polar polar = random_polar(12, 3, scale, random);
        const std::vector<double> inside = direction(3, random);
        std::vector<int> signs(12);
        for (std::size_t i = 0; i < 12; i += 3) signs[i] = inner(polar.x[i], inside) >= 0 ? 1 : -1;
        Matrix z(3, 2);
        for (double& entry : z.values) entry = size * direction(1, random)[0];
        Cones cones(matrix_of(polar.x));
        for (const double mu : {1e-310, scale, 10 * scale, 1e300}) try {
            const double proven =
                cones.quadratic(polar.g, Signs(signs.begin(), signs.end()), z, {delta, 1e-3 * scale, mu});
            EXPECT_LE(tried(polar, signs, inside, random) * (1 - 1e-15L), proven);
          } catch (const Refusal&) {
          }
      }
}
}  // namespace
}  // namespace nadir::verify::planted
