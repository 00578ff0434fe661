#include "nadir/train/follower.hpp"

#include <memory>

#include "nadir/base/printed.hpp"

namespace nadir::train {

Watches watches_for(Follower& follower, const std::string& choosing, const std::string& trials) {
  const auto answered = std::make_shared<int>(0);  // interrupts that have ended the choice
  Watches watches;
  watches.choice = [&follower, answered, choosing, trials](int done, int total) {
    follower.show(printed("choosing %s: %d of %d %s", choosing.c_str(), done, total, trials.c_str()));
    *answered = follower.interrupts();
    return *answered == 0;
  };
  watches.training = [&follower, answered](const Progress& now) {
    follower.show(printed("training: iteration %d, objective %.9g, gap %.2g", now.iteration, now.objective,
                          now.objective - now.lower_bound));
    follower.see(now);
    return follower.interrupts() == *answered;
  };
  watches.go_on = [&follower, answered] { return follower.interrupts() == *answered; };
  watches.proof = [&follower, go_on = watches.go_on](double objective, double lower_bound, long nodes) {
    follower.show(printed("proving: %ld cones, objective %.9g, lower bound %.9g", nodes, objective, lower_bound));
    return go_on();
  };
  return watches;
}

Matrix trace_of(const std::vector<Progress>& seen) {
  Matrix trace(static_cast<Index>(seen.size()), 3);
  for (Index k = 0; k < trace.rows(); ++k) {
    const Progress& now = seen[static_cast<std::size_t>(k)];
    trace.row(k) << now.iteration, now.objective, now.lower_bound;
  }
  return trace;
}

}  // namespace nadir::train
