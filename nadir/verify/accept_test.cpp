// Honest models of every kind are accepted, and the numbers proven agree with values computed elsewhere to 50 digits.
#include "nadir/verify/test_util.hpp"

namespace nadir::verify::planted {
namespace {

double bound_of(const Model& model) {
  for (const Check& check : verify(model.bytes(), model.sources).checks)
    if (check.name == "bound") return std::strtod(check.detail.c_str() + check.detail.find("proven ") + 7, nullptr);
  return 0;
}

TEST(Accept, TheReferenceCases) {
  struct {
    double p_hidden, p_output, radius, output_radius, epsilon, optimum;
  } cases[] = {{42, 24, 1, 1, 1e-3, -1.66702802082669},
               {3.5, 3.5, 1, 1, 1e-3, -0.553118566709554},
               {3.5, 3.5, 2.5, 4, 1e-6, -19.3408587926202}};
  for (const auto& reference : cases) {
    Model model = case_a(reference.p_hidden, reference.p_output, reference.radius, reference.output_radius);
    model.epsilon = reference.epsilon;
    finish(model);
    expect_accepted(model);
    EXPECT_NEAR(from_hex(model.document["certificate"]["objective"]), reference.optimum, 3e-11);
    EXPECT_LE(bound_of(model), reference.optimum + 1e-13);
    EXPECT_NEAR(bound_of(model), reference.optimum, 3e-11);
  }
}

TEST(Accept, LargePowersAndNonIntegerExponents) {
  Model model = case_a(1e5, 1e5);
  expect_accepted(model);
  model = case_a();
  model.exponents = {{1, 2.5, 3.7}};
  finish(model);
  expect_accepted(model);
}

TEST(Accept, AMaskThreeClassesAndUnitNorms) {
  for (const bool per_unit : {false, true}) {
    Model model;
    model.sources.data = "y;a;b;c\nr;.9;.1;.2\nr;.8;.3;.1\ns;.1;.7;.3\ns;.2;.9;.1\nt;.3;.2;.8\nt;.1;.1;.9\n";
    model.features = {{.9, .1, .2}, {.8, .3, .1}, {.1, .7, .3}, {.2, .9, .1}, {.3, .2, .8}, {.1, .1, .9}};
    model.labels = {0, 0, 1, 1, 2, 2};
    model.classes = 3;
    model.exponents = {{1, 1.5, 3}};
    model.p = {per_unit ? std::vector<double>{6, 5, 5.5} : std::vector<double>{6}, {5.5}};
    model.radius = {1.5, 2};
    model.per_unit = {per_unit, true};
    model.mask = {{{1, 1, 0}, {0, 1, 1}, {1, 0, 1}}};
    model.epsilon = 1e-4;
    model.document["recipe"] = {{"source", {{"format", "csv"}, {"delimiter", ";"}, {"header", true}, {"columns", 4}}},
                                {"target", {{"column", 0}, {"name", "y"}, {"classes", {"r", "s", "t"}}}},
                                {"columns", {numeric(1, "a", 0, 1), numeric(2, "b", 0, 1), numeric(3, "c", 0, 1)}},
                                {"clip", false},
                                {"map", "identity"},
                                {"complement", false},
                                {"bias", false}};
    finish(model);
    expect_accepted(model);
    // Case E of the reference values.
    if (per_unit) continue;
    EXPECT_NEAR(bound_of(model), -13.7616409269088, 1e-9);
  }
}

TEST(Accept, TwoAndThreeLayers) {
  Model model = case_a();
  model.exponents = {{1, 2}, {1.5, 1}};
  model.p = {{9}, {5}, {4}};
  model.radius = {1, 1, 1};
  model.per_unit = {false, false, true};
  finish(model);
  expect_accepted(model);
  EXPECT_NEAR(bound_of(model), -1.81513847842271, 1e-9);  // case C_L2_convex
  model.exponents = {{1, 2}, {1.5, 1}, {1, 1.25}};
  model.p = {{691}, {345}, {230}, {198}};
  model.radius = {1, 1, 1, 1};
  model.per_unit = {false, false, false, true};
  finish(model);
  expect_accepted(model);
  EXPECT_NEAR(bound_of(model), -11.6582431897572, 1e-9);  // case D_L3
}

TEST(Accept, CategoricalMissingComplementBiasAndTrainingRows) {
  Model model;
  model.sources.data =
      "\xEF\xBB\xBF\"size, cm\",job,id,class\r\n"
      "5, clerk ,1,no\r\n"
      "?,\"smith \"\"the\"\" old\",2,yes\r\n"
      "9,NA,3,yes\r\n"
      "\r\n"
      "nonsense,clerk,4,unknown\r\n"  // a row that is not trained on may hold anything
      "7,\"clerk\" ,5,no";
  // (v - 5) / 4 with 6 for a missing value; missing; clerk; smith; job missing; complement; bias
  model.features = {{0, 0, 1, 0, 0, 1, 1}, {.25, 1, 0, 1, 0, .75, 1}, {1, 0, 0, 0, 1, 0, 1}, {.5, 0, 1, 0, 0, .5, 1}};
  model.labels = {0, 1, 1, 0};
  model.training_rows = {1, 1, 1, 0, 1};
  model.exponents = {{1, 2}};
  model.p = {{5}, {4}};
  model.radius = {1, 1};
  model.per_unit = {false, true};
  model.document["recipe"] = {{"source", {{"format", "csv"}, {"delimiter", ","}, {"header", true}, {"columns", 4}}},
                              {"target", {{"column", 3}, {"name", "class"}, {"classes", {"no", "yes"}}}},
                              {"columns",
                               {numeric(0, "size, cm", 5, 4, hex(6)),
                                {{"index", 1},
                                 {"name", "job"},
                                 {"kind", "categorical"},
                                 {"levels", {"clerk", "smith \"the\" old"}},
                                 {"missing", true}},
                                {{"index", 2}, {"name", "id"}, {"kind", "ignored"}}}},
                              {"clip", true},
                              {"map", "identity"},
                              {"complement", true},
                              {"bias", true}};
  finish(model);
  expect_accepted(model);
}

TEST(Accept, ABoundedClaimAfterFewIterations) {
  Model model = case_a(3.5, 3.5);
  finish(model, 3);
  EXPECT_EQ(model.document["certificate"]["claim"], "bounded");
  expect_accepted(model);
}

TEST(Accept, ABoxWithTheBoundThatItProves) {
  Model model = case_a();
  auto& certificate = model.document["certificate"];
  certificate["evidence"] = {{"kind", "box"}, {"steps", 12}};
  expect_accepted(model);
  EXPECT_LE(bound_of(model), -1.66702802082669 + 1e-13);
  EXPECT_NEAR(bound_of(model), -1.66702802082669, 1e-11);
  certificate["evidence"]["steps"] = 2;  // too few for the bound claimed
  expect_refused(model, "bound");
}

TEST(Accept, RootsOfTheFeatures) {
  Model model = case_a();
  model.document["recipe"]["map"] = "root";
  for (auto& row : model.features)
    for (double& feature : row) feature = std::sqrt(feature);
  finish(model);
  expect_accepted(model);
  model.document["recipe"]["map"] = "identity";
  EXPECT_EQ(failed(verify(model.bytes(), model.sources)).front(), "features_hash");
}

TEST(Accept, DegreeExactlyOne) {
  Model model = case_a(4, 2);  // 1/2 + 2/4
  expect_accepted(model);
}

TEST(Accept, AnEmptyGradientWithoutEpsilon) {
  // A feature that is 0 in every sample: its gradient is 0 where epsilon is, and the bound must cope.
  Model model = case_a();
  model.sources.data = "a,b,class\n0.1,0,no\n0.4,0,yes\n0.7,0,yes\n0.3,0,no\n";
  model.features = {{0.1, 0}, {0.4, 0}, {0.7, 0}, {0.3, 0}};
  model.epsilon = 0;
  finish(model, 60, 1e-3);
  for (auto& row : model.weights[0]) row[1] = 1e-3;
  for (auto& row : model.weights[0]) row[0] *= 0.999;
  model.document["objective"]["epsilon"] = hex(0);
  model.write_claims(1e-9);
  expect_accepted(model);
}

}  // namespace
}  // namespace nadir::verify::planted
