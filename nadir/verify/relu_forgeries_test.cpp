// Thousands of forged ReLU models, with every hash and every sum made to agree again: none may be accepted. What makes
// a forgery false is decided without the verifier, by lie_in(), in long double, with margins that rounding cannot
// reach.
#include <map>

#include "nadir/verify/lies_test_util.hpp"
#include "nadir/verify/relu_judge_test_util.hpp"

namespace nadir::verify::planted {
namespace {
using Forgery = std::function<void(ReluModel&, Random&)>;

double between(double low, double high, Random& random) {
  return low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53;
}
double size_of_change(Random& random) { return std::pow(10.0, -1 - static_cast<double>(below(7, random))); }
double either_way(Random& random) { return random() % 2 == 0 ? 1 : -1; }
double odd_number(Random& random) {
  const double odd[] = {std::nan(""), HUGE_VAL, -HUGE_VAL, 0.0, -1.0, 1e308, -1e308, 0x1p-1074, 1e-300, 1e300};
  return odd[below(10, random)];
}
double& any_entry(Rows<double>& rows, Random& random) {
  auto& row = rows[below(rows.size(), random)];
  return row[below(row.size(), random)];
}
/// A node of this kind, if there is one.
std::vector<double>* any_node(ReluModel& m, double kind, Random& random) {
  std::vector<std::vector<double>*> nodes;
  for (auto& row : m.tree)
    if (row[0] == kind) nodes.push_back(&row);
  return nodes.empty() ? nullptr : nodes[below(nodes.size(), random)];
}
Forgery on_node(double kind, const std::function<void(std::vector<double>&, Random&)>& change) {
  return [=](ReluModel& m, Random& r) {
    if (auto* node = any_node(m, kind, r)) change(*node, r);
  };
}
/// Row operations on one of the tensors.
Forgery on_rows(Rows<double> ReluModel::*rows, const std::function<void(Rows<double>&, Random&)>& change) {
  return [=](ReluModel& m, Random& r) {
    if (!(m.*rows).empty()) change(m.*rows, r);
  };
}
void raise(ReluModel& m, const char* key, Random& random) {
  const double lower = number(m, key), room = number(m, "objective") - lower;
  restate(m, key, lower + (random() % 2 == 0 ? room : 1.0) * size_of_change(random));
}

const std::vector<std::pair<const char*, Rows<double> ReluModel::*>>& tensors() {
  static const std::vector<std::pair<const char*, Rows<double> ReluModel::*>> all = {
      {"units", &ReluModel::units}, {"unit_outputs", &ReluModel::unit_outputs}, {"cells", &ReluModel::cells},
      {"tree", &ReluModel::tree},   {"relaxed", &ReluModel::relaxed},           {"linear", &ReluModel::linear},
      {"skip", &ReluModel::skip},   {"output_cones", &ReluModel::output_cones}};
  return all;
}

void add_of_tensors(std::map<std::string, Forgery>& all) {
  const auto add = [&](const char* name, Rows<double> ReluModel::*rows) {
    const std::string of = std::string(" of ") + name;
    all["bit" + of] = on_rows(rows, [](auto& t, Random& r) {
      double& entry = any_entry(t, r);
      entry = std::bit_cast<double>(std::bit_cast<std::uint64_t>(entry) ^ (std::uint64_t{1} << below(64, r)));
    });
    all["entry changed" + of] =
        on_rows(rows, [](auto& t, Random& r) { any_entry(t, r) *= 1 + 5 * either_way(r) * size_of_change(r); });
    all["entry moved" + of] =
        on_rows(rows, [](auto& t, Random& r) { any_entry(t, r) += either_way(r) * size_of_change(r); });
    all["entry turned" + of] = on_rows(rows, [](auto& t, Random& r) { any_entry(t, r) *= -1; });
    all["odd entry" + of] = on_rows(rows, [](auto& t, Random& r) { any_entry(t, r) = odd_number(r); });
    all["rows exchanged" + of] =
        on_rows(rows, [](auto& t, Random& r) { std::swap(t[below(t.size(), r)], t[below(t.size(), r)]); });
    all["row copied" + of] = on_rows(rows, [](auto& t, Random& r) { t[below(t.size(), r)] = t[below(t.size(), r)]; });
    all["row dropped" + of] =
        on_rows(rows, [](auto& t, Random& r) { t.erase(t.begin() + static_cast<std::ptrdiff_t>(below(t.size(), r))); });
    all["row added" + of] = on_rows(rows, [](auto& t, Random& r) { t.push_back(t[below(t.size(), r)]); });
  };
  for (const auto& [name, rows] : tensors()) add(name, rows);
}

/// Of what the document says.
std::map<std::string, Forgery> forgeries_of_document() {
  return {{"bound raised", [](ReluModel& m, Random& r) { raise(m, "lower_bound", r); }},
          {"bound of the patterns raised", [](ReluModel& m, Random& r) { raise(m, "patterns_lower_bound", r); }},
          {"both bounds raised",
           [](ReluModel& m, Random& r) {
             raise(m, "lower_bound", r);
             raise(m, "patterns_lower_bound", r);
           }},
          {"objective lowered",
           [](ReluModel& m, Random& r) { restate(m, "objective", number(m, "objective") - size_of_change(r)); }},
          {"objective at zero changed",
           [](ReluModel& m, Random& r) {
             restate(m, "objective_at_zero", number(m, "objective_at_zero") * (1 + either_way(r) * size_of_change(r)));
           }},
          {"gap understated",
           [](ReluModel& m, Random& r) {
             m.document["certificate"]["relative_gap"] = hex(number(m, "relative_gap") * between(0, 0.99, r));
           }},
          {"gap of the patterns understated",
           [](ReluModel& m, Random& r) {
             m.document["certificate"]["evidence"]["patterns_relative_gap"] =
                 hex(number(m, "patterns_relative_gap") * between(0, 0.99, r));
           }},
          {"target changed",
           [](ReluModel& m, Random& r) {
             m.document["certificate"]["target_gap"] = hex(r() % 2 == 0 ? number(m, "relative_gap") / 2 : 1.5);
           }},
          {"lambda changed",
           [](ReluModel& m, Random& r) {
             m.document["objective"]["lambda"] = hex(m.lambda * (1 + either_way(r) * size_of_change(r)));
           }},
          {"cost of the linear part changed",
           [](ReluModel& m, Random& r) {
             m.document["objective"]["skip"] = hex((m.skip_weight + 0x1p-9) * (1 + either_way(r) * size_of_change(r)));
           }},
          {"radius changed",
           [](ReluModel& m, Random& r) {
             m.document["objective"]["radius"] =
                 hex((m.radius > 0 ? m.radius : 1) * (1 + either_way(r) * size_of_change(r)));
           }},
          {"tau changed",
           [](ReluModel& m, Random& r) {
             Json& evidence = m.document["certificate"]["evidence"];
             const char* const key = r() % 2 == 0 ? "tau" : "patterns_tau";
             evidence[key] =
                 hex((m.radius > 0 ? from_hex(evidence[key]) : 1) * (1 + either_way(r) * size_of_change(r)));
           }},
          {"samples miscounted",
           [](ReluModel& m, Random&) { m.document["certificate"]["samples"] = m.features.size() + 1; }}};
}

std::map<std::string, Forgery> all_forgeries() {
  std::map<std::string, Forgery> all = {
      {"dual entry changed",
       [](ReluModel& m, Random& r) { any_entry(m.dual, r) *= 1 + either_way(r) * size_of_change(r); }},
      {"dual entry turned", [](ReluModel& m, Random& r) { any_entry(m.dual, r) *= -1; }},
      {"odd dual entry", [](ReluModel& m, Random& r) { any_entry(m.dual, r) = odd_number(r); }},
      {"dual point scaled",
       [](ReluModel& m, Random& r) {
         const double factor = r() % 2 == 0 ? 1 - size_of_change(r) : between(1, 9, r);
         for (auto& row : m.dual)
           for (double& entry : row) entry *= factor;
       }},
      {"subtree cut off",
       [](ReluModel& m, Random& r) {
         m.tree.resize(below(m.tree.size(), r));
         std::size_t quadratic = 0, linear = 0;
         for (const auto& row : m.tree) (row[0] == 1 ? quadratic : linear) += row[0] == 0 ? 0 : 1;
         m.relaxed.resize(quadratic * m.features[0].size());
         m.linear.resize(linear);
       }},
      {"split again", on_node(0, [](auto& node, Random& r) { node[1] = static_cast<double>(below(9, r)); })},
      {"mu lowered", on_node(1, [](auto& node, Random& r) { node[4] -= std::fabs(node[4]) * size_of_change(r) * 10; })},
      {"mu raised", on_node(1, [](auto& node, Random& r) { node[4] += std::fabs(node[4]) * size_of_change(r) * 10; })},
      {"delta of another size", on_node(1, [](auto& node, Random& r) { node[2] *= std::exp2(between(-60, 60, r)); })},
      {"pi0 of another size", on_node(1, [](auto& node, Random& r) { node[3] = std::exp2(between(-30, 30, r)); })},
      {"pi0 negative", on_node(1, [](auto& node, Random& r) { node[3] = -size_of_change(r); })},
      {"more signs than known", on_node(1, [](auto& node, Random&) { ++node[1]; })},
      {"more signs than known to a linear bound", on_node(2, [](auto& node, Random&) { ++node[1]; })},
      {"fewer signs than known", on_node(1, [](auto& node, Random&) { --node[1]; })},
      {"fewer signs than known to a linear bound", on_node(2, [](auto& node, Random&) { --node[1]; })},
      {"shorter t", on_rows(&ReluModel::linear,
                            [](auto& t, Random& r) {
                              const double factor = 1 - size_of_change(r);
                              for (auto& row : t)
                                for (double& entry : row) entry *= factor;
                            })},
      {"smaller Z", on_rows(&ReluModel::relaxed, [](auto& t, Random& r) {
         const double factor = std::exp2(between(-9, 9, r));
         for (auto& row : t)
           for (double& entry : row) entry *= factor;
       })}};
  all.merge(forgeries_of_document());
  add_of_tensors(all);
  return all;
}

TEST(ReluForgeries, AreRefused) {
  std::vector<ReluModel> honest;
  for (const auto& [loss, classes] : kLosses)
    for (const Trees trees : {Trees::full, Trees::root, Trees::split}) {
      honest.push_back(relu_case(loss, classes, trees, classes == 3 ? 7 : 9));
      EXPECT_EQ(lie_in(honest.back()).value_or("none"), "none");
      EXPECT_TRUE(verdict_on(honest.back()).accepted) << loss;
    }
  for (const auto& [loss, classes] : kLosses)
    for (const auto& make : {constrained_case, shared_case, coned_case, biased_case, skip_case}) {
      honest.push_back(make(loss, classes, Trees::split, classes == 3 ? 7 : 9, Weights::none));
      expect_accepted(honest.back());
    }
  constexpr int tries = 5;
  Random random(77);
  std::map<std::string, int> refused, by_check;
  int total = 0, true_ones = 0, accepted = 0;
  const auto forgeries = all_forgeries();
  for (const auto& [name, forge] : forgeries)
    for (const ReluModel& model : honest)
      for (int k = 0; k < tries; ++k) {
        ReluModel forged = model;
        forge(forged, random);
        forged.rehash_relu();
        const std::optional<std::string> lie = lie_in(forged);
        const Verdict verdict = verdict_on(forged);
        true_ones += lie ? 0 : 1;
        accepted += verdict.accepted ? 1 : 0;
        if (!lie) continue;  // still true: a change too small to matter, of nothing, or for the better
        EXPECT_FALSE(verdict.accepted) << name << ", " << model.loss << ": " << *lie;
        ++by_check[failed(verdict).empty() ? "none" : failed(verdict).front()];
        ++refused[name], ++total;
      }
  for (const auto& [name, count] : refused) std::printf("%6d  %s\n", count, name.c_str());
  for (const auto& [name, count] : by_check) std::printf("%6d  first refused by %s\n", count, name.c_str());
  std::printf("%6d  forgeries; %d changes of no matter, %d of them accepted\n", total, true_ones, accepted);
  EXPECT_GE(total, 4000);
  EXPECT_GE(refused.size() + 1, forgeries.size());
  EXPECT_GT(accepted, true_ones * 9 / 10);  // else the forgeries would tell nothing
}
}  // namespace
}  // namespace nadir::verify::planted
