// Gated networks under the other penalties of section 5.2: what is accepted, lies, and singular values enclosed.
#include "nadir/verify/penalties.hpp"

#include <random>

#include "nadir/verify/dense_test_util.hpp"
#include "nadir/verify/gated.hpp"
#include "nadir/verify/lies_test_util.hpp"

namespace nadir::verify::planted {
namespace {

const std::vector<std::string> kPenalties = {"nuclear", "l1", "features"};

GatedModel penalized_case(const std::string& penalty, const std::string& loss, std::size_t classes,
                          double lambda = 0.05, Weights weighting = Weights::none) {
  GatedModel model = gated_case(loss, classes, 12, 0, weighting);
  model.penalty = penalty;
  model.lambda = lambda;
  finish(model);
  return model;
}

/// For all penalties, of one output and of three.
template <class Visit>
void for_each_case(Visit visit) {
  for (const std::string& penalty : kPenalties)
    for (const auto& [loss, classes] :
         {std::pair<const char*, std::size_t>{"huber", 0}, {"logistic", 2}, {"softmax", 3}, {"squared", 3}}) {
      SCOPED_TRACE(penalty + " " + loss + std::to_string(classes));
      visit(penalty, loss, classes);
    }
}

TEST(Penalties, AreAcceptedAndTheirBoundsAreTheFormulas) {
  for_each_case([](const std::string& penalty, const char* loss, std::size_t classes) {
    for (const Weights weighting : {Weights::none, Weights::column}) {
      GatedModel model = penalized_case(penalty, loss, classes, 0.05, weighting);
      EXPECT_EQ(model.document["certificate"]["claim"], "certified") << model.document["certificate"].dump(1);
      EXPECT_GT(model.weights.size(), 0U);
      for (const bool early : {false, true}) {  // early: far from the optimum, where q is not lambda
        if (early) model.train(12);
        if (early) model.write_claims();
        expect_accepted(model);
        const double proven = proven_bound(verdict_on(model));
        EXPECT_LE(proven, model.lower_bound());
        EXPECT_GE(proven, model.lower_bound() - 1e-13L);
      }
    }
  });
}

/// Of one output the matrix of a gate is a vector.
TEST(Penalties, NuclearOfOneOutputIsGroup) {
  GatedModel model = gated_case("huber", 0);
  model.document["objective"]["penalty"] = "nuclear";
  expect_accepted(model);
}

TEST(PenaltiesLies, AboutTheNumbers) {
  for_each_case([](const std::string& penalty, const char* loss, std::size_t classes) {
    const GatedModel honest = penalized_case(penalty, loss, classes);
    const double objective = number(honest, "objective"), proven = proven_bound(verdict_on(honest));
    const auto of_lambda = [&](double factor) {
      return [=](GatedModel& m) { m.document["objective"]["lambda"] = hex(m.lambda * factor); };
    };
    expect_all_refused(
        honest, {{"the bound a unit above", "bound", stated("lower_bound", std::nextafter(proven, 1e9))},
                 {"the objective too low", "objective", stated("objective", objective - 1.1e-12 * (1 + objective))},
                 {"the objective too high", "objective", stated("objective", objective + 1.001e-9 * (1 + objective))},
                 {"lambda smaller", "objective bound", of_lambda(1 - 1e-6)},
                 {"lambda larger", "objective", of_lambda(1 + 1e-6)},
                 set("/objective/penalty", "weight_decay"),
                 set("/objective/penalty", "n"),
                 set("/objective/penalty", 1)});
    GatedModel allowed = honest;
    stated("lower_bound", proven)(allowed);
    expect_accepted(allowed);
  });
}

/// What holds under one penalty does not under another. Where the other is never smaller, as l1 against all others, its
/// polar is never larger, and the bound holds; where it is never larger, neither.
TEST(PenaltiesLies, AboutTheName) {
  for (const auto& [loss, classes] : {std::pair<const char*, std::size_t>{"softmax", 3}, {"squared", 2}})
    for (const char* name : {"group", "nuclear", "l1", "features"}) {
      const GatedModel honest = penalized_case(name, loss, classes);
      for (const std::string other : {"group", "nuclear", "l1", "features"}) {
        if (other == name) continue;
        SCOPED_TRACE(std::string(loss) + " " + name + " named " + other);
        GatedModel lie = honest;
        lie.document["objective"]["penalty"] = other;
        const std::string checks = refused_by(verdict_on(lie));
        EXPECT_EQ(checks.substr(0, 9), "objective");
        if (other == "l1" || (name == std::string("nuclear") && other == "group")) {
          EXPECT_EQ(checks, "objective");
        } else if (name == std::string("l1") || (name == std::string("group") && other == "nuclear")) {
          EXPECT_EQ(checks, "objective bound");
        }
      }
    }
}

TEST(PenaltiesLies, AboutTheWeightsAndTheGates) {
  for_each_case([](const std::string& penalty, const char* loss, std::size_t classes) {
    const GatedModel honest = penalized_case(penalty, loss, classes);
    const auto rehashed = [](const std::function<void(GatedModel&)>& tell) {
      return [=](GatedModel& m) {
        tell(m);
        m.rehash_weights();
      };
    };
    GatedModel narrow = honest;
    narrow.gates.resize(1);
    narrow.lambda = honest.lambda / 2;
    finish(narrow);
    const std::vector<double> tempting = tempting_gate(
        narrow, [&](const GatedModel& wide) { return polar(penalty, wide.outputs(), wide.adjoint(wide.full_dual())); });
    ASSERT_EQ(tempting.size(), 3U);
    expect_all_refused(narrow, {{"an inactive gate above lambda", "bound",
                                 rehashed([=](GatedModel& m) { m.gates.push_back(tempting); })}});
    expect_all_refused(honest,
                       {{"a weight changed", "objective", rehashed([](GatedModel& m) { m.weights[0][0] += 1e-3; })},
                        {"a weight not finite", "weights", rehashed([](GatedModel& m) { m.weights[0][0] = HUGE_VAL; })},
                        {"a weight that overflows", "objective", rehashed([](GatedModel& m) {
                           m.weights[0] = {1e308, 1e308, 1e308};
                         })},
                        {"all half as much of the dual point", "bound", [](GatedModel& m) {
                           for (auto& row : m.dual)
                             for (double& value : row) value /= 2;
                         }}});
  });
}

/// Against rotations in extended precision: enclosed, and tightly. Some matrices have rank 1, or rows in proportions of
/// 10^-9 or 10^9.
TEST(SingularValues, AreEnclosed) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  for (const auto& [rows, columns] :
       {std::pair<std::size_t, std::size_t>{1, 1}, {1, 7}, {7, 1}, {2, 2}, {3, 11}, {11, 3}, {10, 40}, {24, 24}})
    for (int round = 0; round < 12; ++round) {
      Rows<Real> exact(rows, std::vector<Real>(columns));
      for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) {
          const double entry = normal(random) * (round % 4 == 1 ? std::pow(1e-9, static_cast<double>(i % 3)) : 1);
          exact[i][j] = round % 4 == 2 && i > 0 ? exact[0][j] * static_cast<Real>(i) : entry;
          exact[i][j] = static_cast<double>(exact[i][j] * (round % 4 == 3 ? 0x1p-300L : 1));
        }
      const Real tolerance = 1e-15L * static_cast<Real>(columns + 3 * rows * rows);
      Real sum = 0, largest = 0;
      for (const auto& row : Turned(exact).rows) sum += norm(row), largest = std::max(largest, norm(row));
      const SingularValues found = singular_values(matrix_of(exact));
      EXPECT_GE(found.largest, largest * (1 - 1e-17L)) << rows << ' ' << columns << ' ' << round;
      EXPECT_LE(found.largest, largest * (1 + tolerance)) << rows << ' ' << columns << ' ' << round;
      EXPECT_GE(found.sum.hi, sum * (1 - 1e-17L)) << rows << ' ' << columns << ' ' << round;
      EXPECT_LE(found.sum.hi, sum * (1 + tolerance)) << rows << ' ' << columns << ' ' << round;
      EXPECT_LE(found.sum.lo, sum * (1 + 1e-17L)) << rows << ' ' << columns << ' ' << round;
      EXPECT_GE(found.sum.lo, sum * (1 - tolerance)) << rows << ' ' << columns << ' ' << round;
    }
}

TEST(SingularValues, OfWhatIsKnown) {
  const auto found = [](const Rows<Real>& rows) { return singular_values(matrix_of(rows)); };
  EXPECT_EQ(found({{0, 0}, {0, 0}}).sum.lo, 0);
  EXPECT_LT(found({{0, 0}, {0, 0}}).sum.hi, 1e-160);
  EXPECT_LT(found({{0, 0}, {0, 0}}).largest, 1e-160);
  EXPECT_NEAR(found({{3, 0, 0}, {0, 4, 0}}).sum.lo, 7, 1e-13);
  EXPECT_NEAR(found({{3, 0, 0}, {0, 4, 0}}).largest, 4, 1e-13);
  EXPECT_NEAR(found({{1, 1}, {1, 1}}).sum.hi, 2, 1e-13);
  EXPECT_NEAR(found({{1, 2}, {-2, 1}}).sum.hi, 2 * std::sqrt(5), 1e-13);
  for (const Real huge : {1e200L, 1e308L}) {
    EXPECT_THROW(found({{huge, 0}, {huge, huge}}), Refusal);
    EXPECT_THROW(found({{huge, -huge}, {-huge, huge}}), Refusal);
  }
  EXPECT_THROW(found({{std::nan(""), 0}, {0, 1}}), Refusal);
}

/// The work of rotations is bounded, too.
TEST(PenaltiesLies, ThatWouldTakeHours) {
  Matrix features(1, 1), gates(1 << 14, 1), dual(1, 256), weights(256 << 14, 1);
  EXPECT_THROW(adjoint_norm(Penalty::nuclear, features, gates, dual, 1), Refusal);
  EXPECT_THROW(norm_of_weights(Penalty::nuclear, weights, 256), Refusal);
  EXPECT_NO_THROW(norm_of_weights(Penalty::nuclear, Matrix(256, 1), 256));
}

}  // namespace
}  // namespace nadir::verify::planted
