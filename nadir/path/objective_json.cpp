#include "nadir/path/objective_json.hpp"

#include "nadir/base/hexfloat.hpp"

namespace nadir::path {

namespace {

/// What both kinds of objective have.
nlohmann::json common(const Goal& goal, const std::string& of_objective) {
  nlohmann::json kind = {{"kind", to_string(goal.loss)}};
  if (goal.loss == LossKind::huber) kind["delta"] = to_hex(goal.huber_delta);
  nlohmann::json objective = {{"kind", of_objective}, {"loss", kind}};
  if (goal.weighting.column >= 0) objective["weights"]["column"] = goal.weighting.column;
  if (!goal.weighting.classes.empty()) objective["weights"]["classes"] = to_hex(goal.weighting.classes);
  return objective;
}

}  // namespace

nlohmann::json objective_to_json(const Goal& goal, double lambda, const std::string& penalty) {
  nlohmann::json objective = common(goal, "penalized");
  objective.update({{"lambda", to_hex(lambda)}, {"penalty", penalty}});
  return objective;
}

nlohmann::json constrained_to_json(const Goal& goal, double radius) {
  nlohmann::json objective = common(goal, "constrained");
  objective["radius"] = to_hex(radius);
  return objective;
}

}  // namespace nadir::path
