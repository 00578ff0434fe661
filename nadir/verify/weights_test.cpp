// Weights of rows and classes: honest models are accepted, and a model that lies about them is refused by the check
// that should see it.
#include <random>

#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {
const Weights kKinds[] = {Weights::column, Weights::classes, Weights::both};

double stated(const Json& document, const char* key) { return from_hex(document["certificate"][key]); }

TEST(Weights, OfRowsAndClassesAreAccepted) {
  for (const auto& [loss, classes] : kLosses)
    for (const Weights kind : kKinds) {
      if (classes == 0 && kind != Weights::column) continue;
      SCOPED_TRACE(loss + std::to_string(classes) + std::to_string(static_cast<int>(kind)));
      const GatedModel model = gated_case(loss, classes, 12, 3000, kind), alike = gated_case(loss, classes);
      EXPECT_EQ(model.document["certificate"]["claim"], "certified") << model.document["certificate"].dump(1);
      EXPECT_GT(std::fabs(stated(model.document, "objective") - stated(alike.document, "objective")), 1e-4);
      const Verdict verdict = verdict_on(model);
      EXPECT_TRUE(verdict.accepted) << told(verdict);
      EXPECT_NEAR(proven_bound(verdict), static_cast<double>(model.lower_bound()), 1e-13);
      expect_accepted(relu_case(loss, classes, Trees::root, 9, kind));
    }
}

/// And the network of a row written twice is that of a row of weight 2.
TEST(Weights, CountRows) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    GatedModel twice = gated_case(loss, classes), weighted = twice;
    std::vector<double> weights(12, 1);
    std::size_t begin = twice.sources.data.find('\n') + 1;
    for (std::size_t i = 0; i < 5; ++i) {
      const std::size_t end = twice.sources.data.find('\n', begin) + 1;
      twice.sources.data += twice.sources.data.substr(begin, end - begin);
      twice.features.push_back(twice.features[i]);
      if (classes > 0) twice.labels.push_back(twice.labels[i]);
      if (classes == 0) twice.targets.push_back(twice.targets[i]);
      weights[i] = 2;
      begin = end;
    }
    add_weight_column(weighted, weights);
    finish(twice);
    finish(weighted);
    EXPECT_TRUE(verdict_on(twice).accepted && verdict_on(weighted).accepted) << told(verdict_on(weighted));
    EXPECT_NEAR(stated(twice.document, "objective"), stated(weighted.document, "objective"), 1e-9);
    EXPECT_NEAR(proven_bound(verdict_on(twice)), proven_bound(verdict_on(weighted)), 1e-9);
  }
}

/// Far from 1, and all of them times any number.
TEST(Weights, OfAnySize) {
  for (const double unit : {0x1p-97, 0x1p97}) {
    GatedModel model = gated_case("logistic", 2);
    std::vector<double> weights;
    for (std::size_t i = 0; i < 12; ++i) weights.push_back(unit * (1 + static_cast<double>(i) / 3));
    weights[4] = unit / 8;
    add_weight_column(model, weights);
    finish(model);
    EXPECT_TRUE(verdict_on(model).accepted) << told(verdict_on(model));
    GatedModel small = gated_case("softmax", 3);
    weights[3] = unit < 1 ? 0x1p100 : 0x1p-100;
    add_weight_column(small, weights);
    finish(small);
    EXPECT_TRUE(verdict_on(small).accepted) << told(verdict_on(small));
  }
}

/// On the border of the domain up to rounding: h is G over the row's own share, not n G.
TEST(Weights, ADualPointOnItsBorder) {
  for (const char* loss : {"logistic", "huber", "softmax"})
    for (const double excess : {0.0, 0x1p-40}) {
      SCOPED_TRACE(loss);
      const bool quantity = loss == std::string("huber"), softmax = loss == std::string("softmax");
      GatedModel model = gated_case(loss, quantity ? 0 : 2, 12, 30, quantity ? Weights::column : Weights::both);
      for (std::size_t i = 0; i < 12; ++i)
        for (std::size_t r = 0; r < model.outputs(); ++r) {
          const double most = (quantity ? model.delta : 1) * static_cast<double>(model.share(i)) * (1 + excess);
          model.dual[i][r] = !softmax ? std::copysign(most, static_cast<double>(model.y(i)))
                                      : (static_cast<int>(r) == model.labels[i] ? 0 : -most);
        }
      const std::vector<std::string> failures = failed(verdict_on(model));
      EXPECT_EQ(std::count(failures.begin(), failures.end(), "convexity"), excess > 0 ? 1 : 0);
      if (excess > 0) continue;
      EXPECT_LE(proven_bound(verdict_on(model)), static_cast<double>(model.lower_bound()) + 1e-15);
    }
}

/// Any point of the domain is a proof: never above the optimum.
TEST(Weights, NoDualPointProvesTooMuch) {
  std::mt19937_64 random(9);
  std::uniform_real_distribution<double> unit(0, 1);
  for (const auto& [loss, classes] : kLosses) {
    const GatedModel honest = gated_case(loss, classes, 12, 3000, classes == 0 ? Weights::column : Weights::both);
    for (int round = 0; round < 30; ++round) {
      GatedModel model = honest;
      const double part = std::exp2(-round / 2.0);
      for (std::size_t i = 0; i < model.dual.size(); ++i)
        for (std::size_t r = 0; r < model.outputs(); ++r) {
          const double most = (honest.delta > 0 ? honest.delta : 1) / static_cast<double>(honest.outputs());
          double sign = classes == 0 ? (random() % 2 == 0 ? 1 : -1) : static_cast<double>(model.y(i));
          if (model.loss == "softmax") sign = static_cast<int>(r) == model.labels[i] ? 0 : -1;
          const double other = sign * most * unit(random) * static_cast<double>(model.share(i));
          model.dual[i][r] = (1 - part) * model.dual[i][r] + part * other;
        }
      const Verdict verdict = verdict_on(model);
      ASSERT_LE(failed(verdict).size(), 1U) << told(verdict);
      ASSERT_LE(proven_bound(verdict), stated(honest.document, "objective")) << loss;
      ASSERT_NEAR(proven_bound(verdict), static_cast<double>(model.lower_bound()), 1e-13) << loss;
    }
  }
}

using GatedLie = LieAbout<GatedModel>;
/// The weight in the row of the data that comes `row` rows after the header.
void set_cell(GatedModel& model, std::size_t row, const std::string& text) {
  std::string& data = model.sources.data;
  std::size_t end = data.find('\n');
  for (std::size_t i = 0; i <= row; ++i) end = data.find('\n', end + 1);
  const std::size_t begin = data.rfind(',', end) + 1;
  data.replace(begin, end - begin, text);
}

TEST(WeightLies, AboutTheDocument) {
  const GatedModel both = gated_case("softmax", 3, 12, 3000, Weights::both);
  const Json one = hex(1);
  expect_all_refused(both, {set("/objective/weights", Json::object()),
                            set("/objective/weights", nullptr),
                            set("/objective/weights", {{"column", 3}, {"rows", 1}}),
                            set("/objective/weights/column", "w"),
                            set("/objective/weights/column", -1),
                            set("/objective/weights/column", 4),
                            set("/objective/weights/column", 0),  // a feature
                            set("/objective/weights/column", 2),  // the target
                            set("/objective/weights/classes", Json::array()),
                            set("/objective/weights/classes", {one, one}),
                            set("/objective/weights/classes", {one, one, one, one}),
                            set("/objective/weights/classes", {1, 1, 1}),
                            set("/objective/weights/classes", {one, one, hex(0)}),
                            set("/objective/weights/classes", {one, one, hex(-1)}),
                            set("/objective/weights/classes", {one, one, "inf"}),
                            set("/objective/weights/classes", {one, one, "nan"}),
                            set("/objective/weights/classes", {one, one, hex(0x1p101)}),
                            set("/objective/weights/classes", {one, one, hex(0x1p-101)}),
                            set("/recipe/columns/2/kind", "categorical"),
                            {"the weights as a feature", "document",
                             [](GatedModel& m) { m.document["recipe"]["columns"][2] = numeric(3, "w", 0, 1); }}});
  const GatedModel quantity = gated_case("squared", 0, 12, 3000, Weights::column);
  expect_all_refused(quantity,
                     {set("/objective/weights/classes", {one, one}), set("/objective/weights/classes", Json::array())});
  ReluModel relu = relu_case("logistic", 2, Trees::root, 9, Weights::classes);
  relu.document["objective"]["weights"]["classes"] = {hex(1)};
  EXPECT_EQ(refused_by(verdict_on(relu)).substr(0, 8), "document");
  Model polynomial = case_a();
  polynomial.document["objective"]["weights"] = {{"classes", {one, one, one}}};
  expect_refused(polynomial, "document");
}

TEST(WeightLies, AboutTheData) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const GatedModel honest = gated_case(loss, classes, 12, 3000, Weights::column);
    std::vector<GatedLie> lies;
    for (const char* cell : {"0", "-1", "", "?", "NA", "x", "nan", "inf", "1e31", "1e-31", "-0", "0x1"})
      lies.push_back({cell, "data", [=](GatedModel& m) { set_cell(m, 5, cell); }});
    expect_all_refused(honest, lies);
    GatedModel changed = honest;
    set_cell(changed, 5, "7");
    EXPECT_EQ(refused_by(verdict_on(changed)).substr(0, 13), "features_hash");
    GatedModel kept_out = honest;  // of a row that is not trained on, nothing is asked
    kept_out.sources.data += "1,1,nonsense,-3\n";
    kept_out.training_rows = std::vector<std::uint8_t>(13, 1);
    kept_out.training_rows->back() = 0;
    EXPECT_TRUE(verdict_on(kept_out).accepted) << told(verdict_on(kept_out));
  }
}

/// What is trained with some weights, and stated of others; all hashes fit.
TEST(WeightLies, AboutWhatTheyAre) {
  const auto alike = [](GatedModel& m) {
    m.document["objective"].erase("weights");
    m.weights_of_rows.clear();
    m.rehash_features();
  };
  const auto one_more = [](GatedModel& m) {
    set_cell(m, 5, "7.5");
    m.weights_of_rows[5] = m.weights_of_rows[5] / 4.25 * 7.5;
    m.rehash_features();
  };
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const Weights kind = classes == 0 ? Weights::column : Weights::both;
    const GatedModel honest = gated_case(loss, classes, 12, 3000, kind);
    std::vector<std::pair<const char*, std::function<void(GatedModel&)>>> lies = {{"left out", alike},
                                                                                  {"a cell changed", one_more}};
    if (classes > 0)
      lies.emplace_back("of classes exchanged", [](GatedModel& m) {
        std::swap(m.document["objective"]["weights"]["classes"][0], m.document["objective"]["weights"]["classes"][1]);
        for (std::size_t i = 0; i < m.labels.size(); ++i)
          m.weights_of_rows[i] *= m.labels[i] == 0 ? 4 : m.labels[i] == 1 ? 0.25 : 1;
        m.rehash_features();
      });
    for (const auto& [what, tell] : lies) {
      SCOPED_TRACE(what);
      GatedModel lie = honest;
      tell(lie);
      const Verdict verdict = verdict_on(lie);
      EXPECT_TRUE(verdict.checks[3].passed) << told(verdict);   // the hash fits
      EXPECT_FALSE(verdict.checks[7].passed) << told(verdict);  // the objective does not
      ReluModel relu = relu_case(loss, classes, Trees::root, 9, kind);
      tell(relu);
      EXPECT_TRUE(verdict_on(relu).checks[3].passed) << told(verdict_on(relu));
      EXPECT_FALSE(verdict_on(relu).checks[7].passed) << told(verdict_on(relu));
    }
    // Hashed without the weights; or as if they were there.
    GatedModel unhashed = honest;
    unhashed.weights_of_rows.clear();
    unhashed.rehash_features();
    EXPECT_EQ(refused_by(verdict_on(unhashed)), "features_hash");
    GatedModel hashed = gated_case(loss, classes);
    hashed.weights_of_rows.assign(12, 1);
    hashed.rehash_features();
    EXPECT_EQ(refused_by(verdict_on(hashed)), "features_hash");
  }
}
}  // namespace
}  // namespace nadir::verify::planted
