#pragma once
// How a loop tells what it does, and how it is told to stop.
#include <functional>

namespace nadir {

/// What a loop that lowers an objective knows after each iteration.
struct Progress {
  int iteration = 0;
  double objective = 0;    ///< F at the current point
  double lower_bound = 0;  ///< the best bound so far, as computed (its rounding is accounted for at the end)
  double change = 0;       ///< how far the next plain step would go
};

/// Called once per iteration; answers whether to go on.
using Watch = std::function<bool(const Progress&)>;

/// Asked inside long steps whether to go on; where not, the step ends soon with what it has.
using GoOn = std::function<bool()>;

}  // namespace nadir
