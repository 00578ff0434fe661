#include "nadir/path/objective_json.hpp"

#include <algorithm>
#include <array>

#include "nadir/base/error.hpp"
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

Goal goal_of(const nlohmann::json& objective, const Recipe& recipe) {
  Goal goal;
  const nlohmann::json& loss = objective.at("loss");
  const std::array kinds{LossKind::squared, LossKind::huber, LossKind::logistic, LossKind::squared_hinge,
                         LossKind::softmax};
  const auto kind =
      std::find_if(kinds.begin(), kinds.end(), [&](LossKind one) { return to_string(one) == loss["kind"]; });
  if (kind == kinds.end()) throw InputError("the loss " + loss["kind"].dump() + " is unknown");
  goal.loss = *kind;
  if (loss.contains("delta")) goal.huber_delta = from_hex(loss["delta"].get<std::string>());
  goal.classes = static_cast<int>(recipe.classes.size());
  if (recipe.quantity) goal.quantity = *recipe.quantity;
  if (!objective.contains("weights")) return goal;
  const nlohmann::json& weights = objective["weights"];
  goal.weighting.column = weights.value("column", Index{-1});
  for (const auto& weight : weights.value("classes", nlohmann::json::array()))
    goal.weighting.classes.push_back(from_hex(weight.get<std::string>()));
  return goal;
}

}  // namespace nadir::path
