// Parallel sub-networks bounded by the units of their first layer (section 6.11 of docs/certificate-format.md): what is
// accepted, and lies, each refused by the check of the rule that it breaks.
#include "nadir/verify/parallel_units_test_util.hpp"

namespace nadir::verify::planted {
namespace {

double units_proven(const UnitsModel& model) { return proven_bound(verdict_on(model)); }

TEST(ParallelUnits, AreAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [loss, classes] : kLosses)
    for (const std::size_t depth : {std::size_t{2}, std::size_t{3}, std::size_t{4}})
      for (const bool full : {true, false})
        for (const bool cones : {true, false}) {
          SCOPED_TRACE(loss + std::to_string(classes) + " depth " + std::to_string(depth) + (full ? " full" : "") +
                       (cones ? " cones" : ""));
          const UnitsModel model =
              units_case(loss, classes, depth, full, cones, classes > 0 ? Weights::both : Weights::column);
          expect_accepted(model);
          const Real formula = model.evidence.bound_with(model.units_polar());
          EXPECT_LE(units_proven(model), formula + 1e-13L);
          EXPECT_GE(units_proven(model), formula - 1e-11L);
        }
}

/// One output and two layers: the exact polar of a unit, and so a bound that the norms cannot reach.
TEST(ParallelUnits, AreTighterThanNorms) {
  const UnitsModel model = units_case("squared", 0, 2);
  ParallelModel norms = model;
  norms.write_parallel_claims();
  EXPECT_GT(model.evidence.bound_with(model.units_polar()), norms.norms_bound() + 1e-3L);
}

/// Every network's objective is above what is proven, whatever its layers.
TEST(ParallelUnits, TheBoundIsBelowOtherNetworks) {
  UnitsModel model = units_case("squared", 0);
  const double proven = units_proven(model);
  for (int k = 0; k < 300; ++k) {
    for (std::size_t l = 0; l < model.layers.size(); ++l)
      for (std::size_t j = 0; j < model.layers[l].size(); ++j)
        for (double& w : model.layers[l][j])
          w = std::sin(static_cast<double>(k * 31 + l * 7 + j * 3) + w) * (1 + k % 5) / 4;
    EXPECT_GT(model.network_objective(), proven);
  }
}

using UnitsLie = LieAbout<UnitsModel>;
/// The bound that the formulas give after the change, where they do not see that it is a lie.
UnitsLie with_formula(const std::string& what, const std::function<void(UnitsModel&)>& change) {
  return {what, "bound", [=](UnitsModel& m) {
            change(m);
            m.state_units(number(m, "objective"), m.evidence.bound_with(m.units_polar()) - 1e-11L);
          }};
}
UnitsLie in_bound(const std::string& what, const std::function<void(UnitsModel&)>& change) {
  return {what, "bound", change};
}

TEST(ParallelUnitsLies, AboutScalingsAndTrees) {
  for (const auto& [loss, classes] :
       {std::pair<const char*, std::size_t>{"squared", 0}, {"softmax", 3}, {"logistic", 2}})
    for (const bool cones : {true, false}) {
      SCOPED_TRACE(loss + std::to_string(cones));
      expect_all_refused(
          units_case(loss, classes, 3, true, cones),
          {with_formula("a scaling above 1", [](UnitsModel& m) { m.scalings[0][0] = 1.25, m.write_trees(true); }),
           in_bound("one below 0", [](UnitsModel& m) { m.scalings[1][0] = -0.25; }),
           in_bound("one that is no number", [](UnitsModel& m) { m.scalings[0][0] = std::nan(""); }),
           in_bound("a scaling less", [](UnitsModel& m) { m.scalings.pop_back(); }),
           in_bound("a scaling more", [](UnitsModel& m) { m.scalings.push_back({0}); }),
           in_bound("two columns",
                    [](UnitsModel& m) {
                      for (auto& row : m.scalings) row.push_back(0);
                    }),
           in_bound("no scalings", [](UnitsModel& m) { m.scalings.clear(); }),
           in_bound("0 with the tree of the entries below 0", [](UnitsModel& m) { m.scalings[0][0] = 0; }),
           in_bound("a node less", [](UnitsModel& m) { m.evidence.tree.pop_back(); }),
           in_bound("a node more",
                    [](UnitsModel& m) {
                      m.evidence.tree.push_back({2, 0, 0, 0, 0});
                    }),
           in_bound("a row of linear less", [](UnitsModel& m) { m.evidence.linear.pop_back(); }),
           in_bound("another multiplier",
                    [](UnitsModel& m) {
                      for (auto& row : m.evidence.linear)
                        for (double& t : row) t = -1 - t;
                    }),
           in_bound("a bound too high", [](UnitsModel& m) { restate(m, "lower_bound", units_proven(m) + 1e-11); }),
           in_bound("a worse dual point", [](UnitsModel& m) {
             for (auto& row : m.dual)
               for (double& g : row) g *= 0.25;
           })});
    }
}

/// A hidden layer more is not a two-layer network: the polar of a unit alone does not bound it.
TEST(ParallelUnitsLies, ThreeLayersAreNotTwo) {
  UnitsModel model = units_case("squared", 0, 2), deep = units_case("squared", 0, 3);
  deep.scalings.clear(), deep.evidence.tree.clear(), deep.evidence.linear.clear();
  for (const auto& v : deep.directions()) {
    std::vector<int> signs(deep.features.size());
    deep.evidence.full_tree(deep.rest(v, 1), signs, 0);
  }
  EXPECT_EQ(refused_by(verdict_on(deep)), "bound");
  model.scalings = {{1}, {1}};
  EXPECT_EQ(refused_by(verdict_on(model)), "bound");
}

TEST(ParallelUnitsLies, AboutTheDocumentAndTheTensors) {
  const UnitsModel honest = units_case("softmax", 3);
  expect_all_refused(
      honest,
      {set("/network/slope", hex(0.25)), set("/network/slope", hex(-0x1p-50)),
       set("/certificate/evidence/kind", "relu_polar"), set("/certificate/evidence/features_norm", hex(9)),
       set("/certificate/evidence/dual_norm", hex(9)), set("/certificate/evidence/tau", hex(0.5)),
       set("/certificate/evidence", {{"kind", "layer_norms"}, {"features_norm", hex(99)}, {"dual_norm", hex(99)}})});
  EXPECT_EQ(refused_by(verify(honest.file(), honest.sources)), "document");
  ParallelModel norms = parallel_case("softmax", 3);
  norms.document["certificate"]["evidence"] = {{"kind", "layer_units"}};
  EXPECT_EQ(refused_by(verdict_on(norms)), "document");
}

}  // namespace
}  // namespace nadir::verify::planted
