// Kernel machines (sections 4.5 and 6.7 of docs/certificate-format.md): what is accepted, and lies, each refused by the
// check of the rule that it breaks.
#include "nadir/verify/kernel.hpp"

#include "nadir/verify/kernel_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {

TEST(KernelMachines, AreAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [loss, classes] : kLosses)
    for (const int power : {0, 1, 2}) {
      SCOPED_TRACE(loss + std::to_string(classes) + " power " + std::to_string(power));
      const KernelModel model = kernel_case(loss, classes, power, 12, classes > 0 ? Weights::both : Weights::column);
      expect_accepted(model);
      EXPECT_EQ(model.document["certificate"]["claim"], "certified");
      const double proven = told_number(verdict_on(model), "proven ");
      const Real formula = model.machine_bound();
      EXPECT_LE(proven, formula);
      EXPECT_GE(proven, formula - 1e-13L * (1 + std::fabs(formula)));
    }
}

/// Any coefficients in the domain prove a bound that no other coefficients fall below.
TEST(KernelMachines, ABoundHoldsForWorseOnes) {
  for (const int power : {0, 1, 2}) {
    KernelModel model = kernel_case("logistic", 2, power);
    const Real least = model.machine_objective();
    for (auto& row : model.coefficients) row[0] *= 0.75;
    model.write_machine_claims();
    expect_accepted(model);
    EXPECT_EQ(model.document["certificate"]["claim"], "bounded");
    EXPECT_LT(told_number(verdict_on(model), "proven "), least);
    EXPECT_GT(model.machine_objective(), least);
  }
}

Dataset dataset_of(const Rows<double>& rows) {
  Dataset dataset;
  dataset.features = Matrix(rows.size(), rows[0].size());
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy(rows[i].begin(), rows[i].end(), dataset.features.row(i));
  return dataset;
}

/// Outputs and norms against formulas in extended precision: rows that are equal, opposite, parallel, nearly so, 0, and
/// more than a tile of them.
TEST(KernelMachines, ValuesAreEnclosed) {
  Rows<double> rows{{1, 2, 3}, {1, 2, 3}, {-1, -2, -3}, {3, 6, 9}, {1, 2, 3 + 0x1p-30}, {-1, -2, -3 - 0x1p-40},
                    {0, 0, 0}};
  while (rows.size() < 300) {
    const auto i = static_cast<double>(rows.size());
    rows.push_back({std::sin(i), std::cos(3 * i), std::sin(i * i)});
  }
  KernelModel model;
  model.samples = rows;
  Matrix coefficients(rows.size(), 2);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    model.coefficients.push_back({std::sin(7.0 * static_cast<double>(i)), 1 / (1 + static_cast<double>(i))});
    std::copy(model.coefficients[i].begin(), model.coefficients[i].end(), coefficients.row(i));
  }
  for (const int power : {0, 1, 2}) {
    SCOPED_TRACE(power);
    model.power = power;
    Document document;
    document.power = power, document.outputs = 2;
    const KernelValues values = kernel_values(document, dataset_of(rows), coefficients);
    const Rows<Real> a = model.exact(), f = KernelModel::product(model.kernel(), a);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_LT(values.outputs.errors[i], power == 2 ? 2e-10 : 2e-11);
      for (std::size_t k = 0; k < 2; ++k)
        EXPECT_LE(std::fabs(values.outputs.values.row(i)[k] - f[i][k]), values.outputs.errors[i]) << i;
    }
    for (std::size_t k = 0; k < 2; ++k) {
      Real square = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) square += a[i][k] * f[i][k];
      EXPECT_LE(values.norms[k].lo, square);
      EXPECT_GE(values.norms[k].hi, square);
      EXPECT_LT(values.norms[k].hi - values.norms[k].lo, 1e-9);
    }
  }
}

TEST(KernelMachines, ValuesOfOnePair) {  // without cancellation among sums
  for (const int power : {0, 1, 2})
    for (const double angle :
         {0.0, 1e-12, 1e-7, 1e-3, 0.1, 0.15, 1.0, 1.6, 2.0, 3.0, 3.14, 3.1415926, 3.14159265358979}) {
      KernelModel model;
      model.power = power;
      model.samples = {{1, 0}, {2 * std::cos(angle), 2 * std::sin(angle)}};
      Document document;
      document.power = power;
      Matrix coefficients(2, 1);
      coefficients.values = {0, 1};
      const KernelValues values = kernel_values(document, dataset_of(model.samples), coefficients);
      EXPECT_LE(std::fabs(values.outputs.values.row(0)[0] - model.kernel()[0][1]), values.outputs.errors[0]) << angle;
      EXPECT_LT(values.outputs.errors[0], 4e-14);
    }
}

const char* const kAllOfWeights = "weights";
using KernelLie = LieAbout<KernelModel>;
KernelLie rehashed(const std::string& what, const std::string& checks, const std::function<void(KernelModel&)>& tell) {
  return {what, checks, [=](KernelModel& model) {
            tell(model);
            model.rehash_machine();
          }};
}
/// States what is true of the changed model, and that the bound be what it was.
KernelLie with_old_bound(const std::string& what, const std::string& checks,
                         const std::function<void(KernelModel&)>& tell) {
  return {what, checks, [=](KernelModel& model) {
            const double before = number(model, "lower_bound");
            tell(model);
            model.write_machine_claims();
            restate(model, "lower_bound", before);
          }};
}

TEST(KernelLies, AboutTheNetwork) {
  const KernelModel honest = kernel_case("logistic", 2, 1);
  expect_all_refused(
      honest,
      {rehashed("a sample is the next double", kAllOfWeights,
                [](KernelModel& m) { m.samples[3][0] = std::nextafter(m.samples[3][0], 9); }),
       rehashed("samples in another order", kAllOfWeights,
                [](KernelModel& m) { std::swap(m.samples[0], m.samples[1]); }),
       rehashed("minus 0", kAllOfWeights,
                [](KernelModel& m) {
                  for (auto& row : m.samples)
                    for (double& entry : row) entry = entry == 0 ? -0.0 : entry;
                }),
       rehashed("a sample too few", kAllOfWeights,
                [](KernelModel& m) { m.samples.pop_back(), m.coefficients.pop_back(); }),
       rehashed("coefficients too few", kAllOfWeights, [](KernelModel& m) { m.coefficients.pop_back(); }),
       rehashed("an output too many", kAllOfWeights,
                [](KernelModel& m) {
                  for (auto& row : m.coefficients) row.push_back(0);
                }),
       rehashed("samples of fewer features", kAllOfWeights,
                [](KernelModel& m) {
                  for (auto& row : m.samples) row.pop_back();
                }),
       rehashed("a coefficient that is no number", kAllOfWeights,
                [](KernelModel& m) { m.coefficients[2][0] = std::nan(""); }),
       rehashed("an infinite coefficient", kAllOfWeights, [](KernelModel& m) { m.coefficients[2][0] = HUGE_VAL; }),
       rehashed("smaller coefficients", "objective bound",
                [](KernelModel& m) {
                  for (auto& row : m.coefficients) row[0] *= 0.99;
                }),
       with_old_bound("smaller coefficients, the old bound", "bound",
                      [](KernelModel& m) {
                        for (auto& row : m.coefficients) row[0] *= 0.99;
                      }),
       {"another hash", "weights_hash",
        [](KernelModel& m) { m.coefficients[0][0] = std::nextafter(m.coefficients[0][0], 9); }},
       {"a dual point besides", "file", [](KernelModel& m) { m.with_dual = true; }}});
}

TEST(KernelLies, AboutTheDomainOfTheConjugate) {
  const auto with = [](double value) {
    return rehashed("a coefficient", "objective convexity", [=](KernelModel& m) { m.coefficients[1][0] = value; });
  };
  const KernelModel logistic = kernel_case("logistic", 2, 1);
  const double sign = logistic.labels[1] == 1 ? 1 : -1, most = 1 / (12 * logistic.lambda);
  expect_all_refused(logistic, {with(-sign * 0x1p-30), with(sign * most * 1.0001)});
  expect_all_refused(kernel_case("huber", 0, 2), {with(0.126 / (12 * 0.05)), with(-0.126 / (12 * 0.05))});
  const KernelModel hinge = kernel_case("squared_hinge", 2, 0);
  expect_all_refused(hinge, {with(hinge.labels[1] == 1 ? -0x1p-30 : 0x1p-30)});
  const KernelModel softmax = kernel_case("softmax", 3, 1);
  const auto other = static_cast<std::size_t>(softmax.labels[1] == 0 ? 1 : 0);
  expect_all_refused(softmax, {rehashed("of another class, above 0", "objective convexity",
                                        [=](KernelModel& m) { m.coefficients[1][other] = 0x1p-30; }),
                               rehashed("more than the share", "objective convexity", [=](KernelModel& m) {
                                 m.coefficients[1][other] = -1.0001 / (12 * m.lambda);
                               })});
}

/// A row's own class is minus the sum of the others in the bound: what is beside it lowers the bound and is no way out.
TEST(KernelLies, AboutARowsOwnClass) {
  const KernelModel honest = kernel_case("softmax", 3, 1);
  const auto own = static_cast<std::size_t>(honest.labels[1]);
  const double before = told_number(verdict_on(honest), "proven ");
  for (const double beside : {1e-6, -1e-6}) {
    KernelModel model = honest;
    model.coefficients[1][own] += beside;
    model.write_machine_claims(1e-3);
    const Verdict verdict = verdict_on(model);  // which claims what the formula says without that
    EXPECT_EQ(refused_by(verdict), "bound");
    EXPECT_LT(proven_bound(verdict), before);
    EXPECT_GT(proven_bound(verdict), before - 1e-6);
    EXPECT_LE(proven_bound(verdict), model.machine_bound());
  }
}

TEST(KernelLies, AboutTheDocument) {
  const KernelModel honest = kernel_case("squared", 0, 1);
  expect_all_refused(honest, {set("/network/power", 3),
                              set("/network/power", -1),
                              set("/network/power", hex(1)),
                              erase("/network", "power"),
                              set("/network/kind", "gated"),
                              set("/network/kind", "relu"),
                              set("/network/bandwidth", 1),
                              set("/objective/penalty", "group"),
                              set("/objective/penalty", "weight_decay"),
                              erase("/objective", "penalty"),
                              set("/objective/kind", "constrained"),
                              set("/objective/kind", "mean_loss"),
                              set("/objective/lambda", hex(0)),
                              erase("/objective", "lambda"),
                              set("/objective/skip", hex(1)),
                              set("/objective/output_bias", hex(1)),
                              set("/certificate/evidence/kind", "dual_point"),
                              set("/certificate/evidence/tau", hex(0.5)),
                              set("/network/power", 2, "objective bound"),
                              set("/network/power", 0, "objective"),
                              set("/objective/lambda", hex(0.0499), "objective bound"),
                              set("/objective/lambda", hex(0.0501), "objective"),
                              set("/certificate/samples", 11, "data")});
  KernelModel model = honest;
  restate(model, "lower_bound", told_number(verdict_on(honest), "proven ") + 1e-13);
  EXPECT_EQ(refused_by(verdict_on(model)), "bound");
  model = honest;
  restate(model, "objective", static_cast<double>(honest.machine_objective()) - 1e-13);
  EXPECT_EQ(refused_by(verdict_on(model)), "objective");
}
}  // namespace
}  // namespace nadir::verify::planted
