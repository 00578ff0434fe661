// Parallel sub-networks (sections 4.6 and 6.9 of docs/certificate-format.md): what is accepted, and lies, each refused
// by the check of the rule that it breaks.
#include "nadir/verify/parallel.hpp"

#include "nadir/verify/parallel_test_util.hpp"

namespace nadir::verify::planted {
namespace {

/// As the check `bound` tells it.
double proven_of(const ParallelModel& model) { return proven_bound(verdict_on(model)); }

TEST(ParallelNetworks, AreAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [loss, classes] : kLosses)
    for (const double slope : {0.0, 0.25, -1.0})
      for (const std::size_t depth : {std::size_t{2}, std::size_t{4}}) {
        SCOPED_TRACE(loss + std::to_string(classes) + " slope " + std::to_string(slope));
        const ParallelModel model =
            parallel_case(loss, classes, depth, slope, classes > 0 ? Weights::both : Weights::column);
        expect_accepted(model);
        const double proven = proven_of(model);
        const Real formula = model.norms_bound();
        EXPECT_LE(proven, formula);
        EXPECT_GE(proven, formula - 1e-12L);
      }
}

TEST(ParallelNetworks, NoneAtAllIsTheZeroNetwork) {
  for (const std::size_t classes : {std::size_t{0}, std::size_t{3}}) {
    ParallelModel model = parallel_case("squared", classes);
    model.count = 0;
    for (auto& layer : model.layers) layer.clear();
    model.write_parallel_claims();
    expect_accepted(model);
    EXPECT_NEAR(number(model, "objective"), number(model, "objective_at_zero"), 1e-11);
  }
}

TEST(ParallelNetworks, ALargeLambdaIsCertifiedAtTheZeroNetwork) {
  ParallelModel model = parallel_case("squared", 0);
  model.count = 0, model.lambda = 10;
  for (auto& layer : model.layers) layer.clear();
  model.document["objective"]["lambda"] = hex(10);
  model.write_parallel_claims(1e-6);
  restate(model, "objective", static_cast<double>(model.network_objective() * (1 + 1e-13L)));
  // What is gained is 0, and so the gap is rounding over rounding: bounded is what is claimed.
  expect_accepted(model);
  EXPECT_NEAR(number(model, "lower_bound"), number(model, "objective"), 1e-11);
}

/// The same singular value proven of a matrix and of its transpose, from just above it, and not from just below.
TEST(ParallelNetworks, ALargestSingularValueIsProvenFromAbove) {
  Rows<Real> rows(40, std::vector<Real>(7));
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < 7; ++j) rows[i][j] = static_cast<Real>(std::sin(static_cast<double>(i * 7 + j * j)));
  Matrix tall(40, 7), wide(7, 40);
  for (std::size_t i = 0; i < 40; ++i)
    for (std::size_t j = 0; j < 7; ++j) tall.row(i)[j] = wide.row(j)[i] = static_cast<double>(rows[i][j]);
  const auto value = static_cast<double>(largest_singular_value(rows));
  for (const Matrix& matrix : {tall, wide}) {
    EXPECT_NO_THROW(require_largest_singular_value(matrix, value * (1 + 1e-11)));
    EXPECT_THROW(require_largest_singular_value(matrix, value * (1 - 1e-12)), Refusal);
    EXPECT_THROW(require_largest_singular_value(matrix, std::nan("")), Refusal);
    EXPECT_THROW(require_largest_singular_value(matrix, 0x1p600), Refusal);
  }
  EXPECT_NO_THROW(require_largest_singular_value(Matrix(3, 2), 0x1p-400));  // of zeros: by the Frobenius norm
}

using ParallelLie = LieAbout<ParallelModel>;
ParallelLie rehashed(const std::string& what, const std::string& checks,
                     const std::function<void(ParallelModel&)>& tell) {
  return {what, checks, [=](ParallelModel& model) {
            tell(model);
            model.rehash_layers();
          }};
}
/// Another number of the evidence, and the bound that the formula gives by it.
ParallelLie with_norm(const char* key, double factor) {
  return {std::string(key) + " " + std::to_string(factor), "bound", [=](ParallelModel& m) {
            double& norm = std::string(key) == "dual_norm" ? m.dual_norm : m.features_norm;
            norm *= factor;
            m.state(number(m, "objective"), m.norms_bound() - 1e-12L, 0.01);
          }};
}

TEST(ParallelLies, AboutTheNetwork) {
  const ParallelModel honest = parallel_case("squared", 0);
  expect_all_refused(
      honest,
      {rehashed("a weight that is no number", "weights", [](ParallelModel& m) { m.layers[1][0][0] = std::nan(""); }),
       rehashed("an infinite weight", "weights", [](ParallelModel& m) { m.layers[2][1][0] = HUGE_VAL; }),
       rehashed("a layer with a unit too few", "weights", [](ParallelModel& m) { m.layers[1].pop_back(); }),
       rehashed("a layer with units too few", "weights",
                [](ParallelModel& m) { m.layers[1].resize(m.layers[1].size() - 2); }),
       rehashed("a last layer without units", "weights", [](ParallelModel& m) { m.layers[2].clear(); }),
       rehashed("a hidden layer without units", "weights", [](ParallelModel& m) { m.layers[0].clear(); }),
       rehashed("fewer inputs", "weights",
                [](ParallelModel& m) {
                  for (auto& row : m.layers[0]) row.pop_back();
                }),
       rehashed("one layer only", "weights", [](ParallelModel& m) { m.layers.resize(1); }),
       rehashed("no layer", "file", [](ParallelModel& m) { m.layers.clear(); }),
       rehashed("larger weights", "objective",
                [](ParallelModel& m) {
                  for (auto& row : m.layers[2])
                    for (double& w : row) w *= 1.01;
                }),
       {"another hash", "weights_hash",
        [](ParallelModel& m) { m.layers[0][0][0] = std::nextafter(m.layers[0][0][0], 9); }}});
  ParallelModel other = honest;
  for (const char* const name : {"coefficients", "units", "bias.1", "parallel.5", "layer.1"}) {
    other.extra_tensor = name;
    EXPECT_EQ(verdict_on(other).checks[0].passed, false) << name;
  }
}

TEST(ParallelLies, AboutTheDualPointAndTheNorms) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    for (const double slope : {0.0, 0.5}) {
      const ParallelModel honest = parallel_case(loss, classes, 3, slope);
      std::vector<ParallelLie> lies = {
          with_norm("features_norm", 1 - 1e-9),
          with_norm("features_norm", 0.5),
          {"a bound too high", "bound", [](ParallelModel& m) { restate(m, "lower_bound", proven_of(m) + 1e-12); }}};
      if (classes > 0 && honest.outputs() > 1) {
        lies.push_back(with_norm("dual_norm", 1 - 1e-9));
        lies.push_back(with_norm("dual_norm", 0.5));
      }
      expect_all_refused(honest, lies);
    }
  }
  const ParallelModel honest = parallel_case("logistic", 2);
  const double sign = honest.labels[1] == 1 ? 1 : -1;
  expect_all_refused(
      honest, {{"a dual point of the wrong sign", "convexity", [=](ParallelModel& m) { m.dual[1][0] = -sign * 1e-9; }},
               {"one above its share", "convexity", [=](ParallelModel& m) { m.dual[1][0] = sign * 1.001 / 12; }},
               {"one that is no number", "convexity", [](ParallelModel& m) { m.dual[1][0] = std::nan(""); }},
               {"a row too few", "convexity", [](ParallelModel& m) { m.dual.pop_back(); }},
               {"a worse dual point", "bound", [](ParallelModel& m) {
                  for (std::size_t i = 0; i < 6; ++i) m.dual[i][0] *= 0.5;
                }}});
}

/// max(|g+|, |g-|) is a bound for ReLU only: with leaky units a lie.
TEST(ParallelLies, AboutTheSlope) {
  ParallelModel model = parallel_case("logistic", 2, 3, 0.5);
  const Real bound = model.norms_bound();
  model.slope = 0;
  const Real of_relu = model.norms_bound();
  ASSERT_GT(of_relu, bound + 1e-6L);
  model.slope = 0.5;
  restate(model, "lower_bound", static_cast<double>(of_relu) - 1e-12);
  EXPECT_EQ(refused_by(verdict_on(model)), "bound");
}

TEST(ParallelLies, AboutTheDocument) {
  const std::string none = "document";
  const ParallelModel one = parallel_case("squared", 0), several = parallel_case("softmax", 3);
  expect_all_refused(one, {set("/network/slope", hex(1.0000001)),
                           set("/network/slope", hex(-1.5)),
                           set("/network/slope", 0),
                           erase("/network", "slope"),
                           set("/network/slope", hex(0.25), "objective"),
                           set("/network/kind", "gated"),
                           set("/network/kind", "linear"),
                           set("/network/layers", 3),
                           set("/objective/penalty", "group"),
                           set("/objective/penalty", "weight_decay"),
                           erase("/objective", "penalty"),
                           set("/objective/kind", "constrained"),
                           set("/objective/kind", "mean_loss"),
                           set("/objective/lambda", hex(0)),
                           set("/objective/lambda", hex(0.0501), "objective"),
                           set("/objective/lambda", hex(0.0499), "objective bound"),
                           set("/objective/output_bias", hex(1)),
                           set("/objective/skip", hex(1)),
                           set("/certificate/evidence/kind", "dual_point"),
                           set("/certificate/evidence/kind", "coefficients"),
                           set("/certificate/evidence/dual_norm", hex(9)),
                           set("/certificate/evidence/features_norm", hex(0)),
                           set("/certificate/evidence/features_norm", hex(-9)),
                           set("/certificate/evidence/features_norm", 9),
                           erase("/certificate/evidence", "features_norm"),
                           set("/certificate/samples", 11, "data")});
  expect_all_refused(several,
                     {erase("/certificate/evidence", "dual_norm"), set("/certificate/evidence/dual_norm", hex(0)),
                      set("/certificate/evidence/dual_norm", hex(-1))});
}
}  // namespace
}  // namespace nadir::verify::planted
