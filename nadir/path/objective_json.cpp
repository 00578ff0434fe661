#include "nadir/path/objective_json.hpp"

#include "nadir/base/hexfloat.hpp"

namespace nadir::path {

nlohmann::json objective_to_json(const Goal& goal, double lambda, const std::string& penalty) {
  nlohmann::json kind = {{"kind", to_string(goal.loss)}};
  if (goal.loss == LossKind::huber) kind["delta"] = to_hex(goal.huber_delta);
  return {{"kind", "penalized"}, {"loss", kind}, {"lambda", to_hex(lambda)}, {"penalty", penalty}};
}

}  // namespace nadir::path
