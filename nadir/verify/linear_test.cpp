// Deep linear networks (sections 4.4, 5.4 and 6.5 of docs/certificate-format.md): what is accepted, how tight the bound
// is, lies, each refused by the check of the rule that it breaks, and thousands of forgeries.

#include "nadir/verify/linear_test_util.hpp"

namespace nadir::verify::planted {
namespace {
const std::vector<std::vector<std::size_t>> kHidden = {{}, {1}, {3, 2}, {2, 1, 2}};

TEST(Linear, IsAcceptedAndItsBoundIsTheOptimum) {
  for (const std::size_t classes : {0U, 2U, 3U})
    for (const auto& hidden : kHidden)
      for (const bool biases : {false, true})
        for (const bool extra : {false, true}) {
          SCOPED_TRACE(std::to_string(classes) + " " + std::to_string(hidden.size()) + (biases ? " b" : "") +
                       (extra ? " x" : ""));
          const LinearModel model = linear_case(classes, hidden, biases, extra);
          expect_accepted(model);
          const double proven = told_bound(verdict_on(model));
          const Real best = model.optimum(), zero = model.at_zero();
          EXPECT_LE(proven, best);
          EXPECT_GE(proven, best - 1e-10L * zero);
          EXPECT_GE(number(model, "objective"), best);
          EXPECT_EQ(model.document["certificate"]["claim"], "certified");
        }
}

/// Next to biases means are of no matter: features a million deviations from 0 cost a few digits, not the bound.
TEST(Linear, MeansAreOfNoMatterNextToBiases) {
  LinearModel model = linear_case(0, {}, true, false, 0x1p20);
  restate(model, "objective", number(model, "objective") + 3e-10);  // W x and b cancel: rounding, and room for it
  expect_accepted(model);
  EXPECT_GE(told_bound(verdict_on(model)), model.optimum() * (1 - 1e-8L));
}

/// The bound holds for the networks it speaks of: none that is drawn or moved does better.
TEST(Linear, NoNetworkOfTheseWidthsIsBelowTheBound) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  for (const bool biases : {false, true}) {
    const LinearModel best = linear_case(3, {2, 1, 2}, biases, true);
    const double proven = told_bound(verdict_on(best));
    for (int trial = 0; trial < 300; ++trial) {
      LinearModel other = best;
      const double size = trial % 3 == 0 ? 1e-4 : trial % 3 == 1 ? 1e-2 : 1;
      for (auto* matrices : {&other.layers, &other.biases})
        for (auto& matrix : *matrices)
          for (auto& row : matrix)
            for (double& entry : row) entry += size * normal(random);
      EXPECT_GE(other.objective(), proven);
    }
  }
}

/// Hidden numbers of 2^30 that cancel: what is said of the objective holds what it is.
TEST(Linear, TheObjectiveIsEnclosedWhereWeightsCancel) {
  for (const bool biases : {false, true}) {
    LinearModel model = linear_case(0, {2}, biases, false);
    const Rows<double> whole = {{model.layers[0][0][0] * model.layers[1][0][0], 0.3}};
    model.layers = {{{0x1p30, 0x1.1p29}, {0x1p30 + whole[0][0], 0x1.1p29 + whole[0][1]}}, {{-1, 1}}};
    if (biases) model.biases[0] = {{0x1.3p30, 0x1.3p30}};
    model.rehash();
    const Verdict verdict = verdict_on(model);
    const std::string& text = verdict.checks[7].detail;
    const std::size_t from = text.find("proven ") + 7, to = text.find(" .. ") + 4;
    const Real low = std::strtod(text.c_str() + from, nullptr), high = std::strtod(text.c_str() + to, nullptr),
               f = model.objective();
    EXPECT_LE(low, f) << text;
    EXPECT_GE(high, f) << text;
    EXPECT_LT(high - low, 1e-4L * (1 + f)) << text;
  }
}

TEST(LinearLies, AboutTheDocument) {
  expect_all_refused(
      linear_case(3, {2}, true, true),
      {set("/certificate/evidence/kind", "dual_point"), set("/certificate/evidence/level", hex(-0.125)),
       set("/certificate/evidence/level", 0.5), set("/certificate/evidence/columns", "all"),
       set("/certificate/evidence/columns", {0, -1}), set("/certificate/evidence/columns", {0, 0.5}),
       erase("/certificate/evidence", "level"), erase("/certificate/evidence", "columns"),
       set("/objective/kind", "penalized"), set("/objective/lambda", hex(1)),
       set("/objective/weights", {{"classes", {hex(1), hex(1), hex(1)}}}), set("/objective/loss/kind", "softmax"),
       set("/objective/loss/delta", hex(1)), set("/network/kind", "gated"), set("/network/hidden", Json::array())});
}

TEST(LinearLies, AboutTheNetwork) {
  const auto rehashed = [](const std::function<void(LinearModel&)>& tell) {
    return [=](LinearModel& m) {
      tell(m);
      m.rehash();
    };
  };
  const LinearModel honest = linear_case(3, {2, 2}, true, true);
  expect_all_refused(
      honest,
      {{"a weight moved and not hashed", "weights_hash objective", [](LinearModel& m) { m.layers[0][0][0] += 0.25; }},
       {"a weight moved", "objective", rehashed([](LinearModel& m) { m.layers[1][0][0] += 0.25; })},
       {"a bias moved", "objective", rehashed([](LinearModel& m) { m.biases[2][0][1] += 0.25; })},
       {"a weight not finite", "weights", rehashed([](LinearModel& m) { m.layers[2][0][0] = std::nan(""); })},
       {"a bias not finite", "weights", rehashed([](LinearModel& m) { m.biases[2][0][0] = HUGE_VAL; })},
       {"a layer that takes more", "weights", rehashed([](LinearModel& m) {
          for (auto& row : m.layers[1]) row.push_back(0);
        })},
       {"a layer too many", "weights", rehashed([](LinearModel& m) {
          m.layers.push_back({{1, 0, 0}, {0, 1, 0}});
          m.biases.emplace_back();
        })},
       {"two rows of biases", "weights", rehashed([](LinearModel& m) { m.biases[2].push_back(m.biases[2][0]); })},
       {"a bias of another width", "weights", rehashed([](LinearModel& m) { m.biases[2][0].push_back(0); })},
       {"a bias that no layer has", "file", [](LinearModel& m) { m.biases.push_back(m.biases[2]); }},
       {"a layer without units", "weights", rehashed([](LinearModel& m) {
          m.layers[0].clear();
          for (auto& row : m.layers[1]) row.clear();
        })},
       {"without biases", "objective convexity", rehashed([](LinearModel& m) { m.biases[2].clear(); })}});
}

TEST(LinearLies, AboutTheEvidence) {
  for (const bool biases : {false, true}) {
    const LinearModel honest = linear_case(3, {2}, biases, true);
    const auto columns = [](const std::vector<int>& all) {
      return [=](LinearModel& m) { m.document["certificate"]["evidence"]["columns"] = all; };
    };
    const std::size_t r = honest.columns().size();
    expect_all_refused(
        honest,
        {{"columns out of order", "convexity", columns(biases ? std::vector{1, 0} : std::vector{0, 3, 1})},
         {"a column twice", "convexity", columns(biases ? std::vector{1, 1} : std::vector{0, 1, 1})},
         {"a column that is not there", "convexity", columns(biases ? std::vector{0, 5} : std::vector{0, 1, 5})},
         {"a column too many", "convexity", columns(biases ? std::vector{0, 1, 2} : std::vector{0, 1, 2, 3})},
         {"an entry below the diagonal", "convexity", [](LinearModel& m) { m.triangle[1][0] = 0x1p-1074; }},
         {"a diagonal entry of 0", "convexity", [](LinearModel& m) { m.triangle[1][1] = 0; }},
         {"an entry that is not finite", "convexity", [](LinearModel& m) { m.triangle[0][1] = std::nan(""); }},
         {"a triangle with a row more", "convexity", [r](LinearModel& m) { m.triangle.emplace_back(r); }},
         {"a relation too few", "convexity", [](LinearModel& m) { m.relations.pop_back(); }},
         {"a relation too many", "convexity", [](LinearModel& m) { m.relations.push_back(m.relations[0]); }},
         {"relations of another width", "convexity",
          [](LinearModel& m) {
            for (auto& row : m.relations) row.push_back(0);
          }},
         {"a relation that is not finite", "convexity", [](LinearModel& m) { m.relations[0][0] = HUGE_VAL; }},
         {"a factor with a row too few", "convexity", [](LinearModel& m) { m.factor.pop_back(); }},
         {"a factor that is not finite", "convexity", [](LinearModel& m) { m.factor[0][0] = -HUGE_VAL; }}});
  }
  LinearModel constant = linear_case(3, {2}, false, true);
  constant.relations[0].back() = 1;
  EXPECT_EQ(refused_by(verdict_on(constant)), "convexity");
}

TEST(LinearLies, AboutTheBound) {
  for (const std::size_t classes : {0U, 3U})
    for (const bool biases : {false, true}) {
      SCOPED_TRACE(std::to_string(classes) + (biases ? " b" : ""));
      const LinearModel honest = linear_case(classes, {2}, biases, true);
      const double proven = told_bound(verdict_on(honest)), objective = number(honest, "objective");
      const auto scaled = [](Rows<double> LinearModel::*matrix, double by) {
        return [=](LinearModel& m) {
          for (auto& row : m.*matrix)
            for (double& entry : row) entry *= by;
        };
      };
      expect_all_refused(
          honest, {{"the bound raised", "bound", stated("lower_bound", std::nextafter(proven, objective))},
                   {"the bound raised more", "bound", stated("lower_bound", (proven + objective) / 2)},
                   {"the bound above the objective", "bound claim", stated("lower_bound", objective * (1 + 1e-9))},
                   {"the objective too low", "objective",
                    [=](LinearModel& m) {
                      restate(m, "lower_bound", objective / 2);
                      restate(m, "objective", objective * (1 - 1e-6));
                    }},
                   {"the objective too high", "objective", stated("objective", objective * (1 + 1e-6))},
                   {"another objective at zero", "claim",
                    stated("objective_at_zero", static_cast<double>(honest.at_zero() * (1 + 1e-9L)))},
                   {"nearly orthonormal no more", "bound", scaled(&LinearModel::triangle, 1.5)},
                   {"shrunk to explain less", "bound", scaled(&LinearModel::triangle, 1 - 1e-6)},
                   {"shrunk to nothing", "bound", scaled(&LinearModel::triangle, 0.1)},
                   {"a factor too small", "bound", scaled(&LinearModel::factor, 1 - 1e-6)},
                   {"a factor too large", "bound", scaled(&LinearModel::factor, 1 + 1e-6)},
                   {"no factor", "bound", scaled(&LinearModel::factor, 0)},
                   {"a level too high", "bound",
                    [&](LinearModel& m) { m.document["certificate"]["evidence"]["level"] = hex(1e3); }},
                   {"a level too low", "bound",
                    [&](LinearModel& m) { m.document["certificate"]["evidence"]["level"] = hex(0); }},
                   {"a relation that is false", "bound", [](LinearModel& m) { m.relations[0][0] += 1; }},
                   {"a relation that is nearly true", "bound", [](LinearModel& m) { m.relations[0][0] += 0x1p-50; }},
                   {"a column forgotten", "bound", [](LinearModel& m) {  // b is not a multiple of a
                      auto& columns = m.document["certificate"]["evidence"]["columns"];
                      columns.erase(1);
                      m.triangle.erase(m.triangle.begin() + 1);
                      for (auto& row : m.triangle) row.erase(row.begin() + 1);
                      for (auto& row : m.relations) row.erase(row.begin() + 1);
                      m.relations.insert(m.relations.begin(), std::vector<double>(m.triangle.size() + 1));
                    }}});
      if (biases)
        for (const double constant : {1, -1})
          expect_all_refused(honest, {{"a relation off by a constant", "bound",
                                       [=](LinearModel& m) { m.relations[0].back() += constant; }}});
      LinearModel allowed = honest;
      restate(allowed, "lower_bound", proven);
      EXPECT_TRUE(verdict_on(allowed).accepted) << told(verdict_on(allowed));
    }
}

/// What is true of narrower networks, or of those without biases, is not of these.
TEST(LinearLies, TheBoundsOfOtherNetworks) {
  const LinearModel wide = linear_case(3, {2}, true, false), narrow = linear_case(3, {1}, true, false),
                    plain = linear_case(3, {2}, false, false);
  ASSERT_GT(number(narrow, "lower_bound"), wide.optimum() * 1.01L);
  ASSERT_GT(number(plain, "lower_bound"), wide.optimum() * 1.01L);
  for (const LinearModel* other : {&narrow, &plain}) {
    LinearModel model = *other;
    model.layers = wide.layers, model.biases = wide.biases;
    model.rehash();
    restate(model, "objective", number(wide, "objective"));
    const std::string checks = refused_by(verdict_on(model));
    EXPECT_NE(checks.find("bound"), std::string::npos) << checks;
  }
}

/// A column left out that is dependent but for rounding: the bound pays for it, and says so.
TEST(Linear, ColumnsThatAreNotProvenDependentArePaidFor) {
  LinearModel model = linear_case(0, {}, true, true);
  model.relations[0][0] += 0x1p-40;
  const Verdict verdict = verdict_on(model);
  EXPECT_EQ(refused_by(verdict), "bound");
  const double proven = told_bound(verdict);
  EXPECT_LE(proven, *model.proven_by_evidence());
  EXPECT_GE(proven, *model.proven_by_evidence() - 1e-10L * model.at_zero());
  restate(model, "lower_bound", proven);
  EXPECT_TRUE(verdict_on(model).accepted) << told(verdict_on(model));
}

double& any_entry(std::vector<Rows<double>*> matrices, Random& random) {
  std::erase_if(matrices, [](const Rows<double>* m) { return m->empty() || (*m)[0].empty(); });
  Rows<double>& rows = *matrices[below(matrices.size(), random)];
  auto& row = rows[below(rows.size(), random)];
  return row[below(row.size(), random)];
}
double changed(double value, Random& random) {
  const double odd[] = {0, -1, 1, 1e308, -1e-300, std::nan(""), HUGE_VAL, 2};
  const double size = std::pow(10.0, -1 - static_cast<double>(below(8, random))), sign = random() % 2 == 0 ? 1 : -1;
  if (random() % 8 == 0) return odd[below(8, random)];
  return random() % 2 == 0 ? value * (1 + sign * size) : value + sign * size;
}
/// One or two changes, with all that follows from them made to agree again.
void forge(LinearModel& m, Random& random) {
  std::vector<Rows<double>*> weights;
  for (auto* matrices : {&m.layers, &m.biases})
    for (auto& matrix : *matrices) weights.push_back(&matrix);
  Json &certificate = m.document["certificate"], &evidence = certificate["evidence"];
  for (std::size_t i = 0, count = 1 + below(2, random); i < count; ++i) {
    double* entry = nullptr;
    switch (below(9, random)) {
      case 0:
        entry = &any_entry(weights, random);
        break;
      case 1:
      case 2:
        entry = &any_entry({&m.triangle}, random);
        break;
      case 3:
        entry = &any_entry({&m.relations}, random);
        break;
      case 4:
        entry = &any_entry({&m.factor}, random);
        break;
      case 5:
        evidence["level"] = hex(std::fabs(from_hex(evidence["level"])) * (random() % 2 == 0 ? 0.5 : 2));
        break;
      case 6:
        evidence["columns"][below(evidence["columns"].size(), random)] = below(6, random);
        break;
      case 7:
        std::swap(any_entry({&m.triangle}, random), any_entry({&m.triangle, &m.factor}, random));
        break;
      default:
        break;
    }
    if (entry != nullptr) *entry = changed(*entry, random);
  }
  const auto f = static_cast<double>(m.objective());
  if (std::isfinite(f)) certificate["objective"] = hex(f + 1e-12 * (1 + f));
  const double lower = number(m, "lower_bound"), room = number(m, "objective") - lower;
  const double raised[] = {lower, lower, lower + room / 2, lower + 1e-6, lower * (1 + 1e-7), lower - room, 0};
  restate(m, "lower_bound", raised[below(7, random)]);
  m.rehash();
}

TEST(LinearForgeriesLong, NoneIsAccepted) {
  Random random(7);
  int accepted = 0, lies = 0;
  for (const std::size_t classes : {0U, 3U})
    for (const auto& hidden : kHidden)
      for (const bool biases : {false, true}) {
        const LinearModel honest = linear_case(classes, hidden, biases, true);
        for (int trial = 0; trial < 250; ++trial) {
          LinearModel model = honest;
          forge(model, random);
          const std::optional<std::string> lie = lie_in(model);
          const Verdict verdict = verdict_on(model);
          lies += lie ? 1 : 0, accepted += verdict.accepted ? 1 : 0;
          EXPECT_FALSE(lie && verdict.accepted) << *lie << "\n" << told(verdict);
        }
      }
  EXPECT_GT(lies, 2000);
  EXPECT_GT(accepted, 50);  // those that say what is true
}

}  // namespace
}  // namespace nadir::verify::planted
