#pragma once
// Who follows a training, and how its loops ask whether to go on.
#include <functional>
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/base/watch.hpp"

namespace nadir::train {

class Follower {
 public:
  Follower() = default;
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  virtual ~Follower() = default;

  /// What goes on, in one line. Called often, and by one thread at a time.
  virtual void show(const std::string& text) = 0;
  /// An iteration of the final training; called by the thread that trains.
  virtual void see(const Progress& /*now*/) {}
  /// How often the training was told to stop. Called from any thread.
  virtual int interrupts() = 0;
};

/// What the follower sees of a method's two phases, and whether each goes on. An interrupt during the choice ends the
/// choice, and the best that was found so far is still trained; during the training it ends that. What came before,
/// while the data were read, ends the training as well.
struct Watches {
  std::function<bool(int done, int total)> choice;
  Watch training;
  GoOn go_on;  ///< of the training, where it has nothing to show
  std::function<bool(double objective, double lower_bound, long nodes)> proof;  ///< of ReLU networks; as the training
};

/// `choosing` and `trials` make the line "choosing lambda: 37 of 150 trainings". `follower` must outlive the watches.
Watches watches_for(Follower& follower, const std::string& choosing, const std::string& trials);

/// What was seen, as the model file holds it: iteration, objective, lower bound.
Matrix trace_of(const std::vector<Progress>& seen);

}  // namespace nadir::train
