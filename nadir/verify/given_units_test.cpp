// ReLU networks whose units are given (section 6.10 of docs/certificate-format.md): what is accepted, its bound against
// the formula in extended precision, and lies, each refused by the check of the rule that it breaks.
#include "nadir/verify/given_units.hpp"

#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {

/// The tiny trainer, in long double, on the data of gated networks.
struct GivenModel : GatedModel {
  int power = 1;
  Rows<double> units, unit_outputs, dual;
  bool with_tree = false, with_cones = false;

  Rows<Real> phi() const {
    Rows<Real> values(features.size());
    for (std::size_t i = 0; i < features.size(); ++i)
      for (const auto& unit : units) {
        Real z = 0;
        for (std::size_t l = 0; l < unit.size(); ++l) z += Real(unit[l]) * features[i][l];
        values[i].push_back(z > 0 ? std::pow(z, Real(power)) : 0);
      }
    return values;
  }
  Rows<Real> outputs_at(const Rows<Real>& values, const Rows<Real>& w) const {
    Rows<Real> f(values.size(), std::vector<Real>(outputs()));
    for (std::size_t i = 0; i < f.size(); ++i)
      for (std::size_t j = 0; j < units.size(); ++j)
        for (std::size_t k = 0; k < outputs(); ++k) f[i][k] += values[i][j] * w[j][k];
    return f;
  }
  Rows<Real> exact() const {
    Rows<Real> w;
    for (const auto& row : unit_outputs) w.emplace_back(row.begin(), row.end());
    return w;
  }
  Real given_objective() const {
    const Rows<Real> w = exact(), f = outputs_at(phi(), w);
    Real total = 0;
    for (const auto& row : w)
      for (const Real entry : row) total += lambda / 2 * Real(units.size()) * entry * entry;
    std::vector<Real> unused;
    for (std::size_t i = 0; i < f.size(); ++i) total += share(i) * loss_at(i, f[i], unused);
    return total;
  }
  Real given_bound() const {
    constexpr Real tau = 1 - 0x1p-42L;
    const Rows<Real> values = phi();
    Rows<Real> g, sums(units.size(), std::vector<Real>(outputs()));
    for (std::size_t i = 0; i < dual.size(); ++i) {
      g.emplace_back(dual[i].begin(), dual[i].end());
      for (std::size_t k = 0; loss == "softmax" && k < g[i].size(); ++k)
        if (static_cast<int>(k) != labels[i]) g[i][static_cast<std::size_t>(labels[i])] -= g[i][k];
      for (std::size_t j = 0; j < units.size(); ++j)
        for (std::size_t k = 0; k < outputs(); ++k) sums[j][k] += values[i][j] * g[i][k];
    }
    Real total = 0;
    for (const auto& row : sums)
      for (const Real sum : row) total -= tau * tau * sum * sum / (2 * lambda * Real(units.size()));
    for (std::size_t i = 0; i < g.size(); ++i) {
      std::vector<Real> h = g[i];
      for (Real& entry : h) entry *= tau / share(i);
      total += share(i) * dual_value(i, h);
    }
    return total;
  }
  /// Gradient steps on the output weights; the dual point is minus the last gradient.
  void train_given(int steps) {
    const Rows<Real> values = phi();
    const Real weight = lambda * Real(units.size());
    Rows<Real> w(units.size(), std::vector<Real>(outputs())), gradient(values.size());
    Real steepest = weight;
    for (std::size_t i = 0; i < values.size(); ++i)
      for (const Real value : values[i]) steepest += share(i) * value * value;
    for (int step = 0; step <= steps; ++step) {
      const Rows<Real> f = outputs_at(values, w);
      for (std::size_t i = 0; i < values.size(); ++i) loss_at(i, f[i], gradient[i]);
      if (step == steps) break;
      for (std::size_t j = 0; j < w.size(); ++j)
        for (std::size_t k = 0; k < outputs(); ++k) {
          Real slope = weight * w[j][k];
          for (std::size_t i = 0; i < values.size(); ++i) slope += share(i) * values[i][j] * gradient[i][k];
          w[j][k] -= slope / steepest;
        }
    }
    unit_outputs.clear(), dual.clear();
    for (const auto& row : w) unit_outputs.emplace_back(row.begin(), row.end());
    for (std::size_t i = 0; i < values.size(); ++i) {
      dual.emplace_back();
      for (std::size_t k = 0; k < outputs(); ++k)
        dual[i].push_back(loss == "softmax" && static_cast<int>(k) == labels[i]
                              ? 0
                              : static_cast<double>(-share(i) * gradient[i][k]));
    }
  }

  void rehash_given() {
    document["certificate"]["weights_sha256"] = hash_of("nadir-weights 3\n", {&units, &unit_outputs});
  }
  void write_given_claims(double target_gap = 1e-9) {
    const Real f = given_objective(), bound = given_bound(), room = 1e-12L * (1 + f);
    state_claims(f + room, bound - room, target_gap, {{"kind", "given_units"}});
    rehash_given();
  }
  std::string file() const {
    std::vector<TensorPart> parts;
    const auto add = [&](const std::string& name, const Rows<double>& rows) {
      parts.push_back(matrix_part(name, rows, outputs()));
    };
    add("units", units);
    add("unit_outputs", unit_outputs);
    add("dual", dual);
    if (with_tree)
      for (const char* const name : {"cells", "tree", "relaxed", "linear"}) add(name, dual);
    if (with_cones) add("cones", {{1, 0, 0, 0}});
    return Model::sealed(document.dump(), parts);
  }
};

GivenModel given_case(const std::string& loss, std::size_t classes, int power, Weights weighting = Weights::none) {
  GivenModel model;
  static_cast<GatedModel&>(model) = gated_case(loss, classes, 12, 0, weighting);
  model.power = power;
  for (int j = 0; j < 7; ++j) {
    std::vector<double> unit;
    for (std::size_t l = 0; l < model.features[0].size(); ++l)
      unit.push_back(std::sin(1 + 3 * j + 5 * static_cast<double>(l)));
    model.units.push_back(unit);
  }
  model.document["network"] = {{"kind", "relu"}};
  if (power != 1) model.document["network"]["power"] = power;
  model.document["objective"]["penalty"] = "output_weights";
  model.train_given(20000);
  model.write_given_claims();
  return model;
}
Verdict verdict_on(const GivenModel& model) { return verify(model.file(), model.sources); }

TEST(GivenUnits, AreAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [loss, classes] : kLosses)
    for (const int power : {0, 1, 2}) {
      SCOPED_TRACE(loss + std::to_string(classes) + " power " + std::to_string(power));
      const GivenModel model = given_case(loss, classes, power, classes > 0 ? Weights::both : Weights::column);
      const Verdict verdict = verdict_on(model);
      EXPECT_TRUE(verdict.accepted) << told(verdict);
      EXPECT_EQ(model.document["certificate"]["claim"], "certified");
      const double proven = told_number(verdict, "proven ");
      const Real formula = model.given_bound();
      EXPECT_LE(proven, formula);
      EXPECT_GE(proven, formula - 1e-13L * (1 + std::fabs(formula)));
    }
}

/// Any dual point in the domain proves a bound that no output weights fall below.
TEST(GivenUnits, ABoundHoldsForWorseOnes) {
  for (const int power : {0, 1, 2}) {
    GivenModel model = given_case("logistic", 2, power);
    const Real least = model.given_objective();
    for (auto& row : model.dual) row[0] *= 0.75;
    for (auto& row : model.unit_outputs) row[0] *= 1.25;
    model.write_given_claims();
    const Verdict verdict = verdict_on(model);
    EXPECT_TRUE(verdict.accepted) << told(verdict);
    EXPECT_EQ(model.document["certificate"]["claim"], "bounded");
    EXPECT_LT(told_number(verdict, "proven "), least);
    EXPECT_GT(model.given_objective(), least);
  }
}

/// Products that cancel: the activations' own errors are far above those of sums of them.
TEST(GivenUnits, ActivationsThatCancelAreEnclosed) {
  Document document;
  document.kind = Kind::relu, document.penalty = Penalty::output_weights, document.lambda = 0x1p-3;
  for (const int power : {1, 2}) {
    GivenModel model;
    Dataset dataset;
    dataset.features = Matrix(40, 2);
    ReluNetwork network{Matrix(8, 2), Matrix(8, 1), Matrix(1, 1), Matrix(2, 1), power};
    Matrix dual(40, 1);
    model.power = power, model.loss = "squared", model.lambda = document.lambda;
    for (std::size_t j = 0; j < 8; ++j) {
      const double size = 1e6 * (1.5 + std::sin(3.0 * static_cast<double>(j)));
      model.units.push_back({size, -size * (1 + 1e-7 * std::cos(static_cast<double>(j)))});
      std::copy_n(model.units[j].data(), 2, network.units.row(j));
    }
    for (std::size_t i = 0; i < 40; ++i) {
      const auto t = static_cast<double>(i);
      model.features.push_back({1 + 0.3 * std::sin(t), (1 + 0.3 * std::sin(t)) * (1 + 1e-7 * std::cos(7 * t))});
      std::copy_n(model.features[i].data(), 2, dataset.features.row(i));
      dataset.targets.push_back(std::sin(2 * t)), model.targets.push_back(std::sin(2 * t));
      model.dual.push_back({std::sin(2 * t) / 64}), dual.row(i)[0] = model.dual[i][0];
    }
    document.power = power;
    const double proven = given_units_bound(document, dataset, network, dual).bound;
    const Real formula = model.given_bound();
    EXPECT_LE(proven, formula) << power;
    EXPECT_GE(proven, formula - (power == 1 ? 1e-6L : 1e-3L)) << power;
  }
}

void expect_accepted(const GivenModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
}

using GivenLie = LieAbout<GivenModel>;
GivenLie with_rehashed_units(const std::string& what, const std::string& checks,
                             const std::function<void(GivenModel&)>& tell) {
  return {what, checks, [=](GivenModel& model) {
            tell(model);
            model.rehash_given();
          }};
}

TEST(GivenUnitsLies, AboutTheNetwork) {
  const GivenModel honest = given_case("logistic", 2, 1);
  expect_all_refused(
      honest,
      {with_rehashed_units("other units", "objective bound", [](GivenModel& m) { m.units[2][0] += 1; }),
       with_rehashed_units("larger units", "bound claim",
                           [](GivenModel& m) {  // with the old bound, and smaller outputs: the same function for less
                             const double before = number(m, "lower_bound");
                             for (auto& unit : m.units)
                               for (double& entry : unit) entry *= 2;
                             for (auto& row : m.unit_outputs) row[0] /= 2;
                             m.write_given_claims(1e-9);
                             restate(m, "lower_bound", before);
                           }),
       with_rehashed_units("a unit too few", "objective bound",
                           [](GivenModel& m) { m.units.pop_back(), m.unit_outputs.pop_back(); }),
       with_rehashed_units("outputs too few", "weights", [](GivenModel& m) { m.unit_outputs.pop_back(); }),
       with_rehashed_units("an output too many", "weights",
                           [](GivenModel& m) {
                             for (auto& row : m.unit_outputs) row.push_back(0);
                           }),
       with_rehashed_units("no units", "weights", [](GivenModel& m) { m.units.clear(), m.unit_outputs.clear(); }),
       with_rehashed_units("a unit that is no number", "weights", [](GivenModel& m) { m.units[2][0] = std::nan(""); }),
       with_rehashed_units("an infinite output", "weights", [](GivenModel& m) { m.unit_outputs[2][0] = HUGE_VAL; }),
       with_rehashed_units("smaller outputs", "objective",
                           [](GivenModel& m) {
                             for (auto& row : m.unit_outputs) row[0] *= 0.99;
                           }),
       {"another hash", "weights_hash",
        [](GivenModel& m) { m.unit_outputs[0][0] = std::nextafter(m.unit_outputs[0][0], 9); }},
       {"a larger dual point", "bound",
        [](GivenModel& m) {
          for (auto& row : m.dual) row[0] *= 1.01;
        }},
       {"a smaller dual point", "bound",
        [](GivenModel& m) {
          for (auto& row : m.dual) row[0] *= 0.99;
        }},
       {"a dual point too short", "convexity", [](GivenModel& m) { m.dual.pop_back(); }},
       {"a dual point outside the domain", "convexity", [](GivenModel& m) { m.dual[1][0] = -m.dual[1][0]; }},
       {"a tree besides", "document", [](GivenModel& m) { m.with_tree = true; }},
       {"cones besides", "document", [](GivenModel& m) { m.with_cones = true; }}});
}

TEST(GivenUnitsLies, AboutTheDocument) {
  const GivenModel honest = given_case("squared", 0, 1);
  expect_all_refused(honest, {set("/network/power", 3),
                              set("/network/power", -1),
                              set("/network/power", 1),
                              set("/network/kind", "gated"),
                              set("/network/kind", "kernel"),
                              set("/objective/penalty", "group"),
                              set("/objective/penalty", "weight_decay"),
                              set("/objective/penalty", "kernel_norm"),
                              erase("/objective", "penalty"),
                              set("/objective/kind", "constrained"),
                              set("/objective/kind", "mean_loss"),
                              set("/objective/lambda", hex(0)),
                              erase("/objective", "lambda"),
                              set("/objective/skip", hex(1)),
                              set("/objective/output_bias", hex(1)),
                              set("/certificate/evidence/kind", "dual_point"),
                              set("/certificate/evidence/kind", "relu_polar"),
                              set("/certificate/evidence/tau", hex(0.5)),
                              set("/network/power", 2, "objective bound"),
                              set("/network/power", 0, "objective bound"),
                              set("/objective/lambda", hex(0.0499), "objective bound"),
                              set("/objective/lambda", hex(0.0501), "objective"),
                              set("/certificate/samples", 11, "data")});
  GivenModel model = honest;
  restate(model, "lower_bound", told_number(verdict_on(honest), "proven ") + 1e-13);
  EXPECT_EQ(refused_by(verdict_on(model)), "bound");
  model = honest;
  restate(model, "objective", static_cast<double>(honest.given_objective()) - 1e-13);
  EXPECT_EQ(refused_by(verdict_on(model)), "objective");
}
}  // namespace
}  // namespace nadir::verify::planted
