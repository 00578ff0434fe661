// Matrix factorization (sections 4.7, 5.5 and 6.12 of docs/certificate-format.md): planted optima of every case, the
// bound against the formula in extended precision, and lies, each refused by the check of the rule that it breaks.
#include "nadir/verify/factorization.hpp"

#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {

/// Y = G + sum of c_j u_j v_j^T with u_j^T G v_j = lambda ||u_j|| ||v_j||, the largest: U and V are optimal.
struct FactorModel {
  Sources sources;
  double lambda = 0.5;
  bool l1[2] = {false, false}, non_negative[2] = {false, false};
  Rows<double> y, left, right, dual, above, left_added, right_added;
  bool training_rows = false;
  Json document;

  Real size_of(const Rows<double>& factor, std::size_t j, bool by_l1) const {
    Real sum = 0;
    for (const auto& row : factor) sum += by_l1 ? std::fabs(Real(row[j])) : Real(row[j]) * row[j];
    return by_l1 ? sum : std::sqrt(sum);
  }
  Real objective() const {
    Real total = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::size_t k = 0; k < y[0].size(); ++k) {
        Real value = y[i][k];
        for (std::size_t j = 0; j < left[0].size(); ++j) value -= Real(left[i][j]) * right[k][j];
        total += value * value / 2;
      }
    for (std::size_t j = 0; j < left[0].size(); ++j)
      total += lambda * size_of(left, j, l1[0]) * size_of(right, j, l1[1]);
    return total;
  }
  Real bound() const {
    Real total = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::size_t k = 0; k < y[0].size(); ++k)
        total += Real(dual[i][k]) * y[i][k] - Real(dual[i][k]) * dual[i][k] / 2;
    return total;
  }
  void rehash() { document["certificate"]["weights_sha256"] = hash_of("nadir-weights 7\n", {&left, &right}); }
  void write_data() {
    sources.data = "a,b\n";  // names that say nothing; the header has as many cells as the records
    for (std::size_t k = 2; k < y[0].size(); ++k) sources.data.insert(sources.data.size() - 1, ",c");
    std::string bytes = "nadir-features 5\n" + bytes_of(std::vector<std::uint64_t>{y.size(), y[0].size()});
    for (const auto& row : y) {
      for (std::size_t k = 0; k < row.size(); ++k) {
        char cell[40];
        std::snprintf(cell, sizeof cell, "%s%.17g", k > 0 ? "," : "", row[k]);
        sources.data += cell;
      }
      sources.data += "\n";
      bytes += bytes_of(row);
    }
    document["certificate"]["features_sha256"] = sha256(bytes);
  }
  void write_claims(double target_gap = 1e-9) {
    Real zero = 0;
    for (const auto& row : y)
      for (const double entry : row) zero += Real(entry) * entry / 2;
    const Real f = objective(), room = 1e-12L * (1 + f);
    const auto upper = static_cast<double>(f + room), lower = static_cast<double>(bound() - room);
    document["certificate"].update(claims_between(upper, lower, static_cast<double>(zero), target_gap));
    document["certificate"].update({{"samples", y.size()}, {"evidence", {{"kind", "factor_polar"}}}});
    rehash();
  }
  std::string file() const {
    std::vector<TensorPart> parts;
    const auto add = [&](const char* name, const Rows<double>& rows) { parts.push_back(matrix_part(name, rows, 0)); };
    add("left", left), add("right", right), add("dual", dual);
    if (!above.empty()) add("above", above);
    if (!left_added.empty()) add("left_added", left_added);
    if (!right_added.empty()) add("right_added", right_added);
    if (training_rows) parts.push_back({"training_rows", "BOOL", {y.size()}, std::string(y.size(), '\1')});
    return Model::sealed(document.dump(), parts);
  }
};

double number(const FactorModel& model, const std::string& key) { return from_hex(model.document["certificate"][key]); }
void restate(FactorModel& model, const std::string& key, double value) {
  Json& certificate = model.document["certificate"];
  certificate[key] = hex(value);
  const double lower = number(model, "lower_bound");
  const double gap = (number(model, "objective") - lower) / (number(model, "objective_at_zero") - lower);
  certificate["relative_gap"] = hex(gap);
  certificate["claim"] = gap <= number(model, "target_gap") ? "certified" : "bounded";
}
Verdict verdict_on(const FactorModel& model) { return verify(model.file(), model.sources); }
void expect_accepted(const FactorModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
  EXPECT_EQ(model.document["certificate"]["claim"], "certified");
}

Rows<double> turned(const Rows<double>& rows) {
  Rows<double> result(rows[0].size(), std::vector<double>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t k = 0; k < rows[0].size(); ++k) result[k][i] = rows[i][k];
  return result;
}
Rows<double> square_of_zeros(std::size_t size) { return {size, std::vector<double>(size)}; }
Rows<double> rows_times(double factor, Rows<double> rows) {
  for (auto& row : rows)
    for (double& entry : row) entry *= factor;
  return rows;
}

/// `polar`: G over lambda. `left` and `right`: columns u_j of size 1, and v_j; the j-th is taken j + 1 times.
FactorModel factor_model_of(FactorModel model, Rows<double> polar, Rows<double> left, Rows<double> right) {
  const double inside = 1 - 1e-12;  // of the dual point, so that a strict inequality is proven
  model.dual = rows_times(model.lambda * inside, polar);
  for (Rows<double>* added : {&model.above, &model.left_added, &model.right_added})
    *added = rows_times(model.lambda * inside, *added);
  model.y = rows_times(model.lambda, std::move(polar));
  for (std::size_t j = 0; j < left[0].size(); ++j) {
    const double root = std::sqrt(static_cast<double>(j + 1));
    for (auto& row : left) row[j] *= root;
    for (auto& row : right) row[j] *= root;
  }
  for (std::size_t i = 0; i < model.y.size(); ++i)
    for (std::size_t k = 0; k < model.y[0].size(); ++k)
      for (std::size_t j = 0; j < left[0].size(); ++j) model.y[i][k] += left[i][j] * right[k][j];
  model.left = std::move(left), model.right = std::move(right);
  model.document = {
      {"version", 1},
      {"program", "planted"},
      {"notes", Json::object()},
      {"recipe",
       {{"source", {{"format", "csv"}, {"delimiter", ","}, {"header", true}, {"columns", model.y[0].size()}}}}},
      {"network", {{"kind", "factorization"}}},
      {"objective",
       {{"kind", "factorization"},
        {"lambda", hex(model.lambda)},
        {"norms", {model.l1[0] ? "l1" : "l2", model.l1[1] ? "l1" : "l2"}},
        {"non_negative", {model.non_negative[0], model.non_negative[1]}}}},
      {"certificate", Json::object()}};
  model.write_data();
  model.write_claims();
  return model;
}

/// Singular values of G / lambda: 1, 1, 0.5.
FactorModel plain_factor_case() {
  return factor_model_of({}, {{0.36 + 0.32, 0.48 - 0.24, 0}, {0.48 - 0.24, 0.64 + 0.18, 0}, {0, 0, 0.8}, {0, 0, 0.6}},
                         {{0.6, 0}, {0.8, 0}, {0, 0.8}, {0, 0.6}}, {{0.6, 0}, {0.8, 0}, {0, 1}});
}
/// Rows 1 and 2 of G / lambda have norm 1 and an inner product of -0.6: their difference, which u >= 0 excludes, would
/// do better.
FactorModel left_case() {
  FactorModel model;
  model.non_negative[0] = true;
  model.left_added = square_of_zeros(3);
  model.left_added[0][1] = model.left_added[1][0] = 0.6;
  return factor_model_of(model, {{1, 0, 0, 0}, {-0.6, 0.8, 0, 0}, {0, 0, 0.25, 0}}, {{1, 0}, {0, 1}, {0, 0}},
                         {{1, -0.6}, {0, 0.8}, {0, 0}, {0, 0}});
}
FactorModel right_case() {
  FactorModel model = left_case();
  std::swap(model.non_negative[0], model.non_negative[1]);
  model.right_added = std::exchange(model.left_added, {});
  std::swap(model.left, model.right);
  model.y = turned(model.y), model.dual = turned(model.dual);
  model.document["recipe"]["source"]["columns"] = model.y[0].size();
  model.document["objective"]["non_negative"] = {false, true};
  model.write_data();
  model.write_claims();
  return model;
}
/// G / lambda is a b^T + e_3 e_3^T less numbers that P has not, and more of them than a singular value of 1 allows.
FactorModel both_case() {
  FactorModel model;
  model.non_negative[0] = model.non_negative[1] = true;
  model.left_added = square_of_zeros(3), model.right_added = square_of_zeros(4);
  model.above = {{0.36, 0.48, 0, 0}, {0.48, 0.64, 0, 0}, {0, 0, 1, 0}};
  Rows<double> polar = model.above;
  polar[0][3] = -2, polar[1][2] = -1, polar[2][0] = -3;
  return factor_model_of(model, polar, {{0.6, 0}, {0.8, 0}, {0, 1}}, {{0.6, 0}, {0.8, 0}, {0, 1}, {0, 0}});
}
/// Rows of G / lambda of norm 1; u_j plus and minus unit vectors.
FactorModel rows_case() {
  FactorModel model;
  model.l1[0] = true;
  return factor_model_of(model, {{0.6, -0.8, 0}, {0, 0.28, 0.96}, {0.5, 0.5, 0.5}, {1, 0, 0}},
                         {{1, 0}, {0, -1}, {0, 0}, {0, 0}}, {{0.6, 0}, {-0.8, -0.28}, {0, -0.96}});
}
/// u >= 0 and v >= 0: negative entries of G do not count.
FactorModel positive_rows_case() {
  FactorModel model;
  model.l1[0] = model.non_negative[0] = model.non_negative[1] = true;
  return factor_model_of(model, {{0.6, 0.8, -7}, {-3, 0.28, 0.96}, {0.5, -2, 0.5}, {-1, -9, -2}},
                         {{1, 0}, {0, 1}, {0, 0}, {0, 0}}, {{0.6, 0}, {0.8, 0.28}, {0, 0.96}});
}
/// The same for columns, with u >= 0 and v free.
FactorModel columns_case() {
  FactorModel model;
  model.l1[1] = model.non_negative[0] = true;
  return factor_model_of(model, {{0.6, -0.28, 0.1}, {0.8, 0.9, 0.2}, {-0.3, -0.96, 0}},
                         {{0.6, 0.28}, {0.8, 0}, {0, 0.96}}, {{1, 0}, {0, -1}, {0, 0}});
}
FactorModel entries_case() {
  FactorModel model;
  model.l1[0] = model.l1[1] = true;
  return factor_model_of(model, {{1, -0.5, 0.3}, {0.2, -1, 0}}, {{1, 0}, {0, -1}}, {{1, 0}, {0, 1}, {0, 0}});
}
FactorModel positive_entries_case() {
  FactorModel model;
  model.l1[0] = model.l1[1] = model.non_negative[0] = model.non_negative[1] = true;
  return factor_model_of(model, {{1, -5, 0.3}, {0.2, -4, 1}}, {{1, 0}, {0, 1}}, {{1, 0}, {0, 0}, {0, 1}});
}
std::map<std::string, FactorModel> factor_cases() {
  return {{"l2 l2", plain_factor_case()}, {"l2 l2 left", left_case()}, {"l2 l2 right", right_case()},
          {"l2 l2 both", both_case()},    {"l1 l2", rows_case()},      {"l1 l2 both", positive_rows_case()},
          {"l2 l1 left", columns_case()}, {"l1 l1", entries_case()},   {"l1 l1 both", positive_entries_case()}};
}

TEST(Factorization, IsAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [name, model] : factor_cases()) {
    SCOPED_TRACE(name);
    const Verdict verdict = verdict_on(model);
    EXPECT_TRUE(verdict.accepted) << told(verdict);
    EXPECT_EQ(model.document["certificate"]["claim"], "certified");
    EXPECT_LT(number(model, "relative_gap"), 1e-10);
    const double proven = told_number(verdict, "proven ");
    const Real formula = model.bound();
    EXPECT_LE(proven, formula);
    EXPECT_GE(proven, formula - 1e-13L * (1 + std::fabs(formula)));
  }
}

/// Any G that fits proves a bound that no factors fall below.
TEST(Factorization, ABoundHoldsForWorseOnes) {
  for (auto [name, model] : factor_cases()) {
    SCOPED_TRACE(name);
    const Real least = model.objective();
    for (Rows<double>* matrix : {&model.dual, &model.above, &model.left_added, &model.right_added})
      *matrix = rows_times(0.75, *matrix);
    model.left = rows_times(1.25, model.left);
    model.write_claims();
    const Verdict verdict = verdict_on(model);
    EXPECT_TRUE(verdict.accepted) << told(verdict);
    EXPECT_EQ(model.document["certificate"]["claim"], "bounded");
    EXPECT_LT(told_number(verdict, "proven "), least);
    EXPECT_GT(model.objective(), least);
  }
}

TEST(Factorization, NoFactorsAreTheZeroMatrix) {
  FactorModel model = plain_factor_case();
  for (auto& row : model.left) row.clear();
  for (auto& row : model.right) row.clear();
  model.write_claims();
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
  EXPECT_EQ(model.document["certificate"]["claim"], "bounded");
}

TEST(Factorization, ReadsArrays) {
  FactorModel model = plain_factor_case();
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (4, 3), }\n", bytes = "\x93NUMPY\1";
  bytes += std::string(1, '\0') + static_cast<char>(header.size()) + std::string(1, '\0') + header;
  for (const auto& row : model.y) bytes += bytes_of(row);
  model.sources.data = bytes;
  model.document["recipe"]["source"] = {{"format", "npy"}, {"columns", 3}};
  expect_accepted(model);
  model.document["recipe"]["source"]["columns"] = 4;
  EXPECT_EQ(refused_by(verdict_on(model)), "data weights");
}

using FactorLie = LieAbout<FactorModel>;
FactorLie with_rehashed_factors(const std::string& what, const std::string& checks,
                                const std::function<void(FactorModel&)>& tell) {
  return {what, checks, [=](FactorModel& model) {
            tell(model);
            model.rehash();
          }};
}
/// Claims that fit the numbers, but a dual point that does not.
FactorLie with_claims(const std::string& what, const std::string& checks,
                      const std::function<void(FactorModel&)>& tell) {
  return {what, checks, [=](FactorModel& model) {
            tell(model);
            model.write_claims();
          }};
}
std::function<void(FactorModel&)> larger(Rows<double> FactorModel::*matrix, double factor = 1.001) {
  return [=](FactorModel& m) { m.*matrix = rows_times(factor, m.*matrix); };
}

/// More than lambda, by a thousandth, with the bound of that: of every case.
TEST(FactorizationLies, ADualPointTooLarge) {
  for (auto [name, model] : factor_cases()) {
    SCOPED_TRACE(name);
    model.dual = rows_times(1.001, model.dual);
    for (std::size_t i = 0; i < model.above.size(); ++i)
      for (std::size_t k = 0; k < model.above[0].size(); ++k)
        model.above[i][k] = std::max(model.above[i][k], model.dual[i][k]);
    model.write_claims();
    const std::string refused = refused_by(verdict_on(model));
    EXPECT_TRUE(refused == "bound" || refused == "bound claim") << refused;
  }
}

TEST(FactorizationLies, AboutTheFactors) {
  const FactorModel honest = left_case();
  expect_all_refused(
      honest,
      {with_rehashed_factors("an entry below 0", "feasible objective", [](FactorModel& m) { m.left[2][0] = -0.01; }),
       with_rehashed_factors("smaller ones", "objective", larger(&FactorModel::left, 0.99)),
       with_rehashed_factors("larger ones", "objective", larger(&FactorModel::right, 1.01)),
       with_rehashed_factors("a row too few", "weights", [](FactorModel& m) { m.left.pop_back(); }),
       with_rehashed_factors("a column too few", "weights", [](FactorModel& m) { m.right.pop_back(); }),
       with_rehashed_factors("another number of columns", "weights",
                             [](FactorModel& m) {
                               for (auto& row : m.right) row.push_back(0);
                             }),
       with_rehashed_factors("no number", "weights", [](FactorModel& m) { m.left[0][0] = std::nan(""); }),
       with_rehashed_factors("an infinite entry", "weights", [](FactorModel& m) { m.right[0][0] = HUGE_VAL; }),
       {"another hash", "weights_hash", [](FactorModel& m) { m.left[0][0] = std::nextafter(m.left[0][0], 9); }}});
  expect_all_refused(right_case(), {with_rehashed_factors("an entry below 0", "feasible objective",
                                                          [](FactorModel& m) { m.right[2][1] = -0.01; })});
  // Signs that are let go where they are asked for: the objective is right, and the factors are not allowed.
  FactorModel model = left_case();
  model.left = rows_times(-1, model.left), model.right = rows_times(-1, model.right);
  model.rehash();
  EXPECT_EQ(refused_by(verdict_on(model)), "feasible");
}

TEST(FactorizationLies, AboutTheEvidence) {
  expect_all_refused(
      left_case(),
      {with_claims("nothing added", "bound", [](FactorModel& m) { m.left_added = square_of_zeros(3); }),
       with_claims("too little added", "bound", larger(&FactorModel::left_added, 0.99)),
       with_claims("too much added", "bound", larger(&FactorModel::left_added, 1.7)),
       with_claims("added where it is below 0", "convexity",
                   [](FactorModel& m) { m.left_added[0][2] = m.left_added[2][0] = -1e-300; }),
       with_claims("added to the diagonal", "convexity", [](FactorModel& m) { m.left_added[1][1] = 1e-300; }),
       with_claims("added on one side", "convexity", [](FactorModel& m) { m.left_added[2][0] = 1e-3; }),
       with_claims("no number", "convexity",
                   [](FactorModel& m) { m.left_added[0][1] = m.left_added[1][0] = std::nan(""); }),
       with_claims("a row too few", "convexity", [](FactorModel& m) { m.left_added.pop_back(); }),
       with_claims("a matrix of another size", "convexity", [](FactorModel& m) { m.left_added = square_of_zeros(4); }),
       with_claims("none", "document", [](FactorModel& m) { m.left_added.clear(); }),
       with_claims("one of the other side", "document", [](FactorModel& m) { m.right_added = square_of_zeros(4); }),
       with_claims("numbers above", "document", [](FactorModel& m) { m.above = m.dual; }),
       {"a dual point too short", "convexity", [](FactorModel& m) { m.dual.pop_back(); }},
       {"a dual point that is no number", "convexity", [](FactorModel& m) { m.dual[0][0] = std::nan(""); }},
       {"a smaller dual point", "bound", larger(&FactorModel::dual, 0.99)},
       {"rows that are trained on", "file", [](FactorModel& m) { m.training_rows = true; }}});
  FactorModel model = both_case();
  expect_all_refused(
      model, {with_claims("the dual point above", "bound", [](FactorModel& m) { m.above = m.dual; }),
              with_claims("above that is below", "convexity",
                          [](FactorModel& m) { m.above[2][2] = std::nextafter(m.dual[2][2], 0); }),
              with_claims("above with a row too few", "convexity", [](FactorModel& m) { m.above.pop_back(); }),
              with_claims("above that is infinite", "convexity", [](FactorModel& m) { m.above[0][3] = HUGE_VAL; }),
              with_claims("nothing above", "document", [](FactorModel& m) { m.above.clear(); }),
              with_claims("nothing added", "document", [](FactorModel& m) { m.right_added.clear(); }),
              with_claims("added on the right below 0", "convexity",
                          [](FactorModel& m) { m.right_added[0][1] = m.right_added[1][0] = -0.1; })});
  expect_all_refused(plain_factor_case(), {with_claims("added where nothing may be", "document",
                                                       [](FactorModel& m) { m.left_added = square_of_zeros(4); })});
  expect_all_refused(positive_rows_case(), {with_claims("added under l1", "document",
                                                        [](FactorModel& m) { m.left_added = square_of_zeros(4); })});
}

/// Each sign and norm that (*) depends on.
TEST(FactorizationLies, AboutTheProblem) {
  const auto none = Json::array({false, false}), left = Json::array({true, false}), right = Json::array({false, true}),
             both = Json::array({true, true});
  expect_all_refused(left_case(), {set("/objective/non_negative", none, "document"),
                                   set("/objective/non_negative", right, "document"),
                                   set("/objective/non_negative", both, "document"),
                                   set("/objective/norms", Json::array({"l1", "l2"}), "document"),
                                   set("/objective/norms", Json::array({"l2"}), "document"),
                                   set("/objective/norms", Json::array({"l2", "l_inf"}), "document"),
                                   set("/objective/non_negative", Json::array({true}), "document"),
                                   set("/objective/lambda", hex(0)),
                                   set("/objective/lambda", hex(-1)),
                                   erase("/objective", "lambda"),
                                   set("/objective/kind", "penalized"),
                                   set("/objective/loss", "squared"),
                                   set("/network/kind", "parallel"),
                                   set("/network/kind", "polynomial"),
                                   set("/network/power", 2),
                                   set("/certificate/evidence/kind", "dual_point"),
                                   set("/certificate/evidence/tau", hex(0.5)),
                                   set("/recipe/bias", true),
                                   set("/recipe/source/format", "libsvm"),
                                   set("/recipe/source/array", "X"),
                                   set("/recipe/source/columns", 0),
                                   set("/recipe/source/columns", 5, "data weights"),
                                   set("/recipe/source/header", false, "data"),
                                   set("/certificate/samples", 4, "data weights"),
                                   set("/certificate/samples", 0),
                                   set("/objective/lambda", hex(0.499), "objective bound"),
                                   set("/objective/lambda", hex(0.501), "objective")});
  expect_all_refused(
      positive_rows_case(),
      {set("/objective/non_negative", left, "bound"), set("/objective/non_negative", right, "bound"),
       set("/objective/non_negative", none, "bound"), set("/objective/norms", Json::array({"l1", "l1"}), "objective"),
       set("/objective/norms", Json::array({"l2", "l1"}), "objective bound")});
  expect_all_refused(columns_case(),
                     {set("/objective/non_negative", none, "bound"), set("/objective/non_negative", both, "feasible")});
  expect_all_refused(positive_entries_case(),
                     {set("/objective/non_negative", left, "bound"), set("/objective/non_negative", none, "bound"),
                      set("/objective/norms", Json::array({"l1", "l2"}), "bound")});
}

TEST(FactorizationLies, AboutTheNumbers) {
  const FactorModel honest = rows_case();
  const double proven = told_number(verdict_on(honest), "proven ");
  const auto exact = static_cast<double>(honest.objective());
  const auto cell = [](const char* text) {
    return [=](FactorModel& m) { m.sources.data.replace(m.sources.data.rfind(',') + 1, std::string::npos, text); };
  };
  expect_all_refused(honest, {{"another entry", "features_hash", cell("1e-9\n")},
                              {"a missing entry", "data", cell("?\n")},
                              {"an entry that is a word", "data", cell("much\n")},
                              {"an entry too many", "data", cell("0,0\n")},
                              {"a row too many", "data", cell("0\n1,2,3\n")},
                              {"a bound above the proven one", "bound", stated("lower_bound", proven + 1e-13)},
                              {"an objective below", "objective", stated("objective", exact - 1e-13)},
                              {"an objective far above", "objective", stated("objective", exact * (1 + 3e-9))},
                              {"another objective of zero", "claim", stated("objective_at_zero", 9)},
                              set("/certificate/claim", "bounded", "claim"),
                              set("/certificate/relative_gap", hex(1e-15), "claim")});
}
/// Numbers of the file changed at random, hashes and claims made to agree: whatever is accepted states no more than the
/// planted optimum, and an objective that its factors have.
TEST(FactorizationLies, AtRandomNeverPassTheOptimum) {
  Random random(11);
  int accepted = 0, refused = 0;
  for (const auto& [name, honest] : factor_cases()) {
    SCOPED_TRACE(name);
    const Real least = honest.objective();
    for (int draw = 0; draw < 400; ++draw) {
      FactorModel model = honest;
      Rows<double>* const parts[] = {&model.dual,        &model.above, &model.left_added,
                                     &model.right_added, &model.left,  &model.right};
      for (std::size_t changes = 1 + below(3, random); changes > 0; --changes) {
        Rows<double>& part = *parts[below(6, random)];
        if (part.empty()) continue;
        const std::size_t i = below(part.size(), random), k = below(part[0].size(), random);
        const double by =
            std::ldexp(0.5 + static_cast<double>(below(1000, random)) / 1000, -static_cast<int>(below(40, random)));
        part[i][k] += below(2, random) == 0 ? by : -by;
        if (&part == &model.left_added || &part == &model.right_added) part[k][i] = part[i][k];
      }
      model.write_claims();
      const Verdict verdict = verdict_on(model);
      ++(verdict.accepted ? accepted : refused);
      if (!verdict.accepted) continue;
      EXPECT_LE(number(model, "lower_bound"), least);
      EXPECT_GE(number(model, "objective"), model.objective());
    }
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 100);
}

TEST(FactorizationLies, ADamagedFileIsRefused) {
  Random random(12);
  for (const auto& [name, honest] : factor_cases()) {
    const std::string bytes = honest.file();
    for (int draw = 0; draw < 100; ++draw) {
      std::string damaged = bytes;
      const std::size_t place = below(bytes.size(), random);
      damaged[place] = static_cast<char>(damaged[place] ^ (1 << below(8, random)));
      EXPECT_FALSE(verify(damaged, honest.sources).accepted) << name << " byte " << place;
    }
  }
}
}  // namespace
}  // namespace nadir::verify::planted
