#pragma once
// Whether a ReLU model says what is true, judged in long double; and what the verifier says of it.
#include "nadir/verify/relu_cases_test_util.hpp"

namespace nadir::verify::planted {
/// The objective, as the document states it.
inline ReluModel as_stated(ReluModel model) {
  const Json &objective = model.document["objective"], &evidence = model.document["certificate"]["evidence"];
  if (model.radius == 0) {
    const bool another = objective.contains("radius") || evidence.contains("tau") || evidence.contains("patterns_tau");
    demand(!another, "keys of another kind");
    model.shared = objective["penalty"] == "shared_weight_decay";
    model.bias_weight = objective.contains("output_bias") ? from_hex(objective["output_bias"]) : 0;
    model.skip_weight = objective.contains("skip") ? from_hex(objective["skip"]) : 0;
    demand(model.skip.size() == (model.skip_weight > 0 ? model.features[0].size() : 0), "skip");
    demand(model.bias_weight >= 0 && model.biases.size() == (objective.contains("output_bias") ? 1 : 0) &&
               (model.shared || model.biases.empty()),
           "biases");
    model.lambda = from_hex(objective["lambda"]);
    demand(model.lambda > 0, "lambda");
    return model;
  }
  demand(!objective.contains("lambda") && !objective.contains("penalty"), "keys of another kind");
  model.radius = from_hex(objective["radius"]);
  demand(model.radius > 0 && model.network_norm() <= model.radius * (1 + 1e-15L), "radius");
  model.tau = from_hex(evidence["tau"]);
  model.patterns_tau = from_hex(evidence["patterns_tau"]);
  for (const double scale : {model.tau, model.patterns_tau}) demand(scale > 0 && scale < 1, "tau");
  return model;
}

/// Why the model says what is false or unproved, beyond what rounding could explain; nothing if it does not. The data,
/// the recipe and the hashes are as they were made.
inline std::optional<std::string> lie_in(const ReluModel& model) try {
  const Json &c = model.document["certificate"], &evidence = c["evidence"];
  const auto number = [](const Json& at) { return static_cast<Real>(from_hex(at)); };
  const Real objective = number(c["objective"]), zero = number(c["objective_at_zero"]),
             target = number(c["target_gap"]);
  if ((c["claim"] == "certified") != (number(c["relative_gap"]) <= target)) return "claim";
  demand(c["samples"] == model.features.size() && target > 0 && target < 1, "samples or target");
  for (const auto* matrix : {&model.units, &model.unit_outputs, &model.biases, &model.skip, &model.dual, &model.cells,
                             &model.tree, &model.relaxed, &model.linear, &model.output_cones})
    for (const auto& row : *matrix)
      for (const double entry : row) demand(std::isfinite(entry), "not finite");
  demand(model.units.size() == model.unit_outputs.size(), "rows of units");
  const ReluModel stated = as_stated(model);
  Rows<Real> gradient;
  const Real f = stated.relu_objective(gradient), margin = 2e-11L * (1 + f);
  if (!(f <= objective + margin && objective <= f * (1 + 1e-9L) + 1e-9L + margin)) return "objective";
  demand(model.dual.size() == model.features.size(), "rows of dual");
  const Rows<Real> g = model.full_dual();
  for (std::size_t i = 0; i < g.size(); ++i) {
    const Real n = 1 / model.share(i), h = n * g[i][0], side = model.y(i) * h;
    if (model.loss == "huber") demand(std::fabs(h) <= model.delta * (1 + 1e-9), "domain");
    if (model.loss == "logistic") demand(side >= 0 && side <= 1 + 1e-9L, "domain");
    if (model.loss == "squared_hinge") demand(side >= 0, "domain");
    const auto own = model.loss == "softmax" ? static_cast<std::size_t>(model.labels[i]) : g[i].size();
    for (std::size_t r = 0; own < g[i].size() && r < g[i].size(); ++r)
      demand(r == own ? model.dual[i][r] == 0 && n * g[i][r] <= 1 + 1e-9L : model.dual[i][r] <= 0, "domain");
  }
  for (std::size_t k = 0; k < g[0].size() && !stated.biases.empty() && stated.bias_weight == 0; ++k) {
    Real sum = 0;
    for (const auto& row : g) sum += row[k];
    demand(sum == 0, "sum of a dual point");
  }
  Rows<Real> unused;
  if (std::fabs(zero - model.of_no_unit().relu_objective(unused)) > 1e-11L * zero) return "zero";
  const auto gap_is_wrong = [&](Real lower, Real gap) {
    const Real truth = (objective - lower) / std::max<Real>(zero - lower, 0x1p-1022L);
    return !(objective >= lower && std::fabs(gap - truth) <= 1e-14L + 1e-11L * truth);
  };
  const Real lower = number(c["lower_bound"]), patterns = number(evidence["patterns_lower_bound"]);
  if (gap_is_wrong(lower, number(c["relative_gap"]))) return "gap";
  if (gap_is_wrong(patterns, number(evidence["patterns_relative_gap"]))) return "patterns gap";
  if (!(lower <= stated.bound_with(stated.tree_polar(), stated.tau) + margin)) return "bound";
  if (!(patterns <= stated.bound_with(stated.patterns_polar(), stated.patterns_tau) + margin)) return "patterns bound";
  return std::nullopt;
} catch (const std::exception& error) {
  return error.what();
}

inline Verdict verdict_on(const ReluModel& model) { return verify(model.file(), model.sources); }
/// The number after these words in what the check `bound` tells.
inline double told_number(const Verdict& verdict, const std::string& words) {
  const std::string& text = verdict.checks[9].detail;
  const std::size_t at = text.find(words);
  return at == std::string::npos ? std::nan("") : std::strtod(text.c_str() + at + words.size(), nullptr);
}
/// Of the units' own cells.
inline double told_of_patterns(const Verdict& verdict) {
  const std::string& text = verdict.checks[9].detail;
  return std::strtod(text.c_str() + text.rfind("proven ") + 7, nullptr);
}
inline void expect_accepted(const ReluModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
  EXPECT_EQ(verdict.checks.size(), 11U);
  EXPECT_EQ(lie_in(model).value_or("none"), "none");
}
inline double number(const ReluModel& model, const std::string& key) {
  const Json& certificate = model.document["certificate"];
  return from_hex(certificate.contains(key) ? certificate[key] : certificate["evidence"][key]);
}
/// States another number, with the gaps that follow from it.
inline void restate(ReluModel& model, const std::string& key, double value) {
  Json &certificate = model.document["certificate"], &evidence = certificate["evidence"];
  (certificate.contains(key) ? certificate : evidence)[key] = hex(value);
  const auto gap = [&](const char* lower) {
    return (number(model, "objective") - number(model, lower)) /
           (number(model, "objective_at_zero") - number(model, lower));
  };
  certificate["relative_gap"] = hex(gap("lower_bound"));
  evidence["patterns_relative_gap"] = hex(gap("patterns_lower_bound"));
  certificate["claim"] = gap("lower_bound") <= number(model, "target_gap") ? "certified" : "bounded";
}
}  // namespace nadir::verify::planted
