#include "nadir/path/objective_json.hpp"

#include "nadir/base/hexfloat.hpp"

namespace nadir::path {

nlohmann::json objective_to_json(const Goal& goal, double lambda, const std::string& penalty) {
  nlohmann::json kind = {{"kind", to_string(goal.loss)}};
  if (goal.loss == LossKind::huber) kind["delta"] = to_hex(goal.huber_delta);
  nlohmann::json objective = {{"kind", "penalized"}, {"loss", kind}, {"lambda", to_hex(lambda)}, {"penalty", penalty}};
  if (goal.weighting.column >= 0) objective["weights"]["column"] = goal.weighting.column;
  if (!goal.weighting.classes.empty()) objective["weights"]["classes"] = to_hex(goal.weighting.classes);
  return objective;
}

}  // namespace nadir::path
