// Units of power 0 and 2 (section 6.8 of docs/certificate-format.md): what is accepted, its numbers against a reading
// of the page in extended precision, and lies, each refused by the check of the rule that it breaks.
#include "nadir/verify/powers.hpp"

#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {

using Generators = Rows<Real>;  // row k is v_k

/// Whether a symmetric matrix is positive definite.
bool definite(Rows<Real> a) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(a[i][i] > 0)) return false;
    for (std::size_t k = i + 1; k < a.size(); ++k)
      for (std::size_t l = i + 1; l < a.size(); ++l) a[k][l] -= a[k][i] * a[i][l] / a[i][i];
  }
  return true;
}

/// The tiny trainer and forger of such networks.
struct PowerModel : ReluModel {
  int power = 2;
  Rows<double> cones;

  Real unit_at(std::size_t j, std::size_t i) const {
    const Real z = inner(units[j], features[i]);
    return z > 0 ? std::pow(z, static_cast<Real>(power)) : 0;
  }
  Real variation() const {
    Real total = 0;
    for (std::size_t j = 0; j < units.size(); ++j)
      total += std::pow(norm(units[j]), static_cast<Real>(power)) * std::fabs(unit_outputs[j][0]);
    return total;
  }
  Real power_objective(Rows<Real>& gradient) const {
    Real total = 0;
    gradient.assign(features.size(), {});
    for (std::size_t i = 0; i < features.size(); ++i) {
      std::vector<Real> f(1);
      for (std::size_t j = 0; j < units.size(); ++j) f[0] += unit_outputs[j][0] * unit_at(j, i);
      total += loss_at(i, f, gradient[i]) * share(i);
      gradient[i][0] *= share(i);
    }
    return total + (radius > 0 ? 0 : lambda * variation());
  }
  /// The least level of a leaf, by the formulas of the page.
  Real leaf(double s, const Generators& v, int form, int clip) const {
    const std::size_t d = v.size();
    Rows<Real> q(d, std::vector<Real>(d)), gram = q;
    Real steps = 0;
    for (std::size_t i = 0; i < features.size(); ++i) {
      const Real g = s * static_cast<Real>(dual[i][0]);
      std::vector<Real> p(d), on(d), off(d);
      Real sum_on = 0, sum_off = 0, least = 1e300L, most = -1e300L;
      for (std::size_t k = 0; k < d; ++k) {
        for (std::size_t l = 0; l < d; ++l) p[k] += v[k][l] * features[i][l];
        on[k] = std::max<Real>(0, p[k]), off[k] = std::max<Real>(0, -p[k]);
        sum_on += on[k], sum_off += off[k], least = std::min(least, p[k]), most = std::max(most, p[k]);
      }
      if (most > -1e-13L && (g > 0 || least > 0)) steps += g;  // a verifier rounds
      const Real share_off = form == 0 ? 0 : sum_off > sum_on ? sum_on / sum_off : 1;
      const Real t = form == 0 ? 1 : sum_on > sum_off ? 1 - sum_off / sum_on : 0;
      for (std::size_t k = 0; k < d; ++k)
        for (std::size_t l = 0; l < d; ++l)
          q[k][l] += g > 0 ? g * (on[k] - share_off * off[k]) * (on[l] - share_off * off[l])
                           : g * ((2 * t - t * t) * on[k] * on[l] - t * (on[k] * off[l] + off[k] * on[l]));
    }
    if (power == 0) return std::max<Real>(0, steps);
    for (std::size_t k = 0; k < d; ++k)
      for (std::size_t l = 0; l < d; ++l)
        for (std::size_t m = 0; m < d; ++m) gram[k][l] += v[k][m] * v[l][m];
    Real low = 0, high = 1e6L;
    for (int step = 0; step < 200; ++step) {
      const Real level = (low + high) / 2;
      Rows<Real> a = q;
      for (std::size_t k = 0; k < d; ++k)
        for (std::size_t l = 0; l < d; ++l) {
          a[k][l] = level * gram[k][l] - q[k][l];
          if (clip == 1 && k != l) a[k][l] = std::min<Real>(a[k][l], 0);
        }
      (definite(a) ? high : low) = level;
    }
    return high;
  }
  void add_tree(double s, const Generators& v, int depth, int& form) {
    if (depth == 0) {
      form = power == 0 ? 0 : (form + 1) % 4;
      const Real level = leaf(s, v, form > 1 ? 1 : 0, form % 2) * (1 + 1e-9L) + 1e-9L;
      cones.push_back({1, form > 1 ? 1.0 : 0.0, static_cast<double>(form % 2), static_cast<double>(level)});
      return;
    }
    const std::size_t k = static_cast<std::size_t>(depth) % v.size(), l = (k + 1) % v.size();
    cones.push_back({0, static_cast<double>(k), static_cast<double>(l), 0});
    Generators first = v, second = v;
    Real largest = 0;
    for (std::size_t m = 0; m < v.size(); ++m) largest = std::max(largest, std::fabs(v[k][m] + v[l][m]));
    for (std::size_t m = 0; m < v.size(); ++m)
      first[k][m] = second[l][m] = std::ldexp(v[k][m] + v[l][m], -std::ilogb(largest) - 1);
    add_tree(s, first, depth - 1, form);
    add_tree(s, second, depth - 2 > 0 ? depth - 2 : 0, form);
  }
  void write_cones(int depth) {
    cones.clear();
    const std::size_t d = features[0].size();
    int form = -1;
    for (const double s : {1.0, -1.0})
      for (std::size_t root = 0; root <= d; ++root) {
        Generators v(d, std::vector<Real>(d));
        for (std::size_t k = 0; k < d; ++k) v[k][k] = 0.5L;
        if (root > 0) v[d - root].assign(d, -0.5L);
        add_tree(s, v, depth, form);
      }
  }
  Real q() const {
    Real most = 0;
    for (const auto& node : cones) most = node[0] == 1 ? std::max<Real>(most, node[3]) : most;
    return most;
  }
  void write_power_claims(double target_gap = 0.5) {
    Rows<Real> gradient;
    const Real f = power_objective(gradient), margin = 1e-11L * (1 + f);
    PowerModel nothing = *this;
    nothing.units.clear();
    const auto upper = static_cast<double>(f + margin),
               at_zero = static_cast<double>(nothing.power_objective(gradient)),
               lower = static_cast<double>(bound_with(q(), tau) - margin);
    document["certificate"] = claims_between(upper, lower, at_zero, target_gap);
    document["certificate"].update({{"samples", features.size()}, {"evidence", {{"kind", "power_cones"}}}});
    if (radius > 0) document["certificate"]["evidence"]["tau"] = hex(tau);
    rehash_relu();
    rehash_features();
  }
  void write_power_dual() {
    Rows<Real> gradient;
    power_objective(gradient);
    dual.assign(features.size(), {});
    for (std::size_t i = 0; i < features.size(); ++i) dual[i].push_back(static_cast<double>(-gradient[i][0]));
  }
  std::string file() const {
    std::vector<TensorPart> all = parts();
    std::erase_if(all, [](const TensorPart& part) {
      return part.name == "cells" || part.name == "tree" || part.name == "relaxed" || part.name == "linear";
    });
    std::string bytes;
    for (const auto& row : cones) bytes += bytes_of(row);
    all.push_back({"cones", "F64", {cones.size(), cones.empty() ? 4 : cones[0].size()}, bytes});
    return Model::sealed(document.dump(), all);
  }
};

PowerModel power_case(const std::string& loss, std::size_t classes, int power, bool ball = false, int depth = 4) {
  PowerModel model;
  static_cast<ReluModel&>(model) = relu_case(loss, classes, Trees::root);
  model.power = power;
  model.document["network"]["power"] = power;
  model.document["objective"]["penalty"] = "variation_norm";
  model.write_power_dual();
  model.write_cones(depth);
  if (ball) {
    model.lambda = 0;
    model.radius = static_cast<double>(model.variation() * (1 + 0x1p-40L)), model.tau = 0.875;
    Json& objective = model.document["objective"];
    objective.erase("lambda");
    objective.erase("penalty");
    objective.update({{"kind", "constrained"}, {"radius", hex(model.radius)}});
  }
  model.write_power_claims();
  return model;
}

Verdict verdict_on(const PowerModel& model) { return verify(model.file(), model.sources); }
void expect_accepted(const PowerModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
  EXPECT_EQ(verdict.checks.size(), 11U);
}
void restate(PowerModel& model, const std::string& key, double value) {
  Json& c = model.document["certificate"];
  c[key] = hex(value);
  const auto number = [&](const char* of) { return from_hex(c[of]); };
  const double lower = number("lower_bound");
  const double gap = (number("objective") - lower) / (number("objective_at_zero") - lower);
  c["relative_gap"] = hex(gap);
  c["claim"] = gap <= number("target_gap") ? "certified" : "bounded";
}

TEST(PowerCones, AreAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [loss, classes] : {std::pair{"squared", 0}, {"huber", 0}, {"logistic", 2}, {"squared_hinge", 2}})
    for (const int power : {0, 2})
      for (const bool ball : {false, true})
        for (const int depth : {0, 1, 5}) {
          SCOPED_TRACE(std::string(loss) + std::to_string(power) + std::to_string(depth));
          const PowerModel model = power_case(loss, static_cast<std::size_t>(classes), power, ball, depth);
          expect_accepted(model);
          const double proven = told_number(verdict_on(model), "proven ");
          const Real formula = model.bound_with(model.q(), model.tau);
          EXPECT_LE(proven, formula);
          EXPECT_GE(proven, formula - 1e-11L * (1 + std::fabs(formula)));
        }
}

/// A step's unit whose plane a row lies on is off there, exactly; also where rounding would have it on.
TEST(PowerCones, StepsAreOffOnTheirPlanes) {
  Matrix rows(3, 2);
  rows.values = {1, 1, 1 + 0x1p-52, 1, -1, 1};
  ReluNetwork network{Matrix(1, 2), Matrix(1, 1), {}, {}, 0};
  network.units.values = {1, -1}, network.outputs.values = {3};
  const Outputs outputs = power_outputs(rows, network);
  EXPECT_EQ(outputs.values.values, (std::vector<double>{0, 3, 0}));
  network.power = 2;
  EXPECT_NEAR(power_outputs(rows, network).values.values[1], 3 * 0x1p-104, 1e-40);
}

TEST(PowerConesLies, AboutTheDocument) {
  for (const int power : {0, 2}) {
    const PowerModel honest = power_case("logistic", 2, power);
    expect_all_refused(
        honest,
        {set("/network/power", 1), set("/network/power", 3), set("/network/power", -1), set("/network/power", "2"),
         erase("/network", "power"), set("/network/kind", "gated"), set("/objective/penalty", "weight_decay"),
         set("/objective/penalty", "shared_weight_decay"), set("/objective/penalty", "kernel_norm"),
         set("/objective/skip", hex(0.5)), set("/objective/output_bias", hex(0.5)), set("/objective/kind", "mean_loss"),
         set("/certificate/evidence/kind", "relu_polar"), set("/certificate/evidence/kind", "nonnegative_outputs"),
         set("/certificate/evidence/patterns_lower_bound", hex(0)), set("/certificate/evidence/tau", hex(0.5))});
    PowerModel several = honest;  // outputs
    several.document["objective"]["loss"]["kind"] = "squared";
    EXPECT_EQ(refused_by(verdict_on(several)), "document");
    PowerModel other = honest;  // power
    other.document["network"]["power"] = 2 - power;
    EXPECT_FALSE(verdict_on(other).accepted);
    const PowerModel ball = power_case("squared", 0, power, true);
    expect_all_refused(
        ball, {erase("/certificate/evidence", "tau"), set("/certificate/evidence/tau", hex(1)),
               set("/certificate/evidence/patterns_tau", hex(0.5)), set("/objective/penalty", "variation_norm")});
  }
  ReluModel relu = relu_case("logistic", 2, Trees::root);
  relu.document["objective"]["penalty"] = "variation_norm";
  EXPECT_EQ(refused_by(planted::verdict_on(relu)), "document");
}

TEST(PowerConesLies, AboutTheNumbers) {
  for (const int power : {0, 2})
    for (const bool ball : {false, true}) {
      const PowerModel honest = power_case("logistic", 2, power, ball);
      const double lower = from_hex(honest.document["certificate"]["lower_bound"]),
                   objective = from_hex(honest.document["certificate"]["objective"]);
      expect_all_refused(honest, {{"a higher bound", "bound", stated("lower_bound", lower + 1e-8)},
                                  {"a lower objective", "objective", stated("objective", objective - 1e-8)},
                                  {"a higher objective", "objective", stated("objective", objective * (1 + 1e-7))}});
    }
  for (const int power : {0, 2}) {
    PowerModel outside = power_case("logistic", 2, power, true);
    outside.unit_outputs[0][0] *= 1.001;
    outside.write_power_dual();
    outside.write_cones(3);
    outside.write_power_claims();
    EXPECT_EQ(refused_by(verdict_on(outside)), "feasible");
  }
}

/// Of the tree: each breaks one rule of the page.
TEST(PowerConesLies, AboutTheCones) {
  using Lie = LieAbout<PowerModel>;
  const auto split = [](const PowerModel& m) {
    return std::find_if(m.cones.begin(), m.cones.end(), [](const auto& node) { return node[0] == 0; }) -
           m.cones.begin();
  };
  for (const int power : {0, 2}) {
    SCOPED_TRACE(power);
    std::vector<Lie> lies{{"a node more", "bound", [](PowerModel& m) { m.cones.push_back(m.cones.back()); }},
                          {"a node less", "bound", [](PowerModel& m) { m.cones.pop_back(); }},
                          {"no nodes", "bound", [](PowerModel& m) { m.cones.clear(); }},
                          {"another kind", "bound", [](PowerModel& m) { m.cones.back()[0] = 2; }},
                          {"another form", "bound", [](PowerModel& m) { m.cones.back()[1] = 2; }},
                          {"half a form", "bound", [](PowerModel& m) { m.cones.back()[2] = 0.5; }},
                          {"a level below 0", "bound", [](PowerModel& m) { m.cones.back()[3] = -1; }},
                          {"an infinite level", "bound", [](PowerModel& m) { m.cones.back()[3] = 1e301; }},
                          {"a column more", "bound",
                           [](PowerModel& m) {
                             for (auto& node : m.cones) node.push_back(0);
                           }},
                          {"not a number", "bound", [](PowerModel& m) { m.cones.back()[3] = std::nan(""); }}};
    for (const double bad : {-1.0, 0.5, 3.0, 1e9, std::nan("")})
      for (const std::size_t column : {std::size_t{1}, std::size_t{2}})
        lies.push_back({"no generator", "bound",
                        [=](PowerModel& m) { m.cones[static_cast<std::size_t>(split(m))][column] = bad; }});
    lies.push_back({"a generator twice", "bound", [=](PowerModel& m) {
                      auto& node = m.cones[static_cast<std::size_t>(split(m))];
                      node[1] = node[2];
                    }});
    lies.push_back(
        {"a number in a split", "bound", [=](PowerModel& m) { m.cones[static_cast<std::size_t>(split(m))][3] = 1; }});
    if (power == 0) lies.push_back({"a form of power 2", "bound", [](PowerModel& m) { m.cones.back()[1] = 1; }});
    const PowerModel honest = power_case("logistic", 2, power);
    expect_all_refused(honest, lies);
    // Every leaf's level is needed: a little less of any that is not next to 0 is not proven.
    int lowered = 0;
    for (std::size_t node = 0; node < honest.cones.size(); ++node) {
      if (honest.cones[node][0] == 0 || honest.cones[node][3] < 0.01) continue;
      PowerModel model = honest;
      model.cones[node][3] *= 1 - 1e-6;
      EXPECT_EQ(refused_by(verdict_on(model)), "bound") << node;
      ++lowered;
    }
    EXPECT_GT(lowered, 20);
  }
}

TEST(PowerConesLies, AboutTheTensors) {
  const PowerModel honest = power_case("squared", 0, 2);
  expect_all_refused(
      honest, {{"a dual of two columns", "convexity",
                [](PowerModel& m) {
                  for (auto& row : m.dual) row.push_back(0);
                }},
               {"a dual of nan", "convexity", [](PowerModel& m) { m.dual[0][0] = std::nan(""); }},
               {"units of nan", "weights_hash weights", [](PowerModel& m) { m.units[0][0] = std::nan(""); }},
               {"other weights", "weights_hash objective", [](PowerModel& m) { m.unit_outputs[0][0] += 0.25; }}});
  // Sums that are not exact, as Fibonacci's numbers grow; and entries next to nothing beside others.
  for (const bool grows : {true, false}) {
    PowerModel deep = honest;
    for (int step = 0; step < 400; ++step)
      deep.cones.insert(deep.cones.begin() + step, {0, static_cast<double>(grows ? step % 2 : 0),
                                                    static_cast<double>(grows ? 1 - step % 2 : 2), 0});
    const Verdict verdict = verdict_on(deep);
    EXPECT_EQ(refused_by(verdict), "bound");
    EXPECT_NE(verdict.checks[9].detail.find(grows ? "not exact" : "too small"), std::string::npos)
        << verdict.checks[9].detail;
  }
}

}  // namespace
}  // namespace nadir::verify::planted
