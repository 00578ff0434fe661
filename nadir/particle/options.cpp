#include "nadir/particle/options.hpp"

#include <vector>

namespace nadir::particle {

std::span<const Option<ParticleOptions>> option_table() {
  using S = ParticleOptions;
  static const std::vector<Option<S>> table = {
      {"particles", &S::particles, "ReLU units, each moving along its gradient", 1, 1e6},
      {"radius0", &S::radius0, "of the sphere that the particles start on, weight and position together", 0, 1e6, true},
      {"step", &S::step, "length of a step in the flow's time", 0, 1e6, true},
      {"batch", &S::batch, "rows of a step; 0: all", 0, 1e9},
      {"epochs", &S::epochs, "how often each row is used", 1, 1e9},
      {"lambda", &S::lambda, "weight of the penalty", 0, HUGE_VAL},
      one_of<S>("intercept", &S::intercept, "a constant feature, penalized as every other", {"on", "off"}),
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"time-limit", &S::time_limit, "seconds for the bound", 0, HUGE_VAL, true},
      {"nodes", &S::nodes,
       "most cones that the proof over every width looks at, for each sign; 0: 300, and fewer from "
       "1,000 rows on",
       0, 1e6},
  };
  return table;
}

}  // namespace nadir::particle
