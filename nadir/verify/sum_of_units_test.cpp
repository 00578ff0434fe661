// Sums of ReLU units (evidence `nonnegative_outputs` in docs/certificate-format.md): what is accepted, and lies, each
// refused by the check of the rule that it breaks.
#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {

/// A ReLU model without a dual point and what goes with it.
struct SumModel : ReluModel {
  bool with_dual = false;

  std::string file() const {
    std::vector<TensorPart> kept;
    for (const TensorPart& part : parts())
      if (with_dual || part.name == "units" || part.name == "unit_outputs" || part.name == "training_rows")
        kept.push_back(part);
    return Model::sealed(document.dump(), kept);
  }
  /// Half the mean square of the targets below 0.
  Real bound() const {
    Real sum = 0;
    for (const double y : targets) sum += y < 0 ? Real(y) * y : 0;
    return sum / 2 / static_cast<Real>(targets.size());
  }
  void state(double upper, double lower, double target_gap = 1e-9) {
    Real square = 0;
    for (const double y : targets) square += Real(y) * y;
    const auto zero = static_cast<double>(square / 2 / static_cast<Real>(targets.size()));
    document["certificate"].update(claims_between(upper, lower, zero, target_gap));
    document["certificate"]["evidence"] = {{"kind", "nonnegative_outputs"}};
  }
  void state_truth() {
    Rows<Real> unused;
    const Real upper = relu_objective(unused) * (1 + 1e-12L) + 1e-28L, lower = bound() * (1 - 1e-12L);
    state(static_cast<double>(upper), static_cast<double>(lower));
  }
};
Verdict verdict_on(const SumModel& model) { return verify(model.file(), model.sources); }
void expect_accepted(const SumModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
}

/// Gives each sample another target, short enough to be written exactly.
template <class Target>
void retarget(SumModel& model, const Target& target_of) {
  model.sources.data = "a,b,y\n";
  for (std::size_t i = 0; i < model.features.size(); ++i) {
    const std::vector<double>& row = model.features[i];
    model.targets[i] = target_of(row, model.targets[i]);
    char line[100];
    std::snprintf(line, sizeof line, "%.17g,%.17g,%.17g\n", row[0], row[1], 2 + 4 * model.targets[i]);
    model.sources.data += line;
  }
  model.rehash_features();
}

/// Three units that feed the output with the weight 1; some targets are below 0.
SumModel sum_case() {
  SumModel model;
  static_cast<ReluModel&>(model) = relu_case("squared", 0, Trees::root);
  for (auto& row : model.unit_outputs) row = {1};
  model.lambda = 0;
  model.document["objective"] = {{"kind", "mean_loss"}, {"loss", {{"kind", "squared"}}}};
  model.state_truth();
  retarget(model, [](const std::vector<double>&, double y) { return y - 0.75; });
  model.rehash_relu();
  model.state_truth();
  return model;
}

/// Of the least loss that there can be: the unit is active where the target is above 0, and nowhere else.
SumModel attained_case() {
  SumModel model = sum_case();
  model.units = {{0.5, -0.25, 0.125}};
  model.unit_outputs = {{1}};
  retarget(model, [&](const std::vector<double>& row, double) {
    const auto product = static_cast<double>(inner(model.units[0], row));
    return product > 0 ? product : -0.5;
  });
  model.rehash_relu();
  model.state_truth();
  return model;
}

std::function<void(SumModel&)> rehashed(const std::function<void(SumModel&)>& tell) {
  return [=](SumModel& m) {
    tell(m);
    m.rehash_relu();
  };
}

TEST(SumOfUnits, IsAcceptedAndItsBoundIsTheFormula) {
  const SumModel model = sum_case();
  expect_accepted(model);
  EXPECT_GT(model.bound(), 0);
  const double proven = told_number(verdict_on(model), "proven ");
  EXPECT_LE(proven, model.bound());
  EXPECT_GE(proven, model.bound() * (1 - 1e-14L));
  const SumModel attained = attained_case();
  expect_accepted(attained);
  EXPECT_EQ(attained.document["certificate"]["claim"], "certified");
  SumModel larger = model;  // any weight that is not negative
  larger.unit_outputs[1] = {0.5};
  larger.unit_outputs[2] = {0};
  larger.rehash_relu();
  larger.state_truth();
  expect_accepted(larger);
  SumModel none = model;
  none.units.clear(), none.unit_outputs.clear();
  none.rehash_relu();
  none.state_truth();
  expect_accepted(none);
}

TEST(SumOfUnitsLies, AreRefused) {
  const SumModel honest = sum_case();
  const double proven = told_number(verdict_on(honest), "proven "), objective = number(honest, "objective");
  expect_all_refused(
      honest,
      {{"a unit moved and not hashed", "weights_hash objective", [](SumModel& m) { m.units[0][0] += 4; }},
       {"a unit moved", "objective", rehashed([](SumModel& m) { m.units[0][0] += 4; })},
       {"an output weight below 0", "convexity", rehashed([](SumModel& m) {
          m.unit_outputs[1][0] = -1;
          m.state_truth();
        })},
       {"the bound raised", "bound", [=](SumModel& m) { m.state(objective, std::nextafter(proven, objective)); }},
       {"the objective lowered", "objective", [=](SumModel& m) { m.state(objective * (1 - 1e-6), proven); }},
       {"a dual point that nobody asked for", "document", [](SumModel& m) { m.with_dual = true; }},
       set("/certificate/claim", "certified", "claim"),
       set("/objective/lambda", hex(1)),
       set("/objective/kind", "penalized"),
       set("/objective/loss/kind", "huber"),
       set("/certificate/evidence/kind", "relu_polar"),
       set("/certificate/evidence/kind", "reduced_rank"),
       set("/network/kind", "linear")});
}

}  // namespace
}  // namespace nadir::verify::planted
