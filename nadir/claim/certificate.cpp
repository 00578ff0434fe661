#include "nadir/claim/certificate.hpp"

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"

namespace nadir {

Certificate make_certificate(double objective, ProvenLowerBound bound, double objective_at_zero, double target_gap,
                             Evidence evidence) {
  Certificate certificate;
  certificate.objective = objective;
  certificate.lower_bound = bound.value;
  certificate.objective_at_zero = objective_at_zero;
  certificate.relative_gap = relative_gap(objective, bound.value, objective_at_zero);
  certificate.target_gap = target_gap;
  certificate.evidence = std::move(evidence);
  const double gap = certificate.relative_gap;
  certificate.claim = !(gap >= 0) ? Claim::undecided : gap <= target_gap ? Claim::certified : Claim::bounded;
  return certificate;
}

nlohmann::json to_json(const Certificate& c) {
  nlohmann::json evidence = {{"kind", c.evidence.kind}};
  if (c.evidence.kind == "box") evidence["steps"] = c.evidence.steps;
  if (c.evidence.kind == "relu_polar") {
    evidence["patterns_lower_bound"] = to_hex(c.evidence.patterns_lower_bound);
    evidence["patterns_relative_gap"] = to_hex(c.evidence.patterns_relative_gap);
    if (c.evidence.bias_scale > 0) evidence["bias_scale"] = to_hex(c.evidence.bias_scale);
    if (c.evidence.tau > 0) evidence["tau"] = to_hex(c.evidence.tau);
    if (c.evidence.patterns_tau > 0) evidence["patterns_tau"] = to_hex(c.evidence.patterns_tau);
  }
  if (c.evidence.kind == "power_cones" && c.evidence.tau > 0) evidence["tau"] = to_hex(c.evidence.tau);
  if (c.evidence.kind == "reduced_rank") {
    evidence["columns"] = c.evidence.columns;
    evidence["level"] = to_hex(c.evidence.level);
  }
  if (c.evidence.kind == "layer_norms") {
    evidence["features_norm"] = to_hex(c.evidence.features_norm);
    if (c.evidence.dual_norm > 0) evidence["dual_norm"] = to_hex(c.evidence.dual_norm);
  }
  return {{"claim", to_string(c.claim)},
          {"objective", to_hex(c.objective)},
          {"lower_bound", to_hex(c.lower_bound)},
          {"objective_at_zero", to_hex(c.objective_at_zero)},
          {"relative_gap", to_hex(c.relative_gap)},
          {"target_gap", to_hex(c.target_gap)},
          {"samples", c.samples},
          {"evidence", evidence},
          {"features_sha256", c.features_sha256},
          {"weights_sha256", c.weights_sha256}};
}

Certificate certificate_from_json(const nlohmann::json& document) {
  try {
    Certificate c;
    const auto number = [&](const char* key) { return from_hex(document.at(key).get<std::string>()); };
    const std::string claim = document.at("claim").get<std::string>();
    if (claim != "certified" && claim != "bounded") throw InputError("unknown claim '" + claim + "'");
    c.claim = claim == "certified" ? Claim::certified : Claim::bounded;
    c.objective = number("objective");
    c.lower_bound = number("lower_bound");
    c.objective_at_zero = number("objective_at_zero");
    c.relative_gap = number("relative_gap");
    c.target_gap = number("target_gap");
    c.samples = document.at("samples").get<long>();
    const auto& evidence = document.at("evidence");
    c.evidence.kind = evidence.at("kind").get<std::string>();
    if (c.evidence.kind == "box") c.evidence.steps = evidence.at("steps").get<int>();
    if (c.evidence.kind == "relu_polar") {
      c.evidence.patterns_lower_bound = from_hex(evidence.at("patterns_lower_bound").get<std::string>());
      c.evidence.patterns_relative_gap = from_hex(evidence.at("patterns_relative_gap").get<std::string>());
      if (evidence.contains("bias_scale")) c.evidence.bias_scale = from_hex(evidence["bias_scale"].get<std::string>());
      if (evidence.contains("tau")) c.evidence.tau = from_hex(evidence["tau"].get<std::string>());
      if (evidence.contains("patterns_tau"))
        c.evidence.patterns_tau = from_hex(evidence["patterns_tau"].get<std::string>());
    }
    if (c.evidence.kind == "power_cones" && evidence.contains("tau"))
      c.evidence.tau = from_hex(evidence["tau"].get<std::string>());
    if (c.evidence.kind == "reduced_rank") {
      c.evidence.columns = evidence.at("columns").get<std::vector<long>>();
      c.evidence.level = from_hex(evidence.at("level").get<std::string>());
    }
    if (c.evidence.kind == "layer_norms") {
      c.evidence.features_norm = from_hex(evidence.at("features_norm").get<std::string>());
      if (evidence.contains("dual_norm")) c.evidence.dual_norm = from_hex(evidence["dual_norm"].get<std::string>());
    }
    c.features_sha256 = document.at("features_sha256").get<std::string>();
    c.weights_sha256 = document.at("weights_sha256").get<std::string>();
    return c;
  } catch (const nlohmann::json::exception& error) {
    throw InputError(std::string("the certificate is malformed: ") + error.what());
  }
}

}  // namespace nadir
