// For every rule at least one model that breaks exactly that rule, resealed so that nothing else can catch it.
#include "nadir/verify/test_util.hpp"

namespace nadir::verify::planted {
namespace {

constexpr double kInf = HUGE_VAL;

double number(const Model& model, const char* key) { return from_hex(model.document["certificate"][key]); }

/// States another number, with the gap that follows from it.
void restate(Model& model, const char* key, double value) {
  Json& certificate = model.document["certificate"];
  certificate[key] = hex(value);
  const double objective = number(model, "objective"), lower = number(model, "lower_bound");
  const double gap = (objective - lower) / (number(model, "objective_at_zero") - lower);
  certificate["relative_gap"] = hex(gap);
  certificate["claim"] = gap <= number(model, "target_gap") ? "certified" : "bounded";
}

struct Lie {
  const char* what;
  const char* check;
  std::function<void(Model&)> tell;
};

/// As expect_refused, of the first check that fails: other data change what the later ones prove.
void expect_first_refused(const Model& model, const std::string& check) {
  const Verdict verdict = verify(model.bytes(), model.sources);
  EXPECT_FALSE(verdict.accepted);
  ASSERT_FALSE(failed(verdict).empty()) << told(verdict);
  EXPECT_EQ(failed(verdict).front(), check) << told(verdict);
}

void expect_all_refused(const std::vector<Lie>& lies, const Model& honest) {
  expect_accepted(honest);
  for (const Lie& lie : lies) {
    SCOPED_TRACE(lie.what);
    Model model = honest;
    lie.tell(model);
    if (lie.check == std::string("features_hash"))
      expect_first_refused(model, lie.check);
    else
      expect_refused(model, lie.check);
  }
}

Lie set(const char* pointer, const Json& value, const char* check) {
  return {pointer, check, [=](Model& m) { m.document[Json::json_pointer(pointer)] = value; }};
}
Lie erase(const std::string& parent, const char* key) {
  return {key, "document", [=](Model& m) { m.document[Json::json_pointer(parent)].erase(key); }};
}
Lie weights(const char* what, const char* check, const std::function<void(Model&)>& tell) {
  return {what, check, [=](Model& m) {
            tell(m);
            m.rehash_weights();
          }};
}

TEST(Lies, AboutTheObjectiveAndTheBound) {
  Model honest = case_a(3.5, 3.5);
  finish(honest, 6);  // far enough from the optimum to leave room between the bound and the objective
  const double objective = number(honest, "objective"), lower = number(honest, "lower_bound");
  const double size = 1 + std::fabs(objective);
  expect_all_refused(
      {{"objective 1e-9 too low", "objective", [&](Model& m) { restate(m, "objective", objective - 1e-9 * size); }},
       {"objective 1e-12 too low", "objective", [&](Model& m) { restate(m, "objective", objective - 1.1e-12 * size); }},
       {"objective too high", "objective", [&](Model& m) { restate(m, "objective", objective + 1.001e-9 * size); }},
       {"bound raised by 1e-9", "bound", [&](Model& m) { restate(m, "lower_bound", lower + 1e-9 * std::fabs(lower)); }},
       {"bound raised by 1e-11", "bound", [&](Model& m) { restate(m, "lower_bound", lower + 1e-11); }},
       {"bound at the objective", "bound", [&](Model& m) { restate(m, "lower_bound", objective); }}},
      honest);
  Model high = honest;  // as high as it may be
  restate(high, "objective", objective + 0.99e-9 * size);
  expect_accepted(high);
  Model low = honest;  // a bound may say less than what is proven
  restate(low, "lower_bound", lower - 1);
  expect_accepted(low);
}

TEST(Lies, AboutTheClaim) {
  const Model honest = case_a(3.5, 3.5);
  const double gap = number(honest, "relative_gap"), zero = number(honest, "objective_at_zero");
  const auto moved_zero = [zero](int ulps) {
    return [=](Model& m) {
      double value = zero;
      for (int i = 0; i < std::abs(ulps); ++i) value = std::nextafter(value, ulps > 0 ? kInf : -kInf);
      restate(m, "objective_at_zero", value);
    };
  };
  const auto gap_becomes = [](double value) {
    return [=](Model& m) { m.document["certificate"]["relative_gap"] = hex(value); };
  };
  expect_all_refused({{"log K three units up", "claim", moved_zero(3)},
                      {"log K three units down", "claim", moved_zero(-3)},
                      {"log K of another K", "claim", [](Model& m) { restate(m, "objective_at_zero", std::log(3)); }},
                      {"gap 1e-11 relative too small", "claim", gap_becomes(gap * (1 - 1e-3) - 1.1e-15)},
                      {"gap too large", "claim", gap_becomes(gap * (1 + 1e-3) + 1.1e-15)},
                      {"gap zero", "claim", gap_becomes(0)},
                      {"gap negative", "claim", gap_becomes(-gap)},
                      set("/certificate/claim", "bounded", "claim"),
                      {"certified with a gap above the target", "claim",
                       [&](Model& m) { m.document["certificate"]["target_gap"] = hex(gap * 0.999); }},
                      {"objective below the bound", "objective",
                       [&](Model& m) {
                         m.document["certificate"]["objective"] = hex(number(m, "lower_bound"));
                         m.document["certificate"]["relative_gap"] = hex(0);
                       }}},
                     honest);
  for (const int ulps : {-1, 1}) {
    Model near = honest;
    moved_zero(ulps)(near);
    expect_accepted(near);
  }
  Model exact = honest;  // a gap equal to the target is certified
  exact.document["certificate"]["target_gap"] = hex(gap);
  expect_accepted(exact);
}

TEST(Lies, AboutTheDocument) {
  Json many = Json::array();  // the pairs of so many classes would fill the memory
  for (int i = 0; i < 100000; ++i) many.push_back(std::to_string(i));
  const Json nan = "nan", inf = "inf";
  std::vector<Lie> lies = {
      set("/version", 2, "document"),
      set("/version", 1.0, "document"),
      set("/version", "1", "document"),
      set("/extra", 1, "document"),
      set("/program", 1, "document"),
      set("/recipe/extra", 1, "document"),
      set("/recipe/source/extra", 1, "document"),
      set("/recipe/source/format", "xls", "document"),
      set("/recipe/source/columns", 4, "document"),
      set("/recipe/source/columns", -3, "document"),
      set("/recipe/source/delimiter", ",,", "document"),
      set("/recipe/source/delimiter", "\"", "document"),
      set("/recipe/source/delimiter", "", "document"),
      set("/recipe/source/header", 1, "document"),
      set("/recipe/target/column", 3, "document"),
      set("/recipe/target/column", 1, "document"),
      set("/recipe/target/classes", {"no"}, "document"),
      set("/recipe/target/classes", {"no", "no"}, "document"),
      set("/recipe/target/classes", {"no", 1}, "document"),
      set("/recipe/target/classes", many, "document"),
      set("/recipe/columns/0/kind", "other", "document"),
      set("/recipe/columns/0/index", 1, "document"),
      set("/recipe/columns/0/index", 1e9, "document"),
      set("/recipe/columns/0/extra", 1, "document"),
      set("/recipe/columns/0/range", hex(0), "document"),
      set("/recipe/columns/0/range", hex(-1), "document"),
      set("/recipe/columns/0/range", inf, "document"),
      set("/recipe/columns/0/offset", nan, "document"),
      set("/recipe/columns/0/offset", 0, "document"),
      set("/recipe/columns/0/missing", 0, "document"),
      set("/recipe/columns/0/missing", nan, "document"),
      set("/recipe/columns/0/name", 7, "document"),
      set("/recipe/clip", "true", "document"),
      set("/recipe/map", "square", "document"),
      set("/recipe/map", 1, "document"),
      set("/recipe/bias", 0, "document"),
      set("/recipe/columns/0",
          {{"index", 0}, {"name", "a"}, {"kind", "categorical"}, {"levels", {"x", "x"}}, {"missing", false}},
          "document"),
      set("/network/kind", "relu", "document"),
      set("/network/extra", 1, "document"),
      set("/network/hidden", Json::array(), "document"),
      set("/network/hidden/0/exponents", Json::array(), "document"),
      set("/network/hidden/0/exponents/0", hex(0.999), "document"),
      set("/network/hidden/0/exponents/0", nan, "document"),
      set("/network/hidden/0/exponents/0", inf, "document"),
      set("/network/hidden/0/exponents/0", 1, "document"),
      set("/network/hidden/0/exponents/0", "1", "document"),
      set("/network/hidden/0/exponents/0", "0x", "document"),
      set("/network/hidden/0/exponents/0", "0x1p+5000", "document"),
      set("/network/hidden/0/exponents/0", "0x1p+0 ", "document"),
      set("/network/hidden/0/exponents/0", "0X1P+0", "document"),
      set("/network/hidden/0/exponents/0", "0x-1p+0", "document"),
      set("/objective/kind", "squared", "document"),
      set("/objective/epsilon", hex(-1e-3), "document"),
      set("/objective/epsilon", nan, "document"),
      set("/objective/epsilon", inf, "document"),
      set("/objective/hidden", Json::array(), "document"),
      set("/objective/hidden/0/norm", "row", "document"),
      set("/objective/hidden/0/norm", "unit", "document"),  // then p must have two numbers
      set("/objective/hidden/0/p/0", hex(1), "document"),
      set("/objective/hidden/0/p/0", hex(0.5), "document"),
      set("/objective/hidden/0/p/0", nan, "document"),
      set("/objective/hidden/0/p", {hex(4), hex(4)}, "document"),
      set("/objective/hidden/0/radius", hex(0), "document"),
      set("/objective/hidden/0/radius", hex(-1), "document"),
      set("/objective/hidden/0/radius", inf, "document"),
      set("/objective/output/p", hex(1), "document"),
      set("/objective/output/radius", hex(0), "document"),
      set("/objective/output/extra", 1, "document"),
      set("/certificate/extra", 1, "document"),
      set("/certificate/claim", "proved", "document"),
      set("/certificate/target_gap", hex(0), "document"),
      set("/certificate/target_gap", hex(1), "document"),
      set("/certificate/target_gap", hex(2), "document"),
      set("/certificate/target_gap", nan, "document"),
      set("/certificate/target_gap", hex(-1), "document"),
      set("/certificate/objective", -0.5, "document"),
      set("/certificate/objective", nan, "document"),
      set("/certificate/lower_bound", "-inf", "document"),
      set("/certificate/lower_bound", inf, "document"),
      set("/certificate/relative_gap", nan, "document"),
      set("/certificate/samples", -4, "document"),
      set("/certificate/samples", 4.0, "document"),
      set("/certificate/evidence/kind", "trust", "document"),
      set("/certificate/evidence/steps", 3, "document"),
      set("/certificate/evidence", {{"kind", "box"}}, "document"),
      set("/certificate/evidence", {{"kind", "box"}, {"steps", 0}}, "document"),
      set("/certificate/evidence", {{"kind", "box"}, {"steps", 1001}}, "document"),
      set("/certificate/features_sha256", 5, "document")};
  for (const char* key : {"version", "program", "recipe", "network", "objective", "certificate"})
    lies.push_back(erase("", key));
  for (const char* key : {"source", "target", "columns", "clip", "map", "complement", "bias"})
    lies.push_back(erase("/recipe", key));
  for (const char* key : {"claim", "objective", "lower_bound", "objective_at_zero", "relative_gap", "target_gap",
                          "samples", "evidence", "features_sha256", "weights_sha256"})
    lies.push_back(erase("/certificate", key));
  expect_all_refused(lies, case_a());
}

TEST(Lies, ThatTheTextOfTheDocumentHides) {
  const Model honest = case_a();
  const std::string text = honest.document.dump(), deep_open(33, '['), deep_close(33, ']');
  const auto with_notes = [&](const std::string& notes) {
    std::string changed = text;
    const std::string old = "\"notes\":{}";
    changed.replace(changed.find(old), old.size(), "\"notes\":" + notes);
    return Model::sealed(changed, honest.tensors());
  };
  EXPECT_TRUE(verify(with_notes("{\"a\":[1,{\"b\":null}]}"), honest.sources).accepted);
  EXPECT_TRUE(verify(with_notes(std::string(31, '[') + std::string(31, ']')), honest.sources).accepted);
  for (const std::string& notes :
       {std::string(32, '[') + std::string(32, ']'), std::string(100000, '['), std::string("{},\"version\":1"),
        std::string("{\"a\":1,\"a\":1}"), std::string("{\"a\":{\"b\":1,\"b\":2}}"), std::string("1 1"),
        std::string("'a'"), std::string("[1,]"), std::string("NaN"), std::string("{}//")})
    expect_refused(with_notes(notes), honest.sources, "document");
  expect_refused(Model::sealed(text + '\0' + text, honest.tensors()), honest.sources, "document");
  expect_refused(Model::sealed(text.substr(0, text.size() - 1), honest.tensors()), honest.sources, "document");
  expect_refused(Model::sealed("", honest.tensors()), honest.sources, "document");
}

TEST(Lies, AboutTheData) {
  const Model honest = case_a();
  const auto data = [](const char* what, const std::string& from, const std::string& to, const char* check) {
    return Lie{what, check, [=](Model& m) { m.sources.data.replace(m.sources.data.find(from), from.size(), to); }};
  };
  expect_all_refused({data("a label changed", "0.5,no", "0.5,yes", "features_hash"),
                      data("a value changed", "0.4", "0.41", "features_hash"),
                      data("rows reordered", "0.1,0.5,no\n0.4,0.2,yes", "0.4,0.2,yes\n0.1,0.5,no", "features_hash"),
                      data("a row more", "0.3,0.6,no\n", "0.3,0.6,no\n0.3,0.6,no\n", "data"),
                      data("a row less", "0.3,0.6,no\n", "", "data"),
                      data("a ragged row", "0.3,0.6,no", "0.3,no", "data"),
                      data("text in a number", "0.3", "0.3x", "data"),
                      data("not a number", "0.3", "nan", "data"),
                      data("infinite", "0.3", "inf", "data"),
                      data("too large", "0.3", "1e999", "data"),
                      data("hexadecimal", "0.3", "0x1p-2", "data"),
                      data("two signs", "0.3", "+-0.3", "data"),
                      data("no digits", "0.3", ".", "data"),
                      data("missing", "0.3", "?", "data"),
                      data("an unknown label", "0.5,no", "0.5,maybe", "data"),
                      data("a missing label", "0.5,no", "0.5,NA", "data"),
                      data("another name", "a,b", "a,c", "data"),
                      data("another target", "class", "klass", "data"),
                      data("columns swapped", "a,b", "b,a", "data"),
                      data("an open quote", "0.6,no", "0.6,\"no", "data"),
                      data("text after a quote", "0.6,no", "0.6,\"no\"x", "data"),
                      {"no data", "data", [](Model& m) { m.sources.data.clear(); }},
                      {"only a header", "data", [](Model& m) { m.sources.data = "a,b,class\n"; }},
                      {"binary", "data", [](Model& m) { m.sources.data = std::string("\0\1\2\xff", 4); }},
                      {"gzip cut short", "data", [](Model& m) { m.sources.data = "\x1f\x8b\x08\x03\x04"; }},
                      set("/certificate/samples", 5, "data"),
                      set("/certificate/samples", 3, "data"),
                      set("/certificate/features_sha256", std::string(64, '0'), "features_hash"),
                      set("/recipe/columns/0/offset", hex(0x1p-50), "features_hash"),
                      set("/recipe/columns/0/range", hex(1 + 0x1p-52), "features_hash"),
                      set("/recipe/target/classes", {"yes", "no"}, "features_hash"),
                      set("/recipe/map", "root", "features_hash"),
                      {"a feature below zero", "data",
                       [](Model& m) {
                         m.document["recipe"]["clip"] = false;
                         m.document["recipe"]["columns"][0]["offset"] = hex(0.2);
                       }},
                      {"a training row left out", "data",
                       [](Model& m) {
                         m.training_rows = {1, 1, 1, 0};
                       }},
                      {"no training rows", "data",
                       [](Model& m) {
                         m.training_rows = {0, 0, 0, 0};
                       }},
                      {"training_rows too long", "data",
                       [](Model& m) {
                         m.training_rows = {1, 1, 1, 1, 0};
                       }},
                      {"training_rows too short", "data",
                       [](Model& m) {
                         m.training_rows = {1, 1, 1};
                       }}},
                     honest);
  Model part = honest;  // rows exchanged for others: as many, but not the same
  part.sources.data += "0.2,0.2,yes\n";
  part.training_rows = {1, 1, 1, 1, 0};
  expect_accepted(part);
  part.training_rows = {1, 1, 1, 0, 1};
  expect_first_refused(part, "features_hash");

  Model below = honest;  // 1 - f of an f above 1
  below.document["recipe"]["clip"] = false;
  below.document["recipe"]["complement"] = true;
  below.document["recipe"]["columns"][0]["range"] = hex(0.5);
  expect_first_refused(below, "data");

  // The same lies with the hash put right are caught by what they pretend.
  Model other = honest;
  other.sources.data.replace(other.sources.data.find("0.4"), 3, "0.9");
  other.features[1][0] = 0.9;
  other.rehash_features();
  EXPECT_EQ(failed(verify(other.bytes(), other.sources)), (std::vector<std::string>{"objective", "bound"}));
  Model alone = honest;
  alone.document["certificate"]["features_sha256"] = sha256("");
  expect_refused(alone, "features_hash");
}

TEST(Lies, AboutTheWeights) {
  const auto first = [](Model& m) -> double& { return m.weights[0][0][0]; };
  const Model honest = case_a(3.5, 3.5);
  expect_all_refused({weights("negative", "weights", [&](Model& m) { first(m) = -first(m); }),
                      weights("minus zero", "weights", [&](Model& m) { first(m) = -0.0; }),
                      weights("not a number", "weights", [&](Model& m) { first(m) = std::nan(""); }),
                      weights("infinite", "weights", [&](Model& m) { first(m) = kInf; }),
                      weights("zero", "convexity",
                              [&](Model& m) {
                                first(m) = 0;
                                Network gradient;
                                restate(m, "objective", static_cast<double>(1e-12L - m.phi(m.as_network(), gradient)));
                              }),
                      set("/certificate/weights_sha256", std::string(64, 'a'), "weights_hash"),
                      weights("outside of the feasible set", "feasible",
                              [&](Model& m) {
                                for (auto& weight : m.weights[1][0]) weight *= 1 + 1e-13;
                                m.write_claims(1e-6);
                              }),
                      {"another number of units", "weights",
                       [](Model& m) {
                         m.document["network"]["hidden"][0]["exponents"] = {hex(1), hex(2), hex(2)};
                       }},
                      {"another number of layers", "weights",
                       [](Model& m) {
                         for (const char* part : {"/network/hidden", "/objective/hidden"}) {
                           Json& layers = m.document[Json::json_pointer(part)];
                           layers.push_back(layers[0]);
                         }
                       }},
                      {"another number of inputs", "weights",
                       [](Model& m) {
                         for (auto& row : m.weights[0]) row.push_back(0.1);
                         m.rehash_weights();
                       }},
                      {"another number of classes", "weights",
                       [](Model& m) {
                         m.weights[1].push_back(m.weights[1][0]);
                         m.rehash_weights();
                       }}},
                     honest);
  Model masked = honest;
  masked.mask = {{{1, 0}, {1, 1}}};
  finish(masked);
  expect_accepted(masked);
  Model lie = masked;
  lie.weights[0][0][1] = 0x1p-1074;
  lie.rehash_weights();
  expect_refused(lie, "weights");
  lie = masked;
  lie.mask[0][0][0] = 0;
  lie.weights[0][0][0] = 0;
  lie.rehash_weights();
  expect_refused(lie, "weights");  // a unit without weights
}

TEST(Lies, AboutTheDegree) {
  Model model = case_a(4, 2);  // 1/2 + 2/4 = 1
  expect_accepted(model);
  for (const char* pointer : {"/objective/output/p", "/objective/hidden/0/p/0"}) {
    Model lie = model;
    Json& p = lie.document[Json::json_pointer(pointer)];
    p = hex(std::nextafter(from_hex(p), 0));
    expect_refused(lie, "convexity");
  }
  Model lie = model;
  lie.document["network"]["hidden"][0]["exponents"][1] = hex(std::nextafter(2.0, 3));
  const Verdict verdict = verify(lie.bytes(), lie.sources);
  EXPECT_EQ(failed(verdict).back(), "convexity") << told(verdict);
}

// The mask decides which units a unit is connected to, and so the degree: 1/2 + 2 (1/8 + 1 (1/8)) = 1, or above.
TEST(Lies, AboutConnections) {
  Model model = case_a();
  model.exponents = {{1, 2}, {2, 2}};
  model.p = {{8}, {8}, {2}};
  model.radius = {1, 1, 1};
  model.per_unit = {false, false, true};
  model.mask = {{}, {{1, 0}, {1, 0}}};
  finish(model, 2000, 0.5);
  expect_accepted(model);
  model.mask = {};
  finish(model, 400, 0.5);
  expect_refused(model, "convexity");
}

TEST(Lies, AboutBoxes) {
  Model honest = case_a();
  honest.document["certificate"]["evidence"] = {{"kind", "box"}, {"steps", 20}};
  expect_accepted(honest);
  const double lower = number(honest, "lower_bound");
  expect_all_refused(
      {set("/certificate/evidence/steps", 1, "bound"),
       {"bound above the optimum", "bound", [&](Model& m) { restate(m, "lower_bound", lower + 2e-12 * 1.7); }}},
      honest);
  Model zero = honest;
  zero.epsilon = 0;
  zero.document["objective"]["epsilon"] = hex(0);
  zero.write_claims(1e-9);
  zero.document["certificate"]["evidence"] = {{"kind", "box"}, {"steps", 20}};
  expect_refused(zero, "convexity");
  Model wide = case_a(3.5, 3.5, 2.5, 4);  // the box of these norms does not close
  wide.document["certificate"]["evidence"] = {{"kind", "box"}, {"steps", 1000}};
  expect_refused(wide, "bound");
}

TEST(Lies, ThatOverflow) {
  Model model = case_a();
  model.document["network"]["hidden"][0]["exponents"] = {hex(1), hex(1e300)};
  model.document["recipe"]["columns"][0]["range"] = hex(1e-300);
  model.document["recipe"]["clip"] = false;
  const Verdict verdict = verify(model.bytes(), model.sources);
  EXPECT_FALSE(verdict.accepted) << told(verdict);
  EXPECT_EQ(verdict.checks.size(), 11U);
}

}  // namespace
}  // namespace nadir::verify::planted
