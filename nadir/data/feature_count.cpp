#include "nadir/data/feature_count.hpp"

#include "nadir/base/error.hpp"

namespace nadir {

void require_feature_count(const std::string& path, Index given, Index taken,
                           const std::vector<IgnoredColumn>& ignored) {
  if (given == taken) return;
  std::string message =
      path + ": gives " + std::to_string(given) + " features, but the network takes " + std::to_string(taken);
  for (const IgnoredColumn& column : ignored) message += "; column " + column.name + " is left out: " + column.reason;
  throw InputError(message + "; see --ignore and --categorical");
}

}  // namespace nadir
