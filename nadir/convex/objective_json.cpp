#include "nadir/convex/objective_json.hpp"

#include "nadir/base/hexfloat.hpp"

namespace nadir::convex {

nlohmann::json objective_to_json(LossKind loss, double huber_delta, double lambda) {
  nlohmann::json kind = {{"kind", to_string(loss)}};
  if (loss == LossKind::huber) kind["delta"] = to_hex(huber_delta);
  return {{"kind", "penalized"}, {"loss", kind}, {"lambda", to_hex(lambda)}, {"penalty", "group"}};
}

}  // namespace nadir::convex
