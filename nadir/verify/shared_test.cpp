// ReLU networks whose units are shared by the outputs (`shared_weight_decay` in docs/certificate-format.md), and those
// with biases or a linear part beside the units: what is accepted, and lies, each refused by the check of the rule that
// it breaks.
#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {

TEST(Shared, IsAcceptedAndItsBoundsAreTheFormulas) {
  for (const auto& make : {shared_case, coned_case, biased_case, skip_case, biased_skip_case})
    for (const auto& [loss, classes] : kLosses)
      for (const Trees trees : {Trees::full, Trees::root, Trees::split})
        for (const Weights weighting : {Weights::none, Weights::column}) {
          SCOPED_TRACE(loss + std::to_string(classes));
          const ReluModel model = make(loss, classes, trees, 9, weighting);
          expect_accepted(model);
          const double proven = told_number(verdict_on(model), "proven ");
          const Real formula = model.bound_with(model.tree_polar());
          EXPECT_LE(proven, formula);
          EXPECT_GE(proven, formula - 1e-11L * (1 + std::fabs(formula)));
        }
}

/// A lie about the weights, and the hash to go with it.
std::function<void(ReluModel&)> rehashed(const std::function<void(ReluModel&)>& tell) {
  return [=](ReluModel& m) {
    tell(m);
    m.rehash_relu();
  };
}

/// Without its biases the network is worse, and so is what can be said of it.
TEST(SharedLies, AboutTheBiases) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = biased_case(loss, classes, Trees::split);
    const double proven = told_number(verdict_on(honest), "proven "), objective = number(honest, "objective");
    expect_all_refused(
        honest,
        {{"a bias moved and not hashed", "weights_hash objective", [](ReluModel& m) { m.biases[0][0] += 0.25; }},
         {"a bias moved", "objective", rehashed([](ReluModel& m) { m.biases[0][0] += 0.25; })},
         {"a bias not finite", "weights", rehashed([](ReluModel& m) { m.biases[0][0] = std::nan(""); })},
         {"two rows of biases", "weights", rehashed([](ReluModel& m) { m.biases.push_back(m.biases[0]); })},
         {"biases of another width", "weights", rehashed([](ReluModel& m) { m.biases[0].push_back(0); })},
         {"biases left out", "weights", rehashed([](ReluModel& m) { m.biases.clear(); })},
         {"biases that cost nothing", "weights", [](ReluModel& m) { m.document["objective"].erase("output_bias"); }},
         set("/objective/output_bias", hex(0), "objective convexity"),  // the sums of the dual point are not 0
         set("/objective/output_bias", hex(-1)),
         set("/objective/output_bias", "inf"),
         set("/objective/penalty", "weight_decay"),
         {"biases that cost more", "objective",
          [](ReluModel& m) { m.document["objective"]["output_bias"] = hex(m.bias_weight * 2); }},
         {"the bound raised", "bound",
          [=](ReluModel& m) { restate(m, "lower_bound", std::nextafter(proven, objective)); }}});
    ReluModel allowed = honest;
    restate(allowed, "lower_bound", proven);
    EXPECT_TRUE(verdict_on(allowed).accepted) << told(verdict_on(allowed));
    ReluModel shared = shared_case(loss, classes, Trees::split);
    shared.biases = honest.biases;
    shared.rehash_relu();
    EXPECT_EQ(refused_by(verdict_on(shared)), "weights");
  }
}

TEST(FreeBiases, AreAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [loss, classes] : kLosses)
    for (const Trees trees : {Trees::full, Trees::split}) {
      SCOPED_TRACE(loss + std::to_string(classes));
      const ReluModel model = free_case(loss, classes, trees);
      expect_accepted(model);
      const double proven = told_number(verdict_on(model), "proven ");
      const Real formula = model.bound_with(model.tree_polar());
      EXPECT_LE(proven, formula);
      EXPECT_GE(proven, formula - 1e-11L * (1 + std::fabs(formula)));
      EXPECT_GT(proven, 0);
    }
}

/// Where biases cost nothing, a dual point whose sums are not 0 proves nothing, however near to 0 they are.
TEST(FreeBiasesLies, AboutTheSums) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = free_case(loss, classes, Trees::split);
    std::size_t i = 0;
    const std::size_t k = std::string(loss) == "softmax" && honest.labels[0] == 0 ? 1 : 0;
    while (honest.dual[i][k] == 0) ++i;
    const double proven = told_number(verdict_on(honest), "proven "), objective = number(honest, "objective");
    expect_all_refused(honest, {{"an entry nearer to 0 by one unit in its last place", "convexity",
                                 [=](ReluModel& m) { m.dual[i][k] = std::nextafter(m.dual[i][k], 0); }},
                                {"an entry less", "convexity", [=](ReluModel& m) { m.dual[i][k] = 0; }},
                                {"biases left out", "weights", rehashed([](ReluModel& m) { m.biases.clear(); })},
                                {"biases that are not there", "weights",
                                 [](ReluModel& m) { m.document["objective"].erase("output_bias"); }},
                                {"biases of units with outputs of their own", "document",
                                 [](ReluModel& m) { m.document["objective"]["penalty"] = "weight_decay"; }},
                                {"a bias moved", "objective", rehashed([](ReluModel& m) { m.biases[0][0] += 0.25; })},
                                {"the bound raised", "bound",
                                 [=](ReluModel& m) { restate(m, "lower_bound", std::nextafter(proven, objective)); }}});
    ReluModel penalized = biased_case(loss, classes, Trees::split);  // its dual point, and all the rest, at no cost
    penalized.bias_weight = 0;
    penalized.document["objective"]["output_bias"] = hex(0);
    penalized.write_relu_claims();
    EXPECT_EQ(refused_by(verdict_on(penalized)), "convexity");
  }
}

TEST(FreeHiddenBiases, AreAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [loss, classes] : kLosses)
    for (const Trees trees : {Trees::full, Trees::split}) {
      SCOPED_TRACE(loss + std::to_string(classes));
      const ReluModel model = free_hidden_case(loss, classes, trees);
      expect_accepted(model);
      const double proven = told_number(verdict_on(model), "proven ");
      const Real formula = model.bound_with(model.tree_polar());
      EXPECT_LE(proven, formula);
      EXPECT_GE(proven, formula - 1e-10L * (1 + std::fabs(formula)));
    }
}

/// The bound holds at any biases: of networks of one unit, moved far away, too.
TEST(FreeHiddenBiases, TheBoundIsBelowOtherNetworks) {
  ReluModel model = free_hidden_case("squared", 0, Trees::full);
  const double proven = told_number(verdict_on(model), "proven ");
  Rows<Real> gradient;
  for (int k = 0; k < 400; ++k) {
    const double angle = k, size = std::ldexp(1.0, k % 7 - 3);
    model.units.assign(1, {size * std::cos(angle), size * std::sin(angle), std::tan(0.37 * k)});
    model.unit_outputs.assign(1, {std::sin(1.7 * k)});
    model.biases.assign(1, {std::cos(0.3 * k) / 2});
    EXPECT_GT(model.relu_objective(gradient), proven);
  }
}

TEST(FreeHiddenBiasesLies, AboutTheBiases) {
  int with_room = 0;
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = free_hidden_case(loss, classes, Trees::full);
    const double proven = told_number(verdict_on(honest), "proven "), objective = number(honest, "objective");
    const auto document = [](const char* pointer, const Json& value) {
      return [=](ReluModel& m) { m.document[Json::json_pointer(pointer)] = value; };
    };
    expect_all_refused(
        honest,
        {{"at the cost that it had", "objective",
          [](ReluModel& m) {
            m.document["objective"].erase("hidden_bias");
            m.document["certificate"]["evidence"].erase("bias_scale");
            m.bias_scale = 0, m.write_trees(Trees::full), m.write_cells();
          }},
         {"a cost", "document", document("/objective/hidden_bias", hex(1))},
         {"output biases at a cost", "document", document("/objective/output_bias", hex(1))},
         {"no output biases", "document", [](ReluModel& m) { m.document["objective"].erase("output_bias"); }},
         {"no constant", "document", document("/recipe/bias", false)},
         {"no scale", "document", [](ReluModel& m) { m.document["certificate"]["evidence"].erase("bias_scale"); }},
         {"a scale of 0", "document", document("/certificate/evidence/bias_scale", hex(0))},
         {"a negative one", "document", document("/certificate/evidence/bias_scale", hex(-16))},
         {"a huge one", "document", document("/certificate/evidence/bias_scale", hex(0x1p101))},
         {"a scale of hidden biases that cost something", "document",
          [](ReluModel& m) { m.document["objective"].erase("hidden_bias"); }},
         {"an entry less of the dual point", "convexity",
          [](ReluModel& m) {
            for (auto& row : m.dual)
              for (double& g : row)
                if (g != 0) return void(g = 0);
          }},
         {"the bound raised", "bound",
          [=](ReluModel& m) { restate(m, "lower_bound", std::nextafter(proven, objective)); }}});
    const Real q = honest.tree_polar();
    if (q < 2 * honest.lambda) continue;
    ReluModel alone = honest;  // without the room for |b| up to R
    restate(alone, "lower_bound", static_cast<double>(honest.bound_with(q / honest.room_of_biases()) - 1e-11L));
    EXPECT_EQ(refused_by(verdict_on(alone)), "bound");
    ++with_room;
  }
  EXPECT_GT(with_room, 0);
}

/// The linear part belongs to the network, its cost to the objective, and what it may gain is taken from the bound.
TEST(SkipLies, AboutTheLinearPart) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = skip_case(loss, classes, Trees::split);
    const double proven = told_number(verdict_on(honest), "proven "), patterns = told_of_patterns(verdict_on(honest)),
                 objective = number(honest, "objective");
    const auto costs = [&](double factor) {
      return [=](ReluModel& m) { m.document["objective"]["skip"] = hex(honest.skip_weight * factor); };
    };
    expect_all_refused(
        honest,
        {{"a weight moved and not hashed", "weights_hash objective", [](ReluModel& m) { m.skip[1][0] += 0.25; }},
         {"a weight moved", "objective", rehashed([](ReluModel& m) { m.skip[1][0] += 0.25; })},
         {"a weight not finite", "weights", rehashed([](ReluModel& m) { m.skip[2][0] = std::nan(""); })},
         {"a row too many", "weights", rehashed([](ReluModel& m) { m.skip.push_back(m.skip[0]); })},
         {"a row too few", "weights", rehashed([](ReluModel& m) { m.skip.pop_back(); })},
         {"another width", "weights", rehashed([](ReluModel& m) {
            for (auto& row : m.skip) row.push_back(0);
          })},
         {"left out", "weights", rehashed([](ReluModel& m) { m.skip.clear(); })},
         {"at no cost", "weights", [](ReluModel& m) { m.document["objective"].erase("skip"); }},
         set("/objective/skip", hex(0)),
         set("/objective/skip", hex(-1)),
         set("/objective/skip", "inf"),
         {"at a larger cost", "objective", costs(2)},
         {"at a smaller cost", "objective bound", costs(0.5)},
         {"the bound raised", "bound",
          [=](ReluModel& m) { restate(m, "lower_bound", std::nextafter(proven, objective)); }},
         {"the bound of the patterns raised", "bound",
          [=](ReluModel& m) { restate(m, "patterns_lower_bound", std::nextafter(patterns, objective)); }}});
    ReluModel without = relu_case(loss, classes, Trees::split);
    without.skip = honest.skip;
    without.rehash_relu();
    EXPECT_EQ(refused_by(verdict_on(without)), "weights");
  }
}

/// In the ball there is no cost of a linear part.
TEST(SkipLies, InTheBall) {
  ReluModel model = constrained_case("squared", 0, Trees::split);
  model.document["objective"]["skip"] = hex(0.5);
  EXPECT_EQ(refused_by(verdict_on(model)), "document");
}

/// One output: the two penalties are one, and so are the certificates.
TEST(Shared, OfOneOutputIsWeightDecay) {
  const ReluModel alone = relu_case("squared", 0, Trees::split), shared = shared_case("squared", 0, Trees::split);
  for (const char* key : {"objective", "lower_bound", "patterns_lower_bound", "objective_at_zero"})
    EXPECT_DOUBLE_EQ(number(alone, key), number(shared, key)) << key;
  EXPECT_EQ(alone.cells, shared.cells);
}

/// Of several outputs the shared penalty is smaller, and so is what can be proven of it.
TEST(SharedLies, WhatIsTrueOfUnitsOfTheirOwn) {
  const ReluModel own = relu_case("softmax", 3, Trees::split);
  const auto but_named = [](const char* penalty) {
    return [=](ReluModel& m) { m.document["objective"]["penalty"] = penalty; };
  };
  expect_all_refused(own, {{"named shared", "objective bound", but_named("shared_weight_decay")}});
  const ReluModel shared = shared_case("softmax", 3, Trees::split);
  EXPECT_LT(number(shared, "objective"), number(own, "objective"));
  EXPECT_LT(number(shared, "lower_bound"), number(own, "lower_bound"));
  expect_all_refused(shared, {{"named weight decay", "objective bound", but_named("weight_decay")},
                              {"a penalty of no kind", "document", but_named("shared")}});
}

/// Of three classes the directions of the cones are those of each output, but for a constant, which G does not see.
TEST(Shared, ConesProveMoreThanABoundOfEachOutput) {
  const ReluModel box = shared_case("softmax", 3, Trees::full), cones = coned_case("softmax", 3, Trees::full);
  EXPECT_LT(cones.tree_polar(), 0.95L * box.tree_polar());
  EXPECT_GT(number(cones, "lower_bound"), number(box, "lower_bound"));
}

TEST(SharedLies, AboutTheConesOfOutputWeights) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = coned_case(loss, classes, Trees::split);
    const auto row = [](std::size_t place, std::vector<double> now) {
      return [=](ReluModel& m) { m.output_cones.at(place) = now; };
    };
    expect_all_refused(honest, {{"a cone too few", "bound", [](ReluModel& m) { m.output_cones.pop_back(); }},
                                {"a cone too many", "bound",
                                 [](ReluModel& m) {
                                   m.output_cones.push_back({0, 0});
                                 }},
                                {"a pair of one generator", "bound", row(0, {1, 1})},
                                {"a pair in the wrong order", "bound", row(0, {1, 0})},
                                {"a generator that is not there", "bound", row(0, {0, 4})},
                                {"half a generator", "bound", row(0, {0, 0.5})},
                                {"a negative one", "bound", row(0, {-1, 1})},
                                {"no number", "bound", row(0, {0, std::nan("")})},
                                {"a third column", "bound",
                                 [](ReluModel& m) {
                                   for (auto& one : m.output_cones) one.push_back(0);
                                 }},
                                {"units of an output each", honest.outputs() > 1 ? "objective bound" : "bound",
                                 [](ReluModel& m) { m.document["objective"]["penalty"] = "weight_decay"; }}});
    ReluModel last_missing = honest;
    last_missing.tree.pop_back();
    EXPECT_EQ(refused_by(verdict_on(last_missing)), "bound");
  }
}

TEST(SharedLies, AboutTheNumbersAndCells) {
  for (const auto& [loss, classes] : kLosses) {
    if (classes == 0) continue;
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = shared_case(loss, classes, Trees::split);
    const Verdict verdict = verdict_on(honest);
    const double proven = told_number(verdict, "proven "), patterns = told_of_patterns(verdict),
                 objective = number(honest, "objective");
    const auto stated = [](const char* key, double value) { return [=](ReluModel& m) { restate(m, key, value); }; };
    expect_all_refused(honest, {{"the bound raised", "bound", stated("lower_bound", std::nextafter(proven, objective))},
                                {"the bound raised more", "bound", stated("lower_bound", (proven + objective) / 2)},
                                {"the bound of the patterns raised", "bound",
                                 stated("patterns_lower_bound", std::nextafter(patterns, objective))},
                                {"the objective too low", "objective", stated("objective", objective * (1 - 1e-6))},
                                {"no cells of an output that a unit does not feed", "bound",
                                 [](ReluModel& m) { m.cells.resize(m.cells.size() - 2); }},
                                {"cells too many", "bound", [](ReluModel& m) { m.cells.push_back(m.cells.back()); }}});
    for (const auto& [key, value] : {std::pair{"lower_bound", proven}, {"patterns_lower_bound", patterns}}) {
      ReluModel allowed = honest;
      restate(allowed, key, value);
      EXPECT_TRUE(verdict_on(allowed).accepted) << key << told(verdict_on(allowed));
    }
  }
}

}  // namespace
}  // namespace nadir::verify::planted
