// ReLU networks that break one rule: each is refused, by that rule's check.
#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {
using ReluLie = LieAbout<ReluModel>;
ReluLie weights(const char* what, const char* checks, const std::function<void(ReluModel&)>& tell) {
  return {what, checks, [=](ReluModel& m) {
            tell(m);
            m.rehash_relu();
          }};
}
/// The same with bounds claimed that anything would prove: only the broken rule is left to refuse it.
ReluModel modest(ReluModel model) {
  restate(model, "lower_bound", -1e15);
  restate(model, "patterns_lower_bound", -1e15);
  return model;
}
ReluLie bound(const std::string& what, const std::function<void(ReluModel&)>& tell) { return {what, "bound", tell}; }

TEST(ReluLies, AboutTheDocument) {
  const ReluModel honest = relu_case("softmax", 3, Trees::split);
  const Json nan = "nan", inf = "inf";
  expect_all_refused(honest, {set("/network/kind", "polynomial"),
                              set("/network/kind", "gated"),
                              set("/network/kind", "ReLU"),
                              set("/network/hidden", Json::array()),
                              set("/network/units", 3),
                              set("/objective/penalty", "group"),
                              set("/objective/penalty", "weight decay"),
                              set("/objective/lambda", hex(0)),
                              set("/objective/lambda", nan),
                              set("/objective/kind", "softmax_minus_outputs"),
                              set("/objective/epsilon", hex(1)),
                              set("/objective/loss/kind", "logistic"),
                              set("/certificate/evidence/kind", "dual_point"),
                              set("/certificate/evidence", {{"kind", "dual_point"}}),
                              set("/certificate/evidence", {{"kind", "relu_polar"}}),
                              set("/certificate/evidence", {{"kind", "hidden_concavity"}}),
                              set("/certificate/evidence/steps", 3),
                              set("/certificate/evidence/patterns_lower_bound", nan),
                              set("/certificate/evidence/patterns_lower_bound", inf),
                              set("/certificate/evidence/patterns_lower_bound", 0.5),
                              set("/certificate/evidence/patterns_relative_gap", nan),
                              erase("/certificate/evidence", "patterns_lower_bound"),
                              erase("/certificate/evidence", "patterns_relative_gap"),
                              erase("/objective", "penalty"),
                              erase("/objective", "lambda"),
                              erase("/network", "kind")});
  // One kind's document with another's tensors, and what is of ReLU networks in the document of gated ones.
  const GatedModel gated = gated_case("softmax", 3, 9, 30);
  const Model polynomial = case_a();
  expect_refused(Model::sealed(gated.document.dump(), honest.parts()), gated.sources, "document");
  expect_refused(Model::sealed(honest.document.dump(), gated.tensors()), gated.sources, "document");
  expect_refused(Model::sealed(polynomial.document.dump(), honest.parts()), polynomial.sources, "document");
  expect_refused(Model::sealed(honest.document.dump(), polynomial.tensors()), honest.sources, "document");
  for (const auto& [pointer, value] : {std::pair<const char*, Json>{"/objective/penalty", "weight_decay"},
                                       {"/certificate/evidence", honest.document["certificate"]["evidence"]},
                                       {"/certificate/evidence/patterns_lower_bound", hex(0)},
                                       {"/network/kind", "relu"}}) {
    GatedModel lie = gated;
    lie.document[Json::json_pointer(pointer)] = value;
    expect_refused(lie.bytes(), lie.sources, "document");
  }
}

TEST(ReluLies, AboutTheTensors) {
  const ReluModel model = relu_case("softmax", 3, Trees::split);
  const auto refused = [&](const std::function<void(std::vector<TensorPart>&)>& tell) {
    std::vector<TensorPart> parts = model.parts();
    tell(parts);
    expect_refused(Model::sealed(model.document.dump(), parts), model.sources, "file");
  };
  for (std::size_t place = 0; place < 7; ++place) {
    refused([&](auto& parts) { parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(place)); });
    refused([&](auto& parts) { parts[place].shape.push_back(1); });
    refused([&](auto& parts) { parts[place].shape = {parts[place].shape[0] * parts[place].shape[1]}; });
    refused([&](auto& parts) { parts[place].shape[0] += 1; });
    refused([&](auto& parts) {
      parts[place].dtype = "BOOL";
      parts[place].bytes.assign(parts[place].shape[0] * parts[place].shape[1], '\0');
    });
  }
  for (const char* extra : {"gates", "weights", "hidden.1", "output", "mask.1", "cells.1", "unit"})
    refused([&](auto& parts) { parts.push_back({extra, "F64", {1, 1}, std::string(8, '\0')}); });
}

TEST(ReluLies, AboutTheWeights) {
  for (const char* loss : {"squared", "softmax"}) {
    const ReluModel honest = relu_case(loss, loss == std::string("softmax") ? 3 : 0, Trees::split);
    const char* const other_cells = loss == std::string("softmax") ? "objective bound" : "objective";
    std::vector<ReluLie> lies = {
        weights("units of another width", "weights",
                [](ReluModel& m) {
                  for (auto& row : m.units) row.push_back(0);
                }),
        weights("outputs of another width", "weights",
                [](ReluModel& m) {
                  for (auto& row : m.unit_outputs) row.push_back(0);
                }),
        weights("a unit without outputs", "weights",
                [](ReluModel& m) {
                  m.units.push_back({0, 0, 0});
                }),
        weights("outputs without a unit", "weights", [](ReluModel& m) { m.units.pop_back(); }),
        weights("a unit left out", "objective bound",
                [](ReluModel& m) {
                  m.units.pop_back();
                  m.unit_outputs.pop_back();
                }),
        weights("a unit turned", other_cells, [](ReluModel& m) { m.units[1][0] *= 1.05; }),
        weights("units in another order", other_cells,
                [](ReluModel& m) {
                  std::swap(m.units[0], m.units[1]);
                  std::swap(m.unit_outputs[0], m.unit_outputs[2]);
                  std::swap(m.unit_outputs[0][0], m.unit_outputs[1][0]);
                }),
        {"a unit changed and not hashed", "weights_hash", [](ReluModel& m) { m.units[0][0] += 0x1p-45; }},
        {"hashed as gated networks are", "weights_hash",
         [](ReluModel& m) {
           m.document["certificate"]["weights_sha256"] = hash_of("nadir-weights 2\n", {&m.units, &m.unit_outputs});
         }},
        {"hashed without the outputs", "weights_hash",
         [](ReluModel& m) {
           std::string bytes = "nadir-weights 3\n";
           for (const auto& row : m.units) bytes += bytes_of(row);
           m.document["certificate"]["weights_sha256"] = sha256(bytes);
         }},
        set("/certificate/weights_sha256", std::string(64, 'a'), "weights_hash")};
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      lies.push_back(weights("a unit not finite", "weights", [=](ReluModel& m) { m.units[1][2] = value; }));
      lies.push_back(weights("an output not finite", "weights", [=](ReluModel& m) { m.unit_outputs[0][0] = value; }));
    }
    expect_all_refused(honest, lies);
    // A unit that feeds nothing changes nothing; rescaling a unit neither.
    ReluModel same = honest;
    same.units.push_back({1, 2, 3});
    same.unit_outputs.push_back(std::vector<double>(same.outputs(), 0));
    for (double& entry : same.units[0]) entry *= 1024;
    for (double& entry : same.unit_outputs[0]) entry /= 1024;
    same.rehash_relu();
    expect_accepted(same);
  }
}

TEST(ReluLies, AboutTheDualPoint) {
  const double most = 1 / 9.0;
  const auto entry = [](const char* what, const char* checks, std::size_t i, std::size_t r, double value) {
    return ReluLie{what, checks, [=](ReluModel& m) { m.dual[i][r] = value; }};
  };
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = relu_case(loss, classes, Trees::full);
    std::vector<ReluLie> lies = {{"a row too few", "convexity", [](ReluModel& m) { m.dual.pop_back(); }},
                                 {"a row too many", "convexity", [](ReluModel& m) { m.dual.push_back(m.dual[0]); }},
                                 {"a column too many", "convexity",
                                  [](ReluModel& m) {
                                    for (auto& row : m.dual) row.push_back(0);
                                  }},
                                 bound("all half as much", [](ReluModel& m) {
                                   for (auto& row : m.dual)
                                     for (double& value : row) value /= 2;
                                 })};
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL})
      lies.push_back(entry("not finite", "convexity", 3, honest.outputs() - 1, value));
    const double side = static_cast<double>(classes == 2 ? honest.y(0) : 1);
    if (honest.loss == "huber") lies.push_back(entry("beyond delta", "convexity", 0, 0, 0.125 * most * (1 + 0x1p-40)));
    if (honest.loss == "logistic") lies.push_back(entry("above 1", "convexity", 0, 0, side * most * (1 + 0x1p-40)));
    if (honest.loss == "logistic" || honest.loss == "squared_hinge")
      lies.push_back(entry("a little below 0", "convexity", 0, 0, -side * 0x1p-1074));
    if (honest.loss == "softmax") {
      const auto own = static_cast<std::size_t>(honest.labels[0]), other = own == 0 ? std::size_t{1} : 0;
      lies.push_back(entry("an entry of the own class", "convexity", 0, own, -honest.dual[0][other]));
      lies.push_back(entry("another class above 0", "convexity", 0, other, 0x1p-1074));
    }
    expect_all_refused(honest, lies);
  }
}

std::function<void(ReluModel&)> in_tree(std::size_t row, std::size_t column, double value) {
  return [=](ReluModel& m) { m.tree[row][column] = value; };
}
/// Rows of the tree of Trees::split: 0 splits row 1; 1 its first leaf; 2 splits row 0; 3 and 4 its leaves. 5 to 9: s =
/// -1.
TEST(ReluLies, AboutATreeOfQuadraticBounds) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = relu_case(loss, classes, Trees::split);
    ASSERT_EQ(honest.tree.size(), 10 * honest.outputs());
    const std::size_t last = honest.tree.size() - 1;
    std::vector<ReluLie> lies = {
        bound("no tree", [](ReluModel& m) { m.tree.clear(); }),
        bound("nothing at all",
              [](ReluModel& m) {
                m.tree.clear();
                m.relaxed.clear();
              }),
        bound("the last leaf is missing", [](ReluModel& m) { m.tree.pop_back(); }),
        bound("the last leaf and its Z are missing",
              [](ReluModel& m) {
                m.tree.pop_back();
                m.relaxed.resize(m.relaxed.size() - 3);
              }),
        bound("the second child of the first split is missing",
              [](ReluModel& m) {
                m.tree.erase(m.tree.begin() + 2, m.tree.begin() + 5);
                m.relaxed.erase(m.relaxed.begin() + 3, m.relaxed.begin() + 9);
              }),
        bound("a leaf too many",
              [](ReluModel& m) {
                m.tree.push_back({1, 0, 0.01, 0, 1e6});
              }),
        bound("a leaf too many, with its Z",
              [](ReluModel& m) {
                m.tree.push_back({1, 0, 0.01, 0, 1e6});
                m.relaxed.insert(m.relaxed.end(), 3, std::vector<double>(m.rank, 1));
              }),
        bound("a linear leaf too many",
              [](ReluModel& m) {
                m.tree.push_back({2, 0, 0, 0, 0});
                m.linear.emplace_back(9);
              }),
        bound("a Z too many",
              [](ReluModel& m) { m.relaxed.insert(m.relaxed.end(), 3, std::vector<double>(m.rank, 1)); }),
        bound("a row of Z too many", [](ReluModel& m) { m.relaxed.push_back(m.relaxed[0]); }),
        bound("a row of Z too few", [](ReluModel& m) { m.relaxed.pop_back(); }),
        bound("a row of linear too many", [](ReluModel& m) { m.linear.emplace_back(9); }),
        bound("linear of another width", [](ReluModel& m) { m.linear.emplace_back(8); }),
        bound("a tree of four columns",
              [](ReluModel& m) {
                for (auto& row : m.tree) row.pop_back();
              }),
        bound("Z of no columns",
              [](ReluModel& m) {
                for (auto& row : m.relaxed) row.clear();
                for (auto& row : m.tree) row[4] = row[0] == 1 ? 1e9 : 0;
              }),
        bound("the linear bound of a leaf with a free row of positive weight",
              [last](ReluModel& m) {
                m.tree[last] = {2, 1, 0, 0, 0};
                m.relaxed.resize(m.relaxed.size() - 3);
                m.linear.emplace_back(9);
              }),
        bound("a split again of the same row", in_tree(2, 1, 1)),
        bound("a split beyond the last row", in_tree(2, 1, 9)),
        bound("a split far beyond", in_tree(2, 1, 1e300)),
        bound("a split before the first row", in_tree(2, 1, -1)),
        bound("a split of half a row", in_tree(2, 1, 0.5)),
        bound("more splits than there are", in_tree(1, 1, 2)),
        bound("many more splits than there are", in_tree(1, 1, 1e18)),
        bound("fewer than no splits", in_tree(1, 1, -1)),
        bound("half a split", in_tree(3, 1, 1.5)),
        bound("a kind of 3", in_tree(3, 0, 3)),
        bound("a kind of -1", in_tree(3, 0, -1)),
        bound("a kind of 1/2", in_tree(3, 0, 0.5)),
        bound("a leaf becomes a split", in_tree(4, 0, 0)),
        bound("delta 0", in_tree(3, 2, 0)),
        bound("delta -0", in_tree(3, 2, -0.0)),
        bound("delta negative", in_tree(3, 2, -0.01)),
        bound("pi0 negative", in_tree(3, 3, -0x1p-1074))};
    for (std::size_t column = 2; column < 5; ++column)
      lies.push_back(bound("a split with further numbers", in_tree(0, column, 1)));
    for (const std::size_t leaf : {1, 3, 4}) {
      lies.push_back(bound("mu far below", in_tree(leaf, 4, -1e9)));
      lies.push_back(bound("mu just not positive definite", [=](ReluModel& m) {
        Polar of = m.polar(0, 1);
        std::vector<int> signs(9);
        if (leaf != 3) signs[1] = leaf == 1 ? 1 : -1;
        if (leaf == 3) signs[0] = 1, signs[1] = -1;
        const std::size_t z_row = leaf == 1 ? 0 : leaf == 3 ? 3 : 6;
        const Rows<double> z(m.relaxed.begin() + static_cast<std::ptrdiff_t>(z_row),
                             m.relaxed.begin() + static_cast<std::ptrdiff_t>(z_row) + 3);
        double& mu = m.tree[leaf][4];
        double low = -1e3;
        while (std::nextafter(low, mu) < mu) {
          const double middle = (low + mu) / 2;
          (of.quadratic(signs, z, m.tree[leaf][2], m.tree[leaf][3], middle) < HUGE_VALL ? mu : low) = middle;
        }
        mu = low;
      }));
    }
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      for (std::size_t column = 0; column < 5; ++column) {
        lies.push_back(bound("not finite in the tree", in_tree(0, column, value)));
        lies.push_back(bound("not finite in the tree", in_tree(3, column, value)));
      }
      lies.push_back(bound("not finite in Z", [=](ReluModel& m) { m.relaxed[4][1] = value; }));
    }
    expect_all_refused(modest(honest), lies);
    expect_all_refused(honest, lies);
    lies = {bound("the wrong order of outputs or signs",
                  [](ReluModel& m) { std::rotate(m.tree.begin(), m.tree.begin() + 5, m.tree.end()); })};
    for (const std::size_t leaf : {1, 3, 4}) {
      lies.push_back(bound("mu far above", in_tree(leaf, 4, 1e9)));
      lies.push_back(bound("mu at the end of doubles", in_tree(leaf, 4, 1e308)));
      lies.push_back(bound("delta at the end of doubles", in_tree(leaf, 2, 1e308)));
      lies.push_back(bound("pi0 at the end of doubles", in_tree(leaf, 3, 1e308)));
    }
    for (const double value : {1e200, -1e308, 0.0})
      lies.push_back(bound("a Z of " + std::to_string(value), [=](ReluModel& m) {
        for (auto& row : m.relaxed) row.assign(m.rank, value);
      }));
    expect_all_refused(honest, lies);
  }
}

/// A leaf that reads a split which is not above it, or with the other sign, would prove less than nothing.
TEST(ReluLies, AboutTheSignsOfCones) {
  const ReluModel honest = relu_case("squared", 0, Trees::full);
  /// Changes the first t of a row with g > 0, or < 0.
  const auto first = [](bool positive, double value) {
    return [=](ReluModel& m) {
      const Polar of = m.polar(0, 1);
      for (std::size_t i = 0; i < 9; ++i)
        if (positive ? of.g[i] > 0 : of.g[i] < 0) return void(m.linear[0][i] = value);
    };
  };
  const std::size_t last = honest.tree.size() - 1;
  expect_all_refused(
      modest(honest),
      {bound("a leaf that reads one split less",
             [](ReluModel& m) {
               for (auto& row : m.tree)
                 if (row[0] == 2) return void(row[1] -= 1);
             }),
       bound("a t a little negative", first(true, -0x1p-1074)),
       bound("a t a little above 1", first(false, 1 + 0x1p-52)),
       bound("a t a little below -1", first(false, -1 - 0x1p-52)), bound("t not a number", first(false, std::nan(""))),
       bound("t infinite", first(true, HUGE_VAL)), bound("t huge", [](ReluModel& m) { m.linear[0].assign(9, 1e308); }),
       bound("a row of t too few", [](ReluModel& m) { m.linear.pop_back(); }),
       bound("t of another width",
             [](ReluModel& m) {
               for (auto& row : m.linear) row.push_back(0);
             }),
       bound("a leaf with further numbers", in_tree(last, 4, 1)),
       bound("a leaf with further numbers", in_tree(last, 3, -1)),
       bound("a leaf with further numbers", in_tree(last, 2, 0x1p-1074))});
  expect_all_refused(honest, {bound("the leaves of a split exchanged",
                                    [](ReluModel& m) {
                                      std::size_t leaf = 0, t = 0;  // the first two leaves that follow one another
                                      for (; !(m.tree[leaf][0] == 2 && m.tree[leaf + 1][0] == 2); ++leaf)
                                        t += m.tree[leaf][0] == 2 ? 1 : 0;
                                      std::swap(m.linear[t], m.linear[t + 1]);
                                    }),
                              bound("all leaves the other way round",
                                    [](ReluModel& m) { std::reverse(m.linear.begin(), m.linear.end()); })});
  // A tree that splits nothing, and forgets the cones where rows of positive weight are open.
  ReluModel half = honest;
  half.tree.clear();
  half.linear.clear();
  for (const double s : {1.0, -1.0}) {
    const Polar of = half.polar(0, s);
    std::vector<int> signs(9);
    for (std::size_t i = 0; i < 9; ++i) signs[i] = of.g[i] > 0 ? -1 : 0;
    half.linear.push_back(of.multipliers(signs));
    half.tree.push_back({2, 0, 0, 0, 0});
  }
  EXPECT_EQ(failed(verdict_on(half)), std::vector<std::string>{"bound"});
}

TEST(ReluLies, AboutTheCells) {
  for (const auto& [loss, classes] : kLosses) {
    SCOPED_TRACE(loss + std::to_string(classes));
    const ReluModel honest = relu_case(loss, classes, Trees::root);
    std::vector<ReluLie> lies = {
        bound("no cells", [](ReluModel& m) { m.cells.clear(); }),
        bound("a cell too few", [](ReluModel& m) { m.cells.pop_back(); }),
        bound("a cell too many", [](ReluModel& m) { m.cells.push_back(m.cells[0]); }),
        bound("cells of another width",
              [](ReluModel& m) {
                for (auto& row : m.cells) row.push_back(0);
              }),
        bound("cells of no width",
              [](ReluModel& m) {
                for (auto& row : m.cells) row.clear();
              }),
        bound("a multiplier a little negative", [](ReluModel& m) { m.cells.back()[0] = -0x1p-1074; }),
        bound("multipliers at the end of doubles", [](ReluModel& m) { m.cells.back().assign(9, 1e308); })};
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL})
      lies.push_back(bound("not finite", [=](ReluModel& m) { m.cells[0][5] = value; }));
    expect_all_refused(modest(honest), lies);
    lies = {bound("cells in another order", [](ReluModel& m) { std::reverse(m.cells.begin(), m.cells.end()); }),
            bound("a large multiplier", [](ReluModel& m) { m.cells.back()[3] += 10; })};
    if (classes > 0)  // else these are enough
      lies.push_back(bound("all cells without multipliers", [](ReluModel& m) {
        for (auto& row : m.cells) row.assign(9, 0);
      }));
    expect_all_refused(honest, lies);
  }
}

/// A unit through a sample, or past it by 2^-60 where doubles as they are added see 0: the cell is another one.
TEST(ReluLies, ACellForgedThroughRounding) {
  const ReluModel base = relu_case("squared", 0, Trees::root);
  const double a = base.features[1][0], b = base.features[1][1];
  int differ = 0;
  for (const double side : {1.0, -1.0}) {
    ReluModel model = base;
    model.units = {{1, std::copysign(0x1p-60, b) * side, -a}};
    model.unit_outputs = {{0.125}};
    ASSERT_EQ(a + b * model.units[0][1] - a, 0);
    model.write_dual();
    model.tree.clear();
    model.relaxed.clear();
    for (const double s : {1.0, -1.0}) model.quadratic_tree(model.polar(0, s), 0);
    model.write_cells();
    model.write_relu_claims();
    expect_accepted(model);
    ReluModel other = model;  // the same multipliers prove less for the other cell, or nothing
    other.units[0][1] *= -1;
    other.rehash_relu();
    differ += lie_in(other).has_value() ? 1 : 0;
    EXPECT_EQ(verdict_on(other).accepted, !lie_in(other).has_value()) << told(verdict_on(other));
  }
  EXPECT_GT(differ, 0);
}

TEST(ReluLies, AboutTheNumbers) {
  for (const auto& [loss, classes] : kLosses)
    for (const Trees trees : {Trees::full, Trees::root, Trees::split}) {
      SCOPED_TRACE(loss + std::to_string(classes) + std::to_string(static_cast<int>(trees)));
      const ReluModel honest = relu_case(loss, classes, trees);
      const Verdict verdict = verdict_on(honest);
      const double objective = number(honest, "objective"), zero = number(honest, "objective_at_zero"),
                   gap = number(honest, "relative_gap"), patterns_gap = number(honest, "patterns_relative_gap"),
                   proven = told_number(verdict, "proven "), size = 1 + objective;
      const double patterns = told_of_patterns(verdict);
      const auto stated = [](const char* key, double value) { return [=](ReluModel& m) { restate(m, key, value); }; };
      const auto evidence = [](const char* key, double value) {
        return [=](ReluModel& m) { m.document["certificate"]["evidence"][key] = hex(value); };
      };
      std::vector<ReluLie> lies = {
          {"the bound raised", "bound", stated("lower_bound", std::nextafter(proven, 1))},
          {"the bound raised more", "bound", stated("lower_bound", (proven + objective) / 2)},
          {"the bound above the objective", "bound claim", stated("lower_bound", objective * (1 + 1e-9))},
          {"the bound of the patterns raised", "bound", stated("patterns_lower_bound", std::nextafter(patterns, 1))},
          {"the bound of the patterns above the objective", "bound claim",
           stated("patterns_lower_bound", objective * (1 + 1e-9))},
          {"the objective too low", "objective", stated("objective", objective - 1e-6)},
          {"the objective too high", "objective", stated("objective", objective + 1.03e-9 * size)},
          {"zero too low", "claim", stated("objective_at_zero", zero * (1 - 1.01e-12))},
          {"zero too high", "claim", stated("objective_at_zero", zero * (1 + 1.01e-12))},
          set("/certificate/relative_gap", hex(gap * (1 - 1.1e-12) - 1e-15), "claim"),
          set("/certificate/relative_gap", hex(gap * (1 + 1.1e-12) + 1e-15), "claim"),
          {"the patterns' gap too small", "claim",
           evidence("patterns_relative_gap", patterns_gap * (1 - 1.1e-12) - 1e-15)},
          {"the patterns' gap too large", "claim",
           evidence("patterns_relative_gap", patterns_gap * (1 + 1.1e-12) + 1e-15)},
          {"the patterns' gap not that of their bound", "claim",
           evidence("patterns_lower_bound", number(honest, "patterns_lower_bound") - 1e-6)},
          {"the other claim", "claim",
           [](ReluModel& m) {
             Json& claim = m.document["certificate"]["claim"];
             claim = claim == "certified" ? "bounded" : "certified";
           }},
          {"lambda larger", "objective",
           [](ReluModel& m) { m.document["objective"]["lambda"] = hex(m.lambda * (1 + 1e-6)); }},
          {"lambda smaller", "objective bound",
           [](ReluModel& m) { m.document["objective"]["lambda"] = hex(m.lambda * (1 - 1e-4)); }}};
      expect_all_refused(honest, lies);
      for (const auto& [key, value] : {std::pair{"lower_bound", proven},
                                       {"lower_bound", proven - 1},
                                       {"patterns_lower_bound", patterns},
                                       {"patterns_lower_bound", -1e10},
                                       {"objective", objective + 0.98e-9 * size},
                                       {"objective_at_zero", zero * (1 + 0.99e-12)}}) {
        ReluModel allowed = honest;
        restate(allowed, key, value);
        EXPECT_TRUE(verdict_on(allowed).accepted) << key << told(verdict_on(allowed));
      }
    }
}

TEST(ReluLies, ThatWouldTakeHours) {
  ReluModel many = relu_case("squared", 0, Trees::root);
  many.tree.assign((std::size_t{1} << 22) + 1, {0, 0, 0, 0, 0});
  const Verdict verdict = verdict_on(many);
  EXPECT_EQ(failed(verdict), std::vector<std::string>{"bound"});
  EXPECT_NE(verdict.checks[9].detail.find("2^22"), std::string::npos);
  Matrix x(1 << 22, 1);
  EXPECT_THROW(relu_outputs(x, {Matrix(1 << 21, 1), Matrix(1 << 21, 1), Matrix(1, 1), Matrix(1, 1)}),
               Refusal);  // 2^44 products
  ReluModel deep = relu_case("squared", 0, Trees::root);
  deep.tree.assign(1 << 20, {0, 0, 0, 0, 0});
  EXPECT_EQ(failed(verdict_on(deep)), std::vector<std::string>{"bound"});
}

TEST(ReluLies, EveryBitFlipped) {
  const ReluModel model = relu_case("logistic", 2, Trees::split);
  const std::string file = model.file();
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string lie = file;
    lie[bit / 8] = static_cast<char>(lie[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(verify(lie, model.sources).accepted) << bit;
  }
}
}  // namespace
}  // namespace nadir::verify::planted
