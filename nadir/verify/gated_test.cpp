// Gated networks: honest models of every loss are accepted, the arithmetic encloses, and a model that breaks one rule
// is refused by that rule's check.
#include "nadir/verify/gated.hpp"

#include <gmpxx.h>

#include <random>

#include "nadir/verify/lies_test_util.hpp"

namespace nadir::verify::planted {
namespace {
std::string detail(const GatedModel& model, std::size_t check) { return verdict_on(model).checks[check].detail; }
double bound_of(const GatedModel& model) { return proven_bound(verdict_on(model)); }
TEST(Gated, EveryLossIsAcceptedAndCertified) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const GatedModel model = gated_case(loss, classes);
    EXPECT_EQ(model.document["certificate"]["claim"], "certified") << model.document["certificate"].dump(1);
    EXPECT_LT(model.weights.size(), model.gates.size() * model.outputs());  // some gate is inactive
    EXPECT_GT(model.weights.size(), 0U);
    expect_accepted(model);
    EXPECT_NEAR(bound_of(model), static_cast<double>(model.lower_bound()), 1e-13);
    if (std::string(loss) == "huber") {  // both branches are there
      const auto [least, most] = std::minmax_element(model.dual.begin(), model.dual.end());
      EXPECT_GE(std::max(-(*least)[0], (*most)[0]) * 12, 0.125 * (1 - 1e-15));
    }
  }
}

/// Far beyond where exponentials overflow; the dual point then lies on its border, or far outside of q <= lambda.
TEST(Gated, LargeOutputs) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    GatedModel model = gated_case(loss, classes);
    for (auto& row : model.weights)
      for (double& weight : row) weight *= 0x1p14;
    model.write_claims();
    EXPECT_GT(number(model, "objective"), 700);
    expect_accepted(model);
  }
}

TEST(Gated, NoActiveGate) {
  GatedModel model = gated_case("squared", 0, 12, 0);
  EXPECT_TRUE(model.weights.empty());
  expect_accepted(model);
  model.lambda = 100;  // the optimum; but relative to a distance of 0 no gap is small
  finish(model, 10);
  EXPECT_EQ(model.document["certificate"]["claim"], "bounded");
  EXPECT_NEAR(bound_of(model), number(model, "objective"), 1e-11);
  expect_accepted(model);
}

TEST(Gated, TrainingRowsAndTargetsFromOtherFormats) {
  GatedModel model = gated_case("squared", 0);
  model.sources.data += "1,2,nonsense\n";  // a row that is not trained on
  model.training_rows = std::vector<std::uint8_t>(13, 1);
  model.training_rows->back() = 0;
  expect_accepted(model);
  GatedModel lines = gated_case("huber", 0);
  std::string text;
  for (std::size_t i = 0; i < lines.features.size(); ++i) {
    char line[100];
    std::snprintf(line, sizeof line, "%+.17g 1:%.17g 2:%.17g\n", lines.targets[i] * 4 + 2, lines.features[i][0],
                  lines.features[i][1]);
    text += line;
  }
  lines.sources.data = text;
  Json& recipe = lines.document["recipe"];
  recipe["source"] = {{"format", "libsvm"}, {"columns", 2}};
  recipe["target"].erase("column");
  expect_accepted(lines);
}

/// On the border of the domain up to rounding: G = y / n, with n / n above 1 as it is rounded.
TEST(Gated, ADualPointOnItsBorder) {
  for (const char* loss : {"logistic", "huber", "softmax"})
    for (std::size_t n = 12; n < 70; ++n) {
      const bool quantity = loss == std::string("huber"), softmax = loss == std::string("softmax");
      GatedModel model = gated_case(loss, quantity ? 0 : 2, n, 30);
      restate(model, "lower_bound", -1);
      for (const double excess : {0.0, 0x1p-40}) {
        const double most = (quantity ? model.delta : 1) / static_cast<double>(n) * (1 + excess);
        for (std::size_t i = 0; i < n; ++i)
          for (std::size_t r = 0; r < model.outputs(); ++r)
            model.dual[i][r] = !softmax ? std::copysign(most, static_cast<double>(model.y(i)))
                                        : (static_cast<int>(r) == model.labels[i] ? 0 : -most);
        for (const double lambda : {model.lambda, 100.0}) {  // tau is much below 1, or as near as may be
          model.document["objective"]["lambda"] = hex(lambda);
          std::vector<std::string> expected;
          if (lambda == 100) expected.emplace_back("objective");
          if (excess > 0) expected.emplace_back("convexity");
          ASSERT_EQ(failed(verdict_on(model)), expected) << loss << n;
        }
        model.document["objective"]["lambda"] = hex(model.lambda);
        ASSERT_TRUE(excess > 0 || bound_of(model) <= static_cast<double>(model.lower_bound()) + 1e-15) << loss << n;
      }
    }
}

/// A sum is exact in rationals; the verifier's outputs and adjoint are within their errors, and those are small.
TEST(Gated, OutputsAndAdjointAgainstRationals) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  for (const auto& [n, d, gates, outputs] :
       {std::array<std::size_t, 4>{150, 200, 20, 2}, {7, 3, 150, 3}, {300, 5, 40, 1}, {1, 1, 1, 1}, {129, 17, 17, 9}}) {
    Matrix x(n, d), dual(n, outputs);
    GatedNetwork network{Matrix(gates, d), Matrix((gates - gates / 3) * outputs, d)};
    for (Matrix* matrix : {&x, &dual, &network.gates, &network.weights})
      for (double& value : matrix->values) value = random() % 4 == 0 ? 0 : normal(random) * std::exp2(random() % 9);
    if (d > 1)
      for (std::size_t p = 0; p < gates; p += 5)  // orthogonal to the first sample but for rounding
        network.gates.row(p)[d - 1] = x.row(0)[d - 1] = 1, network.gates.row(p)[0] = -1 / (x.row(0)[0] = 3);
    const Outputs found = outputs_of(x, network, outputs);
    const double q = adjoint_norm(Penalty::group, x, network.gates, dual, 1);
    mpq_class largest = 0;
    std::vector<std::vector<mpq_class>> f(n, std::vector<mpq_class>(outputs));
    for (std::size_t p = 0; p < gates; ++p) {
      std::vector<std::vector<mpq_class>> sums(outputs, std::vector<mpq_class>(d));
      for (std::size_t i = 0; i < n; ++i) {
        mpq_class inner = 0;
        for (std::size_t j = 0; j < d; ++j) inner += mpq_class(x.row(i)[j]) * mpq_class(network.gates.row(p)[j]);
        for (std::size_t k = 0; inner >= 0 && k < outputs; ++k)
          for (std::size_t j = 0; j < d; ++j) {
            sums[k][j] += mpq_class(x.row(i)[j]) * mpq_class(dual.row(i)[k]);
            if (p * outputs + k < network.weights.rows)
              f[i][k] += mpq_class(x.row(i)[j]) * mpq_class(network.weights.row(p * outputs + k)[j]);
          }
      }
      for (const auto& sum : sums) {
        mpq_class square = 0;
        for (const mpq_class& entry : sum) square += entry * entry;
        largest = std::max(largest, square);
      }
    }
    EXPECT_GE(mpq_class(q) * mpq_class(q), largest);
    EXPECT_LE(q, std::sqrt(largest.get_d()) + 1e-13 * norm_of(x.values.data(), x.values.size()).hi *
                                                  norm_of(dual.values.data(), dual.values.size()).hi);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < outputs; ++k) {
        EXPECT_LE(abs(f[i][k] - mpq_class(found.values.row(i)[k])), mpq_class(found.errors[i]));
        EXPECT_LE(found.errors[i],
                  1e-9 * (1 + norm_of(network.weights.values.data(), network.weights.values.size()).hi));
      }
  }
}

/// Inner products that doubles get wrong: 1 is open.
TEST(Gated, PatternsAreOfTheExactInnerProduct) {
  const double tiny = 0x1p-1074, big = 0x1p1000;
  const struct {
    std::vector<double> g, x;
    double open;
  } cases[] = {{{1, -0x1p-60, -1}, {1, 1, 1}, 0},      {{1, 0x1p-60, -1}, {1, 1, 1}, 1},
               {{0x1p-60, 1, -1}, {1, 1, 1}, 1},       {{-0x1p-60, 1, -1}, {1, 1, 1}, 0},
               {{0.1, 0.2, -0.3}, {1, 1, 1}, 1},       {{-0.1, -0.2, 0.3}, {1, 1, 1}, 0},
               {{3, -1, 0}, {1 / 3.0, 1, 1}, 0},       {{-3, 1, 0}, {1 / 3.0, 1, 1}, 1},
               {{1, -1, 0}, {0.1, 0.1, 5}, 1},         {{-1, 1, 0}, {0.1, 0.1, 5}, 1},
               {{0, 0, 0}, {-1, -2, -3}, 1},           {{-0.0, -0.0, -0.0}, {1, 2, 3}, 1},
               {{1, 2, 3}, {0, -0.0, 0}, 1},           {{tiny, 0, 0}, {-tiny, 1, 1}, 0},
               {{tiny, 0, 0}, {tiny, 1, 1}, 1},        {{tiny, -tiny, 0}, {0.25, 0.5, 1}, 0},
               {{big, -big, -tiny}, {1, 1, 1}, 0},     {{big, -big, tiny}, {1, 1, 1}, 1},
               {{big, big, -big}, {-1, -1, -1}, 0},    {{big, 1.5 * big, -big}, {0.5, -0x1p-1, -0x1p-2}, 1},
               {{1e308, 1e308, -1e308}, {1, 1, 4}, 0}, {{1e308, 1e308, -1e308}, {1, 1, 2}, 1}};
  for (const auto& [g, x, open] : cases) {
    Matrix row(1, 3);
    GatedNetwork network{Matrix(1, 3), Matrix(1, 3)};
    row.values = x;
    network.gates.values = g;
    Matrix dual(1, 1);
    dual.values = {1};
    const double size = norm_of(x.data(), 3).lo;
    EXPECT_EQ(adjoint_norm(Penalty::group, row, network.gates, dual, 0) > size / 2, open == 1 || size == 0)
        << g[0] << g[1];
    // The output is open where the first weight is 1 / x.
    if (x[0] == 0 || std::fabs(x[0]) < 1e-300) continue;
    network.weights.values = {1 / x[0], 0, 0};
    EXPECT_NEAR(outputs_of(row, network, 1).values.values[0], open, 1e-9) << g[0] << g[1];
  }
}

/// Almost orthogonal pairs, of which doubles get one in several wrong.
TEST(Gated, PatternsNearZero) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  int wrong = 0;
  for (int round = 0; round < 2000; ++round) {
    Matrix row(1, 3), gate(1, 3), dual(1, 1);
    for (Matrix* matrix : {&row, &gate})
      for (double& value : matrix->values) value = normal(random);
    double *x = row.row(0), *g = gate.row(0);
    g[2] = -(g[0] * x[0] + g[1] * x[1]) / x[2];
    dual.values[0] = 1;
    const mpq_class inner =
        mpq_class(x[0]) * mpq_class(g[0]) + mpq_class(x[1]) * mpq_class(g[1]) + mpq_class(x[2]) * mpq_class(g[2]);
    if ((x[0] * g[0] + x[1] * g[1] + x[2] * g[2] >= 0) != (inner >= 0)) ++wrong;
    ASSERT_EQ(adjoint_norm(Penalty::group, row, gate, dual, 0) > 1e-3 * norm_of(x, 3).lo, inner >= 0) << round;
  }
  EXPECT_GT(wrong, 100);
}

TEST(Gated, WhatOverflowsIsRefused) {
  Matrix rows(4, 1), gates(1, 1), dual(4, 1);
  rows.values = {4, 4, 4, 4};
  dual.values = {1e308, 1e308, -1e308, -1e308};
  EXPECT_THROW(adjoint_norm(Penalty::group, rows, gates, dual, 0), Refusal);
  dual.values = {1e308, 0, 0, 0};
  EXPECT_THROW(adjoint_norm(Penalty::group, rows, gates, dual, 0), Refusal);
  GatedModel model = gated_case("squared", 0);
  for (auto& row : model.dual) row[0] *= 1e300;
  EXPECT_FALSE(verdict_on(model).accepted);
  model.dual[0][0] = 1e308;
  EXPECT_EQ(failed(verdict_on(model)), std::vector<std::string>{"convexity"});
}

/// Any point of the domain is a proof: never above the optimum.
TEST(Gated, NoDualPointProvesTooMuch) {
  std::mt19937_64 random(9);
  std::uniform_real_distribution<double> unit(0, 1);
  for (const auto& [loss, classes] : kLosses) {
    const GatedModel honest = gated_case(loss, classes);
    const double optimum = from_hex(honest.document["certificate"]["objective"]);
    for (int round = 0; round < 60; ++round) {
      GatedModel model = honest;
      const double share = std::exp2(-round / 4.0), n = static_cast<double>(model.features.size());
      for (std::size_t i = 0; i < model.dual.size(); ++i)
        for (std::size_t r = 0; r < model.outputs(); ++r) {
          const double most =
              classes == 0 ? (honest.delta > 0 ? honest.delta : 1) : 1.0 / static_cast<double>(model.outputs());
          double sign = classes == 0 ? (random() % 2 == 0 ? 1 : -1) : static_cast<double>(model.y(i));
          if (model.loss == "softmax") sign = static_cast<int>(r) == model.labels[i] ? 0 : -1;
          model.dual[i][r] = (1 - share) * model.dual[i][r] + share * sign * most * unit(random) / n;
        }
      ASSERT_LE(failed(verdict_on(model)).size(), 1U) << detail(model, 8);
      const double proven = bound_of(model);
      ASSERT_LE(proven, optimum) << loss;
      ASSERT_NEAR(proven, static_cast<double>(model.lower_bound()), 1e-13) << loss;
    }
  }
}

using GatedLie = LieAbout<GatedModel>;
GatedLie weights(const char* what, const char* checks, const std::function<void(GatedModel&)>& tell) {
  return {what, checks, [=](GatedModel& m) {
            tell(m);
            m.rehash_weights();
          }};
}
TEST(GatedLies, AboutTheDocument) {
  const Json nan = "nan", inf = "inf";
  const std::vector<GatedLie> lies = {set("/network/kind", "polynomial"),
                                      set("/network/kind", "relu"),
                                      set("/network/kind", 1),
                                      set("/network/hidden", Json::array()),
                                      set("/network", "gated"),
                                      set("/objective/kind", "softmax_minus_outputs"),
                                      set("/objective/epsilon", hex(1)),
                                      set("/objective/hidden", Json::array()),
                                      set("/objective/penalty", "lasso"),
                                      set("/objective/lambda", hex(0)),
                                      set("/objective/lambda", hex(-0.05)),
                                      set("/objective/lambda", 0.05),
                                      set("/objective/lambda", nan),
                                      set("/objective/lambda", inf),
                                      set("/objective/loss", "squared"),
                                      set("/objective/loss/kind", "absolute"),
                                      set("/objective/loss/extra", 1),
                                      set("/certificate/evidence/kind", "hidden_concavity"),
                                      set("/certificate/evidence/steps", 3),
                                      set("/certificate/evidence", {{"kind", "box"}, {"steps", 3}}),
                                      set("/certificate/objective", nan),
                                      set("/certificate/lower_bound", inf),
                                      erase("/network", "kind"),
                                      erase("/objective", "kind"),
                                      erase("/objective", "loss"),
                                      erase("/objective", "lambda"),
                                      erase("/objective", "penalty"),
                                      erase("/objective/loss", "kind")};
  const std::vector<GatedLie> of_quantities = {
      set("/recipe/target/classes", {"2", "3"}), set("/recipe/target/range", hex(0)),
      set("/recipe/target/range", hex(-4)),      set("/recipe/target/range", inf),
      set("/recipe/target/offset", nan),         set("/recipe/target/offset", 2),
      erase("/recipe/target", "offset"),         erase("/recipe/target", "range"),
      set("/objective/loss/kind", "logistic"),   set("/objective/loss/kind", "squared_hinge"),
      set("/objective/loss/kind", "softmax")};
  GatedModel squared = gated_case("squared", 0), huber = gated_case("huber", 0);
  expect_all_refused(squared, lies);
  expect_all_refused(squared, of_quantities);
  expect_all_refused(squared, {set("/objective/loss/kind", "huber"), set("/objective/loss/delta", hex(1))});
  expect_all_refused(huber, {erase("/objective/loss", "delta"), set("/objective/loss/delta", hex(0)),
                             set("/objective/loss/delta", hex(-1)), set("/objective/loss/delta", nan),
                             set("/objective/loss/delta", inf), set("/objective/loss/kind", "squared")});
  for (const auto& [loss, classes] : kLosses) {
    if (classes == 0) continue;
    const GatedModel model = gated_case(loss, classes);
    expect_all_refused(model, lies);
    expect_all_refused(model, {set("/objective/loss", {{"kind", "huber"}, {"delta", hex(1)}}),
                               set("/objective/loss/delta", hex(1)), set("/recipe/target/offset", hex(0)),
                               set("/recipe/target/range", hex(1)), erase("/recipe/target", "classes")});
    if (!model.one_hot()) {  // another network, or none
      GatedModel other = model;
      other.document["objective"]["loss"]["kind"] = "squared";
      EXPECT_FALSE(verify(other.bytes(), other.sources).accepted);
    }
    if (classes == 3)
      expect_all_refused(model,
                         {set("/objective/loss/kind", "logistic"), set("/objective/loss/kind", "squared_hinge")});
  }
  // One kind's document with the other's tensors; and quantities of a polynomial network.
  const GatedModel gated = gated_case("softmax", 2);
  const Model polynomial = case_a();
  expect_refused(Model::sealed(polynomial.document.dump(), gated.tensors()), polynomial.sources, "document");
  expect_refused(Model::sealed(gated.document.dump(), polynomial.tensors()), gated.sources, "document");
  Model quantity = polynomial;
  quantity.document["recipe"]["target"] = squared.document["recipe"]["target"];
  expect_refused(quantity, "document");
  Model dual = polynomial;
  dual.document["certificate"]["evidence"] = {{"kind", "dual_point"}};
  expect_refused(dual, "document");
}

TEST(GatedLies, AboutTheTensors) {
  const GatedModel model = gated_case("softmax", 3);
  const auto refused = [&](const std::function<void(std::vector<TensorPart>&)>& tell) {
    std::vector<TensorPart> parts = model.tensors();
    tell(parts);
    expect_refused(Model::sealed(model.document.dump(), parts), model.sources, "file");
  };
  for (std::size_t left_out = 0; left_out < 3; ++left_out)
    refused([&](auto& parts) { parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(left_out)); });
  for (const char* extra : {"hidden.1", "output", "mask.1", "hidden.2", "scale", "dual.1"})
    refused([&](auto& parts) { parts.push_back({extra, "F64", {1, 1}, std::string(8, '\0')}); });
  refused([](auto& parts) { parts[0].shape = {parts[0].shape[0] * parts[0].shape[1]}; });
  refused([](auto& parts) { parts[1].shape.push_back(1); });
  refused([](auto& parts) { parts[2].shape[0] += 1; });
  refused([](auto& parts) { parts[2] = {"dual", "BOOL", {12, 3}, std::string(36, '\0')}; });
}

TEST(GatedLies, AboutTheData) {
  const GatedModel honest = gated_case("squared", 0);
  const auto data = [](const char* what, const std::string& from, const std::string& to, const char* checks) {
    return GatedLie{what, checks,
                    [=](GatedModel& m) { m.sources.data.replace(m.sources.data.find(from), from.size(), to); }};
  };
  const std::string second = honest.sources.data.substr(honest.sources.data.find('\n', 6) + 1);
  const std::string row = second.substr(0, second.find('\n')), cells = row.substr(0, row.rfind(',') + 1);
  expect_all_refused(honest, {data("no number", row, cells + "x", "data"),
                              data("a missing target", row, cells + "NA", "data"),
                              data("an empty target", row, cells, "data"),
                              data("not a number", row, cells + "nan", "data"),
                              data("infinite", row, cells + "inf", "data"),
                              data("hexadecimal", row, cells + "0x2", "data"),
                              {"targets that overflow", "data",
                               [&](GatedModel& m) {
                                 m.document["recipe"]["target"]["range"] = hex(0x1p-1000);
                                 m.sources.data.replace(m.sources.data.find(row), row.size(), cells + "1e300");
                               }},
                              set("/recipe/map", "root", "data"),  // of a negative feature
                              set("/certificate/samples", 11, "data"),
                              {"hashed as labels are", "features_hash", [](GatedModel& m) {
                                 m.classes = 2;
                                 m.labels.assign(m.features.size(), 0);
                                 m.rehash_features();
                               }}});
  const auto first_refused = [](const GatedModel& model, const char* check) {
    const Verdict verdict = verdict_on(model);
    ASSERT_FALSE(failed(verdict).empty());
    EXPECT_EQ(failed(verdict).front(), check) << told(verdict);
  };
  for (const char* key : {"offset", "range"}) {
    GatedModel lie = honest;
    lie.document["recipe"]["target"][key] = hex(key[0] == 'o' ? 2 + 0x1p-51 : 4 - 0x1p-51);
    first_refused(lie, "features_hash");
  }
  GatedModel moved = honest;  // hashed again: what it pretends no longer holds
  moved.document["recipe"]["target"]["offset"] = hex(1);
  for (double& target : moved.targets) target += 0.25;
  moved.rehash_features();
  EXPECT_EQ(failed(verify(moved.bytes(), moved.sources)), (std::vector<std::string>{"objective", "claim"}));
  GatedModel swapped = gated_case("logistic", 2);
  swapped.document["recipe"]["target"]["classes"] = {"yes", "no"};
  first_refused(swapped, "features_hash");
  for (int& label : swapped.labels) label = 1 - label;
  swapped.rehash_features();
  EXPECT_EQ(failed(verify(swapped.bytes(), swapped.sources)), (std::vector<std::string>{"objective", "convexity"}));
}

TEST(GatedLies, AboutTheWeights) {
  for (const char* loss : {"squared", "softmax"}) {
    const GatedModel honest = gated_case(loss, loss == std::string("squared") ? 0 : 3);
    const std::size_t k = honest.outputs();
    std::vector<GatedLie> lies = {
        weights("no gates", "weights",
                [](GatedModel& m) {
                  m.gates.clear();
                  m.weights.clear();
                }),
        weights("more active gates than gates", "weights",
                [k](GatedModel& m) {
                  m.weights.resize((m.gates.size() + 1) * k, {0, 0, 0});
                }),
        weights("gates of another width", "weights",
                [](GatedModel& m) {
                  for (auto& row : m.gates) row.push_back(0);
                }),
        weights("weights of another width", "weights",
                [](GatedModel& m) {
                  for (auto& row : m.weights) row.pop_back();
                }),
        {"a gate changed and not hashed", "weights_hash", [](GatedModel& m) { m.gates.back()[2] += 0x1p-40; }},
        set("/certificate/weights_sha256", std::string(64, 'a'), "weights_hash")};
    if (k > 1) lies.push_back(weights("half a gate", "weights", [](GatedModel& m) { m.weights.push_back({0, 0, 0}); }));
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      lies.push_back(weights("a gate not finite", "weights", [=](GatedModel& m) { m.gates.back()[0] = value; }));
      lies.push_back(weights("a weight not finite", "weights", [=](GatedModel& m) { m.weights[0][1] = value; }));
    }
    expect_all_refused(honest, lies);
    GatedModel more = honest;  // a further active gate of weights 0 changes nothing
    for (std::size_t i = 0; i < k; ++i) more.weights.push_back({0, 0, 0});
    more.rehash_weights();
    expect_accepted(more);
    GatedModel huge = honest;
    for (double& weight : huge.weights[0]) weight = 1e308;
    huge.rehash_weights();
    EXPECT_EQ(failed(verify(huge.bytes(), huge.sources)), std::vector<std::string>{"objective"});
  }
}

TEST(GatedLies, AboutTheGates) {
  const GatedModel honest = gated_case("logistic", 2);
  GatedModel narrow = honest;
  narrow.gates.resize(1);
  narrow.lambda = 0.01;
  finish(narrow);
  const std::vector<double> tempting =
      tempting_gate(narrow, [](const GatedModel& wide) { return norm(wide.adjoint(wide.full_dual()).back()); });
  ASSERT_EQ(tempting.size(), 3U);
  expect_all_refused(narrow, {weights("an inactive gate with a group above lambda", "bound",
                                      [&](GatedModel& m) { m.gates.push_back(tempting); })});
  expect_all_refused(
      honest,
      {weights("an active gate left out", "objective",
               [](GatedModel& m) {
                 m.gates.erase(m.gates.begin());
                 m.weights.erase(m.weights.begin());
               }),
       weights("active gates in another order", "objective", [](GatedModel& m) { std::swap(m.gates[0], m.gates[1]); }),
       weights("weights in another order", "objective", [](GatedModel& m) { std::swap(m.weights[0], m.weights[1]); })});
  // An inactive gate proves nothing where it is; without it the same certificate holds for fewer gates.
  GatedModel fewer = honest;
  fewer.gates.pop_back();
  fewer.rehash_weights();
  expect_accepted(fewer);
  // A longer gate of the same pattern is the same gate.
  GatedModel longer = honest;
  for (double& entry : longer.gates[0]) entry *= 0x1p300;
  longer.rehash_weights();
  expect_accepted(longer);
}

/// A gate that misses a sample by 2^-60, where doubles as they are added see 0: with the other sign it is another
/// network.
TEST(GatedLies, APatternForgedThroughRounding) {
  GatedModel honest = gated_case("squared", 0);
  const double a = honest.features[1][0], b = honest.features[1][1];
  for (auto& gate : honest.gates) gate = {1, -std::copysign(0x1p-60, b) * gate[0], -a};
  honest.gates.resize(1);
  finish(honest);
  ASSERT_FALSE(honest.open(0, 1));
  ASSERT_EQ(a + b * honest.gates[0][1] - a, 0);
  expect_all_refused(honest,
                     {weights("the other sign", "objective bound", [](GatedModel& m) { m.gates[0][1] *= -1; }),
                      weights("through the sample", "objective bound", [](GatedModel& m) { m.gates[0][1] = 0; })});
}

TEST(GatedLies, AboutTheDualPoint) {
  const double denormal = 0x1p-1074;
  const auto entry = [](const char* what, const char* checks, std::size_t i, std::size_t r, double value) {
    return GatedLie{what, checks, [=](GatedModel& m) { m.dual[i][r] = value; }};
  };
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const GatedModel honest = gated_case(loss, classes);
    std::vector<GatedLie> lies = {{"a row too few", "convexity", [](GatedModel& m) { m.dual.pop_back(); }},
                                  {"a row too many", "convexity", [](GatedModel& m) { m.dual.push_back(m.dual[0]); }},
                                  {"no rows", "convexity", [](GatedModel& m) { m.dual.clear(); }},
                                  {"a column too many", "convexity",
                                   [](GatedModel& m) {
                                     for (auto& row : m.dual) row.push_back(0);
                                   }},
                                  {"no columns", "convexity",
                                   [](GatedModel& m) {
                                     for (auto& row : m.dual) row.clear();
                                   }},
                                  {"all half as much", "bound",
                                   [](GatedModel& m) {
                                     for (auto& row : m.dual)
                                       for (double& value : row) value /= 2;
                                   }},
                                  {"all zero", "bound", [](GatedModel& m) {
                                     for (auto& row : m.dual)
                                       for (double& value : row) value = 0;
                                   }}};
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL})
      lies.push_back(entry("not finite", "convexity", 3, honest.outputs() - 1, value));
    const double most = 1 / 12.0, side = static_cast<double>(classes == 2 ? honest.y(0) : 1);
    if (honest.loss == "huber") {
      lies.push_back(entry("beyond delta", "convexity", 0, 0, 0.125 * most * (1 + 0x1p-40)));
      lies.push_back(entry("beyond -delta", "convexity", 0, 0, -0.125 * most * (1 + 0x1p-40)));
    }
    if (honest.loss == "logistic") lies.push_back(entry("above 1", "convexity", 0, 0, side * most * (1 + 0x1p-40)));
    if (honest.loss == "logistic" || honest.loss == "squared_hinge") {
      lies.push_back(entry("below 0", "convexity", 0, 0, -side * 1e-3));
      lies.push_back(entry("a little below 0", "convexity", 0, 0, -side * denormal));
    }
    if (honest.loss == "softmax") {
      const auto own = static_cast<std::size_t>(honest.labels[0]), other = own == 0 ? std::size_t{1} : 0;
      lies.push_back(entry("an entry of the own class", "convexity", 0, own, most));
      lies.push_back(entry("a little entry of the own class", "convexity", 0, own, denormal));
      lies.push_back(entry("the own class as minus the sum", "convexity", 0, own, -honest.dual[0][other]));
      lies.push_back(entry("another class above 0", "convexity", 0, other, denormal));
      lies.push_back(entry("another class below -1", "convexity", 0, other, -most * (1 + 0x1p-40)));
      if (classes == 3)
        lies.push_back({"others below -1 together", "convexity", [=](GatedModel& m) {
                          for (std::size_t r = 0; r < 3; ++r) m.dual[0][r] = r == own ? 0 : -most * (0.5 + 0x1p-41);
                        }});
    }
    expect_all_refused(honest, lies);
  }
}

TEST(GatedLies, AboutTheNumbersClaimed) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    GatedModel honest = gated_case(loss, classes);
    honest.train(12);  // far enough from the optimum to leave room between the bound and the objective
    honest.write_claims();
    ASSERT_EQ(honest.document["certificate"]["claim"], "bounded");
    const double objective = number(honest, "objective"), lower = number(honest, "lower_bound"),
                 zero = number(honest, "objective_at_zero"), gap = number(honest, "relative_gap"),
                 proven = bound_of(honest), size = 1 + objective;
    const auto gap_becomes = [](double value) {
      return [=](GatedModel& m) { m.document["certificate"]["relative_gap"] = hex(value); };
    };
    std::vector<GatedLie> lies = {
        {"bound raised by 1e-9", "bound", stated("lower_bound", proven * (1 + 1e-9))},
        {"bound raised by 1e-12", "bound", stated("lower_bound", proven * (1 + 1e-12))},
        {"bound a unit above", "bound", stated("lower_bound", std::nextafter(proven, 1e9))},
        {"objective too low", "objective", stated("objective", objective - 1.1e-12 * size)},
        {"objective too high", "objective", stated("objective", objective + 1.001e-9 * size)},
        {"zero too low", "claim", stated("objective_at_zero", zero * (1 - 1.01e-12))},
        {"zero too high", "claim", stated("objective_at_zero", zero * (1 + 1.01e-12))},
        {"gap too small", "claim", gap_becomes(gap * (1 - 1.1e-12) - 1e-15)},
        {"gap too large", "claim", gap_becomes(gap * (1 + 1.1e-12) + 1e-15)},
        {"certified", "claim", [](GatedModel& m) { m.document["certificate"]["claim"] = "certified"; }},
        {"lambda smaller", "objective bound",
         [](GatedModel& m) { m.document["objective"]["lambda"] = hex(m.lambda * (1 - 1e-6)); }},
        {"lambda larger", "objective",
         [](GatedModel& m) { m.document["objective"]["lambda"] = hex(m.lambda * (1 + 1e-6)); }}};
    if (honest.loss == "huber") {
      lies.push_back({"delta smaller", "objective convexity claim",
                      [](GatedModel& m) { m.document["objective"]["loss"]["delta"] = hex(m.delta / 2); }});
      lies.push_back({"delta larger", "objective claim",
                      [](GatedModel& m) { m.document["objective"]["loss"]["delta"] = hex(m.delta * 2); }});
    }
    if (honest.loss == "softmax") lies.push_back(set("/objective/loss/kind", "squared", "objective bound claim"));
    if (honest.one_hot()) lies.push_back(set("/objective/loss/kind", "softmax", "objective convexity claim"));
    if (classes == 0 && honest.loss == "squared")
      lies.push_back(set("/objective/loss", {{"kind", "huber"}, {"delta", hex(0.125)}}, "objective convexity claim"));
    if (honest.loss == "squared_hinge")
      lies.push_back(set("/objective/loss/kind", "logistic", "objective convexity claim"));
    if (honest.loss == "logistic")
      lies.push_back(set("/objective/loss/kind", "squared_hinge", "objective bound claim"));
    expect_all_refused(honest, lies);
    for (const auto& [key, value] : {std::pair{"lower_bound", proven},
                                     {"lower_bound", lower - 1},
                                     {"objective", objective + 0.99e-9 * size},
                                     {"objective_at_zero", zero * (1 + 0.99e-12)}}) {
      GatedModel allowed = honest;
      restate(allowed, key, value);
      expect_accepted(allowed);
    }
  }
}

/// 2^41 (1 + 4) products: refused at once.
TEST(GatedLies, ThatWouldTakeHours) {
  Matrix features(1 << 20, 1), gates(1 << 21, 1), dual(1 << 20, 4);
  EXPECT_THROW(adjoint_norm(Penalty::group, features, gates, dual, 1), Refusal);
}

TEST(GatedLies, EveryBitFlipped) {
  const GatedModel model = gated_case("logistic", 2);
  const std::string file = model.bytes();
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string lie = file;
    lie[bit / 8] = static_cast<char>(lie[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(verify(lie, model.sources).accepted) << bit;
  }
}
}  // namespace
}  // namespace nadir::verify::planted
