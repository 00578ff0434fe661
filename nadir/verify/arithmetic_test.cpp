// The arithmetic against MPFR and against the planted trainer's long double: enclosures hold, and are narrow.
#include <mpfr.h>

#include <cfenv>
#include <random>

#include "nadir/verify/proof.hpp"
#include "nadir/verify/test_util.hpp"

namespace nadir::verify::planted {
namespace {

struct Exact {
  mpfr_t value;
  explicit Exact(double x) {
    mpfr_init2(value, 200);
    mpfr_set_d(value, x, MPFR_RNDN);
  }
  ~Exact() { mpfr_clear(value); }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;
};

/// lo <= value <= hi, and no wider than `width` relative to the value.
::testing::AssertionResult encloses(Interval interval, const Exact& exact, double width) {
  const double near = std::fabs(mpfr_get_d(exact.value, MPFR_RNDN));
  if (mpfr_cmp_d(exact.value, interval.lo) < 0 || mpfr_cmp_d(exact.value, interval.hi) > 0)
    return ::testing::AssertionFailure() << interval.lo << " " << interval.hi << " misses " << near;
  if (!(width == HUGE_VAL || interval.hi - interval.lo <= width * near))
    return ::testing::AssertionFailure() << "wide at " << near;
  return ::testing::AssertionSuccess();
}

TEST(Arithmetic, ExponentialAndLogarithm) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> wide(-690, 709), narrow(-1, 1), exponents(-1070, 1020);
  for (int i = 0; i < 200000; ++i) {
    const double x = i % 2 == 0 ? wide(random) : std::ldexp(narrow(random), -static_cast<int>(random() % 60));
    Exact exponential(x);
    mpfr_exp(exponential.value, exponential.value, MPFR_RNDN);
    ASSERT_TRUE(encloses(exp_of(x), exponential, 0x1p-47)) << x;
    const double y = i % 2 == 0 ? std::exp2(exponents(random)) : 1 + x;
    Exact logarithm(y);
    mpfr_log(logarithm.value, logarithm.value, MPFR_RNDN);
    if (!(y > 0)) continue;
    ASSERT_TRUE(encloses(log_of(y), logarithm, 0x1p-47)) << y;
  }
  const double infinity = HUGE_VAL;
  for (const double x : {-infinity, -1e300, -745.0, -700.0, 709.5, 710.0, 1e300, infinity}) {
    Exact exponential(x);
    mpfr_exp(exponential.value, exponential.value, MPFR_RNDN);
    EXPECT_TRUE(encloses(exp_of(x), exponential, infinity)) << x;
  }
  EXPECT_THROW(exp_of(std::nan("")), Refusal);
  for (const double x : {0.0, -1.0, -infinity, std::nan("")}) EXPECT_THROW(log_of(x), Refusal);
}

TEST(Arithmetic, Powers) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> exponents(-20, 20);
  for (const double alpha : {1.0, 1.5, 2.0, 2.5, 3.0, 7.0, 63.5, 64.0, 65.0, 1.0000001, 3.7, 12.3}) {
    for (int i = 0; i < 5000; ++i) {
      const double g = std::exp2(exponents(random) / alpha);
      Exact power(g), slope(g), exponent(alpha), less(alpha - 1);
      mpfr_pow(power.value, power.value, exponent.value, MPFR_RNDN);
      mpfr_pow(slope.value, slope.value, less.value, MPFR_RNDN);
      mpfr_mul(slope.value, slope.value, exponent.value, MPFR_RNDN);
      const Interval at = power_of(g, alpha);
      ASSERT_TRUE(encloses(at, power, 1e-13)) << g << " " << alpha;
      // Where alpha - 1 is not a double, the slope above is not the one meant.
      const bool exact = alpha - 1 + 1 == alpha && std::fmod(alpha * 4, 1) == 0;
      ASSERT_TRUE(!exact || encloses(slope_of(g, alpha, at), slope, 1e-13)) << g << " " << alpha;
    }
    EXPECT_EQ(power_of(0, alpha).hi, 0);
    EXPECT_EQ(slope_of(0, alpha, {0, 0}).hi, alpha == 1 ? 1 : 0);
    for (const double g : {-1.0, HUGE_VAL, std::nan("")}) EXPECT_THROW(power_of(g, alpha), Refusal);
  }
  EXPECT_EQ(power_of(1e300, 3).hi, HUGE_VAL);
  EXPECT_LT(power_of(1e300, 3).lo, HUGE_VAL);
}

/// A random network and the same in long double: every enclosure holds, none is wide, and a box holds its points.
TEST(Arithmetic, ObjectiveAndGradient) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int round = 0; round < 20; ++round) {
    Model model = case_a();
    const int classes = round % 4 == 3 ? 40 : 3;  // above 32 the differences of outputs are taken in another way
    model.classes = classes;
    model.exponents = {{1, 2, 1.5, 3.3, 1}, {2, 1, 1.2}};
    model.p = {{5}, {5}, {5}};
    model.radius = {1, 1, 1};
    model.per_unit = {false, false, true};
    model.features.clear();
    model.labels.clear();
    for (int i = 0; i < 300; ++i) {
      model.features.emplace_back();
      for (int m = 0; m < 70; ++m) model.features.back().push_back(random() % 3 == 0 ? 0 : unit(random));
      model.labels.push_back(static_cast<int>(random() % static_cast<unsigned>(classes)));
    }
    model.weights.clear();
    Weights at, lower, upper;
    for (std::size_t j = 0; j < 3; ++j) {
      model.weights.emplace_back(model.units(j), std::vector<double>(model.inputs(j)));
      at.emplace_back(model.units(j), model.inputs(j));
      for (std::size_t k = 0; k < model.units(j); ++k)
        for (std::size_t m = 0; m < model.inputs(j); ++m)
          model.weights[j][k][m] = at[j].row(k)[m] = unit(random) * (j == 0 ? 0.1 : 1);
    }
    lower = upper = at;
    for (Matrix& matrix : lower)
      for (double& value : matrix.values) value *= 0.95;
    for (Matrix& matrix : upper)
      for (double& value : matrix.values) value *= 1.1;
    Dataset dataset{Matrix(300, 70), {model.labels.begin(), model.labels.end()}, {}, {}};
    for (std::size_t i = 0; i < 300; ++i)
      std::copy(model.features[i].begin(), model.features[i].end(), dataset.features.row(i));

    model.epsilon = 0;
    Network gradient;
    const Real phi = model.phi(model.as_network(), gradient);
    Document document;
    for (const auto& exponents : model.exponents) document.layers.push_back({exponents, false, {5}, 1});
    document.layers.emplace_back();
    const Evaluation point = evaluate(document, dataset, at, at);
    const Evaluation box = evaluate(document, dataset, lower, upper);
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
    // Long double is off by some 1e-17 here, far less than the widths of the enclosures.
    EXPECT_LE(point.mean_loss.lo, -phi);
    EXPECT_GE(point.mean_loss.hi, -phi);
    EXPECT_LE(point.mean_loss.hi - point.mean_loss.lo, 1e-13 * static_cast<double>(1 + std::fabs(phi)));
    EXPECT_EQ(box.mean_loss.hi, HUGE_VAL);
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < model.units(j); ++k)
        for (std::size_t m = 0; m < model.inputs(j); ++m) {
          const double lo = point.gradient[j].lo.row(k)[m], hi = point.gradient[j].hi.row(k)[m];
          ASSERT_TRUE(lo <= gradient[j][k][m] && gradient[j][k][m] <= hi) << j << " " << k << " " << m;
          ASSERT_LE(hi - lo, (classes > 32 ? 1e-12 : 2e-13) * hi);
          ASSERT_LE(box.gradient[j].lo.row(k)[m], lo);
          ASSERT_GE(box.gradient[j].hi.row(k)[m], hi);
        }
  }
}

TEST(Arithmetic, TheCallersRoundingIsKeptAndNotUsed) {
  const Model model = case_a();
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const Verdict verdict = verify(model.bytes(), model.sources);
    EXPECT_EQ(std::fegetround(), mode);
    std::fesetround(FE_TONEAREST);
    EXPECT_TRUE(verdict.accepted) << told(verdict);
  }
}

}  // namespace
}  // namespace nadir::verify::planted
