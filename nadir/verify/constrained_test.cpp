// ReLU networks in a ball (section 5.3 of docs/certificate-format.md): what is accepted, and lies, each refused by the
// check of the rule that it breaks.
#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {
using ReluLie = LieAbout<ReluModel>;

TEST(Constrained, IsAcceptedAndItsBoundIsTheFormula) {
  for (const auto& [loss, classes] : kLosses)
    for (const Trees trees : {Trees::full, Trees::root, Trees::split})
      for (const Weights weighting : {Weights::none, Weights::column}) {
        SCOPED_TRACE(loss + std::to_string(classes));
        const ReluModel model = constrained_case(loss, classes, trees, 9, weighting);
        expect_accepted(model);
        const double proven = told_number(verdict_on(model), "proven ");
        const Real formula = model.bound_with(model.tree_polar(), model.tau);
        EXPECT_LE(proven, formula);
        EXPECT_GE(proven, formula - 1e-11L * (1 + std::fabs(formula)));
      }
}

TEST(ConstrainedLies, AboutTheDocument) {
  const ReluModel honest = constrained_case("softmax", 3, Trees::split);
  const std::string tau_of_1 = hex(1), least_too_large = hex(std::nextafter(1 - 0x1p-42, 1));
  expect_all_refused(honest, {set("/objective/kind", "penalized"),
                              set("/objective/kind", "softmax_minus_outputs"),
                              set("/objective/kind", "ball"),
                              set("/objective/lambda", hex(0.5)),
                              set("/objective/penalty", "weight_decay"),
                              set("/objective/radius", hex(0)),
                              set("/objective/radius", hex(-1)),
                              set("/objective/radius", "inf"),
                              set("/objective/radius", "nan"),
                              set("/objective/radius", 1.5),
                              erase("/objective", "radius"),
                              erase("/objective", "loss"),
                              erase("/certificate/evidence", "tau"),
                              erase("/certificate/evidence", "patterns_tau"),
                              set("/certificate/evidence/tau", hex(0)),
                              set("/certificate/evidence/tau", hex(-0.5)),
                              set("/certificate/evidence/tau", tau_of_1),
                              set("/certificate/evidence/tau", least_too_large),
                              set("/certificate/evidence/tau", "nan"),
                              set("/certificate/evidence/patterns_tau", hex(0)),
                              set("/certificate/evidence/patterns_tau", least_too_large),
                              set("/certificate/evidence/kind", "dual_point")});
  ReluModel most = honest;
  most.document["certificate"]["evidence"]["tau"] = hex(1 - 0x1p-42);
  const std::vector<std::string> failing = failed(verdict_on(most));
  EXPECT_TRUE(failing.empty() || failing == std::vector<std::string>{"bound"});  // this tau may be told
}

/// What belongs to the constrained form, in the documents of the penalized one and of gated networks.
TEST(ConstrainedLies, AboutOtherKinds) {
  const ReluModel penalized = relu_case("softmax", 3, Trees::split);
  expect_all_refused(penalized,
                     {set("/objective/kind", "constrained"), set("/objective/radius", hex(10)),
                      set("/certificate/evidence/tau", hex(0.5)), set("/certificate/evidence/patterns_tau", hex(0.5))});
  const GatedModel gated = gated_case("softmax", 3, 9, 30);
  for (const bool only_kind : {true, false}) {
    GatedModel lie = gated;
    lie.document["objective"]["kind"] = "constrained";
    if (!only_kind) {
      lie.document["objective"].erase("lambda");
      lie.document["objective"].erase("penalty");
      lie.document["objective"]["radius"] = hex(10);
      lie.document["certificate"]["evidence"].update({{"tau", hex(0.5)}, {"patterns_tau", hex(0.5)}});
    }
    expect_refused(lie.bytes(), lie.sources, "document");
  }
}

TEST(ConstrainedLies, AboutTheNumbers) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = constrained_case(loss, classes, Trees::split);
    const Verdict verdict = verdict_on(honest);
    const double proven = told_number(verdict, "proven "), patterns = told_of_patterns(verdict),
                 objective = number(honest, "objective");
    const auto radius = [](double value) {
      return [=](ReluModel& m) { m.document["objective"]["radius"] = hex(value); };
    };
    const auto scaled = [](double factor) {
      return [=](ReluModel& m) {
        for (double& entry : m.unit_outputs[0]) entry *= factor;
        m.rehash_relu();
      };
    };
    const auto norm = static_cast<double>(honest.network_norm());
    const Real q = honest.tree_polar();
    const double worse = honest.bound_with(q, 0.5) < honest.bound_with(q, 0.999) ? 0.5 : 0.999;
    expect_all_refused(honest,
                       {{"the radius larger", "bound", radius(honest.radius * (1 + 1e-6))},
                        {"the radius much larger", "bound", radius(honest.radius * 1e300)},
                        {"the radius just below the norm", "feasible", radius(norm * (1 - 1e-15))},
                        {"the radius smaller", "feasible", radius(norm * (1 - 1e-6))},
                        {"the radius next to nothing", "feasible", radius(0x1p-1074)},
                        {"a network of a norm above the radius", "feasible objective", scaled(1 + 1e-3)},
                        {"a unit that leaves the ball", "feasible objective", scaled(-1e3)},
                        {"the bound raised", "bound", stated("lower_bound", std::nextafter(proven, objective))},
                        {"the bound raised more", "bound", stated("lower_bound", (proven + objective) / 2)},
                        {"the bound above the objective", "bound claim", stated("lower_bound", objective * (1 + 1e-9))},
                        {"the bound of the patterns raised", "bound",
                         stated("patterns_lower_bound", std::nextafter(patterns, objective))},
                        {"the objective too low", "objective", stated("objective", objective - 1e-6)},
                        {"a tau that proves less", "bound",
                         [=](ReluModel& m) { m.document["certificate"]["evidence"]["tau"] = hex(worse); }}});
    for (const auto& [key, value] : {std::pair{"lower_bound", proven}, {"patterns_lower_bound", patterns}}) {
      ReluModel allowed = honest;
      restate(allowed, key, value);
      EXPECT_TRUE(verdict_on(allowed).accepted) << key << told(verdict_on(allowed));
    }
  }
}

TEST(ConstrainedLies, NoUnitIsInEveryBall) {
  ReluModel model = constrained_case("squared", 0, Trees::full);
  model.units.clear();
  model.unit_outputs.clear();
  model.radius = 0x1p-30;
  model.document["objective"]["radius"] = hex(model.radius);
  model.write_dual();
  model.tree.clear();
  model.linear.clear();
  for (const double s : {1.0, -1.0}) {
    std::vector<int> signs(9);
    model.full_tree(model.polar(0, s), signs, 0);
  }
  model.write_cells();
  model.tau = 1 - 0x1p-42;
  model.write_relu_claims();
  const Verdict verdict = verdict_on(model);
  EXPECT_EQ(failed(verdict), std::vector<std::string>{}) << told(verdict);
}
}  // namespace
}  // namespace nadir::verify::planted
