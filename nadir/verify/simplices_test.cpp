// Simplicial cones for ReLU networks of few features (section 6.4 of docs/certificate-format.md): what is accepted, its
// bound against a reading of the page in extended precision, and lies, each refused by the check of its rule.
#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {

using Cone = Rows<Real>;  // row k is v_k

/// The tiny trainer and forger of such proofs.
struct SimplexModel : ReluModel {
  Rows<double> simplices;

  /// w with v_k·w = h_k + margin for all k.
  std::vector<double> plane(double s, std::size_t output, const Cone& v, double margin) const {
    const std::size_t d = v.size();
    const Rows<Real> g = full_dual();
    Rows<Real> a = v;
    for (auto& row : a) row.push_back(static_cast<Real>(margin));
    for (std::size_t i = 0; i < features.size(); ++i) {
      const Real weight = s * g[i][output];
      std::vector<Real> p(d);
      Real middle = 0;
      for (std::size_t k = 0; k < d; ++k) {
        for (std::size_t l = 0; l < d; ++l) p[k] += v[k][l] * features[i][l];
        middle += p[k];
      }
      for (std::size_t k = 0; k < d; ++k)
        a[k][d] += weight > 0 ? weight * std::max<Real>(p[k], 0) : middle > 0 ? weight * p[k] : 0;
    }
    for (std::size_t c = 0; c < d; ++c) {  // Gauss and Jordan
      std::size_t pivot = c;
      for (std::size_t r = c; r < d; ++r) pivot = std::fabs(a[r][c]) > std::fabs(a[pivot][c]) ? r : pivot;
      std::swap(a[c], a[pivot]);
      for (std::size_t r = 0; r < d; ++r)
        for (std::size_t l = d + 1; r != c && l-- > c;) a[r][l] -= a[c][l] * (a[r][c] / a[c][c]);
    }
    std::vector<double> w;
    for (std::size_t c = 0; c < d; ++c) w.push_back(static_cast<double>(a[c][d] / a[c][c]));
    return w;
  }
  void add_cone(double s, std::size_t output, const Cone& v, int depth, double margin) {
    const std::size_t d = v.size();
    std::vector<double> node(1 + d);
    if (depth == 0) {
      node = plane(s, output, v, margin);
      node.insert(node.begin(), 1);
      simplices.push_back(node);
      return;
    }
    const std::size_t k = static_cast<std::size_t>(depth) % d, l = (k + 1) % d;
    node[1] = static_cast<double>(k), node[2] = static_cast<double>(l);
    simplices.push_back(node);
    Cone first = v, second = v;
    Real largest = 0;
    for (std::size_t m = 0; m < d; ++m) largest = std::max(largest, std::fabs(v[k][m] + v[l][m]));
    for (std::size_t m = 0; m < d; ++m)
      first[k][m] = second[l][m] = std::ldexp(v[k][m] + v[l][m], -std::ilogb(largest) - 1);
    add_cone(s, output, first, depth - 1, margin);
    add_cone(s, output, second, std::max(0, depth - 2), margin);
  }
  void write_simplices(int depth, double margin = 1e-9) {
    simplices.clear(), tree.clear(), relaxed.clear(), linear.clear();
    const std::size_t d = features[0].size();
    for (std::size_t output = 0; output < outputs(); ++output)
      for (const double s : {1.0, -1.0})
        for (std::size_t root = 0; root <= d; ++root) {
          Cone v(d, std::vector<Real>(d));
          for (std::size_t k = 0; k < d; ++k) v[k][k] = 0.5L;
          if (root > 0) v[d - root].assign(d, -0.5L);
          add_cone(s, output, v, depth, margin);
        }
    restate(*this, "lower_bound", static_cast<double>(bound_with(q(), tau) - 1e-11L));
  }
  Real q() const {
    Real most = 0;
    for (const auto& node : simplices)
      if (node[0] == 1) most = std::max(most, norm(std::vector<double>(node.begin() + 1, node.end())));
    return most;
  }
  std::string file() const {
    std::vector<TensorPart> all = parts();
    std::string bytes;
    for (const auto& row : simplices) bytes += bytes_of(row);
    all.push_back({"simplices", "F64", {simplices.size(), simplices.empty() ? 4 : simplices[0].size()}, bytes});
    return Model::sealed(document.dump(), all);
  }
};

SimplexModel simplex_case(const std::string& loss, std::size_t classes, int depth, bool ball = false) {
  SimplexModel model;
  static_cast<ReluModel&>(model) =
      ball ? constrained_case(loss, classes, Trees::root) : relu_case(loss, classes, Trees::root);
  model.write_simplices(depth);
  return model;
}

Verdict verdict_on(const SimplexModel& model) { return verify(model.file(), model.sources); }
void expect_accepted(const SimplexModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
}

TEST(Simplices, AreAcceptedAndTheBoundIsTheFormula) {
  for (const auto& [loss, classes] : {std::pair{"squared", 0}, {"logistic", 2}, {"softmax", 3}, {"squared", 3}})
    for (const bool ball : {false, true})
      for (const int depth : {0, 3, 8}) {
        SCOPED_TRACE(std::string(loss) + std::to_string(depth));
        const SimplexModel model = simplex_case(loss, static_cast<std::size_t>(classes), depth, ball);
        expect_accepted(model);
        const Verdict verdict = verdict_on(model);
        const Real formula = model.bound_with(model.q(), model.tau);
        EXPECT_LE(told_number(verdict, "proven "), formula);
        EXPECT_GE(told_number(verdict, "proven "), formula - 1e-11L * (1 + std::fabs(formula)));
      }
}

TEST(SimplicesLies, AboutTheCones) {
  const SimplexModel honest = simplex_case("logistic", 2, 5);
  ASSERT_EQ(honest.simplices[0][0], 0);
  std::vector<LieAbout<SimplexModel>> lies{
      {"a node more", "bound", [](SimplexModel& m) { m.simplices.push_back(m.simplices.back()); }},
      {"a node less", "bound", [](SimplexModel& m) { m.simplices.pop_back(); }},
      {"no nodes", "bound", [](SimplexModel& m) { m.simplices.clear(); }},
      {"another kind", "bound", [](SimplexModel& m) { m.simplices.back()[0] = 2; }},
      {"a column more", "bound",
       [](SimplexModel& m) {
         for (auto& node : m.simplices) node.push_back(0);
       }},
      {"a number in a split", "bound", [](SimplexModel& m) { m.simplices[0][3] = 1; }},
      {"a generator twice", "bound", [](SimplexModel& m) { m.simplices[0][1] = m.simplices[0][2]; }},
      {"an infinite w", "bound", [](SimplexModel& m) { m.simplices.back()[1] = 1e301; }},
      {"not a number", "bound", [](SimplexModel& m) { m.simplices.back()[2] = std::nan(""); }},
      {"two proofs", "bound",
       [](SimplexModel& m) {
         m.tree.push_back({0, 0, 0, 0, 0});
       }},
      {"a higher bound", "bound", [](SimplexModel& m) { restate(m, "lower_bound", number(m, "lower_bound") + 1e-8); }},
      {"w just below what is asked for", "bound", [](SimplexModel& m) { m.write_simplices(5, -1e-9); }}};
  for (const double bad : {-1.0, 0.5, 3.0, std::nan("")})
    lies.push_back({"no generator", "bound", [=](SimplexModel& m) { m.simplices[0][1] = bad; }});
  expect_all_refused(honest, lies);
  int taken = 0;
  for (std::size_t node = 0; node < honest.simplices.size(); ++node) {
    SimplexModel model = honest;
    std::vector<double>& row = model.simplices[node];
    if (row[0] == 0 || norm(std::vector<double>(row.begin() + 1, row.end())) < 0.1) continue;
    for (std::size_t j = 1; j < row.size(); ++j) row[j] *= -1;
    EXPECT_EQ(refused_by(verdict_on(model)), "bound") << node;
    ++taken;
  }
  EXPECT_GT(taken, 10);
}

TEST(SimplicesLies, AboutWhatTheyAreFor) {
  SimplexModel shared = simplex_case("softmax", 3, 1);
  shared.document["objective"]["penalty"] = "shared_weight_decay", shared.shared = true;
  EXPECT_FALSE(verdict_on(shared).accepted);
  EXPECT_NE(told(verdict_on(shared)).find("simplicial cones of shared units"), std::string::npos);
  SimplexModel powers = simplex_case("logistic", 2, 1);
  powers.document["network"]["power"] = 2;
  EXPECT_FALSE(verdict_on(powers).accepted);
}

}  // namespace
}  // namespace nadir::verify::planted
